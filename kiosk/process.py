"""`./lobbypay kiosk`: enrols it, runs its engine, its UI, or the one that keeps both running."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from domain.errors import Known
from kiosk.keeper import keep_running
from kiosk.settings import Settings, read_settings, socket_path
from offline_queue.errors import QueueError
from offline_queue.keeping import keeper_here


def run(config: Path, enrolling: bool, part: str | None) -> None:
    """Returns, or exits, when the kiosk has ended. Raises Known with a sentence for the technician."""
    settings = read_settings(config)
    try:
        if enrolling:
            _enrol(settings)
        elif part == "engine":
            from kiosk.engine_process import log_to_stderr, run_engine

            log_to_stderr()
            asyncio.run(run_engine(settings, keeper_here()))
        elif part == "ui":
            _become_ui(settings)
        else:
            sys.exit(asyncio.run(keep_running(_command(config, "engine"), _command(config, "ui"))))
    except QueueError as error:
        raise Known(_QUEUE_WORDS.get(error.code, f"The kiosk's database cannot be used ({error}).")) from error


_QUEUE_WORDS = {
    "queue-in-use": "Another kiosk is running on this database. Stop it first; two may never share one.",
    "queue-foreign": "The database does not open with this kiosk's key. Restore both from one backup; delete neither.",
    "queue-damaged": "The database is damaged. Take no payments; keep the file and call support: much of it can be read.",
    "queue-newer": "A later release wrote this database. Start that release again.",
    "queue-key-refused": "This database's key is held by another machine's TPM, or this TPM was cleared. "
    "Put the disk back into its own machine, or have the hub recover the key. Delete nothing.",
    "queue-key-away": "The TPM that holds this database's key cannot be used. Is it switched on, tpm2-tools installed, "
    "and the kiosk's user in the group tss? Delete nothing.",
    "queue-key-exposed": "Other users can read the data folder. Set it to mode 0700, and the key in it to 0600.",
    "queue-disk-full": "The disk is full. Make room; no payment is lost.",
    "queue-unsafe": "This disk or SQLite cannot promise to keep a payment. Take none; call support.",
    "queue-disk-failing": "The disk cannot be read or written. Take no payments until it has been replaced.",
}


def _enrol(settings: Settings) -> None:
    """The code is typed or piped, never an argument: a command line can be read by every user of the machine."""
    from kiosk.engine_process import log_nowhere
    from kiosk.enrolling import enrol_kiosk
    from kiosk.wiring import check_devices

    check_devices(settings)  # a mistake is told before the one-time code is spent
    if sys.stdin.isatty():
        sys.stderr.write("One-time code from the hub: ")
        sys.stderr.flush()
    log_nowhere()
    identity = asyncio.run(enrol_kiosk(settings, sys.stdin.readline().strip(), keeper_here()))
    sys.stdout.write(f"Enrolled as {identity.kiosk}. Start it with: lobbypay kiosk --config FILE\n")


def _command(config: Path, part: str) -> list[str]:
    return [sys.executable, str(_ROOT / "main.py"), "kiosk", "--config", str(config.resolve()), "--part", part]


def _become_ui(settings: Settings) -> None:
    socket = str(socket_path(settings).resolve())
    windowed = ["--windowed"] if settings.screen.windowed else []
    os.chdir(_ROOT)  # where Python finds `ui`, wherever this was called from
    os.execv(sys.executable, [sys.executable, "-m", "ui", "--socket", socket, *windowed])


_ROOT = Path(__file__).resolve().parent.parent

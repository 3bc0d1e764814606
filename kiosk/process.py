"""`./lobbypay kiosk`: enrols it, runs its engine, its UI, or the one that keeps both running."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from domain.errors import Known
from kiosk.keeper import keep_running
from kiosk.logs import log_nowhere, log_to_stderr
from kiosk.queue_words import in_words
from kiosk.settings import Settings, read_settings, socket_path
from offline_queue.errors import QueueError
from offline_queue.identity import Identity
from offline_queue.keeping import keeper_here


def run(config: Path, enrolling: bool, part: str | None) -> None:
    """Returns, or exits, when the kiosk has ended. Raises Known with a sentence for the technician."""
    settings = read_settings(config)
    try:
        if enrolling:
            _enrol(settings)
        elif part == "engine":
            from kiosk.engine_process import run_engine

            log_to_stderr()
            asyncio.run(run_engine(settings, keeper_here()))
        elif part == "ui":
            _become_ui(settings)
        else:
            sys.exit(asyncio.run(keep_running(_command(config, "engine"), _command(config, "ui"))))
    except QueueError as error:
        raise Known(in_words(error)) from error


def _enrol(settings: Settings) -> None:
    """The code is typed or piped, never an argument: a command line can be read by every user of the machine."""
    from kiosk.enrolling import enrol_kiosk
    from kiosk.wiring import check_devices

    check_devices(settings)  # a mistake is told before the one-time code is spent
    log_nowhere()
    identity = asyncio.run(enrol_kiosk(settings, _ask_code, keeper_here()))
    sys.stdout.write(f"Enrolled as {identity.kiosk}. Start it with: lobbypay kiosk --config FILE\n")


def _ask_code(before: Identity | None) -> str:
    if before is not None:
        sys.stderr.write(_AGAIN.format(kiosk=before.kiosk))
    if sys.stdin.isatty():
        sys.stderr.write("One-time code from the hub: ")
        sys.stderr.flush()
    return sys.stdin.readline().strip()


_AGAIN = """\
This kiosk is enrolled as {kiosk} already. A new code for {kiosk} gives it a new key and ends the old one. Payments that wait for
the hub go along, none is lost and none is posted twice; whatever stopped it from sending is over.
"""


def _command(config: Path, part: str) -> list[str]:
    return [sys.executable, str(_ROOT / "main.py"), "kiosk", "--config", str(config.resolve()), "--part", part]


def _become_ui(settings: Settings) -> None:
    socket = str(socket_path(settings).resolve())
    windowed = ["--windowed"] if settings.screen.windowed else []
    speech = [] if settings.speech is None else ["--sink", settings.speech.sink, "--jack", settings.speech.jack]
    os.chdir(_ROOT)  # where Python finds `ui`, wherever this was called from
    os.execv(sys.executable, [sys.executable, "-m", "ui", "--socket", socket, *windowed, *speech])


_ROOT = Path(__file__).resolve().parent.parent

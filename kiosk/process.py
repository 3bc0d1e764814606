"""The kiosk's processes: the engine, the UI, and the one that keeps both running; enrolment besides."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from domain.errors import Known
from domain.log_events import catalogued
from kiosk.keeper import keep_running
from kiosk.settings import Settings, read_settings
from kiosk.wiring import hub_client, now, socket_path, wire
from offline_queue.client import EnrolmentRefused, HubAway, HubConfused
from offline_queue.enrolment import enrol
from offline_queue.errors import QueueError
from offline_queue.journal import Journal

log = structlog.get_logger()


def run(config: Path, enrolling: bool, part: str | None) -> None:
    """`./lobbypay kiosk`. Raises Known with a sentence for the technician."""
    settings = read_settings(config)
    try:
        if enrolling:
            # Typed or piped, never an argument: a command line can be read by every user of the machine.
            code = input("One-time code from the hub: " if sys.stdin.isatty() else "")
            asyncio.run(_enrol(settings, code.replace("-", "").replace(" ", "").upper()))
        elif part == "engine":
            _log_to_stderr()
            asyncio.run(_engine(settings))
        elif part == "ui":
            os.execv(sys.executable, ui_command(settings))
        else:
            asyncio.run(keep_running(engine_command(config), ui_command(settings)))
    except QueueError as error:
        raise Known(_QUEUE_WORDS.get(error.code, f"The kiosk's database cannot be used ({error}).")) from error


_QUEUE_WORDS = {
    "queue-in-use": "Another kiosk is running on this database. Stop it first; two may never share one.",
    "queue-foreign": "The database does not open with this kiosk's key. Restore both from one backup; delete neither.",
    "queue-damaged": "The database is damaged. Take no payments; keep the file and call support: much of it can be read.",
    "queue-newer": "A later release wrote this database. Start that release again.",
    "queue-key-exposed": "Other users can read the database's key. Set the data folder to mode 0700 and the key to 0600.",
    "queue-disk-full": "The disk is full. Make room; no payment is lost.",
    "queue-unsafe": "This disk or SQLite cannot promise to keep a payment. Take none; call support.",
    "queue-disk-failing": "The disk cannot be read or written. Take no payments until it has been replaced.",
}


def engine_command(config: Path) -> list[str]:
    return [sys.executable, str(_ROOT / "main.py"), "kiosk", "--config", str(config.resolve()), "--part", "engine"]


def ui_command(settings: Settings) -> list[str]:
    windowed = ["--windowed"] if settings.screen.windowed else []
    return [sys.executable, "-m", "ui", "--socket", str(socket_path(settings)), *windowed]


_ROOT = Path(__file__).resolve().parent.parent


async def _enrol(settings: Settings, code: str) -> None:
    """Trades the one-time code for a place at the hub; the kiosk's keys are made here and stay here."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom)
    client = hub_client(settings, None)
    try:
        identity = await enrol(journal, client, code, settings.kiosk.name)
    except ValueError as error:
        raise Known("A one-time code has twenty letters and digits.") from error
    except EnrolmentRefused as error:
        raise Known(_ENROLMENT_WORDS[error.code]) from error
    except (HubAway, HubConfused) as error:
        raise Known(f"The hub at {settings.hub.url} could not be asked ({error}).") from error
    finally:
        await client.close()
        await journal.close()
    sys.stdout.write(json.dumps({"kiosk": identity.kiosk, "epoch": identity.epoch}) + "\n")


_ENROLMENT_WORDS = {
    "enrolment-wrong-code": "The hub does not know this code. Compare it with what the hub printed.",
    "enrolment-used": "This code has been used or is more than 15 minutes old. Ask the hub for a new one.",
    "enrolment-too-often": "Too many tries. Wait 15 minutes and ask the hub for a new code.",
}


async def _engine(settings: Settings) -> None:
    """The engine until SIGTERM, or until a bug ends it."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom)
    try:
        identity = journal.identity()
        if identity is None:
            raise Known("This kiosk is not enrolled yet. Run it once with --enrol and a code from the hub.")
        kiosk = wire(settings, journal, identity)
        try:
            await kiosk.screen.open(kiosk.engine.intend)
            log.info("engine.started", kiosk=identity.kiosk)
            sys.stdout.write(json.dumps({"ready": {"socket": str(socket_path(settings)), "pid": os.getpid()}}) + "\n")
            sys.stdout.flush()
            await _until_asked(kiosk.engine.run())
            log.info("engine.stopped", reason="asked")
        finally:
            await kiosk.engine.close()
            await kiosk.screen.close()
            await kiosk.client.close()
    finally:
        await journal.close()


async def _until_asked(run: Coroutine[None, None, None]) -> None:
    """Runs until SIGTERM or SIGINT. A bug ends it too, and is raised: one in a callback, which no task would pass on, as well."""
    running = asyncio.ensure_future(run)
    loop, bugs = asyncio.get_running_loop(), list[BaseException]()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)

    def stop_at_bug(_: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
        bugs.append(what.get("exception") or RuntimeError(what["message"]))
        running.cancel()

    loop.set_exception_handler(stop_at_bug)
    threading.excepthook = lambda fallen: loop.call_soon_threadsafe(stop_at_bug, loop, _as_context(fallen))
    try:
        await running
    except asyncio.CancelledError:
        if bugs:
            raise bugs[0] from None
    except BaseExceptionGroup as group:
        failure = _database_failure(group)
        if failure is None:
            raise
        raise failure from group


def _database_failure(group: BaseExceptionGroup[BaseException]) -> QueueError | None:
    """The database's failure in a group that holds nothing else: known, and told in one sentence. None when a bug is in it."""
    failures, rest = group.split(QueueError)
    while rest is None and isinstance(failures, BaseExceptionGroup):
        first = failures.exceptions[0]
        if isinstance(first, QueueError):
            return first
        failures = first
    return None


def _as_context(fallen: threading.ExceptHookArgs) -> dict[str, Any]:
    """A device's thread that ended by a bug, told as asyncio tells a callback's."""
    name = fallen.thread.name if fallen.thread else "?"
    return {"message": f"the thread {name} has ended", "exception": fallen.exc_value}


def _log_to_stderr() -> None:
    """One line of JSON an event; systemd's journal keeps them."""
    structlog.configure(
        processors=[catalogued, structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )

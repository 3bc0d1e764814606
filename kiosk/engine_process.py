"""The engine's process: opens the journal, wires the kiosk, runs until it is told to stop or a bug ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from domain.errors import Known
from kiosk.clock import now
from kiosk.local_socket import LONGEST_PATH
from kiosk.promptness import stay_prompt
from kiosk.settings import Settings, socket_path
from kiosk.visit.screens import PREVIEW_SOCKET
from kiosk.wiring import Kiosk, wire
from offline_queue.errors import DatabaseFault
from offline_queue.journal import Journal
from offline_queue.keeping import KeyKeeper

log = structlog.get_logger()

BUG = 70
"""The exit code after a bug (sysexits.h: EX_SOFTWARE): unlike after a known failure, which is 1, starting again may well do."""


async def run_engine(settings: Settings, keeper: KeyKeeper) -> None:
    """Until SIGTERM or SIGINT. Raises Known or a QueueError for what a technician can mend; a bug exits with BUG."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=now, random=os.urandom, keeper=keeper)
    try:
        identity = journal.identity()
        if identity is None:
            raise Known("This kiosk is not enrolled yet. Run it once with --enrol and a code from the hub.")
        kiosk = wire(settings, journal, identity)
        try:
            await _open_screen(kiosk, socket_path(settings))
            await _until_asked(kiosk.engine.run(), partial(_say_ready, identity.kiosk, socket_path(settings)))
            log.info("engine.stopped", reason="asked")
        finally:
            await kiosk.engine.close()
            await kiosk.screen.close()
            await kiosk.client.close()
    finally:
        await journal.close()


async def _open_screen(kiosk: Kiosk, path: Path) -> None:
    if len(os.fsencode(path.with_name(PREVIEW_SOCKET))) > LONGEST_PATH:
        raise Known(f"The UI's socket {path} cannot be made: AF_UNIX path too long.")
    try:
        await kiosk.screen.open(kiosk.heard)
    except OSError as error:
        raise Known(f"The UI's socket {path} cannot be made: {error.strerror or error}.") from error


def _say_ready(name: str, path: Path) -> None:
    stay_prompt()
    log.info("engine.started", kiosk=name)
    sys.stdout.write(json.dumps({"ready": {"socket": str(path), "pid": os.getpid()}}) + "\n")
    sys.stdout.flush()


async def _until_asked(run: Coroutine[None, None, None], up: Callable[[], None]) -> None:
    """Runs until SIGTERM or SIGINT, which are heard before `up` is called. A bug ends it too, wherever it was: in a task, in a
    callback, which no task would pass on, or in a device's thread."""
    running = asyncio.ensure_future(run)
    loop, bugs = asyncio.get_running_loop(), list[BaseException]()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)

    def stop_at_bug(_: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
        bugs.append(what.get("exception") or RuntimeError(what["message"]))
        running.cancel()

    loop.set_exception_handler(stop_at_bug)
    threading.excepthook = lambda fallen: loop.call_soon_threadsafe(stop_at_bug, loop, _as_context(fallen))
    up()
    try:
        await running
    except asyncio.CancelledError:
        _end_by(bugs)
    except BaseExceptionGroup as group:
        _end_by([*bugs, *_leaves(group)])


def _end_by(failures: Sequence[BaseException]) -> None:
    """Raises the database's failure when it is the only one: known, and told in one sentence. A bug is journalled by where it
    was, never by its words, which may be a patient's (law 10), and ends the process."""
    bugs = [failure for failure in failures if not isinstance(failure, DatabaseFault)]
    for bug in bugs:
        frames = traceback.extract_tb(bug.__traceback__)
        where = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        log.error("engine.bug", where=where, kind=type(bug).__name__)
    if bugs:
        sys.exit(BUG)
    if failures:
        raise failures[0]


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for failure in group.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from _leaves(failure)
        else:
            yield failure


def _as_context(fallen: threading.ExceptHookArgs) -> dict[str, Any]:
    """A device's thread that ended by a bug, told as asyncio tells a callback's."""
    name = fallen.thread.name if fallen.thread else "?"
    return {"message": f"the thread {name} has ended", "exception": fallen.exc_value}

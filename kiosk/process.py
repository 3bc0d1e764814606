"""The kiosk's processes: the engine, the UI, and the one that keeps both running; enrolment besides."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from devices.printers.uris import open_printer
from devices.scanners.uris import open_scanner
from devices.terminals.uris import open_terminal
from domain.errors import Known
from domain.limits import Limits
from domain.log_events import catalogued
from domain.money import Money
from kiosk.engine import Engine, Hands, Place
from kiosk.hub_link import HubLink
from kiosk.keeper import keep_running
from kiosk.settings import Settings, SettingsError, read_settings
from kiosk.ui_link import UiLink
from kiosk.visit.events import World
from kiosk.visit.present import Site
from kiosk.visit.stages import Rules, at_rest
from kiosk.words import FluentWords
from offline_queue.client import HubAway, HubClient, HubConfused
from offline_queue.errors import QueueError
from offline_queue.journal import Journal
from offline_queue.sync import Sync

log = structlog.get_logger()


def run(config: Path, enrol: bool, part: str | None) -> None:
    """`./lobbypay kiosk`. Raises Known with a sentence for the technician."""
    settings = read_settings(config)
    try:
        if enrol:
            asyncio.run(_enrol(settings, input("One-time code from the hub: " if sys.stdin.isatty() else "")))
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
    "queue-foreign": "The database does not open with this kiosk's key. Restore both together from a backup; do not delete either.",
    "queue-damaged": "The database is damaged. Take no payments; keep the file and call support: what it holds can be recovered.",
    "queue-newer": "A later release wrote this database. Start that release again.",
    "queue-key-exposed": "Other users can read the database's key. Set the data folder to mode 0700 and the key to 0600.",
    "queue-disk-full": "The disk is full. Make room; no payment is lost.",
    "queue-disk-failing": "The disk cannot be read or written. Take no payments until it has been replaced.",
}


def engine_command(config: Path) -> list[str]:
    return [sys.executable, str(_ROOT / "main.py"), "kiosk", "--config", str(config.resolve()), "--part", "engine"]


def ui_command(settings: Settings) -> list[str]:
    windowed = ["--windowed"] if settings.screen.windowed else []
    return [sys.executable, "-m", "ui", "--socket", str(_socket(settings)), *windowed]


_ROOT = Path(__file__).resolve().parent.parent


def _socket(settings: Settings) -> Path:
    return Path(settings.kiosk.data) / "ui.sock"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def _enrol(settings: Settings, code: str) -> None:
    """Trades the one-time code for a place at the hub; the kiosk's keys are made here and stay here."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=_now, random=os.urandom)
    try:
        ca_file = Path(settings.hub.ca_file) if settings.hub.ca_file else None
        identity = await journal.enrol(settings.hub.url, ca_file, code.strip(), settings.kiosk.name)
    except (HubAway, HubConfused) as error:
        raise Known(f"The hub at {settings.hub.url} could not be asked: {error}.") from error
    finally:
        await journal.close()
    print(json.dumps({"kiosk": identity.kiosk, "epoch": identity.epoch}))


async def _engine(settings: Settings) -> None:
    """The engine until SIGTERM, or until a bug ends it."""
    journal = await Journal.open(Path(settings.kiosk.data), clock=_now, random=os.urandom)
    try:
        await _serve(settings, journal)
    finally:
        await journal.close()


async def _serve(settings: Settings, journal: Journal) -> None:
    identity = journal.identity()
    if identity is None:
        raise Known("This kiosk is not enrolled yet. Run it once with --enrol and a code from the hub.")
    client = HubClient(settings.hub.url, Path(settings.hub.ca_file) if settings.hub.ca_file else None, identity, clock=_now)
    hub = HubLink(client)
    sync = Sync(journal, client, on_reachability=hub.heard)
    world = World(terminal=False, scanner=False, printer=False, hub=False)
    visit = at_rest(_rules(settings), world)
    screen = UiLink(_socket(settings), lambda intent: engine.intend(intent))
    engine = Engine(visit, _place(settings, identity.links), _hands(settings), journal, hub, sync, screen, _now, os.urandom)
    await screen.open()
    log.info("engine.started", version=VERSION)
    print(json.dumps({"ready": {"socket": str(_socket(settings)), "pid": os.getpid()}}), flush=True)
    running = asyncio.ensure_future(engine.run())
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, running.cancel)
    asyncio.get_running_loop().set_exception_handler(lambda _, what: _bug(what, running))
    try:
        await running
    except asyncio.CancelledError:
        log.info("engine.stopped", reason="asked")
    finally:
        await engine.close()
        await screen.close()
        await client.close()

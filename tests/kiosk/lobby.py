"""A kiosk in memory, for tests in virtual time: real engine, visit and words; everything around them does as told."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from devices.scanners.port import Code
from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt, Mark, Result, Tender
from domain.statement_codes import numbered_text
from kiosk.belated import KEY_BYTES
from kiosk.day_end import DayEnd
from kiosk.engine import Engine
from kiosk.hub_link import HubLink
from kiosk.place import Hands, Place
from kiosk.visit.events import World
from kiosk.visit.screens import Intent, Snapshot
from kiosk.visit.stages import at_rest
from tests.billers import ours
from tests.kiosk.fakes import (
    FakeCards,
    FakeHub,
    FakeMemory,
    FakePrinter,
    FakeScanner,
    FakeSpeaker,
    FakeStaff,
    FakeSync,
    FakeTerminal,
    Screen,
)
from tests.kiosk.visit import world as w
from tests.virtual_time import now, run

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
DAY_ENDS = dt.time(12, 20)
LIMITS = Limits(w.OFFLINE_MOST, w.usd(100_00), 10, dt.timedelta(hours=72))
LONGEST_S = 3600
"""Of virtual time, for a whole test: far more than any wait of a visit."""


PLACE = Place(w.SITE, w.LANGUAGES, LIMITS, ours(), ZoneInfo("UTC"))


class Lobby:
    """The kiosk and what happens around it. `log` is the order of everything."""

    def __init__(self, cards: bool = False, speaker: bool = False, place: Place = PLACE) -> None:
        """`cards`: there is a reader of staff badges; `speaker`: there is one."""
        self.log: list[str] = []
        self.cards = FakeCards(self.log) if cards else None
        self.terminal = FakeTerminal(self.log)
        self.scanner = FakeScanner(self.log)
        self.printer = FakePrinter(self.log)
        self.memory = FakeMemory(self.log)
        self.hub = FakeHub()
        self.link = HubLink(self.hub, lambda: None)
        self.link.heard(True)
        self.sync = FakeSync()
        self.screen = Screen(self.log)
        self.staff = FakeStaff()
        self._drawn = 0
        hands = Hands(self.terminal, self.scanner, self.printer, self.cards, FakeSpeaker(self.log) if speaker else None)
        nobody = at_rest(w.RULES, World(terminal=False, scanner=False, printer=False, hub=False))
        self.day_end = DayEnd(DAY_ENDS, ZoneInfo("UTC"), self._clock)
        self.engine = Engine(
            nobody,
            place,
            hands,
            self.memory,
            self.link,
            self.sync,
            self.screen,
            self.staff,
            self.day_end,
            self._clock,
            self._random,
        )

    def _clock(self) -> dt.datetime:
        return NOON + dt.timedelta(seconds=now())

    def _random(self, count: int) -> bytes:
        if count == KEY_BYTES:
            return bytes(count)
        self._drawn += 1
        return bytes([self._drawn]) * count

    @property
    def shown(self) -> Snapshot:
        return self.screen.snapshots[-1]

    def touch(self, *intents: str) -> None:
        """Each is "name" or "name value"."""
        for intent in intents:
            self.engine.intend(Intent(*intent.split(" ")))

    def keys(self, digits: str) -> None:
        self.touch(*(f"key {digit}" for digit in digits))

    async def until(self, true: Callable[[], bool]) -> None:
        """Looks whenever the screen turns, and now and then."""
        while not true():
            self.screen.turned.clear()
            with_glances = asyncio.ensure_future(self.screen.turned.wait())
            await asyncio.wait({with_glances}, timeout=0.1)
            with_glances.cancel()

    async def at(self, screen: str) -> Snapshot:
        await self.until(lambda: bool(self.screen.snapshots) and self.shown.screen == screen)
        return self.shown

    async def logged(self, *entries: str) -> None:
        """Waits until these stand in the log, in this order (others between them)."""
        await self.until(lambda: in_order(self.log, entries))

    # what patients do

    async def scans(self, number: str = w.NUMBER.value) -> None:
        """From the attract screen to the birth date."""
        await self.at("attract")
        self.touch("choose-language en")
        await self.at("scan")
        self.scanner.see(Code("Code128", numbered_text(number)))

    async def asks(self) -> None:
        """On to where the hub is asked."""
        await self.scans()
        await self.at("birth-date")
        self.keys(w.BORN_KEYS["en"])
        self.touch("next")

    async def finds_bill(self) -> None:
        """On to the statement."""
        self.hub.answers.put_nowait(w.OWING)
        await self.asks()
        await self.at("statement")

    async def pays(self) -> None:
        """On to where the attempt is being opened, with the hub there."""
        await self.finds_bill()
        self.hub.answers.put_nowait(w.OWING)
        self.touch("pay")

    async def reaches_card(self) -> None:
        await self.pays()
        await self.logged("terminal armed")

    async def is_told(self, result: Result) -> None:
        """A visit up to the terminal's last word."""
        await self.reaches_card()
        self.terminal.says.put_nowait(result)


def in_order(log: list[str], entries: tuple[str, ...]) -> bool:
    rest = iter(log)
    return all(entry in rest for entry in entries)


def attempt(number: int, amount: Money = w.DUE) -> Attempt:
    """One that an earlier process left behind."""
    return Attempt(
        id=f"017f22e2-79b0-7cc3-98c4-{number:012d}",
        ref=w.NUMBER,
        statement=w.NUMBER.value,
        account="ACC-77",
        amount=amount,
        tender=Tender.CARD,
        offline=False,
        newest=Mark(16, 4710),
        opened_at=NOON,
    )


def visit(
    story: Callable[[Lobby], Awaitable[None]],
    before: Callable[[Lobby], None] | None = None,
    *,
    cards: bool = False,
    speaker: bool = False,
    place: Place = PLACE,
) -> None:
    """Runs `story` at a running kiosk, which is stopped when it ends. `before` sets the kiosk up; the others as in Lobby."""

    async def main() -> None:
        lobby = Lobby(cards, speaker, place)
        if before is not None:
            before(lobby)
        running = asyncio.ensure_future(lobby.engine.run())
        telling = asyncio.ensure_future(_bounded(story(lobby)))
        await asyncio.wait({running, telling}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            running.cancel()
        await asyncio.wait({running})
        if not running.cancelled() and running.exception() is not None:
            telling.cancel()
            running.result()
        await telling
        await lobby.engine.close()

    run(main)


async def _bounded(story: Awaitable[None]) -> None:
    async with asyncio.timeout(LONGEST_S):
        await story

"""A kiosk whose processes come and go: the shipped engine with the shipped driver, and patients who pay one after the other."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Protocol
from unittest import mock
from zoneinfo import ZoneInfo

from devices.scanners.port import Code
from devices.terminals.port import Capabilities, Commit, Progress, Sale, Serviced, Step
from domain.calls import CallReason
from domain.letters import Channel, Letter
from domain.limits import Limits
from domain.names import Proof
from domain.payment import Result
from domain.statement_codes import StatementRef, numbered_text
from kiosk.day_end import DayEnd
from kiosk.engine import Engine
from kiosk.hub_link import HubLink
from kiosk.place import Hands, Place
from kiosk.visit import stages as st
from kiosk.visit.events import World as Seen
from kiosk.visit.screens import Intent, Snapshot
from kiosk.visit.stages import Rules, Visit, at_rest
from offline_queue.errors import DiskFull
from offline_queue.wire.messages import LookupAnswer
from tests.billers import ours
from tests.devices.terminals.model import laws
from tests.devices.terminals.model.books import Books
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.memory import Disk, Memory
from tests.kiosk.fakes import FakePrinter, FakeScanner, FakeStaff
from tests.kiosk.visit import world as w

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
MIDNIGHT = dt.time(0)
"""A clock that stands: what is committed does not depend on when."""
RULES = Rules("USD", ("en",), w.OFFLINE_MOST, idle_s=60, warning_s=20, thanks_s=15, motion=True, staff=False)
LIMITS = Limits(w.OFFLINE_MOST, w.usd(100_00), 10, dt.timedelta(hours=72))
NOBODY = Seen(terminal=False, scanner=False, printer=False, hub=False)
GLANCE_S = 5.0
LONGEST_S = 6 * 3600
"""Of virtual time, for a whole path: far more than any wait."""


class Device(Protocol):
    """What is behind the driver. One that has lost its kiosk goes on by its own lights."""

    books: Books
    tells: bool
    """Whether the books are asked by our attempt id, so that what became of one is always known in the end."""

    def driver(self, house: House) -> Serviced:
        """A new process's driver for it, which ends with that process (`House.alive`)."""

    def disconnect(self) -> None:
        """The kiosk's process is gone, and the line with it."""

    def impatient(self) -> None:
        """The kiosk takes longer to answer than the device waits."""

    def frozen(self) -> object:
        """All that it knows while nobody is connected."""

    def settle(self) -> None:
        """Whatever is still under way comes to its end."""


@dataclass
class House:
    """`amounts` are what patients come to pay, in cents."""

    path: Path
    amounts: tuple[int, ...]
    device: Device
    restarts: bool = False
    """Whether the kiosk is restarted after each patient."""
    hub_away: bool = False
    """Whether patients pay while the hub is away."""
    disk: Disk = field(default_factory=Disk)
    selling: str = ""
    """The attempt that the driver was last given."""
    sent: list[str] = field(default_factory=list)
    """The attempt of every sale that was sent."""
    bugs: list[BaseException] = field(default_factory=list)
    """What went wrong that is no fault of the world's."""
    processes: int = 0
    _came: int = 0
    _drawn: int = 0
    _alive: bool = False
    _dead: asyncio.Event = field(default_factory=asyncio.Event)

    def dies(self) -> None:
        """The process ends where it is: nothing that it does after this happens."""
        if self._alive:
            self._alive = False
            self._dead.set()
            self.device.disconnect()

    def impatient(self) -> None:
        self.device.impatient()

    def sends_sale(self, attempt: str = "") -> str:
        """The driver sends a sale, of `attempt` or of the one that it was given: which, if it may."""
        attempt = attempt or self.selling
        laws.at_a_sale(self.disk, self.sent, attempt)
        self.sent.append(attempt)
        return attempt

    def sends_reversal(self) -> None:
        raise laws.LawBroken("kiosk-reverses-nothing")

    def takes_back(self, attempt: str) -> None:
        """The driver has an approval taken back."""
        laws.at_a_void(self.disk, attempt)

    async def alive(self) -> None:
        """Returns to a living process only."""
        if not self._alive:
            await asyncio.Event().wait()

    async def stands(self) -> None:
        """Runs process after process until all patients have come and nothing is left to be asked."""
        async with asyncio.timeout(LONGEST_S):
            while not await self._process():
                self.path.arrives((self.disk.frozen(), self.device.frozen(), tuple(self.sent), self._came, self._drawn))

    async def _process(self) -> bool:
        """Whether this one saw the end."""
        self.processes += 1
        self._alive, self._dead = True, asyncio.Event()
        memory = Memory(self.disk, self.path, self)
        lobby = Lobby(Watched(self.device.driver(self), self), memory, self._random, self)
        running = asyncio.ensure_future(lobby.engine.run())
        visiting = asyncio.ensure_future(self._patients(lobby))
        dying = asyncio.ensure_future(self._dead.wait())
        await asyncio.wait({running, visiting, dying}, return_when=asyncio.FIRST_COMPLETED)
        finished = visiting.done() and self._came == len(self.amounts)
        self.dies()
        self.bugs.extend(_bugs(running, visiting))
        await _kill()
        for bug in self.bugs:
            raise bug
        return finished

    async def _patients(self, lobby: Lobby) -> None:
        while self._came < len(self.amounts):
            await lobby.waits_for(st.Attract)
            self._came += 1
            await lobby.pays(self._came - 1)
            await lobby.waits_for(st.Attract)
            if self.restarts:
                return
        await lobby.waits_for(st.Attract)

    def _random(self, count: int) -> bytes:
        self._drawn += 1
        return bytes([self._drawn]) * count


def _bugs(*tasks: asyncio.Task[None]) -> list[BaseException]:
    """What ended a process and is no fault of the disk's. A process that the disk has failed is kept up by its keeper."""
    ended = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    return [bug for end in ended if end is not None for bug in _each(end) if not isinstance(bug, DiskFull)]


def _each(bug: BaseException) -> Iterator[BaseException]:
    if isinstance(bug, BaseExceptionGroup):
        for each in bug.exceptions:
            yield from _each(each)
    else:
        yield bug


async def _kill() -> None:
    """Ends every task but this one, whatever it holds on to."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.sleep(0)


class Watched:
    """The terminal as the engine has it, with an eye on what it is asked. The patient may change their mind at every step."""

    def __init__(self, inner: Serviced, house: House) -> None:
        self._inner = inner
        self._house = house
        self.touch: Callable[[str], None] = lambda name: None
        self.open, self.close, self.health = inner.open, inner.close, inner.health
        self.newest, self.cancel, self.inquiry_owed = inner.newest, inner.cancel, inner.inquiry_owed
        self.day_closed = inner.day_closed
        self.last, self.reverse, self.end_of_day, self.diagnose = inner.last, inner.reverse, inner.end_of_day, inner.diagnose

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        self._house.selling = sale.attempt

        def shown(step: Step) -> None:
            progress(step)
            if step is not Step.CHECKING and self._house.path.choose(f"patient sees {step}", "well", "cancels") == "cancels":
                self.touch("cancel")

        result = await self._inner.pay(sale, commit, shown)
        self._house.disk.rows[sale.attempt].ended = True
        return result

    async def inquire(self, sale: Sale) -> Result:
        result = await self._inner.inquire(sale)
        self._house.disk.rows[sale.attempt].asked = True
        return result


class Lobby:
    """One process: engine, visit and driver as shipped; the rest of the kiosk works."""

    def __init__(self, terminal: Watched, memory: Memory, random: Callable[[int], bytes], house: House) -> None:
        self._log: list[str] = []
        self._stage: st.Stage = st.Attract()
        self._ready = False
        self._turned = asyncio.Event()
        self._scanner = FakeScanner(self._log)
        self._amounts = house.amounts
        hub = HubLink(_Hub(house.amounts), lambda: None)
        hub.heard(not house.hub_away)
        place = Place(w.SITE, {"en": w.LANGUAGES["en"]}, LIMITS, ours(), ZoneInfo("UTC"))
        hands = Hands(terminal, self._scanner, FakePrinter(self._log))
        visit = at_rest(RULES, NOBODY)
        day_end = DayEnd(MIDNIGHT, ZoneInfo("UTC"), lambda: NOON)  # always noon: it never comes
        self.engine = Engine(visit, place, hands, memory, hub, _Sync(), self, FakeStaff(), day_end, lambda: NOON, random)
        terminal.touch = self._touch

    def show(self, snapshot: Snapshot) -> None:
        visit: Any = snapshot
        self._stage, self._ready = visit.stage, visit.world.terminal
        self._turned.set()

    def _touch(self, *intents: str) -> None:
        for intent in intents:
            self.engine.intend(Intent(*intent.split(" ")))

    async def waits_for(self, stage: type[st.Stage]) -> None:
        """Until the screen shows `stage`, at a kiosk that could take a card."""
        while not (isinstance(self._stage, stage) and self._ready):
            self._turned.clear()
            await self._turned.wait()

    async def pays(self, number: int) -> None:
        """A patient's whole visit."""
        self._touch("start")
        self._scanner.see(Code("Code128", numbered_text(f"{number:010d}")))
        if not isinstance(self._stage, st.OtherAmount):
            self._touch(*(f"key {digit}" for digit in w.BORN_KEYS["en"]), "next")
        while not isinstance(self._stage, st.Attract):
            self._turned.clear()
            match self._stage:
                case st.ShowStatement():
                    self._touch("pay")
                case st.OtherAmount():
                    self._touch(*(f"key {digit}" for digit in str(self._amounts[number])), "pay")
                case st.Consent():
                    self._touch("pay-offline")
                case st.Paid():
                    self._touch("no-receipt")
                case st.PaidBefore():
                    self._touch("show-bill")
                case st.Unclear() | st.ThankYou() | st.SeeDesk():
                    self._touch("done")
                case st.NotPaid():
                    self._touch("cancel")
                case _:
                    await self._turned.wait()


class _Hub:
    def __init__(self, amounts: tuple[int, ...]) -> None:
        self._amounts = amounts
        self.receipts = frozenset[Channel]()

    async def send_receipt(self, pid: str, letter: Letter) -> None:
        raise AssertionError("nobody is offered that")

    async def call_staff(self, why: CallReason) -> None:
        raise AssertionError("nobody needs a person here")

    async def look_up(self, ref: StatementRef, birth_date: dt.date, *, emergency: bool) -> LookupAnswer:
        return LookupAnswer(statement=replace(w.statement(self._amounts[int(ref.value)]), number=ref.value))

    async def look_up_named(self, proof: Proof, name: str, birth_date: dt.date, digits: str, *, emergency: bool) -> LookupAnswer:
        raise AssertionError("every bill here has its number")


class _Sync:
    async def run(self) -> None:
        await asyncio.Event().wait()

    def nudge(self) -> None:
        """Nothing is sent anywhere."""


@contextmanager
def bare_engine() -> Iterator[None]:
    """The engine without its words, which take nine tenths of a visit's time and are not what is checked here."""
    with (
        mock.patch("kiosk.engine.present", _bare),
        mock.patch("kiosk.engine.document", return_value=None),
        mock.patch("kiosk.engine.GLANCE_S", GLANCE_S),
    ):
        yield


def _bare(visit: Visit, *_words: object) -> SimpleNamespace:
    return SimpleNamespace(screen=type(visit.stage).__name__, stage=visit.stage, world=visit.world)

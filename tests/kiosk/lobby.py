"""A kiosk in memory, for tests in virtual time: real engine, visit and words; devices, journal, hub and sync that do as told."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from devices.health import Condition, DeviceError, Health
from devices.scanners.port import Code
from devices.terminals.port import Commit, NotStarted, Progress, Sale, Step
from domain.billing import Statement
from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt, Mark, Result, Tender
from domain.receipt import Receipt
from domain.statement_codes import LinkProfile, StatementRef, numbered_text
from kiosk.engine import Engine, Hands, Place
from kiosk.hub_link import HubLink
from kiosk.visit.events import World
from kiosk.visit.screens import Intent, Snapshot
from kiosk.visit.stages import at_rest
from offline_queue.client import Blocked, Locked, NoMatch
from tests.kiosk.visit import world as w
from tests.virtual_time import now, run

READY = Health(Condition.READY)
AWAY = Health(Condition.AWAY, "terminal-away")
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
LIMITS = Limits(w.OFFLINE_MOST, w.usd(100_00), 10, dt.timedelta(hours=72))
LONGEST_S = 3600
"""Of virtual time, for a whole test: far more than any wait of a visit."""


class Device:
    """What the three have in common; `log` is the kiosk's."""

    def __init__(self, name: str, log: list[str]) -> None:
        self._name = name
        self._log = log
        self.state = READY

    async def open(self) -> None:
        self._log.append(f"{self._name} opened")

    async def close(self) -> None:
        self._log.append(f"{self._name} closed")

    def health(self) -> Health:
        return self.state


class FakeTerminal(Device):
    """`says` is what comes from it during a sale: a step, the last word, or what goes wrong. `remembers` answers inquiries;
    `mark` is where its numbers stand, or why it cannot be asked."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("terminal", log)
        self.says: asyncio.Queue[Step | Result | Exception] = asyncio.Queue()
        self.remembers: asyncio.Queue[Result | Exception] = asyncio.Queue()
        self.mark: Mark | NotStarted | None = Mark(16, 4710)
        self.sales: list[Sale] = []
        self.inquiries: list[Sale] = []

    async def newest(self) -> Mark | None:
        self._log.append("terminal asked for its numbers")
        if isinstance(self.mark, NotStarted):
            raise self.mark
        return self.mark

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        self._log.append("terminal armed")
        self.sales.append(sale)
        while True:
            match await self.says.get():
                case Step() as where:
                    progress(where)
                case Result() as result:
                    await commit(result)
                    self._log.append("terminal acknowledged")
                    return result
                case failure:
                    raise failure

    async def cancel(self) -> None:
        self._log.append("terminal cancel")

    async def inquire(self, sale: Sale) -> Result:
        self._log.append("terminal inquired")
        self.inquiries.append(sale)
        answer = await self.remembers.get()
        if isinstance(answer, Result):
            return answer
        raise answer


class FakeScanner(Device):
    def __init__(self, log: list[str]) -> None:
        super().__init__("scanner", log)
        self._seen: Callable[[Code], None] | None = None

    def watch(self, seen: Callable[[Code], None]) -> None:
        self._log.append("scanner watches")
        self._seen = seen

    def rest(self) -> None:
        self._log.append("scanner rests")
        self._seen = None

    def see(self, code: Code) -> None:
        assert self._seen is not None, "nobody watches"
        self._seen(code)


class FakePrinter(Device):
    """`hold` keeps paper from coming out; `fault` is why none comes."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("printer", log)
        self.hold: asyncio.Event | None = None
        self.fault = ""
        self.printed: list[Receipt] = []

    async def print(self, receipt: Receipt) -> None:
        self._log.append("printer prints")
        if self.hold is not None:
            await self.hold.wait()
        if self.fault:
            raise DeviceError(self.fault)
        self.printed.append(receipt)


class FakeMemory:
    """The journal's place. `holding[name]` keeps that call from being durable; `refusing[name]` is what it raises."""

    def __init__(self, log: list[str]) -> None:
        self._log = log
        self.holding: dict[str, asyncio.Event] = {}
        self.refusing: dict[str, Exception] = {}
        self.opened: list[tuple[Attempt, Limits | None]] = []
        self.settled: list[tuple[str, Result]] = []
        self.closed: list[tuple[str, str]] = []
        self.left_over: Attempt | None = None

    async def _durable(self, what: str) -> None:
        if what in self.holding:
            await self.holding[what].wait()
        if what in self.refusing:
            raise self.refusing[what]
        self._log.append(f"memory {what}")

    async def open_attempt(self, attempt: Attempt, limits: Limits | None) -> None:
        await self._durable("opened")
        self.opened.append((attempt, limits))

    async def settle(self, attempt_id: str, result: Result) -> None:
        await self._durable("settled")
        self.settled.append((attempt_id, result))

    async def not_started(self, attempt_id: str, fault: str) -> None:
        await self._durable("not started")
        self.closed.append((attempt_id, fault))

    async def to_inquire(self) -> Attempt | None:
        return self.left_over


Found = Statement | NoMatch | Locked | Blocked


class FakeHub:
    """`answers` come when they are put there."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[Found | Exception] = asyncio.Queue()
        self.heads: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.asked: list[tuple[StatementRef, dt.date]] = []
        self.dropped = 0

    async def head(self) -> None:
        failure = await self.heads.get()
        if failure is not None:
            raise failure

    async def look_up(self, ref: StatementRef, birth_date: dt.date) -> Found:
        self.asked.append((ref, birth_date))
        try:
            answer = await self.answers.get()
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeSync:
    """Runs until it is told how to end."""

    def __init__(self) -> None:
        self.nudges = 0
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        await self.end

    def nudge(self) -> None:
        self.nudges += 1


class Screen:
    """Every snapshot; `log` gets the screens as they turn."""

    def __init__(self, log: list[str]) -> None:
        self._log = log
        self.snapshots: list[Snapshot] = []
        self.turned = asyncio.Event()

    def show(self, snapshot: Snapshot) -> None:
        if not self.snapshots or self.snapshots[-1].screen != snapshot.screen:
            self._log.append(f"screen {snapshot.screen}")
        self.snapshots.append(snapshot)
        self.turned.set()


class Lobby:
    """The kiosk and what happens around it. `log` is the order of everything."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.terminal = FakeTerminal(self.log)
        self.scanner = FakeScanner(self.log)
        self.printer = FakePrinter(self.log)
        self.memory = FakeMemory(self.log)
        self.hub = FakeHub()
        self.link = HubLink(self.hub, lambda: None)
        self.link.heard(True)
        self.sync = FakeSync()
        self.screen = Screen(self.log)
        self._drawn = 0
        place = Place(w.SITE, w.LANGUAGES, LIMITS, LinkProfile(frozenset(), {}), "PAY.EXAMPLE")
        hands = Hands(self.terminal, self.scanner, self.printer)
        nobody = at_rest(w.RULES, World(terminal=False, scanner=False, printer=False, hub=False))
        self.engine = Engine(nobody, place, hands, self.memory, self.link, self.sync, self.screen, self._clock, self._random)

    def _clock(self) -> dt.datetime:
        return NOON + dt.timedelta(seconds=now())

    def _random(self, count: int) -> bytes:
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
        self.touch("start", "choose-language en")
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
        self.hub.heads.put_nowait(None)
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


def visit(story: Callable[[Lobby], Awaitable[None]], before: Callable[[Lobby], None] | None = None) -> None:
    """Runs `story` at a running kiosk, which is stopped when it ends. `before` sets the kiosk up."""

    async def main() -> None:
        lobby = Lobby()
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

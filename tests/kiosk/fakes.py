"""What an engine owns, made of nothing: devices, journal, hub, sync and screen that do as told and log when they did it."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import Callable

from devices.health import Condition, DeviceError, Health
from devices.scanners.port import NO_PICTURE, Code, Hint, Sighting, View
from devices.smartcards.port import Kind, Seen
from devices.speaker import Speaker
from devices.terminals.port import (
    Capabilities,
    Commit,
    DayTotals,
    Diagnosis,
    NotStarted,
    Progress,
    Reversal,
    Reversed,
    Reverses,
    Sale,
    Step,
)
from domain.billing import Statement
from domain.calls import CallReason
from domain.letters import Channel, Letter
from domain.limits import Limits
from domain.money import Money
from domain.names import Proof
from domain.payment import Attempt, Mark, Result
from domain.receipt import Receipt
from domain.statement_codes import StatementRef
from kiosk.hub_link import Looked
from kiosk.visit import events as ev
from kiosk.visit.screens import Snapshot
from kiosk.visit.staff_report import DeviceSeen, StaffReport
from offline_queue import attempts
from offline_queue.client import Blocked, Locked, NoMatch, NotYet
from offline_queue.wire.messages import LookupAnswer

READY = Health(Condition.READY)
AWAY = Health(Condition.AWAY, "terminal-away")


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


class FakeCards(Device):
    """A reader of badges. `seen` is whoever watches, None at rest."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("cards", log)
        self.seen: Callable[[Seen], None] | None = None

    def watch(self, wanted: frozenset[Kind], seen: Callable[[Seen], None]) -> None:
        self._log.append(f"cards watch {' '.join(wanted)}")
        self.seen = seen

    def rest(self) -> None:
        self._log.append("cards rest")
        self.seen = None


class FakeTerminal(Device):
    """`says` is what comes from it during a sale: a step, the last word, or what goes wrong. `remembers` answers inquiries;
    `mark` is where its numbers stand, or why it cannot be asked, and `hold` keeps it from telling."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("terminal", log)
        self.says: asyncio.Queue[Step | Result | Exception] = asyncio.Queue()
        self.remembers: asyncio.Queue[Result | Exception] = asyncio.Queue()
        self.mark: Mark | NotStarted | None = Mark(16, 4710)
        self.hold: asyncio.Event | None = None
        self.sales: list[Sale] = []
        self.inquiries: list[Sale] = []
        self.let_be = False
        self.days: asyncio.Queue[DayTotals | Exception] = asyncio.Queue()
        self.closed: DayTotals | None = None
        self.capabilities = Capabilities(
            "fake", hub_authorises=False, approves_offline=True, last_result=True, reverses=Reverses.LAST, end_of_day=True
        )

    async def newest(self) -> Mark | None:
        self._log.append("terminal asked for its numbers")
        if self.hold is not None:
            await self.hold.wait()
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

    def inquiry_owed(self, owed: bool) -> None:
        self.let_be = owed

    async def inquire(self, sale: Sale) -> Result:
        self._log.append("terminal inquired")
        self.inquiries.append(sale)
        answer = await self.remembers.get()
        if isinstance(answer, Result):
            return answer
        raise answer

    async def last(self) -> Result | None:
        raise AssertionError("no visit asks for it")

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        raise AssertionError("no visit takes a sale back")

    async def diagnose(self) -> Diagnosis:
        raise AssertionError("no visit asks for it")

    async def end_of_day(self, progress: Progress) -> DayTotals:
        self._log.append("terminal ends its day")
        answer = await self.days.get()
        self._log.append("terminal's day ended")
        if isinstance(answer, DayTotals):
            self.closed = answer
            return answer
        raise answer

    def day_closed(self) -> DayTotals | None:
        closed, self.closed = self.closed, None
        return closed


class FakeScanner(Device):
    def __init__(self, log: list[str]) -> None:
        super().__init__("scanner", log)
        self._seen: Callable[[View], None] | None = None

    def watch(self, seen: Callable[[View], None]) -> None:
        self._log.append("scanner watches")
        self._seen = seen

    def rest(self) -> None:
        self._log.append("scanner rests")
        self._seen = None

    def see(self, *codes: Code, hint: Hint | None = None) -> None:
        """Two frames agree on all of these."""
        assert self._seen is not None, "nobody watches"
        nowhere = ((0, 0), (0, 0), (0, 0), (0, 0))
        self._seen(View(NO_PICTURE, tuple(Sighting(code, nowhere) for code in codes), frozenset(codes), hint))


class FakeSpeaker(Speaker):
    """One that is heard in the log."""

    def __init__(self, log: list[str]) -> None:
        super().__init__([sys.executable])
        self._log = log

    def play(self, name: str) -> None:
        self._log.append(f"heard {name}")


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
        self.taken = (0, Money(0, "USD"))
        """What the journal has of any receipts."""
        self.left_over: Attempt | None = None
        self.said: Result | None = None
        """What was settled of `left_over`, None while it is open."""

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

    async def taken_under(self, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]:
        if "taken" in self.refusing:
            raise self.refusing["taken"]
        return self.taken

    async def to_inquire(self) -> attempts.Found | None:
        if self.left_over is None:
            return None
        state = attempts.State.UNKNOWN if self.said else attempts.State.OPEN
        return attempts.Found(self.left_over, state, self.said, fault="")


Found = Statement | LookupAnswer | NoMatch | Locked | Blocked | NotYet


class FakeHub:
    """`answers` come when they are put there, and so do what became of `letters` (`posts`) and `calls` (`taken`); `receipts` is
    by which channels it sends."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[Found | Exception] = asyncio.Queue()
        self.receipts = frozenset[Channel]()
        self.letters: list[tuple[str, Letter]] = []
        self.posts: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.calls: list[CallReason] = []
        self.taken: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.asked: list[tuple[StatementRef, dt.date]] = []
        self.asked_named: list[tuple[Proof, str, dt.date, str]] = []
        self.in_emergency: set[bool] = set()
        self.dropped = 0

    async def send_receipt(self, pid: str, letter: Letter) -> None:
        self.letters.append((pid, letter))
        failure = await self.posts.get()
        if failure is not None:
            raise failure

    async def call_staff(self, why: CallReason) -> None:
        self.calls.append(why)
        failure = await self.taken.get()
        if failure is not None:
            raise failure

    async def look_up(self, ref: StatementRef, birth_date: dt.date, *, emergency: bool) -> Looked:
        self.asked.append((ref, birth_date))
        self.in_emergency.add(emergency)
        return await self._answer()

    async def look_up_named(self, proof: Proof, name: str, birth_date: dt.date, digits: str, *, emergency: bool) -> Looked:
        self.asked_named.append((proof, name, birth_date, digits))
        self.in_emergency.add(emergency)
        return await self._answer()

    async def _answer(self) -> Looked:
        try:
            answer = await self.answers.get()
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if isinstance(answer, Exception):
            raise answer
        return LookupAnswer(statement=answer) if isinstance(answer, Statement) else answer


class FakeSync:
    """Runs until it is told how to end."""

    def __init__(self) -> None:
        self.nudges = 0
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        await self.end

    def nudge(self) -> None:
        self.nudges += 1


class FakeStaff:
    """Whoever types `PIN` works here."""

    PIN = "2468"

    def __init__(self) -> None:
        self.devices: tuple[DeviceSeen, ...] = ()

    async def look(self, pin: str, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused:
        self.devices = devices
        await asyncio.sleep(0)
        if pin != self.PIN:
            return ev.StaffRefused("pin-wrong")
        return await self.look_with_badge(devices)

    async def look_with_badge(self, devices: tuple[DeviceSeen, ...]) -> ev.StaffSees | ev.StaffRefused:
        self.devices = devices
        await asyncio.sleep(0)
        return ev.StaffSees(StaffReport(0, (), None, 0, 0, None, None, "", devices))


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

"""A technician's payment with a terminal that does as told: what is journalled when, and what the same id does afterwards."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from devices.health import Condition, DeviceError, Health
from devices.terminals.port import NotStarted, Step
from domain.money import Money
from domain.payment import Mark, Outcome, Result
from kiosk.terminal_journal import JournalRefused, TerminalJournal
from kiosk.terminal_payment import Ended, Order, Patience, Payment, known_end, reached
from offline_queue.attempts import State
from tests.kiosk.fakes import FakeTerminal
from tests.virtual_time import passes, run

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
ORDER = Order("A1", Money(1234, "EUR"), "zvt 52523535")
NEXT = replace(ORDER, attempt="A2")
APPROVED = Result(Outcome.APPROVED, Money(1234, "EUR"), receipt=17, trace=4711)
UNKNOWN = Result(Outcome.UNKNOWN, Money(0, "EUR"), reason="no-answer")
BUSY = Health(Condition.BUSY, "terminal-busy", "zvt-9c")


class Counter:
    """A terminal, a journal, and a person at them."""

    def __init__(self, journal: TerminalJournal) -> None:
        self.log: list[str] = []
        self.terminal = FakeTerminal(self.log)
        self.journal = journal
        self.steps: list[Step] = []

    def payment(self, order: Order = ORDER) -> Payment:
        return Payment(order, self.terminal, self.journal, lambda: NOW, self.steps.append, Patience())

    def pay(self, *said: Step | Result | Exception, order: Order = ORDER) -> Ended:
        async def pay() -> Ended:
            for word in said:
                self.terminal.says.put_nowait(word)
            return await self.payment(order).run()

        return run(pay)

    def ask(self, *answers: Result | Exception, order: Order = ORDER) -> Ended:
        async def ask() -> Ended:
            for answer in answers:
                self.terminal.remembers.put_nowait(answer)
            return await self.payment(order).run()

        return run(ask)

    def state(self, attempt: str = "A1") -> State | None:
        found = self.journal.find(attempt)
        return found.state if found else None


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with closing(TerminalJournal.open(tmp_path / "terminal.db", lambda: NOW)) as journal:
        yield Counter(journal)


def test_it_is_journalled_before_the_terminal_hears_and_before_it_is_answered(counter: Counter) -> None:
    seen: list[State | None] = []
    told = counter.log.append

    class Watching(list[str]):
        def append(self, line: str) -> None:
            told(line)
            seen.append(counter.state())

    counter.terminal._log = Watching()
    assert counter.pay(Step.INSERT_CARD, APPROVED) == Ended(ORDER, APPROVED)
    assert list(zip(counter.log, seen, strict=True)) == [
        ("terminal asked for its numbers", None),
        ("terminal armed", State.OPEN),
        ("terminal acknowledged", State.APPROVED),
    ]
    (sale,) = counter.terminal.sales
    assert (sale.attempt, sale.amount, sale.newest, sale.opened_at, sale.offline) == (
        "A1",
        ORDER.amount,
        Mark(16, 4710),
        NOW,
        False,
    )
    assert counter.steps == [Step.INSERT_CARD]


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.DECLINED, Outcome.CANCELLED])
def test_the_same_id_reports_the_same_and_asks_nothing(counter: Counter, outcome: Outcome) -> None:
    result = replace(APPROVED, outcome=outcome)
    first = counter.pay(result)
    counter.log.clear()
    assert counter.pay() == first == known_end(ORDER, counter.journal)
    assert counter.log == []


def test_another_amount_is_another_attempt(counter: Counter) -> None:
    counter.pay(APPROVED)
    counter.log.clear()
    for amount in (Money(1235, "EUR"), Money(1234, "USD")):
        with pytest.raises(JournalRefused, match="another amount") as refusal:
            counter.pay(order=replace(ORDER, amount=amount))
        assert refusal.value.reason == "attempt-differs"
    assert counter.log == []


def test_an_unreachable_terminal_leaves_the_id_unused(counter: Counter) -> None:
    counter.terminal.mark = NotStarted("terminal-away", "cannot-open")
    assert counter.pay() == Ended(ORDER, fault="terminal-away", detail="cannot-open")
    assert counter.state() is None


def test_a_sale_that_the_terminal_did_not_begin_is_over(counter: Counter) -> None:
    assert counter.pay(NotStarted("terminal-busy", "zvt-9c")) == Ended(ORDER, fault="terminal-busy", detail="zvt-9c")
    assert counter.state() is State.NOT_STARTED
    counter.log.clear()
    assert counter.pay() == Ended(ORDER, fault="terminal-busy")
    assert counter.log == []


def test_a_readers_cards_are_the_hubs_and_no_tests(counter: Counter) -> None:
    counter.terminal.capabilities = replace(counter.terminal.capabilities, hub_authorises=True)
    assert counter.pay() == Ended(ORDER, fault="hub-authorises")
    assert counter.log == []
    assert counter.state() is None


class Crash(Exception):
    """The process is gone."""


@pytest.mark.parametrize("answer", [APPROVED, replace(APPROVED, outcome=Outcome.DECLINED, amount=Money(0, "EUR"))])
def test_after_a_crash_the_same_id_asks_and_settles(counter: Counter, answer: Result) -> None:
    with pytest.raises(Crash):
        counter.pay(Crash())
    assert counter.state() is State.OPEN
    counter.log.clear()
    assert counter.ask(answer) == Ended(ORDER, answer)
    assert counter.log == ["terminal inquired"]
    assert counter.terminal.inquiries == counter.terminal.sales
    assert counter.steps == [Step.CHECKING]
    assert counter.pay() == Ended(ORDER, answer)


def test_what_the_terminal_cannot_tell_stays_unknown_and_is_asked_again(counter: Counter) -> None:
    counter.pay(UNKNOWN)
    assert counter.state() is State.UNKNOWN
    assert counter.ask(replace(UNKNOWN, reason="last-receipt-older")).result == replace(UNKNOWN, reason="last-receipt-older")
    assert counter.ask(APPROVED).result == APPROVED
    assert counter.state() is State.APPROVED
    assert [sale.doubt for sale in counter.terminal.inquiries] == [UNKNOWN.reason, "last-receipt-older"]


def test_nothing_new_is_charged_until_the_terminal_has_been_asked(counter: Counter) -> None:
    counter.pay(UNKNOWN)
    counter.log.clear()
    with pytest.raises(JournalRefused, match="--attempt A1") as refusal:
        counter.pay(order=NEXT)
    assert refusal.value.reason == "older-attempt"
    assert counter.log == []
    counter.ask(UNKNOWN)
    assert counter.pay(APPROVED, order=NEXT).result == APPROVED


def test_what_the_terminal_was_asked_about_within_the_payment_holds_nothing_up(counter: Counter) -> None:
    """As at a kiosk: the driver has asked, and the terminal knows no more of it."""
    counter.pay(replace(UNKNOWN, reason="last-receipt-older"))
    assert counter.pay(APPROVED, order=NEXT).result == APPROVED


def test_an_older_attempt_is_never_settled_by_a_newer_ones_receipt(counter: Counter) -> None:
    counter.pay(UNKNOWN)
    counter.ask(UNKNOWN)
    counter.pay(APPROVED, order=NEXT)
    counter.log.clear()
    ended = counter.pay()
    assert ended.result == replace(UNKNOWN, reason="newer-attempt")
    assert counter.log == []


def test_only_its_own_terminal_is_asked(counter: Counter) -> None:
    counter.pay(UNKNOWN)
    counter.log.clear()
    with pytest.raises(JournalRefused, match="zvt 52523535") as refusal:
        counter.pay(order=replace(ORDER, terminal="zvt 11111111"))
    assert refusal.value.reason == "attempt-elsewhere"
    assert counter.log == []


def test_a_terminal_that_cannot_be_asked_leaves_it_open(counter: Counter) -> None:
    with pytest.raises(Crash):
        counter.pay(Crash())
    ended = counter.ask(DeviceError("terminal-away", "no-ack"))
    assert ended == Ended(ORDER, Result(Outcome.UNKNOWN, Money(0, "EUR"), reason="terminal-away"), detail="no-ack")
    assert counter.state() is State.OPEN


def test_a_terminal_that_is_still_at_it_is_waited_for(counter: Counter) -> None:
    with pytest.raises(Crash):
        counter.pay(Crash())
    busy = DeviceError("terminal-busy", "zvt-9c")
    assert counter.ask(busy, busy, APPROVED) == Ended(ORDER, APPROVED)


def test_but_not_for_ever(counter: Counter) -> None:
    with pytest.raises(Crash):
        counter.pay(Crash())
    ended = counter.ask(*[DeviceError("terminal-busy", "zvt-9c")] * 1000)
    assert ended.result == replace(UNKNOWN, reason="terminal-busy")
    assert counter.terminal.remembers.qsize() > 0


def test_asking_can_be_stopped(counter: Counter) -> None:
    with pytest.raises(Crash):
        counter.pay(Crash())

    async def stopped() -> Ended:
        for _ in range(1000):
            counter.terminal.remembers.put_nowait(DeviceError("terminal-busy", "zvt-9c"))
        payment = counter.payment()
        asking = asyncio.ensure_future(payment.run())
        await asyncio.sleep(0)
        await payment.cancel()
        return await asking

    assert run(stopped).result == replace(UNKNOWN, reason="terminal-busy")
    assert counter.terminal.remembers.qsize() > 990


def test_a_journal_that_fails_after_the_answer_is_unknown_and_says_so(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise JournalRefused("journal-unwritable", "The journal cannot be written.")

    monkeypatch.setattr(counter.journal, "settle", full)
    ended = counter.pay(APPROVED)
    assert ended == Ended(ORDER, replace(UNKNOWN, reason="journal-unwritable"), detail="The journal cannot be written.")
    assert "terminal acknowledged" not in counter.log
    assert counter.state() is State.OPEN


def test_a_journal_that_fails_before_keeps_the_terminal_out_of_it(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise JournalRefused("journal-unwritable", "The journal cannot be written.")

    monkeypatch.setattr(counter.journal, "open_attempt", full)
    with pytest.raises(JournalRefused):
        counter.pay(APPROVED)
    assert counter.terminal.sales == []


# cancelling


@pytest.mark.parametrize("mark", [Mark(16, 4710), NotStarted("terminal-away", "no-ack")])
def test_stopped_before_it_began(counter: Counter, mark: Mark | NotStarted) -> None:
    counter.terminal.mark = mark

    async def stopped() -> Ended:
        payment = counter.payment()
        await payment.cancel()
        return await payment.run()

    ended = run(stopped)
    assert (ended.result, ended.fault) == (None, "cancelled")
    assert counter.state() is None
    assert counter.terminal.sales == []


def test_cancelling_is_a_request_and_the_terminal_has_the_last_word(counter: Counter) -> None:
    async def late() -> Ended:
        payment = counter.payment()
        paying = asyncio.ensure_future(payment.run())
        await passes(1)
        await payment.cancel()
        assert counter.log[-1] == "terminal cancel"
        counter.terminal.says.put_nowait(APPROVED)
        return await paying

    assert run(late) == Ended(ORDER, APPROVED)
    assert counter.state() is State.APPROVED


# reaching it


@pytest.mark.parametrize(
    ("health", "seconds"),
    [
        (Health(Condition.READY), 0),
        (Health(Condition.AWAY, "terminal-away", "cannot-open"), 0),
        (Health(Condition.OUT, "terminal-other", "11111111"), 0),
        (Health(Condition.AWAY, "terminal-away"), 20),
        (BUSY, 20),
    ],
)
def test_how_long_a_terminal_is_waited_for(health: Health, seconds: int) -> None:
    terminal = FakeTerminal([])
    terminal.state = health

    async def wait() -> tuple[Health, int]:
        begun = asyncio.get_running_loop().time()
        return await reached(terminal, Patience(), asyncio.Event()), round(asyncio.get_running_loop().time() - begun)

    assert run(wait) == (health, seconds)


def test_the_wait_ends_when_one_has_stopped() -> None:
    terminal = FakeTerminal([])
    terminal.state = BUSY

    async def wait() -> float:
        stopped = asyncio.Event()
        asyncio.get_running_loop().call_later(3, stopped.set)
        await reached(terminal, Patience(), stopped)
        return asyncio.get_running_loop().time()

    assert run(wait) < 4


def test_a_busy_terminal_that_becomes_free() -> None:
    terminal = FakeTerminal([])
    terminal.state = BUSY

    async def wait() -> Health:
        asyncio.get_running_loop().call_later(2, setattr, terminal, "state", Health(Condition.READY))
        return await reached(terminal, Patience(), asyncio.Event())

    assert run(wait).usable

"""What a technician asks between payments: at the simulated terminals, and of one that does as told."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.health import DeviceError
from devices.terminals.authorizer import NotReached
from devices.terminals.port import (
    TOOK_BACK,
    DayTotals,
    Diagnosis,
    NotStarted,
    Progress,
    Reversal,
    ReversalEnd,
    Reversed,
    Step,
)
from domain.errors import Known
from domain.money import Money
from domain.payment import Card, CardData, Outcome, Result
from kiosk.terminal_journal import Entry, JournalRefused, TerminalJournal
from kiosk.terminal_service import NoHub, close_day, take_back, tell_diagnosis, tell_last
from kiosk.terminal_voice import Voice
from tests.devices.terminals.simulated import simulator
from tests.kiosk.fakes import FakeTerminal
from tests.kiosk.technician import Technician, sold_before

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
THREE = Money(300, "EUR")
OWN = "zvt 52523535"
LAST = Result(Outcome.APPROVED, THREE, card=Card("VISA", "1033"), receipt=7, trace=9, slip=("Total 3.00",))


def no_kiosk(closed: DayTotals) -> None:
    """Nothing to compare with."""


class FakeServiced(FakeTerminal):
    """`answers` are what it says next, to whatever it is asked."""

    def __init__(self, *answers: object) -> None:
        super().__init__([])
        self._answers = list(answers)
        self.reversals: list[Reversal] = []

    def _next(self) -> Any:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def last(self) -> Result | None:
        found: Result | None = self._next()
        return found

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        self.reversals.append(reversal)
        progress(Step.WAIT)
        done: Reversed = self._next()
        return done

    async def end_of_day(self, progress: Progress) -> DayTotals:
        done: DayTotals = self._next()
        return done

    async def diagnose(self) -> Diagnosis:
        done: Diagnosis = self._next()
        return done


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[TerminalJournal]:
    with closing(TerminalJournal.open(tmp_path / "terminal.db", lambda: NOW)) as opened:
        yield opened


@pytest.fixture(params=[False, True], ids=["for a person", "for a program"])
def voice(request: pytest.FixtureRequest) -> Voice:
    return Voice(as_json=request.param)


def paid(journal: TerminalJournal, result: Result | None) -> None:
    journal.open_attempt(Entry("A1", OWN, THREE, None, NOW))
    if result is not None:
        journal.settle("A1", result, asked=False)


class Heard:
    """What was said: its last line, or all of it."""

    def __init__(self, out: str, voice: Voice) -> None:
        self.text = out
        self.line: dict[str, Any] = json.loads(out.splitlines()[-1]) if voice.as_json and out else {}

    def says(self, **wanted: object) -> bool:
        return all(self.line[name] == value for name, value in wanted.items()) if self.line else True


def test_the_last_payment(voice: Voice, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(tell_last(FakeServiced(LAST), voice))
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="approved", amount_cents=300, receipt=7, trace=9, slip=["Total 3.00"], attempt=None)
    assert (
        heard.line or heard.text == "Its last one: Approved. \N{EURO SIGN}3.00, receipt 7, trace 9, VISA 1033.\n  | Total 3.00\n"
    )


def test_a_last_one_that_took_a_payment_back_does_not_read_like_a_sale(voice: Voice, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(tell_last(FakeServiced(replace(LAST, reason=TOOK_BACK, slip=())), voice))
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="approved", receipt=7, reason="last-receipt-reversal")
    said = "The last thing it did was to take a payment back: \N{EURO SIGN}3.00, receipt 7, trace 9, VISA 1033.\n"
    assert heard.line or heard.text == said


def test_no_last_payment(voice: Voice, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(tell_last(FakeServiced(None), voice))
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="not_started", reason="no-last-receipt")
    assert heard.line or "no last payment" in heard.text


def test_a_payment_of_the_journal_is_taken_back_whole(
    journal: TerminalJournal, voice: Voice, capsys: pytest.CaptureFixture[str]
) -> None:
    paid(journal, LAST)
    driver = FakeServiced(Reversed(ReversalEnd.REVERSED, THREE, 8, 10, slip=("Reversal",)))
    asyncio.run(take_back(driver, 7, None, OWN, None, journal, voice))
    assert driver.reversals == [Reversal(7, THREE)]
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="approved", reversal="reversed", attempt="A1", amount_cents=300, receipt=8, slip=["Reversal"])
    assert heard.line or "Taken back: \N{EURO SIGN}3.00, receipt 7." in heard.text


def test_the_terminals_last_one_is_known_to_it(journal: TerminalJournal, voice: Voice) -> None:
    driver = FakeServiced(LAST, Reversed(ReversalEnd.REVERSED))
    asyncio.run(take_back(driver, 7, None, OWN, None, journal, voice))
    assert driver.reversals == [Reversal(7, THREE)]


def test_an_amount_that_is_given_counts(journal: TerminalJournal, voice: Voice) -> None:
    driver = FakeServiced(Reversed(ReversalEnd.REVERSED))
    asyncio.run(take_back(driver, 5, Money(500, "EUR"), OWN, None, journal, voice))
    assert driver.reversals == [Reversal(5, Money(500, "EUR"))]


BEFORE, AFTER = NOW - dt.timedelta(days=400), NOW + dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("receipt", "patients", "answers", "named"),
    [
        (7, {7: AFTER}, (), 7),
        (5, {5: BEFORE}, (), 5),
    ],
    ids=["after our own with that number", "without one of our own"],
)
def test_a_patients_payment_is_not_taken_back(
    journal: TerminalJournal,
    voice: Voice,
    receipt: int,
    patients: dict[int, dt.datetime],
    answers: tuple[Result, ...],
    named: int,
) -> None:
    paid(journal, LAST)
    driver = FakeServiced(*answers)
    with pytest.raises(JournalRefused, match=rf"Receipt {named} is a patient's"):
        asyncio.run(take_back(driver, receipt, THREE, OWN, patients, journal, voice))
    assert driver.reversals == []


@pytest.mark.parametrize("last", [None, replace(LAST, receipt=None), replace(LAST, receipt=8)])
@pytest.mark.parametrize("patients", [{}, {8: AFTER}])
def test_at_a_kiosk_a_terminal_that_takes_back_its_last_is_asked_for_that_only(
    journal: TerminalJournal, voice: Voice, last: Result | None, patients: dict[int, dt.datetime]
) -> None:
    """The last one may be a patient's, whatever became of it."""
    paid(journal, LAST)
    driver = FakeServiced(last)
    with pytest.raises(JournalRefused, match="its last payment only"):
        asyncio.run(take_back(driver, 7, THREE, OWN, patients, journal, voice))
    assert driver.reversals == []


def test_a_technicians_own_payment_is_taken_back_at_a_kiosk_too(journal: TerminalJournal, voice: Voice) -> None:
    paid(journal, LAST)
    driver = FakeServiced(LAST, Reversed(ReversalEnd.REVERSED))
    asyncio.run(take_back(driver, 7, None, OWN, {7: BEFORE, 5: AFTER}, journal, voice))
    assert driver.reversals == [Reversal(7, THREE)]


@pytest.mark.parametrize(
    "last", [None, LAST, Result(Outcome.DECLINED, Money(0, "EUR"), receipt=8), replace(LAST, receipt=8, reason=TOOK_BACK)]
)
def test_nothing_is_taken_back_whose_amount_nobody_knows(
    journal: TerminalJournal, voice: Voice, capsys: pytest.CaptureFixture[str], last: Result | None
) -> None:
    driver = FakeServiced(last)
    with pytest.raises(Known, match="--amount"):
        asyncio.run(take_back(driver, 8, None, OWN, None, journal, voice))
    assert driver.reversals == []
    assert Heard(capsys.readouterr().out, voice).says(outcome="not_started", reason="amount-unknown")


@pytest.mark.parametrize(
    ("done", "outcome", "words"),
    [
        (Reversed(ReversalEnd.REFUSED, reason="zvt-b4"), "declined", "taken back already"),
        (Reversed(ReversalEnd.REFUSED), "declined", "the terminal refused"),
        (
            Reversed(ReversalEnd.OTHER, Money(900, "EUR"), 6, reason="zvt-other-reversal"),
            "unknown",
            "\N{EURO SIGN}9.00, receipt 6",
        ),
        (Reversed(ReversalEnd.OTHER), "unknown", "another amount"),
        (Reversed(ReversalEnd.UNKNOWN, reason="no-answer"), "unknown", "is not known"),
    ],
)
def test_a_reversal_that_was_none(
    journal: TerminalJournal, voice: Voice, capsys: pytest.CaptureFixture[str], done: Reversed, outcome: str, words: str
) -> None:
    with pytest.raises(Known, match=r"[rR]eceipt 7") as refusal:
        asyncio.run(take_back(FakeServiced(done), 7, THREE, OWN, None, journal, voice))
    assert words in str(refusal.value)
    assert Heard(capsys.readouterr().out, voice).says(outcome=outcome, reversal=done.end.value)


@pytest.mark.parametrize(
    ("totals", "kept", "words"),
    [
        (
            DayTotals(2, Money(900, "EUR"), slip=("Day closed",)),
            None,
            "The day is closed. 2 payments \N{EURO SIGN}9.00.\n  | Day closed\n",
        ),
        (DayTotals(1, Money(900, "EUR")), (1, Money(900, "EUR")), "The day is closed. 1 payment \N{EURO SIGN}9.00.\n"),
        (DayTotals(None, None), None, "The day is closed.\n"),
        (
            DayTotals(2, Money(900, "EUR")),
            (1, Money(600, "EUR")),
            "The day is closed. 2 payments \N{EURO SIGN}9.00.\n"
            "That is not what the kiosk has: 1 payment \N{EURO SIGN}6.00 with those receipt numbers. "
            "The rest are test payments, or for the billing office to look at.\n",
        ),
    ],
)
def test_the_end_of_the_day(
    voice: Voice,
    capsys: pytest.CaptureFixture[str],
    totals: DayTotals,
    kept: tuple[int, Money] | None,
    words: str,
) -> None:
    asyncio.run(close_day(FakeServiced(totals), lambda closed: kept if closed == totals else None, voice))
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="approved", count=totals.count, amount_cents=totals.amount.minor if totals.amount else None)
    assert heard.line or heard.text == words


def test_a_diagnosis(voice: Voice, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(tell_diagnosis(FakeServiced(Diagnosis("2.14", "", "52523535", ("line good",))), voice))
    heard = Heard(capsys.readouterr().out, voice)
    assert heard.says(outcome="not_started", software="2.14", serial="", terminal_id="52523535", slip=["line good"])
    assert heard.line or heard.text == "The diagnosis ended well: software 2.14, terminal id 52523535.\n  | line good\n"


def test_a_terminal_that_says_nothing_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(tell_diagnosis(FakeServiced(Diagnosis("", "", "")), Voice(as_json=False)))
    assert "says nothing of itself" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("failure", "outcome", "words"),
    [
        (NotStarted("terminal-busy", "sale-running"), "not_started", "Nothing was done. The terminal is busy"),
        (DeviceError("terminal-away", "silence"), "unknown", "It was begun and did not end well."),
    ],
)
def test_what_was_not_begun_and_what_did_not_end(
    voice: Voice, capsys: pytest.CaptureFixture[str], failure: Exception, outcome: str, words: str
) -> None:
    with pytest.raises(Known, match=words):
        asyncio.run(close_day(FakeServiced(failure), no_kiosk, voice))
    assert Heard(capsys.readouterr().out, voice).says(outcome=outcome)


async def test_a_workbench_has_no_hub() -> None:
    for question in (
        NoHub().authorize("A1", THREE, CardData(bytes(10), b"x")),
        NoHub().inquire("A1"),
        NoHub().void("A1"),
    ):
        with pytest.raises(NotReached, match="no-hub"):
            await question


# at the simulated terminals


async def test_a_days_work_at_a_terminal(tmp_path: Path) -> None:
    async with simulator(tmp_path, "--books", str(sold_before(tmp_path))) as terminal:
        technician = Technician(tmp_path, str(tmp_path / "tty"), before=["--json"])
        assert (await technician.types("pay", "3.00", "--attempt", "A1")).last["receipt"] == 2
        last = await technician.types("last")
        assert (last.code, last.last["outcome"], last.last["receipt"], last.last["amount_cents"]) == (0, "approved", 2, 300)
        back = await technician.types("reverse", "2")
        assert (back.code, back.last["outcome"], back.last["attempt"]) == (0, "approved", "A1")
        last = await technician.types("last")
        assert (last.last["receipt"], last.last["reason"]) == (3, "last-receipt-reversal")
        assert (await terminal.totals())["count"] == 0
        again = await technician.types("reverse", "2")
        assert "was not taken back" in again.sentence
        assert again.last["outcome"] == "declined"
        day = await technician.types("end-of-day")
        assert (day.code, day.last["outcome"]) == (0, "approved")
        well = await technician.types("diagnose")
        assert (well.code, well.last["serial"], well.last["terminal_id"]) == (0, "SIM0000042", "52523535")


async def test_a_reversal_that_hit_another_amount(tmp_path: Path) -> None:
    async with simulator(tmp_path, "--books", str(sold_before(tmp_path))) as terminal:
        technician = Technician(tmp_path, str(tmp_path / "tty"), before=["--json"])
        await technician.types("pay", "3.00")
        await terminal.tell(behave="other-reversal")
        said = await technician.types("reverse", "2")
        assert "took back something else than receipt 2" in said.sentence
        assert (said.last["outcome"], said.last["reversal"]) == ("unknown", "other")


async def test_a_reader_whose_hub_is_not_there(tmp_path: Path) -> None:
    technician = Technician(tmp_path, "", before=["--uri", "sim:neo2", "--json"])
    assert (await technician.types("status")).last["protocol"] == "neo2"
    said = await technician.types("pay", "1.00")
    assert (said.last["outcome"], said.last["reason"], said.last["currency"]) == ("not_started", "hub-authorises", "USD")
    assert "at the kiosk's screen" in said.sentence


async def test_a_terminal_of_ones_own(tmp_path: Path) -> None:
    technician = Technician(tmp_path, "", before=["--uri", f"sim:?books={tmp_path}/books.json", "--json"])
    said = await technician.types("pay", "1.00")
    assert (said.code, said.last["outcome"], said.last["currency"]) == (0, "approved", "EUR")

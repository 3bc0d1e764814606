"""What each last word of a terminal means, and what each silence: dialogues in memory, in virtual time."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from devices.terminals.port import CANNOT_TELL, Step
from devices.terminals.zvt.apdu import Apdu, encode_apdu
from devices.terminals.zvt.bmp import Fields, fields
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, refused
from devices.tlv import Tlv
from domain.money import Money
from domain.payment import IN_DOUBT, Card, Mark, Outcome, Result
from tests.devices.terminals.dialogue import OLD, SALE, after, paid, ready
from tests.devices.terminals.simulated import Journal, sale
from tests.devices.terminals.virtual import (
    COMPLETION,
    FakeLink,
    Peer,
    Script,
    abort,
    approval,
    driver,
    failure,
    selling,
    serving,
    shows,
    took_back,
    until_sale,
)
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run


@pytest.mark.parametrize(
    ("says", "outcome", "reason"),
    [
        ((approval(), COMPLETION), Outcome.APPROVED, ""),
        ((approval(None), COMPLETION), Outcome.APPROVED, ""),
        ((approval(currency=b"\x09\x78"), COMPLETION), Outcome.APPROVED, ""),
        ((failure(0x05), approval(), COMPLETION), Outcome.APPROVED, ""),
        ((failure(0x05), abort(0x6C)), Outcome.DECLINED, "zvt-05"),
        ((failure(0x05), COMPLETION), Outcome.DECLINED, "zvt-05"),
        ((failure(0x6C), abort(0x6C)), Outcome.CANCELLED, "zvt-6c"),
        ((abort(0x6C),), Outcome.CANCELLED, "zvt-6c"),
        ((abort(0xA0),), Outcome.DECLINED, "zvt-a0"),
    ],
)
def test_last_words(says: tuple[Packet, ...], outcome: Outcome, reason: str) -> None:
    result, link, _ = paid(selling(*says))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.amount == Money(1234 if outcome is Outcome.APPROVED else 0, "EUR")
    assert link.heard[-1] == ACCEPTED


@pytest.mark.parametrize(
    ("says", "outcome", "reason"),
    [
        ((approval(1235), abort(0x6C)), Outcome.CANCELLED, "zvt-other-amount"),
        ((approval(1235), failure(0x6C), abort(0x6C)), Outcome.CANCELLED, "zvt-other-amount"),
        ((approval(1235), COMPLETION), Outcome.UNKNOWN, "zvt-other-amount"),
        ((approval(currency=b"\x08\x40"), abort(0x6C)), Outcome.CANCELLED, "zvt-other-amount"),
        ((approval(), approval(receipt=9), COMPLETION), Outcome.UNKNOWN, IN_DOUBT),
        ((approval(), failure(0x6C), COMPLETION), Outcome.UNKNOWN, IN_DOUBT),
        ((approval(), failure(0x05), abort(0x05)), Outcome.UNKNOWN, IN_DOUBT),
        ((approval(), abort(0x6C)), Outcome.UNKNOWN, IN_DOUBT),
    ],
)
def test_last_words_that_somebody_must_look_at(
    log_watch: LogWatch, says: tuple[Packet, ...], outcome: Outcome, reason: str
) -> None:
    log_watch.expect("terminal.unconfirmed")
    result, link, _ = paid(selling(*says))
    assert (result.outcome, result.reason) == (outcome, reason)
    handed_back = says[0] != approval() or approval(receipt=9) in says
    assert link.sent(Kind.REFUSED) == handed_back


def test_the_same_approval_twice_is_one_payment() -> None:
    result, link, _ = paid(selling(approval(), approval(), COMPLETION))
    assert (result.outcome, result.receipt) == (Outcome.APPROVED, 8)
    assert link.sent(Kind.REFUSED) == 0


def test_an_approval_that_could_not_be_read_to_its_end_is_not_believed(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        peer.say_bytes(bytes.fromhex("040f052700990401"))
        assert (await peer.hear()).code == 0x66
        await peer.ask(abort(0x6C))

    result, _, _ = paid(script)
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "zvt-other-amount")


NO_RESULT = ("8d012700", "8d01270004000000001234", "04000000001234870008", "")
"""An unknown bitmap before the result code, and no result code: whatever else they say, they do not say how it ended."""


@pytest.mark.parametrize("bitmaps", NO_RESULT)
@pytest.mark.parametrize(
    ("then", "outcome"),
    [
        ((abort(0x6C),), Outcome.CANCELLED),
        ((failure(0x05), abort(0x05)), Outcome.CANCELLED),
        ((COMPLETION,), Outcome.UNKNOWN),
        ((failure(0x05), COMPLETION), Outcome.UNKNOWN),
    ],
)
def test_a_status_without_a_result_code_is_handed_back_and_no_word_on_the_outcome(
    log_watch: LogWatch, bitmaps: str, then: tuple[Packet, ...], outcome: Outcome
) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        peer.say_bytes(encode_apdu(Apdu(0x040F, bytes.fromhex(bitmaps))))
        assert (await peer.hear()).code == 0x66
        for packet in then:
            await peer.ask(packet)

    result, _, _ = paid(script)
    assert (result.outcome, result.reason) == (outcome, "zvt-no-result")


@pytest.mark.parametrize("cut", [True, False])
def test_a_status_without_a_result_code_and_then_silence_is_unknown(log_watch: LogWatch, cut: bool) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    says = (Packet(Kind.STATUS_INFORMATION),)
    result, link, _ = paid(after(says=says, ends=Peer.cut if cut else lambda peer: None), serving(last=approval()))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "zvt-no-result")
    assert link.sent(Kind.REPEAT_RECEIPT) == 0


def test_a_last_receipt_without_a_result_code_is_unknown(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    result, _, _ = paid(deaf, serving(last=Packet(Kind.STATUS_INFORMATION, fields=Fields(approval().fields.values[1:]))))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "zvt-no-result")


def test_a_status_without_a_result_code_after_the_committed_approval_is_handed_back(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    result, link, _ = paid(selling(approval(), Packet(Kind.STATUS_INFORMATION), COMPLETION))
    assert (result.reason, link.sent(Kind.REFUSED)) == (IN_DOUBT, 1)


@pytest.mark.parametrize("ends", [abort(0x6C), COMPLETION])
@pytest.mark.parametrize("first", [approval(1235), Packet(Kind.STATUS_INFORMATION), approval()])
def test_what_was_handed_back_is_handed_back_again(log_watch: LogWatch, first: Packet, ends: Packet) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=1 if first == approval() else 0)
    result, link, _ = paid(selling(first, approval(), approval(), ends), journal=journal)
    assert result.outcome is (Outcome.CANCELLED if ends.kind is Kind.ABORT else Outcome.UNKNOWN)
    assert [packet.code for packet in link.heard if packet.kind is Kind.REFUSED] == [0x66] * 3
    assert journal.approved == []


def test_what_an_approval_carries() -> None:
    journal = Journal()
    lines = tuple(Packet(Kind.PRINT_LINE, (b"\0",), text=text) for text in ("Total 12.34", "4111111111111111"))
    offline = selling(shows(0x0A), shows(0x0A), shows(0x15), lines[0], approval(online=b"\0"), lines[1], COMPLETION)
    result, _, _ = paid(offline, journal=journal)
    assert result.approved_offline
    assert (result.receipt, result.trace, result.card) == (8, 80, Card("", ""))
    assert journal.results[0].slip == ("Total 12.34",)
    assert result.slip == ("Total 12.34", "************1111")
    assert journal.steps == [Step.INSERT_CARD, Step.ENTER_PIN]
    assert not paid(selling(approval(online=b"\1"), COMPLETION))[0].approved_offline


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        (Packet(Kind.OTHER, control=0x0477), [0x83]),
        (Packet(Kind.INPUT_REQUEST), [0x83]),
        (Packet(Kind.MENU_REQUEST), [0x83]),
        (Packet(Kind.TILL_CLOCK, fields=fields((0xAA, b"\x26\x11\x22"), (0x0C, b"\x12\x30\x00"))), []),
    ],
)
def test_requests_that_we_cannot_serve_are_refused_and_the_sale_goes_on(asks: Packet, answers: list[int]) -> None:
    result, link, _ = paid(selling(asks, approval(), COMPLETION))
    assert result.outcome is Outcome.APPROVED
    assert [packet.code for packet in link.heard if packet.kind is Kind.REFUSED] == answers


def test_a_makers_own_error_number_is_part_of_the_reason() -> None:
    blocked = (Tlv(0x1F16, b"\x17\x3a"), Tlv(0x1F17, b"Terminal ist blockiert"))
    said = Packet(Kind.STATUS_INFORMATION, fields=fields((0x27, b"\x05"), tlv=blocked))
    result, _, _ = paid(selling(said, abort(0x05)))
    assert (result.outcome, result.reason) == (Outcome.DECLINED, "zvt-05-173a")
    result, _, _ = paid(selling(Packet(Kind.ABORT, (b"\x64",), fields(tlv=blocked))))
    assert (result.outcome, result.reason) == (Outcome.DECLINED, "zvt-64-173a")


def test_a_terminal_that_names_its_own_time_is_given_it() -> None:
    """Three minutes is what T4 allows; the terminal has asked for five."""

    async def slow(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(Packet(Kind.INTERMEDIATE_STATUS, (b"\x17", b"\x05")))
        await passes(250)
        await peer.ask(approval())
        await peer.ask(COMPLETION)

    result, _, took = paid(slow)
    assert (result.outcome, took) == (Outcome.APPROVED, 250)


def test_its_time_is_for_its_next_word_only(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    asked = Packet(Kind.INTERMEDIATE_STATUS, (b"\x0a", b"\x09"))
    result, _, took = paid(after(says=(asked, shows(0x04))), serving(last=approval()))
    assert (result.outcome, took) == (Outcome.APPROVED, 180)


# Silence


async def deaf(peer: Peer) -> None:
    await until_sale(peer, last=OLD)
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("first", "last", "outcome", "reason", "seconds"),
    [
        (after(), approval(), Outcome.APPROVED, "", 180),
        (after(says=(shows(0x0A),)), approval(), Outcome.APPROVED, "", 180),
        (after(ends=Peer.cut), approval(), Outcome.APPROVED, "", 0),
        (after(ends=lambda peer: peer.say_bytes(b"\x04\x0f\x05\x27")), approval(), Outcome.APPROVED, "", 0),
        (deaf, approval(), Outcome.APPROVED, "", 5),
        (deaf, failure(0x05), Outcome.UNKNOWN, "last-receipt-older", 5),
        (deaf, OLD, Outcome.UNKNOWN, "last-receipt-older", 5),
        (deaf, None, Outcome.UNKNOWN, "no-last-receipt", 5),
        (deaf, approval(1235), Outcome.UNKNOWN, "last-receipt-differs", 5),
        (deaf, approval(None), Outcome.UNKNOWN, "last-receipt-differs", 5),
        (deaf, approval(receipt=None), Outcome.UNKNOWN, "last-receipt-older", 5),
        (deaf, approval(receipt=6), Outcome.UNKNOWN, "last-receipt-older", 5),
        (after(), took_back(1234, 9, 81, original=80), Outcome.UNKNOWN, "last-receipt-reversal", 180),
        (after(), took_back(1234, 8, 80, original=80), Outcome.APPROVED, "", 180),
        (after(), took_back(1234, 8, 80, original=0), Outcome.APPROVED, "", 180),
    ],
)
def test_after_silence_the_last_receipt_is_asked_for(
    log_watch: LogWatch, first: Script, last: Packet | None, outcome: Outcome, reason: str, seconds: int
) -> None:
    log_watch.expect("terminal.frame")
    journal = Journal()
    result, link, took = paid(first, serving(last=last), journal=journal)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert reason in {"", *CANNOT_TELL}
    assert journal.steps[-1] is Step.CHECKING
    assert seconds <= took < seconds + 1
    assert link.sent(Kind.REPEAT_RECEIPT) == 1, "after it, and never before: that is newest()'s"


def test_a_completion_without_a_word_on_the_outcome_is_asked_about(log_watch: LogWatch) -> None:

    async def script(peer: Peer) -> None:
        await until_sale(peer, last=OLD)
        peer.say(ACCEPTED)
        await peer.ask(COMPLETION)
        await until_sale(peer, last=approval())

    result, _, _ = paid(script)
    assert result.outcome is Outcome.APPROVED
    assert log_watch.complaints() == []


def test_a_declined_sale_can_be_recovered_too(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    declined = Packet(Kind.STATUS_INFORMATION, fields=approval().fields)
    values = tuple((tag, b"\x05" if tag == 0x27 else value) for tag, value in declined.fields.values)
    result, _, _ = paid(deaf, serving(last=Packet(Kind.STATUS_INFORMATION, fields=type(declined.fields)(values))))
    assert (result.outcome, result.reason, result.amount.minor) == (Outcome.DECLINED, "zvt-05", 0)


@pytest.mark.parametrize(
    ("newest", "last", "reason"),
    [
        (Mark(9998, 0), approval(receipt=1), ""),
        (Mark(7, 999_999), approval(trace=1), ""),
        (Mark(7, 80), approval(), "last-receipt-older"),
        (Mark(7, 81), approval(), "last-receipt-older"),
        (Mark(7, 0), approval(), ""),
        (Mark(7, 70), approval(trace=0), ""),
        (Mark(7, 70), approval(trace=None), ""),
        (Mark(8, 70), approval(), "last-receipt-older"),
        (Mark(0, 0), approval(receipt=1, trace=1), ""),
        (None, approval(), "no-baseline"),
    ],
)
def test_only_newer_numbers_than_before_the_sale_are_its_own(
    log_watch: LogWatch, newest: Mark | None, last: Packet, reason: str
) -> None:
    log_watch.expect("terminal.frame")
    result, _, _ = paid(deaf, serving(last=last), what=sale(1234, newest))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN if reason else Outcome.APPROVED, reason)


@pytest.mark.parametrize(
    ("opened", "day", "of_it"),
    [
        ("2026-06-15T12:00:00+00:00", "0615", True),
        ("2026-06-15T12:00:00+00:00", "0617", True),
        ("2026-06-15T12:00:00+00:00", "0613", True),
        ("2026-06-15T12:00:00+00:00", "0612", False),
        ("2026-06-15T12:00:00+00:00", "0618", False),
        ("2026-06-15T23:30:00-12:00", "0614", True),
        ("2026-06-15T23:30:00-12:00", "0613", False),
        ("2027-01-01T00:10:00+00:00", "1231", True),
        ("2026-12-31T23:50:00+00:00", "0101", True),
        ("2028-03-01T00:10:00+00:00", "0229", True),
        ("2027-03-01T00:10:00+00:00", "0229", False),
        ("2026-06-15T12:00:00+00:00", "0230", False),
        ("2026-06-15T12:00:00+00:00", "9999", False),
        ("2026-06-15T12:00:00+00:00", "0000", True),
        ("2026-06-15T12:00:00+00:00", "", True),
    ],
)
def test_a_receipt_of_another_day_is_another_sales(log_watch: LogWatch, opened: str, day: str, of_it: bool) -> None:
    log_watch.expect("terminal.frame")
    what = replace(SALE, opened_at=dt.datetime.fromisoformat(opened))
    result, _, _ = paid(deaf, serving(last=approval(date=bytes.fromhex(day))), what=what)
    expected = (Outcome.APPROVED, "") if of_it else (Outcome.UNKNOWN, "last-receipt-other-day")
    assert (result.outcome, result.reason) == expected


def test_recovery_ends_and_says_why(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")

    async def silent(peer: Peer) -> None:
        await asyncio.Event().wait()

    async def refuses(peer: Peer) -> None:
        while True:
            if (await peer.hear()).kind is not Kind.ACCEPTED:
                peer.say(refused(0x9C))

    async def other(peer: Peer) -> None:
        await peer.hear()
        peer.say(ACCEPTED)
        await peer.ask(COMPLETION)

    for script, reason in (
        (silent, "no-answer"), (refuses, "terminal-busy"), (serving(status=0x9C), "terminal-busy"),
    ):  # fmt: skip
        result, _, took = paid(deaf, script)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reason)
        assert 95 <= took < 96

    async def main() -> Result:
        terminal = driver(FakeLink(deaf, other), terminal_id="52523535")
        await ready(terminal)
        journal = Journal()
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        await terminal.close()
        return result

    assert run(main).reason == "terminal-other"


def test_a_terminal_that_never_stops_talking_is_left_after_the_overall_time(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")

    async def chatters(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        while True:
            await peer.ask(shows(0x04))
            await passes(100)

    result, _, took = paid(chatters, serving(last=approval()))
    assert result.outcome is Outcome.APPROVED
    assert 400 <= took < 401


@pytest.mark.parametrize(
    ("says", "outcome", "reason", "seconds"),
    [
        ((approval(),), Outcome.APPROVED, "", 30),
        ((approval(1235),), Outcome.UNKNOWN, "zvt-other-amount", 30),
    ],
)
@pytest.mark.parametrize("cut", [True, False])
def test_silence_after_our_answer_changes_nothing_that_was_committed(
    log_watch: LogWatch, says: tuple[Packet, ...], outcome: Outcome, reason: str, seconds: int, cut: bool
) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    script = after(says=says, ends=Peer.cut if cut else lambda peer: None)
    result, link, took = paid(script, serving(last=approval()))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert took == (0 if cut else seconds)
    assert link.sent(Kind.REPEAT_RECEIPT) == (1 if outcome is Outcome.APPROVED else 0)


def test_a_line_lost_on_the_very_last_word_is_no_loss() -> None:
    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        peer.say(COMPLETION)
        peer.cut()
        await asyncio.Event().wait()

    assert paid(script)[0].outcome is Outcome.APPROVED

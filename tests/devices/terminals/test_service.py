"""What is asked of a terminal between sales, and what it is given when it needs something: in memory, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from devices.health import Condition, DeviceError
from devices.terminals.port import (
    DayTotals,
    Diagnosis,
    NotStarted,
    Reversal,
    ReversalEnd,
    Reversed,
    Reverses,
    Step,
)
from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.connection import MOST_RESERVATIONS
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, encode, refused
from devices.tlv import Tlv
from domain.money import Money
from domain.payment import Outcome
from tests.devices.terminals.dialogue import CLOSED, GOOD, LINE, OLD, SALE, asked, commands, nowhere
from tests.devices.terminals.simulated import Journal, becomes
from tests.devices.terminals.vectors import APDUS, octets
from tests.devices.terminals.virtual import (
    COMPLETION,
    Answers,
    FakeLink,
    Peer,
    abort,
    answer,
    approval,
    driver,
    failure,
    served,
    shows,
    took_back,
)
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run

# The last receipt


def test_the_last_receipt_is_told_whosever_sale_it_was() -> None:
    last = asked(FakeLink(served({}, last=OLD)), lambda terminal: terminal.last())
    assert last is not None
    assert (last.outcome, last.amount, last.receipt) == (Outcome.APPROVED, Money(500, "EUR"), 7)
    printed: Answers = {Kind.REPEAT_RECEIPT: (ACCEPTED, LINE, failure(0x05), COMPLETION)}
    last = asked(FakeLink(served(printed)), lambda terminal: terminal.last())
    assert last is not None
    assert (last.outcome, last.slip) == (Outcome.DECLINED, ("Day closed",))
    assert asked(FakeLink(served({})), lambda terminal: terminal.last()) is None
    cannot: Answers = {Kind.REPEAT_RECEIPT: (refused(0x83),)}
    assert asked(FakeLink(served(cannot)), lambda terminal: terminal.last()) is None


def test_a_last_receipt_that_takes_a_sale_back_says_so() -> None:
    last = asked(FakeLink(served({}, last=took_back(500, 8, 71, original=70))), lambda terminal: terminal.last())
    assert last is not None
    assert (last.outcome, last.receipt, last.reason) == (Outcome.APPROVED, 8, "last-receipt-reversal")


def test_a_busy_terminal_cannot_be_asked_for_its_last_receipt() -> None:
    busy: Answers = {Kind.REPEAT_RECEIPT: (refused(0x9C),)}
    with pytest.raises(NotStarted, match="terminal-busy"):
        asked(FakeLink(served(busy)), lambda terminal: terminal.last())


# Taking a sale back

REVERSAL = Reversal(7, Money(500, "EUR"))


@pytest.mark.parametrize(
    ("said", "end", "reason"),
    [
        (took_back(), ReversalEnd.REVERSED, ""),
        (took_back(receipt=None), ReversalEnd.REVERSED, ""),
        (took_back(minor=None), ReversalEnd.REVERSED, ""),
        (took_back(receipt=8), ReversalEnd.REVERSED, ""),
        (took_back(receipt=8, original=70), ReversalEnd.REVERSED, ""),
        (took_back(minor=None, receipt=8), ReversalEnd.UNKNOWN, ""),
        (took_back(minor=None, receipt=None), ReversalEnd.UNKNOWN, ""),
        (took_back(minor=501), ReversalEnd.OTHER, "zvt-other-reversal"),
        (took_back(receipt=6), ReversalEnd.OTHER, "zvt-other-reversal"),
        (took_back(receipt=8, original=69), ReversalEnd.OTHER, "zvt-other-reversal"),
        (failure(0xB4), ReversalEnd.REFUSED, "zvt-b4"),
        (Packet(Kind.STATUS_INFORMATION), ReversalEnd.UNKNOWN, "zvt-no-result"),
    ],
)
def test_what_was_taken_back_is_compared_with_what_was_asked(said: Packet, end: ReversalEnd, reason: str) -> None:
    link = FakeLink(served({Kind.REVERSAL: (ACCEPTED, shows(0x05), said, LINE, COMPLETION)}, last=OLD))
    steps: list[Step] = []
    done = asked(link, lambda terminal: terminal.reverse(REVERSAL, steps.append))
    assert (done.end, done.reason, done.slip) == (end, reason, ("Day closed",))
    assert steps == [Step.WAIT]
    sent = next(packet for packet in link.heard if packet.kind is Kind.REVERSAL)
    assert encode(sent) == octets("06 30 06 123456 87 0007")


def test_a_terminal_that_takes_back_its_last_sale_whatever_it_is_asked_is_found_out() -> None:
    """Portalum.Zvt#24: two sales of the same amount, and the other one is gone."""
    says: Answers = {Kind.REVERSAL: (ACCEPTED, took_back(receipt=8, original=70), COMPLETION)}
    older = Reversal(6, Money(500, "EUR"))
    done = asked(FakeLink(served(says, last=OLD)), lambda terminal: terminal.reverse(older, nowhere))
    assert (done.end, done.receipt) == (ReversalEnd.OTHER, 8)
    says = {Kind.REVERSAL: (ACCEPTED, took_back(receipt=8), COMPLETION)}  # it does not say which of the two
    assert asked(FakeLink(served(says, last=OLD)), lambda terminal: terminal.reverse(older, nowhere)).end is ReversalEnd.UNKNOWN
    says = {Kind.REVERSAL: (ACCEPTED, took_back(receipt=8, original=60), COMPLETION)}
    assert asked(FakeLink(served(says, last=OLD)), lambda terminal: terminal.reverse(older, nowhere)).end is ReversalEnd.REVERSED


@pytest.mark.parametrize(
    ("says", "end", "reason"),
    [
        ((ACCEPTED, abort(0xB5)), ReversalEnd.REFUSED, "zvt-b5"),
        ((ACCEPTED, COMPLETION), ReversalEnd.UNKNOWN, "zvt-no-result"),
        ((ACCEPTED, took_back(), abort(0x6C)), ReversalEnd.UNKNOWN, "zvt-6c"),
    ],
)
def test_last_words_on_a_reversal(says: tuple[Packet, ...], end: ReversalEnd, reason: str) -> None:
    done = asked(FakeLink(served({Kind.REVERSAL: says}, last=OLD)), lambda terminal: terminal.reverse(REVERSAL, nowhere))
    assert (done.end, done.reason) == (end, reason)


def test_a_refused_reversal_has_not_begun() -> None:
    with pytest.raises(NotStarted, match="terminal-refused zvt-83"):
        asked(FakeLink(served({})), lambda terminal: terminal.reverse(REVERSAL, nowhere))


async def _deaf_to_reversals(peer: Peer) -> None:
    packet = await peer.hear()
    while packet.kind is not Kind.REVERSAL:
        await answer(peer, packet, last=OLD)
        packet = await peer.hear()
    peer.say(ACCEPTED)
    peer.cut()


@pytest.mark.parametrize(
    ("asking", "last", "end"),
    [
        (7, took_back(receipt=8, trace=71, original=70), ReversalEnd.REVERSED),
        (7, took_back(500, 7, 71, original=70), ReversalEnd.REVERSED),
        (7, took_back(400, 8, 71, original=70), ReversalEnd.OTHER),
        (7, OLD, ReversalEnd.UNKNOWN),
        (7, took_back(receipt=8), ReversalEnd.UNKNOWN),
        (7, took_back(receipt=8, original=69), ReversalEnd.UNKNOWN),
        (6, took_back(receipt=8, original=70), ReversalEnd.UNKNOWN),
        (7, None, ReversalEnd.UNKNOWN),
    ],
)
def test_a_reversal_that_falls_silent_is_asked_after_and_never_sent_again(
    asking: int, last: Packet | None, end: ReversalEnd, log_watch: LogWatch
) -> None:
    log_watch.expect("terminal.frame")
    link = FakeLink(_deaf_to_reversals, served({}, last=last))
    steps: list[Step] = []
    done = asked(link, lambda terminal: terminal.reverse(Reversal(asking, Money(500, "EUR")), steps.append))
    assert done.end is end
    assert link.sent(Kind.REVERSAL) == 1
    assert steps == [Step.WAIT, Step.CHECKING]


def test_a_terminal_that_does_not_come_back_leaves_a_reversal_unknown(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")

    async def gone(peer: Peer) -> None:
        peer.cut()

    done = asked(FakeLink(_deaf_to_reversals, gone), lambda terminal: terminal.reverse(REVERSAL, nowhere))
    assert done == Reversed(ReversalEnd.UNKNOWN, reason="no-answer")


# The end of the day

TOTALS = bytes.fromhex("0233 0234" + "00000000000000" * 2 + "02000000000958" + "00000000000000" * 3 + "01000000000100")


def totals(*values: tuple[int, bytes]) -> Packet:
    return Packet(Kind.STATUS_INFORMATION, fields=fields((0x27, b"\0"), *values))


@pytest.mark.parametrize(
    ("said", "count", "minor", "receipts"),
    [
        ((totals((0x04, bcd(1058, 6)), (0x60, TOTALS)),), 3, 1058, (233, 234)),
        ((totals((0x60, TOTALS)),), 3, 1058, (233, 234)),
        ((totals((0x60, b"\xff" + TOTALS[1:])),), 3, 1058, None),
        ((totals((0x04, bcd(1058, 6))),), None, 1058, None),
        ((totals((0x60, TOTALS[:-1])),), None, None, None),
        ((totals((0x60, TOTALS[:-1] + b"\xff")),), None, None, None),
        ((totals(),), None, None, None),
        ((), None, None, None),
    ],
)
def test_the_day_is_closed_with_its_totals(
    said: tuple[Packet, ...], count: int | None, minor: int | None, receipts: tuple[int, int] | None
) -> None:
    admin = Packet(Kind.PRINT_TEXT_BLOCK, fields=fields(tlv=(Tlv(0x1F07, b"\3"), Tlv(0x25, children=(Tlv(0x07, b"Total"),)))))
    says = CLOSED | {Kind.END_OF_DAY: (ACCEPTED, shows(0x05), *said, LINE, admin, COMPLETION)}
    link = FakeLink(served(says, last=OLD))
    steps: list[Step] = []
    closed = asked(link, lambda terminal: terminal.end_of_day(steps.append))
    assert closed == DayTotals(count, None if minor is None else Money(minor, "EUR"), receipts, slip=("Day closed", "Total"))
    assert commands(link) == [Kind.RESERVATION_BOOKING, Kind.TURNOVER, Kind.END_OF_DAY]
    assert steps == [Step.WAIT]


def test_what_a_closing_does_not_say_its_turnover_does() -> None:
    before = {Kind.TURNOVER: (ACCEPTED, totals((0x60, TOTALS)), LINE, COMPLETION)}

    async def closes(terminal: ZvtTerminal) -> list[DayTotals | None]:
        return [terminal.day_closed(), await terminal.end_of_day(nowhere), terminal.day_closed(), terminal.day_closed()]

    none, closed, told, again = asked(FakeLink(served(CLOSED | before)), closes)
    assert closed == told == DayTotals(3, Money(1058, "EUR"), (233, 234))
    assert (none, again) == (None, None)
    other = {Kind.END_OF_DAY: (ACCEPTED, totals((0x04, bcd(7, 6)), (0x60, TOTALS)), COMPLETION)}
    closed = asked(FakeLink(served(CLOSED | before | other)), lambda terminal: terminal.end_of_day(nowhere))
    assert closed.amount == Money(7, "EUR")


def test_a_turnover_that_nobody_answers_keeps_the_day_open_once() -> None:
    link = FakeLink(*[served(CLOSED | {Kind.TURNOVER: ()})] * 2)

    async def closes(terminal: ZvtTerminal) -> None:
        with pytest.raises(DeviceError, match="terminal-away silence"):
            await terminal.end_of_day(nowhere)
        assert terminal.day_closed() is None
        await becomes(terminal, Condition.READY)
        await terminal.end_of_day(nowhere)

    asked(link, closes)
    assert (link.sent(Kind.TURNOVER), link.sent(Kind.END_OF_DAY)) == (1, 1)


def test_open_reservations_are_taken_back_first() -> None:
    left = [231, 232]
    taken: list[int | None] = []

    async def script(peer: Peer) -> None:
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.RESERVATION_BOOKING:
                assert encode(packet) == octets("06 23 03 87 FFFF")
                number = bcd(left[0], 2) if left else b"\xff\xff"
                peer.say(ACCEPTED)
                await peer.ask(Packet(Kind.ABORT, (b"\xb8",), fields((0x87, number))))
            elif packet.kind is Kind.RESERVATION_REVERSAL:
                taken.append(packet.fields.number(0x87))
                if left == [231, 232]:
                    assert encode(packet) == octets(APDUS["pre-authorisation reversal (EVerest)"])
                left.pop(0)
                peer.say(ACCEPTED)
                await peer.ask(approval(0, 240))
                await peer.ask(COMPLETION)
            elif packet.kind is Kind.END_OF_DAY:
                assert not left
                peer.say(ACCEPTED)
                await peer.ask(COMPLETION)
            elif not await answer(peer, packet):
                peer.say(refused(0x83))

    asked(FakeLink(script), lambda terminal: terminal.end_of_day(nowhere))
    assert taken == [231, 232]


def test_reservations_that_do_not_go_away_are_not_asked_for_ever() -> None:
    stays = Packet(Kind.ABORT, (b"\xb8",), fields((0x87, b"\x02\x31")))
    says = CLOSED | {Kind.RESERVATION_BOOKING: (ACCEPTED, stays), Kind.RESERVATION_REVERSAL: (ACCEPTED, abort(0xB8))}
    link = FakeLink(served(says))
    asked(link, lambda terminal: terminal.end_of_day(nowhere))
    assert link.sent(Kind.RESERVATION_REVERSAL) == MOST_RESERVATIONS
    assert link.sent(Kind.END_OF_DAY) == 1


@pytest.mark.parametrize("says", [(refused(0x83),), (ACCEPTED, abort(0x83)), (ACCEPTED, abort(0xB8)), (ACCEPTED, COMPLETION)])
def test_a_terminal_that_knows_no_reservations_has_none(says: tuple[Packet, ...]) -> None:
    link = FakeLink(served(CLOSED | {Kind.RESERVATION_BOOKING: says}))
    asked(link, lambda terminal: terminal.end_of_day(nowhere))
    assert commands(link) == [Kind.RESERVATION_BOOKING, Kind.TURNOVER, Kind.END_OF_DAY]


def test_a_day_that_is_not_closed_is_told() -> None:
    async def closes(terminal: ZvtTerminal) -> None:
        with pytest.raises(NotStarted, match="terminal-refused zvt-83"):
            await terminal.end_of_day(nowhere)
        assert terminal.health().usable

    asked(FakeLink(served({})), closes)
    says = CLOSED | {Kind.END_OF_DAY: (ACCEPTED, abort(0x77))}
    with pytest.raises(DeviceError, match="terminal-refused zvt-77"):
        asked(FakeLink(served(says)), lambda terminal: terminal.end_of_day(nowhere))

    async def falls_silent(terminal: ZvtTerminal) -> None:
        with pytest.raises(DeviceError, match="terminal-away silence"):
            await terminal.end_of_day(nowhere)
        assert terminal.health().fault == "terminal-away"

    asked(FakeLink(served(CLOSED | {Kind.END_OF_DAY: ()})), falls_silent)


def test_a_day_that_was_closed_is_so_even_if_the_terminal_then_leaves() -> None:
    async def script(peer: Peer) -> None:
        closed = False
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.END_OF_DAY:
                closed = True
                peer.say(ACCEPTED)
                await peer.ask(COMPLETION)
            elif closed:
                peer.cut()
            elif not await answer(peer, packet):
                peer.say(refused(0x83))

    async def closes(terminal: ZvtTerminal) -> None:
        assert await terminal.end_of_day(nowhere) == DayTotals(None, None)
        assert terminal.health().condition is Condition.AWAY

    asked(FakeLink(script), closes)


def test_nobody_is_sold_anything_meanwhile() -> None:
    async def slowly(peer: Peer) -> None:
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.END_OF_DAY:
                peer.say(ACCEPTED)
                await passes(20)
                await peer.ask(COMPLETION)
            elif not await answer(peer, packet):
                peer.say(refused(0x83))

    async def closes(terminal: ZvtTerminal) -> None:
        closing = asyncio.ensure_future(terminal.end_of_day(nowhere))
        await passes(5)
        assert (terminal.health().condition, terminal.health().detail) == (Condition.BUSY, "end-of-day")
        journal = Journal()
        with pytest.raises(NotStarted, match="terminal-busy end-of-day"):
            await terminal.pay(SALE, journal.commit, journal.steps.append)
        with pytest.raises(NotStarted, match="terminal-busy end-of-day"):
            await terminal.newest()
        with pytest.raises(NotStarted, match="terminal-busy end-of-day"):
            await terminal.reverse(REVERSAL, nowhere)
        await closing
        assert terminal.health().usable

    asked(FakeLink(slowly), closes)


# Diagnosis


def status_answer(*device: Tlv, tid: str = "52523535") -> Packet:
    tlv = (Tlv(0x1F44, bytes.fromhex(tid)), Tlv(0xE4, children=device))
    return Packet(Kind.COMPLETION, fields=fields(tlv=tlv), version=b"GER-APP-v2.0.9", status=0)


FEIG = (
    Tlv(0x1F40, b"cVEND plug"),
    Tlv(0x1F41, b"GER-APP-v2.0.9;cS02"),
    Tlv(0x1F42, bytes.fromhex("18632442")),
    Tlv(0x1F43, b"\0"),
)


@pytest.mark.parametrize(
    ("info", "who"),
    [
        (status_answer(*FEIG), Diagnosis("GER-APP-v2.0.9;cS02", "18632442", "52523535", ("Day closed",))),
        (status_answer(Tlv(0x1F42, b"SIM42\0")), Diagnosis("GER-APP-v2.0.9", "SIM42", "52523535", ("Day closed",))),
        (Packet(Kind.COMPLETION, version=b"061022a", status=0), Diagnosis("061022a", "", "", ("Day closed",))),
    ],
)
def test_a_diagnosis_says_who_it_is(info: Packet, who: Diagnosis) -> None:
    assert asked(FakeLink(served(GOOD, info=info)), lambda terminal: terminal.diagnose()) == who


def test_a_diagnosis_that_fails() -> None:
    with pytest.raises(DeviceError, match="terminal-refused zvt-a0"):
        asked(FakeLink(served({Kind.DIAGNOSIS: (ACCEPTED, abort(0xA0))})), lambda terminal: terminal.diagnose())
    with pytest.raises(NotStarted, match="terminal-refused"):
        asked(FakeLink(served({})), lambda terminal: terminal.diagnose())
    with pytest.raises(NotStarted, match="terminal-away"):
        run(lambda: driver(FakeLink(served({}))).diagnose())


@pytest.mark.parametrize(
    ("serial", "info", "detail"),
    [
        ("18632442", status_answer(*FEIG), ""),
        ("SIM42", status_answer(Tlv(0x1F42, b"SIM42")), ""),
        ("53494d3432", status_answer(Tlv(0x1F42, b"SIM42")), ""),
        ("18632443", status_answer(*FEIG), "18632442"),
        ("18632442", status_answer(), "no-serial"),
        ("18632442", Packet(Kind.COMPLETION, version=b"1", status=0), "no-serial"),
    ],
)
def test_another_machine_on_the_line_is_not_ours(serial: str, info: Packet, detail: str) -> None:
    async def main() -> None:
        terminal = driver(FakeLink(served({}, info=info)), serial=serial)
        await terminal.open()
        await becomes(terminal, Condition.OUT if detail else Condition.READY)
        assert (terminal.health().fault, terminal.health().detail) == ("terminal-other" if detail else "", detail)
        await terminal.close()

    run(main)


def test_what_it_can_do_is_data() -> None:
    can = driver(FakeLink(served({}))).capabilities
    assert (can.protocol, can.reverses, can.end_of_day, can.hub_authorises) == ("zvt", Reverses.LAST, True, False)

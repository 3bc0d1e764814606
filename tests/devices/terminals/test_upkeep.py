"""A terminal that needs something is given it, when nobody can be in the way: in memory, in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from devices.health import Condition, DeviceError
from devices.terminals.port import (
    NotStarted,
)
from devices.terminals.zvt.bmp import fields
from devices.terminals.zvt.driver import MOST_SILENT, ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, encode, refused
from devices.tlv import Tlv
from domain.payment import Mark, Outcome
from tests.devices.terminals.dialogue import CLOSED, GOOD, LINE, OLD, asked, commands, nowhere
from tests.devices.terminals.simulated import Journal, becomes, sale, sell
from tests.devices.terminals.vectors import octets
from tests.devices.terminals.virtual import (
    COMPLETION,
    Answers,
    FakeLink,
    abort,
    driver,
    failure,
    served,
    shows,
)
from tests.virtual_time import passes, run


@pytest.mark.parametrize(
    ("status", "cures"),
    [
        (0xF0, [Kind.RESERVATION_BOOKING, Kind.TURNOVER, Kind.END_OF_DAY]),
        (0x51, [Kind.INITIALISATION]),
        (0xC2, [Kind.DIAGNOSIS]),
        (0xE4, [Kind.INITIALISATION]),
        (0x62, [Kind.SET_CLOCK]),
        (0xB1, [Kind.SEND_OFFLINE]),
    ],
)
def test_a_terminal_that_says_what_it_needs_is_given_it(status: int, cures: list[Kind]) -> None:
    answers: Answers = {kind: (ACCEPTED, shows(0x05), LINE, COMPLETION) for kind in cures} | CLOSED
    link = FakeLink(served(answers, status=(status, 0)))
    asked(link, lambda terminal: passes(1000))
    assert commands(link) == cures
    if status == 0x62:
        assert encode(next(packet for packet in link.heard if packet.kind is Kind.SET_CLOCK)) == octets(
            "06 91 08 AA 261122 0C 123005"
        )


def test_what_does_not_help_is_followed_by_the_next_and_tried_again_much_later() -> None:
    answers: Answers = {Kind.INITIALISATION: (refused(0x83),), Kind.DIAGNOSIS: (ACCEPTED, abort(0xA0))}
    link = FakeLink(served(answers, status=(0x51,)))

    async def waits(terminal: ZvtTerminal) -> None:
        await passes(500)
        assert commands(link) == [Kind.INITIALISATION, Kind.DIAGNOSIS]
        assert (terminal.health().fault, terminal.health().detail) == ("terminal-needs-service", "zvt-51")
        await passes(200)
        assert commands(link) == [Kind.INITIALISATION, Kind.DIAGNOSIS] * 2

    asked(link, waits, able=False)


def test_a_cure_in_which_it_falls_silent_costs_the_line_and_nothing_else() -> None:
    link = FakeLink(served({Kind.INITIALISATION: (ACCEPTED,)}, status=(0x51,)), served({}))

    async def main() -> None:
        terminal = driver(link)
        await terminal.open()
        await passes(100)
        assert (terminal.health().condition, terminal.health().detail) == (Condition.BUSY, "initialisation")
        await passes(100)
        assert terminal.health().usable
        await terminal.close()

    run(main)
    assert commands(link) == [Kind.INITIALISATION]


def test_who_only_looks_mends_nothing() -> None:
    link = FakeLink(served({}, status=(0xF0,)))

    async def main() -> None:
        terminal = driver(link, mends=False)
        await terminal.open()
        await passes(100)
        assert terminal.health().fault == "terminal-needs-end-of-day"
        await terminal.close()

    run(main)
    assert commands(link) == []


def owing(link: FakeLink, doing: Callable[[ZvtTerminal], Awaitable[None]]) -> None:
    async def main() -> None:
        terminal = driver(link)
        terminal.inquiry_owed(True)
        await terminal.open()
        await passes(100)
        assert terminal.health().fault == "terminal-needs-end-of-day"
        await doing(terminal)
        await terminal.close()

    run(main)


def test_nothing_is_mended_before_the_last_sale_was_asked_after() -> None:
    """The day's end could push it out of the terminal's memory."""
    link = FakeLink(served(CLOSED, status=(0xF0,), last=OLD))

    async def asks(terminal: ZvtTerminal) -> None:
        assert (await terminal.inquire(sale(1234, Mark(7, 70)))).reason == "last-receipt-older"
        assert commands(link) == [Kind.REPEAT_RECEIPT]
        terminal.inquiry_owed(False)
        await passes(60)
        assert Kind.END_OF_DAY in commands(link)

    owing(link, asks)


def test_a_terminal_that_falls_silent_at_each_inquiry_is_mended_before_the_next() -> None:
    silent = served({Kind.REPEAT_RECEIPT: (ACCEPTED,)} | CLOSED, status=(0xF0,))
    link = FakeLink(silent, silent, silent, served(CLOSED, status=(0xF0, 0), last=OLD))

    async def asks(terminal: ZvtTerminal) -> None:
        for _ in range(MOST_SILENT):
            assert Kind.END_OF_DAY not in commands(link)
            with pytest.raises(DeviceError):
                await terminal.inquire(sale(1234, Mark(7, 70)))
        await passes(60)
        assert commands(link)[-1] is Kind.END_OF_DAY
        assert (await terminal.inquire(sale(1234, Mark(7, 70)))).reason == "last-receipt-older"

    owing(link, asks)


def test_a_terminal_that_refuses_to_tell_as_it_is_is_mended_first() -> None:
    link = FakeLink(served({Kind.REPEAT_RECEIPT: (refused(0x83),)} | CLOSED, status=(0xF0,)))

    async def asks(terminal: ZvtTerminal) -> None:
        with pytest.raises(DeviceError, match="zvt-83"):
            await terminal.inquire(sale(1234, Mark(7, 70)))
        await passes(60)
        assert Kind.END_OF_DAY in commands(link)

    owing(link, asks)


def test_what_has_no_cure_is_left_to_a_person() -> None:
    link = FakeLink(served({}, status=(0xE1,)))
    asked(link, lambda terminal: passes(1000), able=False)
    assert commands(link) == []


def sells(*says: Packet) -> Answers:
    return {Kind.AUTHORISATION: (ACCEPTED, *says)} | CLOSED


def test_a_sale_that_finds_the_register_full_has_the_day_closed_before_the_next() -> None:
    """R15. The terminal calls itself ready all the same, and would decline every patient after this one."""
    link = FakeLink(served(sells(failure(0x6A), abort(0x6A)), last=OLD))

    async def sale(terminal: ZvtTerminal) -> None:
        assert (await sell(terminal, Journal())).outcome is Outcome.DECLINED
        assert (terminal.health().fault, terminal.health().detail) == ("terminal-needs-end-of-day", "zvt-6a")
        with pytest.raises(NotStarted, match="terminal-needs-end-of-day"):
            await terminal.newest()
        await passes(60)
        assert commands(link)[-1] is Kind.END_OF_DAY
        assert await terminal.newest() == Mark(7, 70)

    asked(link, sale)


def test_a_register_that_stays_full_stays_out_of_service() -> None:
    answers = sells(abort(0xF0)) | {Kind.END_OF_DAY: (ACCEPTED, abort(0x77))}

    async def sale(terminal: ZvtTerminal) -> None:
        assert (await sell(terminal, Journal())).outcome is Outcome.DECLINED
        await passes(500)
        assert terminal.health().fault == "terminal-needs-end-of-day"

    asked(FakeLink(served(answers, last=OLD)), sale)


def test_a_person_who_closes_the_day_has_cured_it_too() -> None:
    answers = sells(abort(0x6A))

    async def sale(terminal: ZvtTerminal) -> None:
        assert (await sell(terminal, Journal())).outcome is Outcome.DECLINED
        await terminal.end_of_day(nowhere)
        assert terminal.health().usable

    asked(FakeLink(served(answers, last=OLD)), sale)


def test_a_sale_that_finds_the_terminal_blocked_is_the_last() -> None:
    """ecrterm#7: 04 0F 27 DF with the maker's own number."""
    blocked = Packet(Kind.STATUS_INFORMATION, fields=fields((0x27, b"\xdf")))
    final = Packet(Kind.ABORT, (b"\xdf",), fields(tlv=(Tlv(0x1F16, b"\x17\x3a"),)))

    async def sale(terminal: ZvtTerminal) -> None:
        assert (await sell(terminal, Journal())).outcome is Outcome.DECLINED
        assert (terminal.health().condition, terminal.health().detail) == (Condition.LATCHED, "zvt-df-173a")
        await passes(1000)
        with pytest.raises(NotStarted, match="terminal-out-of-order"):
            await terminal.newest()
        assert (await terminal.diagnose()).software == "1"

    asked(FakeLink(served(sells(blocked, final) | GOOD, last=OLD)), sale)


def test_a_terminal_that_has_forgotten_us_is_registered_again() -> None:
    link = FakeLink(served({Kind.AUTHORISATION: (refused(0x6B),)}, last=OLD))

    async def sale(terminal: ZvtTerminal) -> None:
        with pytest.raises(NotStarted, match="zvt-6b"):
            await sell(terminal, Journal())
        await becomes(terminal, Condition.READY)
        assert link.sent(Kind.REGISTRATION) == 2

    asked(link, sale)

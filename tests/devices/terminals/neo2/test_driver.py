"""Who answers on the line, how it is kept alive, and what a technician asks: in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from devices.health import Condition, DeviceError, Health
from devices.terminals.neo2.driver import Setup
from devices.terminals.neo2.framing import Frame, command, response
from devices.terminals.neo2.session import Timers
from devices.terminals.port import Diagnosis, NotStarted, Reversal, ReversalEnd, Reversed, Reverses, Serviced, Step
from domain.money import Money
from domain.payment import Card, Mark, Outcome
from tests.devices.terminals.neo2.bank import AWAY, LOST, NO, VOIDED_UNHEARD, Bank
from tests.devices.terminals.neo2.cards import KSN, NUMBER, OBJECTS, VISA, item
from tests.devices.terminals.neo2.virtual import (
    ACTIVATE,
    CANCEL,
    OFFLINE,
    SALE,
    SERIAL,
    SETUP,
    FakeLink,
    Peer,
    Script,
    driver,
    ready,
    serving,
    silence,
    tapping,
    until,
)
from tests.devices.terminals.simulated import Journal, becomes
from tests.virtual_time import passes, run

TAMPER = replace(SETUP, tamper=(0x04, 0xF0))
REVERSAL = Reversal(0, SALE.amount)


def found(script: Script, health: Health, setup: Setup = SETUP, garbled: bool = False) -> FakeLink:
    """The health that a reader is found in, and the link that was tried."""
    link = FakeLink(script)
    link.garbled = garbled

    async def main() -> None:
        terminal = driver(link, setup=setup)
        await terminal.open()
        await becomes(terminal, health.condition)
        assert terminal.health() == health
        if health.condition is not Condition.READY:
            with pytest.raises(NotStarted) as refused:
                await terminal.newest()
            assert refused.value.fault == health.fault
        await terminal.close()
        assert terminal.health() == Health(Condition.AWAY, "terminal-away")

    run(main)
    return link


def test_who_it_is() -> None:
    link = found(serving(), Health(Condition.READY), replace(SETUP, serial=SERIAL))
    # the first word of every line is a cancel: nobody knows what the reader was in the middle of
    assert [(frame.command, frame.code) for frame in link.heard][:5] == [CANCEL, (0x18, 1), (0x29, 0), (0x12, 1), (1, 1)]
    assert bytes(link.heard[4].data) == b"\x01"


def test_a_reader_that_is_not_the_configured_one() -> None:
    setup = replace(SETUP, serial="630Z000002")
    found(serving(), Health(Condition.OUT, "terminal-other", SERIAL), setup)
    found(serving(c12_01=response(0x12, 0x0B)), Health(Condition.OUT, "terminal-other", "no-serial"), setup)
    found(serving(c12_01=response(0x12, 0x0B)), Health(Condition.READY))


@pytest.mark.parametrize(
    ("says", "health"),
    [
        ({"c18_01": response(0x18, 0x0C)}, Health(Condition.OUT, "terminal-refused", "neo2-0c")),
        ({"c01_01": response(0x01, 0x05)}, Health(Condition.OUT, "terminal-refused", "neo2-05")),
        ({"c18_01": response(0x18, 0x1D)}, Health(Condition.LATCHED, "terminal-tampered")),
        ({"c05_01": response(0x05, 0x1D)}, Health(Condition.LATCHED, "terminal-tampered")),
        ({"c29_00": response(0x29, 0x02), "c05_01": response(0x05, 0x0A)}, Health(Condition.READY)),
    ],
)
def test_what_it_may_answer(says: dict[str, Frame], health: Health) -> None:
    found(serving(**says), health)


@pytest.mark.parametrize(
    ("state", "health"),
    [
        (response(0x04, 0, b"\x02"), Health(Condition.READY)),
        (response(0x04, 0, b"\x00"), Health(Condition.READY)),
        (response(0x04, 0), Health(Condition.READY)),
        (response(0x04, 0, b"\x01"), Health(Condition.LATCHED, "terminal-tampered")),
        (response(0x04, 0x1D), Health(Condition.LATCHED, "terminal-tampered")),
        (response(0x04, 0x03), Health(Condition.OUT, "terminal-refused", "neo2-03")),
    ],
)
def test_its_tamper_state_where_the_site_says_how_to_ask(state: Frame, health: Health) -> None:
    found(serving(c04_f0=state), health, TAMPER)


def test_what_is_silent_and_what_is_no_reader() -> None:
    async def main(garbled: bool) -> Health:
        link = FakeLink(silence)
        link.garbled = garbled
        terminal = driver(link)
        await terminal.open()
        await passes(4)
        health = terminal.health()
        await terminal.close()
        return health

    assert run(lambda: main(False)) == Health(Condition.AWAY, "terminal-away", "silence")
    assert run(lambda: main(True)) == Health(Condition.OUT, "terminal-not-neo2")


def test_what_was_latched_stays_so_until_it_is_opened_anew() -> None:
    async def main() -> None:
        link = FakeLink(serving(c18_01=response(0x18, 0x1D)), serving())
        terminal = driver(link)
        await terminal.open()
        await becomes(terminal, Condition.LATCHED)
        await passes(600)
        assert len(link.opened_at) > 1
        assert terminal.health() == Health(Condition.LATCHED, "terminal-tampered")
        await terminal.open()
        assert terminal.health().condition is Condition.LATCHED
        await terminal.close()
        await ready(terminal)
        await terminal.close()

    run(main)


def test_it_is_kept_alive_and_found_again() -> None:
    async def main() -> None:
        link = FakeLink(serving())
        terminal = driver(link)
        await ready(terminal)
        pings = link.sent(0x18, 1)
        await passes(95)
        assert link.sent(0x18, 1) == pings + 3
        link.cannot_open = True
        link.peer.cut()
        await becomes(terminal, Condition.AWAY)
        assert terminal.health().detail in ("lost", "cannot-open")
        await passes(60)
        assert len(link.opened_at) > 10
        link.cannot_open = False
        await becomes(terminal, Condition.READY)
        await terminal.close()

    run(main)


def test_a_reader_that_goes_silent_while_it_is_idle() -> None:
    async def once(peer: Peer) -> None:
        for _ in range(6):
            frame = await peer.hear()
            peer.say({0x12: response(0x12, 0, SERIAL.encode("ascii"))}.get(frame.command, response(frame.command, 0)))
        await asyncio.Event().wait()

    async def main() -> None:
        terminal = driver(FakeLink(once, serving()))
        await ready(terminal)
        await passes(31)
        with pytest.raises(NotStarted, match="terminal-away silence"):
            await terminal.diagnose()
        await becomes(terminal, Condition.READY)
        await terminal.close()

    run(main)


def test_a_reader_that_was_started_anew_is_set_up_anew() -> None:
    async def reboots(peer: Peer) -> None:
        await until(peer, (1, 1))
        peer.say(response(1, 0))
        await until(peer, (0x18, 1))
        peer.say(response(0x18, 0))
        await passes(10)  # before the next keep-alive
        peer.say(response(0x99, 0))
        peer.say(command(0x14, 1, b"NEO 2.0 v1.00\0"))
        await asyncio.Event().wait()

    async def main() -> None:
        link = FakeLink(reboots, serving())
        terminal = driver(link)
        await ready(terminal)
        await passes(31)
        await becomes(terminal, Condition.READY)
        assert len(link.opened_at) == 2
        await terminal.close()

    run(main)


def test_a_bug_in_the_keeper_is_told() -> None:
    class Broken(FakeLink):
        async def open(self) -> None:
            raise ZeroDivisionError

    async def main() -> list[str]:
        told: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
        terminal = driver(Broken(serving()))
        await terminal.open()
        await passes(1)
        await terminal.close()
        return told

    assert run(main) == ["the terminal's keeper failed"]


def test_a_bug_in_a_sale_leaves_no_line_open() -> None:
    async def main() -> None:
        link = FakeLink(tapping())
        terminal = driver(link)
        await ready(terminal)

        def fails(step: Step) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await terminal.pay(SALE, Journal().commit, fails)
        assert terminal.health().condition is Condition.AWAY
        await becomes(terminal, Condition.READY)
        await terminal.close()

    run(main)


# what a technician asks


def serviced(script: Script, ask: Any, bank: Bank | None = None, setup: Setup = SETUP) -> Any:
    """What `ask(terminal)` comes to."""

    async def main() -> Any:
        terminal: Serviced = driver(FakeLink(script, serving()), bank, setup)
        await terminal.open()
        await becomes(terminal, Condition.READY)
        try:
            asked: Coroutine[Any, Any, Any] = ask(terminal)
            return await asked
        finally:
            await terminal.close()

    return run(main)


def test_what_it_can_do() -> None:
    terminal = driver(FakeLink(serving()))
    can = terminal.capabilities
    assert (can.protocol, can.hub_authorises, can.reverses) == ("neo2", True, Reverses.LAST)
    assert not can.end_of_day
    assert not can.approves_offline
    with pytest.raises(NotStarted, match="no-end-of-day"):
        serviced(serving(), lambda terminal: terminal.end_of_day(print_nothing))


def print_nothing(step: Step) -> None:
    """Nobody looks."""


def test_a_diagnosis() -> None:
    said = serviced(serving(), lambda terminal: terminal.diagnose())
    assert said == Diagnosis("Kiosk V 1.00", SERIAL, "", ("FW, Vendi V1.00,,", "CL L1,EMV 4.3 L1, v1.00"))
    dumb = serving(c09_20=response(0x09, 2), c29_00=response(0x29, 0, b"\xff\0"))
    assert serviced(dumb, lambda terminal: terminal.diagnose()) == Diagnosis("\ufffd", SERIAL, "", ())
    gone = serving(c04_f0=response(0x04, 0))
    assert serviced(gone, lambda terminal: terminal.diagnose(), setup=TAMPER).serial == SERIAL


LAST = item(0x9F02, bytes.fromhex("000000000700")) + OBJECTS


@pytest.mark.parametrize("status", [0x00, 0x23])
def test_the_card_that_it_read_last(status: int) -> None:
    last = serviced(serving(c03_40=response(0x03, status, b"\xc1" + LAST)), lambda terminal: terminal.last())
    assert (last.outcome, last.amount, last.card) == (Outcome.UNKNOWN, Money(700, "USD"), Card("Visa", "0010"))
    assert (last.reason, last.card_data) == ("neo2-last-read", None)


@pytest.mark.parametrize(
    "answer",
    [response(0x03, 0x60), response(0x03, 0x0B), response(0x03, 0), response(0x03, 0, b"\xc1" + item(0xDFEE12, KSN) + VISA)],
)
def test_no_card_that_it_could_tell_of(answer: Frame) -> None:
    assert serviced(serving(c03_40=answer), lambda terminal: terminal.last()) is None


def test_a_last_card_in_clear_ends_its_service() -> None:
    async def main() -> None:
        link = FakeLink(serving(c03_40=response(0x03, 0, b"\x01" + item(0x5A, NUMBER))))
        terminal = driver(link)
        await ready(terminal)
        assert await terminal.last() is None
        assert link.card_data_left() == []
        assert terminal.health() == Health(Condition.LATCHED, "terminal-unencrypted")
        await terminal.close()

    run(main)


@pytest.mark.parametrize(("status", "fault"), [(0x1D, "terminal-tampered"), (0x0C, "terminal-refused")])
def test_what_ends_a_technicians_question(status: int, fault: str) -> None:
    async def changes(peer: Peer) -> None:
        await until(peer, (1, 1))
        peer.say(response(1, 0))
        await until(peer, (0x18, 1))
        peer.say(response(0x18, 0))
        await until(peer, (0x18, 1))
        peer.say(response(0x18, status))
        await asyncio.Event().wait()

    with pytest.raises(NotStarted) as refused:
        serviced(changes, lambda terminal: terminal.last())
    assert refused.value.fault == fault


def reversed_(bank: Bank, reversal: Reversal = REVERSAL, sell: bool = True) -> tuple[Reversed, list[Step], Bank]:
    steps: list[Step] = []

    async def ask(terminal: Serviced) -> Reversed:
        if sell:
            await terminal.pay(SALE, Journal().commit, print_nothing)
        bank.calls.clear()
        return await terminal.reverse(reversal, steps.append)

    return serviced(tapping(), ask, bank), steps, bank


def test_the_newest_sale_is_taken_back() -> None:
    done, steps, bank = reversed_(Bank())
    assert done == Reversed(ReversalEnd.REVERSED, SALE.amount)
    assert (steps, bank.calls, bank.holds) == ([Step.WAIT], ["void"], {})


def test_a_reversal_whose_answer_is_lost_is_asked_after() -> None:
    done, steps, bank = reversed_(Bank(void_says=[VOIDED_UNHEARD], inquire_says=[AWAY]))
    assert done == Reversed(ReversalEnd.REVERSED, SALE.amount)
    assert (steps, bank.calls, bank.holds) == ([Step.WAIT, Step.CHECKING], ["void", "inquire", "inquire"], {})
    assert reversed_(Bank(void_says=[LOST]))[0] == Reversed(ReversalEnd.REFUSED, reason="hub-timeout")
    assert reversed_(Bank(void_says=[LOST], inquire_says=[LOST] * 50))[0].end is ReversalEnd.UNKNOWN


@pytest.mark.parametrize(
    ("bank", "reversal", "sell", "says"),
    [
        (Bank(void_says=[AWAY]), REVERSAL, True, "hub-away"),
        (Bank(), Reversal(7, Money(1, "USD")), True, "last-sale-differs"),
        (Bank(), REVERSAL, False, "no-last-sale"),
        (Bank(says=NO), REVERSAL, True, "no-last-sale"),
    ],
)
def test_a_reversal_that_does_not_begin(bank: Bank, reversal: Reversal, sell: bool, says: str) -> None:
    with pytest.raises(NotStarted, match=says):
        reversed_(bank, reversal, sell)


def test_nothing_is_taken_back_twice() -> None:
    async def ask(terminal: Serviced) -> None:
        await terminal.pay(SALE, Journal().commit, print_nothing)
        await terminal.reverse(REVERSAL, print_nothing)
        await terminal.reverse(REVERSAL, print_nothing)

    with pytest.raises(NotStarted, match="no-last-sale"):
        serviced(tapping(), ask)


# inquiries


def test_what_became_of_a_sale_is_the_hubs_to_tell() -> None:
    bank = Bank()
    bank.answered[SALE.attempt] = bank.says
    said = serviced(serving(), lambda terminal: terminal.inquire(SALE), bank)
    assert (said.outcome, said.amount, said.authorization, said.hub_authorised) == (Outcome.APPROVED, SALE.amount, "A1B2C3", True)
    bank.answered[SALE.attempt] = NO
    said = serviced(serving(), lambda terminal: terminal.inquire(SALE), bank)
    assert (said.outcome, said.reason, said.hub_authorised) == (Outcome.DECLINED, "gateway-05", False)
    said = serviced(serving(), lambda terminal: terminal.inquire(SALE), Bank())
    assert (said.outcome, said.reason) == (Outcome.CANCELLED, "never-authorised")


@pytest.mark.parametrize("offline", [False, True])
def test_a_sale_that_another_terminal_began_is_not_told_of(offline: bool) -> None:
    """A terminal that numbers its receipts was replaced by this reader: nobody here knows what it charged."""
    bank = Bank()
    left = replace(SALE, newest=Mark(17, 17), offline=offline)
    said = serviced(serving(), lambda terminal: terminal.inquire(left), bank)
    assert (said.outcome, said.reason, bank.calls) == (Outcome.UNKNOWN, "other-terminal", [])


def test_a_sale_while_the_hub_was_away_captured_nothing_that_was_not_kept() -> None:
    bank = Bank()
    said = serviced(serving(), lambda terminal: terminal.inquire(OFFLINE), bank)
    assert (said.outcome, said.reason, bank.calls) == (Outcome.CANCELLED, "capture-lost", [])


@pytest.mark.parametrize("word", [AWAY, LOST])
def test_a_hub_that_cannot_be_asked(word: Exception) -> None:
    with pytest.raises(DeviceError, match="hub-away"):
        serviced(serving(), lambda terminal: terminal.inquire(SALE), Bank(inquire_says=[word]))


def test_timers() -> None:
    assert Timers(recovery=90, process=45).next_command == 225
    with pytest.raises(ValueError, match="longer than nothing"):
        Timers(t1=0)


def test_a_sale_gone_while_it_is_readied() -> None:
    async def gone(peer: Peer) -> None:
        await until(peer, (1, 1))
        peer.say(response(1, 0))
        await until(peer, (0x18, 1))
        peer.say(response(0x18, 0))
        await until(peer, (0x18, 1))
        peer.cut()

    async def ask(terminal: Serviced) -> None:
        await terminal.pay(SALE, Journal().commit, print_nothing)

    with pytest.raises(NotStarted, match="terminal-away lost"):
        serviced(gone, ask)


def test_a_terminal_that_is_still_away_is_told_apart_from_one_that_is_idle() -> None:
    async def main() -> None:
        link = FakeLink(serving())
        terminal = driver(link)
        with pytest.raises(NotStarted, match="terminal-away"):
            await terminal.newest()
        await terminal.close()
        await ready(terminal)
        assert await terminal.newest() is None
        assert link.sent(*ACTIVATE) == 0
        await terminal.close()

    run(main)

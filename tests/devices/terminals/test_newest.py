"""Where the terminal's numbers stood before a sale: when they are asked, when known, and what they never let pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from devices.health import Condition
from devices.terminals.port import NotStarted, Progress, Sale, Step
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, refused
from domain.payment import Mark, Outcome, Result
from tests.devices.terminals.dialogue import OLD, SALE, ready
from tests.devices.terminals.simulated import Journal, becomes, sale, sell
from tests.devices.terminals.virtual import (
    COMPLETION,
    FakeLink,
    Peer,
    Script,
    abort,
    answer,
    approval,
    driver,
    failure,
    selling,
    serving,
    until_sale,
)
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run


def with_terminal(link: FakeLink, doing: Callable[[ZvtTerminal], Awaitable[None]]) -> None:
    async def main() -> None:
        terminal = driver(link)
        await ready(terminal)
        await doing(terminal)
        await terminal.close()

    run(main)


def repeats(*says: Packet) -> Script:
    """A terminal that answers a repeat receipt with `says`, and everything else as it should."""

    async def script(peer: Peer) -> None:
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.REPEAT_RECEIPT:
                for said in says:
                    peer.say(said)
                    if said.kind not in (Kind.ACCEPTED, Kind.REFUSED):
                        await peer.hear()
            else:
                await answer(peer, packet)

    return script


@pytest.mark.parametrize(
    ("says", "newest"),
    [
        ((ACCEPTED, OLD, COMPLETION), Mark(7, 70)),
        ((ACCEPTED, approval(trace=None), COMPLETION), Mark(8, 0)),
        ((ACCEPTED, COMPLETION), None),
        ((ACCEPTED, abort(0x83)), None),
        ((ACCEPTED, failure(0x05), COMPLETION), None),
        ((ACCEPTED, Packet(Kind.PRINT_LINE, (b"\0",), text="Receipt 7"), COMPLETION), None),
        ((refused(0x83),), None),
    ],
)
def test_what_the_terminal_says_of_its_numbers(says: tuple[Packet, ...], newest: Mark | None) -> None:
    async def doing(terminal: ZvtTerminal) -> None:
        assert await terminal.newest() == newest
        assert terminal.health().condition is Condition.READY

    with_terminal(FakeLink(repeats(*says)), doing)


def test_it_is_asked_once_and_known_until_something_may_have_moved_it(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    link = FakeLink(
        selling_in_turn(
            (approval(), COMPLETION),
            (failure(0x05), abort(0x05)),
            (approval(receipt=9), approval(receipt=10), COMPLETION),
            (approval(receipt=11), abort(0x6C)),
            (approval(receipt=None), COMPLETION),
            (approval(receipt=12, trace=None), COMPLETION),
        )
    )
    asked: list[int] = []
    marks: list[Mark | None] = []

    async def doing(terminal: ZvtTerminal) -> None:
        for number in range(6):
            await sell(terminal, Journal(), attempt=f"a{number}")
            before = link.sent(Kind.REPEAT_RECEIPT)
            marks.append(await terminal.newest())
            asked.append(link.sent(Kind.REPEAT_RECEIPT) - before)
            assert await terminal.newest() == marks[-1]
        assert link.sent(Kind.REPEAT_RECEIPT) == 1 + sum(asked)

    with_terminal(link, doing)
    assert asked == [0, 1, 1, 1, 1, 0]
    assert marks == [Mark(8, 80), *[Mark(7, 70)] * 4, Mark(12, 0)]


def selling_in_turn(*sales: tuple[Packet, ...]) -> Script:
    async def script(peer: Peer) -> None:
        for says in sales:
            await until_sale(peer, last=OLD)
            peer.say(ACCEPTED)
            for packet in says:
                await peer.ask(packet)
        await until_sale(peer, last=OLD)

    return script


def test_after_a_lost_line_it_is_asked_again() -> None:
    link = FakeLink(serving(last=OLD), serving(last=approval()))

    async def doing(terminal: ZvtTerminal) -> None:
        assert await terminal.newest() == Mark(7, 70)
        link.peer.cut()
        await becomes(terminal, Condition.AWAY)
        with pytest.raises(NotStarted, match="terminal-away"):
            await terminal.newest()
        await becomes(terminal, Condition.READY)
        assert await terminal.newest() == Mark(8, 80)

    with_terminal(link, doing)


async def _deaf_to_repeats(peer: Peer) -> None:
    while (packet := await peer.hear()).kind is not Kind.REPEAT_RECEIPT:
        await answer(peer, packet)
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("script", "fault", "detail"),
    [
        (repeats(refused(0x9C)), "terminal-busy", "zvt-9c"),
        (serving(status=0xE2), "terminal-needs-service", "zvt-e2"),
        (_deaf_to_repeats, "terminal-away", "silence"),
    ],
)
def test_a_terminal_that_cannot_sell_starts_nothing(script: Script, fault: str, detail: str) -> None:
    async def main() -> None:
        terminal = driver(FakeLink(script))
        await terminal.open()
        await becomes(terminal, Condition.OUT if fault == "terminal-needs-service" else Condition.READY)
        with pytest.raises(NotStarted) as caught:
            await terminal.newest()
        assert (caught.value.fault, caught.value.detail) == (fault, detail)
        await terminal.close()

    run(main)


def test_numbers_that_are_known_open_no_attempt_at_a_terminal_that_cannot_sell() -> None:
    async def script(peer: Peer) -> None:
        while True:
            packet = await peer.hear()
            await answer(peer, packet, 0xE2 if repeated else 0, OLD)
            repeated.extend([packet] if packet.kind is Kind.REPEAT_RECEIPT else [])

    repeated: list[Packet] = []

    async def doing(terminal: ZvtTerminal) -> None:
        assert await terminal.newest() == Mark(7, 70)
        await passes(60)
        assert terminal.health().condition is Condition.OUT
        with pytest.raises(NotStarted, match="terminal-needs-service"):
            await terminal.newest()

    with_terminal(FakeLink(script), doing)


def test_a_refused_sale_leaves_the_numbers_where_they_were() -> None:
    async def script(peer: Peer) -> None:
        await until_sale(peer, last=OLD)
        peer.say(refused(0x83))
        await peer.hear()
        raise AssertionError("it was asked again")

    async def doing(terminal: ZvtTerminal) -> None:
        with pytest.raises(NotStarted, match="terminal-refused"):
            await sell(terminal, Journal())
        assert await terminal.newest() == Mark(7, 70)

    with_terminal(FakeLink(script), doing)


def test_it_is_not_asked_in_the_middle_of_a_sale() -> None:
    async def doing(terminal: ZvtTerminal) -> None:
        journal = Journal()
        paying = asyncio.ensure_future(terminal.pay(SALE, journal.commit, journal.steps.append))
        await asyncio.sleep(0)
        with pytest.raises(NotStarted, match="sale-running"):
            await terminal.newest()
        assert (await paying).outcome is Outcome.APPROVED

    with_terminal(FakeLink(selling(approval(), COMPLETION)), doing)


# A cancel that comes before `pay`


def test_a_cancel_between_opening_the_attempt_and_paying_is_not_lost() -> None:
    link = FakeLink(selling(approval(), COMPLETION, last=OLD))

    async def doing(terminal: ZvtTerminal) -> None:
        newest = await terminal.newest()
        await terminal.cancel()
        journal = Journal()
        result = await terminal.pay(sale(1234, newest), journal.commit, journal.steps.append)
        assert (result.outcome, result.reason) == (Outcome.CANCELLED, "cancelled-before-start")
        assert link.sent(Kind.AUTHORISATION) == 0
        assert (await sell(terminal, Journal())).outcome is Outcome.APPROVED, "and it is over with that attempt"

    with_terminal(link, doing)


def test_a_cancel_while_the_numbers_are_asked_is_not_lost() -> None:
    link = FakeLink(selling(approval(), COMPLETION, last=OLD))

    async def doing(terminal: ZvtTerminal) -> None:
        selling_now = asyncio.ensure_future(sell(terminal, Journal()))
        await asyncio.sleep(0)
        await terminal.cancel()
        assert (await selling_now).outcome is Outcome.CANCELLED
        assert link.sent(Kind.AUTHORISATION) == 0

    with_terminal(link, doing)


def test_a_cancel_that_comes_after_its_sale_does_not_stop_the_next() -> None:
    async def doing(terminal: ZvtTerminal) -> None:
        for number in range(2):
            assert (await sell(terminal, Journal(), attempt=f"a{number}")).outcome is Outcome.APPROVED
            await terminal.cancel()

    with_terminal(FakeLink(selling(approval(), COMPLETION, last=OLD)), doing)


def test_a_cancel_that_came_too_late_ends_with_its_sale() -> None:
    async def doing(terminal: ZvtTerminal) -> None:
        def cancels(_: Step) -> None:
            terminal._stop.set()

        async def hears_it_out(progress: Progress) -> Result:
            return await terminal.pay(SALE, Journal().commit, progress)

        assert (await hears_it_out(cancels)).outcome is Outcome.APPROVED
        assert (await hears_it_out(lambda step: None)).outcome is Outcome.APPROVED

    async def script(peer: Peer) -> None:
        for number in range(2):
            await until_sale(peer)
            peer.say(ACCEPTED)
            if number == 0:
                assert (await peer.hear()).kind is Kind.TILL_ABORT
                peer.say(refused(0x83))
            await peer.ask(approval())
            await peer.ask(COMPLETION)

    with_terminal(FakeLink(script), doing)


# What `pay` knew, `inquire` knows


async def _cut_before_the_sale(peer: Peer, last: Packet) -> None:
    await until_sale(peer, last=last)
    peer.cut()
    await asyncio.Event().wait()


def test_an_equal_sale_elsewhere_before_ours_is_never_ours_not_live_and_not_after_a_restart(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    elsewhere = approval(receipt=6, trace=60)
    judged: list[Result] = []
    made: list[Sale] = []

    async def live(terminal: ZvtTerminal) -> None:
        made.append(sale(1234, await terminal.newest()))
        journal = Journal()
        judged.append(await terminal.pay(made[0], journal.commit, journal.steps.append))
        judged.append(await terminal.inquire(made[0]))

    async def restarted(terminal: ZvtTerminal) -> None:
        judged.append(await terminal.inquire(made[0]))

    with_terminal(FakeLink(lambda peer: _cut_before_the_sale(peer, elsewhere), serving(last=elsewhere)), live)
    with_terminal(FakeLink(serving(last=elsewhere)), restarted)
    assert made[0].newest == Mark(6, 60)
    assert [(result.outcome, result.reason) for result in judged] == [(Outcome.UNKNOWN, "last-receipt-older")] * 3


def test_without_the_terminals_numbers_nothing_is_settled_by_them(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    judged: list[Result] = []

    async def doing(terminal: ZvtTerminal) -> None:
        lost = sale(1234, None)
        journal = Journal()
        judged.append(await terminal.pay(lost, journal.commit, journal.steps.append))
        judged.append(await terminal.inquire(lost))

    with_terminal(FakeLink(lambda peer: _cut_before_the_sale(peer, OLD), serving(last=approval())), doing)
    assert [(result.outcome, result.reason) for result in judged] == [(Outcome.UNKNOWN, "no-baseline")] * 2


def test_a_sale_that_was_handed_back_is_never_settled_as_approved(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")

    async def cut_after_84_66(peer: Peer) -> None:
        await until_sale(peer, last=OLD)
        peer.say(ACCEPTED)
        assert (await peer.ask(approval())).code == 0x66
        peer.cut()
        await asyncio.Event().wait()

    async def doing(terminal: ZvtTerminal) -> None:
        journal = Journal(1)
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert result.outcome is Outcome.UNKNOWN
        told = await terminal.inquire(replace(SALE, doubt=result.reason))
        assert (told.outcome, told.reason) == (Outcome.UNKNOWN, "commit-failed")

    with_terminal(FakeLink(cut_after_84_66, serving(last=approval())), doing)

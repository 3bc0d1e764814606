"""Approvals that came into doubt: the terminal goes against what is committed, or what is handed back. In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from devices.terminals.port import Sale
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet
from domain.payment import IN_DOUBT, Outcome, Result
from tests.devices.terminals.dialogue import OLD, SALE, after, paid, ready
from tests.devices.terminals.simulated import Journal, sale
from tests.devices.terminals.virtual import (
    FakeLink,
    Peer,
    abort,
    approval,
    driver,
    failure,
    selling,
    served,
    serving,
    shows,
    until_sale,
)
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run


@pytest.mark.parametrize("last", [OLD, approval(receipt=9), Packet(Kind.STATUS_INFORMATION)])
@pytest.mark.parametrize("cut", [True, False])
def test_an_approval_that_the_terminal_does_not_show_after_silence_is_in_doubt(
    log_watch: LogWatch, last: Packet, cut: bool
) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    journal = Journal()
    script = after(says=(approval(),), ends=Peer.cut if cut else lambda peer: None)
    result, _, _ = paid(script, serving(last=last), journal=journal)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, IN_DOUBT)
    assert [word.outcome for word in journal.results] == [Outcome.APPROVED, Outcome.UNKNOWN]


@pytest.mark.parametrize("more", [shows(0x04), approval()])
def test_whatever_it_says_after_our_yes_it_is_asked_once_the_line_is_lost(log_watch: LogWatch, more: Packet) -> None:
    """A terminal that reverses says "please wait" too."""
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    result, link, _ = paid(after(says=(approval(), more), ends=Peer.cut), serving(last=OLD))
    assert (result.reason, link.sent(Kind.REPEAT_RECEIPT)) == (IN_DOUBT, 1)


@pytest.mark.parametrize(("cut", "outcome"), [(False, Outcome.APPROVED), (True, Outcome.UNKNOWN)])
def test_a_card_that_is_left_in_after_our_yes_makes_no_doubt(log_watch: LogWatch, cut: bool, outcome: Outcome) -> None:
    """The terminal took it, and cannot be asked while it waits for somebody to take the card; a lost line is another matter."""
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    busy = served({}, status=(0x9C,))
    result, link, _ = paid(after(says=(approval(),), ends=Peer.cut if cut else lambda peer: None), busy)
    assert (result.outcome, link.sent(Kind.REPEAT_RECEIPT)) == (outcome, 0)


def test_a_no_after_the_approval_and_a_lost_line_need_no_question(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    result, link, _ = paid(after(says=(approval(), failure(0x6C)), ends=Peer.cut), serving(last=approval()))
    assert (result.reason, link.sent(Kind.REPEAT_RECEIPT)) == (IN_DOUBT, 0)


@pytest.mark.parametrize(
    ("said", "last", "what"),
    [
        (approval(), approval(), sale(1234, None)),
        (approval(receipt=None), approval(), SALE),
    ],
    ids=["without a baseline", "without a number"],
)
def test_the_very_approval_that_is_committed_is_known_again(log_watch: LogWatch, said: Packet, last: Packet, what: Sale) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    result, _, _ = paid(after(says=(said,), ends=Peer.cut), serving(last=last), what=what)
    assert result.outcome is Outcome.APPROVED


@pytest.mark.parametrize("yes", [False, True])
def test_a_sale_that_is_cut_off_from_outside_leaves_no_approval_that_nobody_answered(yes: bool) -> None:
    journal = Journal()
    slow, answered = asyncio.Event(), asyncio.Event()

    async def commit(result: Result) -> None:
        if not yes and result.outcome is Outcome.APPROVED:
            await slow.wait()
        await journal.commit(result)

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        answered.set()
        await asyncio.Event().wait()

    async def main() -> None:
        terminal = driver(FakeLink(script))
        await ready(terminal)
        paying = asyncio.ensure_future(terminal.pay(SALE, commit, journal.steps.append))
        await answered.wait()
        paying.cancel()
        await passes(1)
        slow.set()
        with pytest.raises(asyncio.CancelledError):
            await paying
        await terminal.close()

    run(main)
    assert [word.outcome for word in journal.results] == [Outcome.APPROVED, *([] if yes else [Outcome.UNKNOWN])]


def test_why_goods_are_handed_back_is_kept_before_the_terminal_hears_of_it(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal()
    words: list[list[Outcome]] = []

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        assert (await peer.ask(approval(1235))).code == 0x66
        words.append([word.outcome for word in journal.results])
        await peer.ask(abort(0x6C))

    result, _, _ = paid(script, journal=journal)
    assert words == [[Outcome.UNKNOWN]]
    assert (journal.results[0].reason, result.outcome) == ("zvt-other-amount", Outcome.CANCELLED)


def test_goods_are_handed_back_even_where_nothing_can_be_kept(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=2)
    result, link, _ = paid(selling(approval(), abort(0x6C)), journal=journal)
    assert (result.outcome, result.reason, link.sent(Kind.REFUSED)) == (Outcome.CANCELLED, "commit-failed", 1)
    assert [word.outcome for word in journal.tried] == [Outcome.APPROVED, Outcome.UNKNOWN, Outcome.CANCELLED]

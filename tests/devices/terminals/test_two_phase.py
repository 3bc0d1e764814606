"""The two phases of a sale: the terminal has its yes only when we can no longer forget, and may ask again until then."""

from __future__ import annotations

import asyncio

import pytest

from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet
from domain.payment import IN_DOUBT, Outcome, Result
from tests.devices.terminals.dialogue import SALE, ready
from tests.devices.terminals.simulated import Journal
from tests.devices.terminals.virtual import COMPLETION, FakeLink, Peer, Script, abort, approval, driver, serving, until_sale
from tests.log_watch import LogWatch
from tests.virtual_time import passes, run

SLOW_S = 5.0


class SlowJournal(Journal):
    """Its first commit takes SLOW_S."""

    async def commit(self, result: Result) -> None:
        if not self.tried:
            self.tried.append(result)
            await passes(SLOW_S)
            self.tried.pop()
        await super().commit(result)


def answers(link: FakeLink) -> list[str]:
    """What we said of the approval, and of all after it, in their order."""
    sold = next(at for at, packet in enumerate(link.heard) if packet.kind is Kind.AUTHORISATION)
    said = [packet for packet in link.heard[sold:] if packet.kind in (Kind.ACCEPTED, Kind.REFUSED)]
    return ["yes" if packet.kind is Kind.ACCEPTED else f"{packet.code:02x}" for packet in said]


def sold(script: Script, journal: Journal, *more: Script) -> tuple[Result, FakeLink]:
    async def main() -> tuple[Result, FakeLink]:
        link = FakeLink(script, *more)
        terminal = driver(link)
        await ready(terminal)
        result = await terminal.pay(SALE, journal.commit, journal.steps.append)
        await terminal.close()
        return result, link

    return run(main)


def asking(*says: Packet, every: float = 2.0) -> Script:
    """A terminal that asks again every so many seconds while it is told 84 9C, and then goes on with `says`."""

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        while (heard := await peer.ask(approval())).kind is Kind.REFUSED and heard.code == 0x9C:
            await passes(every)
        for packet in says:
            await peer.ask(packet)
        await asyncio.Event().wait()

    return script


def test_a_slow_commit_is_asked_for_again_and_accepted_when_it_is_durable() -> None:
    journal = SlowJournal()
    result, link = sold(asking(COMPLETION), journal)
    assert result.outcome is Outcome.APPROVED
    assert journal.approved == [1234]
    assert answers(link) == ["9c", "9c", "yes", "yes"]


def test_a_terminal_that_asks_at_once_does_not_use_up_its_questions() -> None:
    """Portalum.Zvt#44: 255 of them in two seconds. Each answer takes a moment, and there are sixty (BMP 02)."""
    _, link = sold(asking(COMPLETION, every=0.001), SlowJournal())
    assert answers(link) == ["9c"] * 4 + ["yes"] * 2


def test_a_slow_commit_that_fails_is_handed_back(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    journal = SlowJournal(fails=1)
    result, link = sold(asking(abort(0x6C)), journal)
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "commit-failed")
    assert answers(link) == ["9c", "9c", "66", "yes"]
    assert journal.approved == []


def test_another_approval_in_the_meantime_is_not_this_one(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        assert (await peer.ask(approval())).code == 0x9C
        assert (await peer.ask(approval(receipt=9))).code == 0x66
        await passes(SLOW_S)
        assert (await peer.ask(approval())).kind is Kind.ACCEPTED
        await peer.ask(COMPLETION)

    journal = SlowJournal()
    assert sold(script, journal)[0].reason == IN_DOUBT
    assert [word.receipt for word in journal.results] == [8, None]
    assert journal.approved == [1234]


def test_another_approval_that_was_handed_back_is_not_taken_for_the_one_that_could_not_be_kept(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        assert (await peer.ask(approval())).code == 0x9C
        assert (await peer.ask(approval(receipt=9))).code == 0x66
        await peer.ask(COMPLETION)
        await until_sale(peer, last=approval(receipt=9))

    journal = SlowJournal(fails=1)
    result, link = sold(script, journal)
    assert (result.outcome, result.reason, journal.approved) == (Outcome.UNKNOWN, "commit-failed", [])
    assert link.sent(Kind.REPEAT_RECEIPT) == 0


@pytest.mark.parametrize("ends", [abort(0x6C), COMPLETION])
def test_a_terminal_that_waits_no_longer_finds_what_was_committed(ends: Packet, log_watch: LogWatch) -> None:
    if ends.kind is Kind.ABORT:
        log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        await peer.ask(ends)

    journal = SlowJournal()
    result = sold(script, journal)[0]
    assert journal.approved == [1234]
    if ends.kind is Kind.ABORT:
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, IN_DOUBT)
        assert [word.outcome for word in journal.results] == [Outcome.APPROVED, Outcome.UNKNOWN]
    else:
        assert result.outcome is Outcome.APPROVED


def test_a_line_lost_while_it_is_committed_leaves_one_commit(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        peer.cut()

    journal = SlowJournal()
    assert sold(script, journal, serving(last=approval()))[0].outcome is Outcome.APPROVED
    assert journal.approved == [1234]


def test_a_line_lost_while_a_commit_fails_is_asked_after(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")

    async def script(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        peer.cut()

    journal = SlowJournal(fails=1)
    result, link = sold(script, journal, serving(last=approval()))
    assert (result.outcome, journal.approved) == (Outcome.APPROVED, [1234])
    assert link.sent(Kind.REPEAT_RECEIPT) == 1

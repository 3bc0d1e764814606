"""What does not begin, what is cancelled, what cannot be committed, and how the line is kept: in memory, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from devices.health import Condition, DeviceError
from devices.terminals.port import NotStarted, Sale, Step
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, refused
from devices.terminals.zvt.session import Timers
from domain.money import Money
from domain.payment import IN_DOUBT, Mark, Outcome, Result
from tests.devices.terminals.dialogue import SALE, paid, ready
from tests.devices.terminals.simulated import Journal, becomes, sale
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
    shows,
    until_sale,
)
from tests.log_watch import LogWatch
from tests.virtual_time import now, passes, run

# What does not begin


def not_started(*scripts: Script, what: Sale = SALE, sends: int = 1) -> NotStarted:
    async def main() -> NotStarted:
        link = FakeLink(*scripts, sends=sends)
        terminal = driver(link)
        await ready(terminal)
        journal = Journal()
        with pytest.raises(NotStarted) as caught:
            await terminal.pay(what, journal.commit, journal.steps.append)
        assert journal.tried == []
        await terminal.close()
        return caught.value

    return run(main)


def test_a_refused_authorisation_has_not_begun() -> None:
    async def refuses(peer: Peer, code: int) -> None:
        await until_sale(peer)
        peer.say(refused(code))
        await asyncio.Event().wait()

    busy = not_started(lambda peer: refuses(peer, 0x9C))
    assert (busy.fault, busy.detail) == ("terminal-busy", "zvt-9c")
    other = not_started(lambda peer: refuses(peer, 0x6B))
    assert (other.fault, other.detail) == ("terminal-refused", "zvt-6b")
    assert not_started(serving(), what=replace(SALE, amount=Money(1, "USD"))).fault == "terminal-currency"


def test_a_refusal_of_a_repeated_frame_may_hide_a_running_sale(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")

    async def refuses(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(refused(0x9C))
        await asyncio.Event().wait()

    result, _, _ = paid(refuses, serving(last=approval()), sends=2)
    assert result.outcome is Outcome.APPROVED


def changing(*statuses: int) -> Script:
    """A terminal whose status enquiries are answered with `statuses` in turn, then not at all."""

    async def script(peer: Peer) -> None:
        for status in statuses:
            while (packet := await peer.hear()).kind is not Kind.STATUS_ENQUIRY:
                await answer(peer, packet)
            await answer(peer, packet, status)
        await asyncio.Event().wait()

    return script


@pytest.mark.parametrize(
    ("status", "fault", "condition"),
    [
        (0x9C, "terminal-busy", Condition.BUSY),
        (0xE1, "terminal-card-left", Condition.OUT),
        (0xDF, "terminal-out-of-order", Condition.LATCHED),
        (0xE2, "terminal-needs-service", Condition.OUT),
    ],
)
def test_a_terminal_that_is_not_able_is_asked_before_every_sale(status: int, fault: str, condition: Condition) -> None:
    async def main() -> None:
        terminal = driver(FakeLink(changing(0, status, 0, 0, 0)))
        await ready(terminal)
        journal = Journal()
        with pytest.raises(NotStarted) as caught:
            await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (caught.value.fault, caught.value.detail) == (fault, f"zvt-{status:02x}")
        assert terminal.health().condition is condition
        assert journal.tried == []
        if condition is Condition.LATCHED:
            await passes(60)
            with pytest.raises(NotStarted, match="terminal-out-of-order"):
                await terminal.pay(SALE, journal.commit, journal.steps.append)
        await terminal.close()
        assert terminal.health().condition is Condition.AWAY
        await terminal.open()
        await becomes(terminal, Condition.READY)
        await terminal.close()

    run(main)


def test_a_probe_without_answer_starts_nothing() -> None:
    lost = not_started(changing(0))
    assert (lost.fault, lost.detail) == ("terminal-away", "silence")


def test_a_probe_that_is_refused_starts_nothing() -> None:
    async def script(peer: Peer) -> None:
        await answer(peer, await peer.hear())
        await answer(peer, await peer.hear())
        await peer.hear()
        peer.say(refused(0x83))

    assert not_started(script).fault == "terminal-refused"


def test_amounts_that_are_not_sales_are_a_bug() -> None:
    async def main() -> None:
        terminal = driver(FakeLink(serving()))
        with pytest.raises(ValueError, match="takes something"):
            await terminal.pay(replace(SALE, amount=Money(0, "EUR")), Journal().commit, list[Step]().append)
        with pytest.raises(NotStarted, match="terminal-away"):
            await terminal.pay(SALE, Journal().commit, list[Step]().append)

    run(main)


def test_one_sale_at_a_time() -> None:
    async def main() -> None:
        terminal = driver(FakeLink(selling(approval(), COMPLETION)))
        await ready(terminal)
        journal = Journal()
        paying = asyncio.ensure_future(terminal.pay(SALE, journal.commit, journal.steps.append))
        await asyncio.sleep(0)
        with pytest.raises(NotStarted, match="sale-running"):
            await terminal.pay(SALE, journal.commit, journal.steps.append)
        assert (await paying).outcome is Outcome.APPROVED
        await terminal.close()

    run(main)


# Cancelling


def cancelled_at(step: Step | None, script: Script) -> tuple[Result, FakeLink]:
    """Cancels when the patient's screen reaches `step`, or before the sale is sent."""

    async def main() -> tuple[Result, FakeLink]:
        link = FakeLink(script)
        terminal = driver(link)
        await ready(terminal)
        journal = Journal()

        def progress(reached: Step) -> None:
            if reached is step:
                cancelling.append(asyncio.ensure_future(terminal.cancel()))

        cancelling: list[asyncio.Future[None]] = []
        paying = asyncio.ensure_future(terminal.pay(SALE, journal.commit, progress))
        await asyncio.sleep(0)
        if step is None:
            await terminal.cancel()
        result = await paying
        assert len(journal.results) == 1
        await terminal.close()
        return result, link

    return run(main)


def test_cancelled_before_anything_was_sent() -> None:
    result, link = cancelled_at(None, selling(approval(), COMPLETION))
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "cancelled-before-start")
    assert link.sent(Kind.AUTHORISATION) == 0


def test_a_cancel_is_a_request_and_the_terminals_last_word_counts() -> None:
    async def obeys(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        assert (await peer.hear()).kind is Kind.TILL_ABORT
        peer.say(ACCEPTED)
        await peer.ask(failure(0x6C))
        await peer.ask(abort(0x6C))

    async def approves_all_the_same(peer: Peer) -> None:
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(shows(0x04))
        await peer.hear()
        peer.say(refused(0x83))
        await peer.ask(approval())
        await peer.ask(COMPLETION)

    result, link = cancelled_at(Step.INSERT_CARD, obeys)
    assert result.outcome is Outcome.CANCELLED
    assert link.sent(Kind.TILL_ABORT) == 1
    result, link = cancelled_at(Step.WAIT, approves_all_the_same)
    assert result.outcome is Outcome.APPROVED
    assert link.sent(Kind.TILL_ABORT) == 1


# A commit that cannot be made


def test_an_approval_that_is_not_committed_is_handed_back(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=1)
    result, link, _ = paid(selling(approval(), abort(0x6C)), journal=journal)
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "commit-failed")
    assert [packet.code for packet in link.heard if packet.kind is Kind.REFUSED] == [0x66]
    result, _, _ = paid(selling(approval(), COMPLETION), journal=Journal(fails=1))
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "commit-failed")


def test_a_commit_that_was_cancelled_is_no_commit(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal()

    async def commit(result: Result) -> None:
        if result.outcome is Outcome.APPROVED:
            raise asyncio.CancelledError
        await journal.commit(result)

    async def main() -> Result:
        terminal = driver(FakeLink(selling(approval(), abort(0x6C))))
        await ready(terminal)
        result = await terminal.pay(SALE, commit, journal.steps.append)
        await terminal.close()
        return result

    assert run(main).outcome is Outcome.CANCELLED


def test_a_sale_cut_off_from_outside_still_commits_whole_and_leaves_no_line_behind() -> None:
    journal = Journal()

    async def main() -> None:
        committing, go = asyncio.Event(), asyncio.Event()

        async def commit(result: Result) -> None:
            committing.set()
            await go.wait()
            await journal.commit(result)

        link = FakeLink(selling(approval(), COMPLETION))
        terminal = driver(link)
        await ready(terminal)
        paying = asyncio.ensure_future(terminal.pay(SALE, commit, journal.steps.append))
        await committing.wait()
        paying.cancel()
        await passes(1)
        assert link.sent(Kind.REGISTRATION) == 2, "on a new line"
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await paying
        await becomes(terminal, Condition.READY)
        await terminal.close()

    run(main)
    assert [(word.outcome, word.reason) for word in journal.results] == [(Outcome.APPROVED, ""), (Outcome.UNKNOWN, IN_DOUBT)]


# Strays


def test_late_words_of_something_older_are_answered_unless_they_are_money() -> None:
    async def script(peer: Peer) -> None:
        await answer(peer, await peer.hear())
        await answer(peer, await peer.hear())
        peer.say(shows(0x0B))
        peer.say(approval())
        peer.say(ACCEPTED)
        heard = [await peer.hear(), await peer.hear()]
        assert [packet.kind for packet in heard] == [Kind.ACCEPTED, Kind.STATUS_ENQUIRY]
        peer.say(abort(0x6C))
        peer.say(approval())
        assert (await peer.hear()).kind is Kind.ACCEPTED
        await answer(peer, heard[1])
        await until_sale(peer)
        peer.say(ACCEPTED)
        await peer.ask(approval())
        await peer.ask(COMPLETION)

    result, _, _ = paid(script)
    assert result.outcome is Outcome.APPROVED


# Looking after the line


def test_keep_alive_and_reconnection_have_their_times() -> None:
    async def main() -> None:
        link = FakeLink(serving())
        terminal = driver(link)
        await ready(terminal)
        before = link.sent(Kind.STATUS_ENQUIRY)
        await passes(100)
        assert link.sent(Kind.STATUS_ENQUIRY) == before + 2
        link.cannot_open = True
        link.peer.cut()
        await becomes(terminal, Condition.AWAY)
        lost_at = now()
        await passes(30)
        waits = [round(at - lost_at, 2) for at in link.opened_at[1:6]]
        assert waits == [0.25, 0.75, 1.75, 3.75, 7.75]
        link.cannot_open = False
        await becomes(terminal, Condition.READY)
        await terminal.open()
        await terminal.close()
        assert terminal.health().condition is Condition.AWAY

    run(main)


def test_what_is_on_the_line_instead_of_our_terminal() -> None:
    async def says(peer: Peer, *packets: Packet | bytes) -> None:
        await peer.hear()
        for packet in packets:
            peer.say_bytes(packet) if isinstance(packet, bytes) else peer.say(packet)
        await asyncio.Event().wait()

    def found(script: Script, fault: str, detail: str) -> None:
        async def main() -> None:
            terminal = driver(FakeLink(script), terminal_id="11111111")
            await terminal.open()
            async with asyncio.timeout(100):
                while (terminal.health().fault, terminal.health().detail) != (fault, detail):  # noqa: ASYNC110 - as becomes
                    await asyncio.sleep(0.1)
            await terminal.close()

        run(main)

    async def wrong(peer: Peer) -> None:
        await answer(peer, await peer.hear())

    found(lambda peer: says(peer), "terminal-away", "silence")
    found(lambda peer: says(peer, b"\x15\x03"), "terminal-not-zvt", "")
    found(lambda peer: says(peer, refused(0x6B)), "terminal-refused", "zvt-6b")
    found(lambda peer: says(peer, refused(0x9C)), "terminal-busy", "")
    found(lambda peer: says(peer, ACCEPTED, abort(0x83)), "terminal-refused", "zvt-83")
    found(lambda peer: says(peer, ACCEPTED, COMPLETION), "terminal-other", "no-terminal-id")
    found(wrong, "terminal-other", "52523535")


def test_an_inquiry_connects_by_itself() -> None:
    async def main() -> None:
        terminal = driver(FakeLink(serving(last=approval())))
        assert (await terminal.inquire(SALE)).outcome is Outcome.APPROVED
        assert (await terminal.inquire(SALE)).receipt == 8
        assert (await terminal.inquire(sale(999, Mark(7, 70)))).reason == "last-receipt-differs"
        await terminal.close()
        silent = driver(FakeLink(serving(status=0x9C)))
        with pytest.raises(DeviceError, match="terminal-busy"):
            await silent.inquire(SALE)
        await silent.close()

    run(main)


def test_a_bug_in_the_keeper_is_told_at_once() -> None:
    told: list[dict[str, Any]] = []

    async def main() -> None:
        class Buggy(FakeLink):
            async def open(self) -> None:
                raise ZeroDivisionError

        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
        terminal = driver(Buggy(serving()))
        await terminal.open()
        await passes(1)
        await terminal.close()

    run(main)
    assert isinstance(told[0]["exception"], ZeroDivisionError)


@pytest.mark.parametrize("wrong", [{"t1": 0.0}, {"idle": 61.0}, {"idle": 0.0}, {"overall": 180.0}, {"t4": -1.0}])
def test_timers_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Timers(**wrong)

"""The shipped driver against the simulator process over a real pty: every scripted behaviour, and what is kept of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from devices.health import Condition, DeviceError
from devices.terminals.port import NotStarted, Step
from domain.payment import Mark, Outcome
from tests.devices.terminals.simulated import (
    BRIEF,
    HASTY,
    PATIENT,
    Journal,
    becomes,
    sale,
    sell,
    simulator,
    strict_simulator,
    terminal,
)
from tests.log_watch import LogWatch


async def test_approval_is_committed_before_the_terminal_hears_that_it_was_accepted(tmp_path: Path) -> None:
    journal = Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        result = await sell(driver, journal)
        acknowledged = await sim.until("acknowledged")
        totals = await sim.totals()
    assert result.outcome is Outcome.APPROVED
    assert (result.amount.minor, result.receipt, result.trace) == (1234, 1, 1)
    assert len(result.card.last4) == 4
    assert result.card.brand
    assert result.authorization
    assert result.terminal_id == "52523535"
    assert not result.approved_offline
    assert result.reason == ""
    assert len(journal.results) == 1
    assert journal.at_ns[0] < acknowledged["at_ns"]
    assert totals["amount"] == sum(journal.approved) == 1234
    assert journal.steps == [Step.INSERT_CARD, Step.READING, Step.WAIT, Step.REMOVE_CARD]
    assert result.slip[0] == "Terminal 52523535"
    assert result.slip[-1] == "APPROVED"
    assert len(result.slip) == 5


@pytest.mark.parametrize(
    ("behaviour", "outcome", "reason", "charged"),
    [
        ("decline", Outcome.DECLINED, "zvt-05", 0),
        ("slow", Outcome.APPROVED, "", 1234),
        ("silent-after-approve", Outcome.APPROVED, "", 1234),
        ("garbage", Outcome.APPROVED, "", 1234),
        ("half-frame", Outcome.APPROVED, "", 1234),
        ("other-amount", Outcome.CANCELLED, "zvt-other-amount", 0),
        ("nothing", Outcome.UNKNOWN, "last-receipt-older", 0),
        ("approve-offline", Outcome.APPROVED, "", 1234),
        ("lost-ack", Outcome.APPROVED, "", 1234),
    ],
)
async def test_behaviours(
    log_watch: LogWatch, tmp_path: Path, behaviour: str, outcome: Outcome, reason: str, charged: int
) -> None:
    before, journal = Journal(), Journal()
    checked = behaviour in ("silent-after-approve", "garbage", "half-frame", "nothing")
    if checked:
        log_watch.expect("terminal.frame")
    if behaviour == "other-amount":
        log_watch.expect("terminal.unconfirmed")
    times = HASTY if behaviour == "silent-after-approve" else PATIENT
    async with strict_simulator(tmp_path) as sim, terminal(sim.path, times) as driver:
        await becomes(driver, Condition.READY)
        await sell(driver, before, 500)
        await sim.tell(behave=behaviour)
        assert (await sim.totals())["amount"] == 500
        result = await sell(driver, journal)
        totals = await sim.totals()
        await becomes(driver, Condition.READY)
    assert (result.outcome, result.reason) == (outcome, reason)
    kept = [word.outcome for word in journal.results]
    assert kept == [*([Outcome.UNKNOWN] if behaviour == "other-amount" else []), outcome]
    assert totals["amount"] == 500 + charged
    assert sum(journal.approved) == (charged if outcome is Outcome.APPROVED else 0)
    assert result.approved_offline is (behaviour == "approve-offline")
    assert (Step.CHECKING in journal.steps) is checked
    assert ("reversed" in sim.states()) is (behaviour == "other-amount")


async def test_a_pulled_cable_is_waited_for_and_the_truth_asked_when_it_is_back(log_watch: LogWatch, tmp_path: Path) -> None:
    log_watch.expect("terminal.frame")
    first, journal = Journal(), Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        await sell(driver, first, 700)
        await sim.until("ended")
        await sim.tell(behave="cable-out")
        paying = asyncio.ensure_future(sell(driver, journal))
        await sim.until("approved")
        await becomes(driver, Condition.AWAY)
        await sim.tell(cable="in")
        result = await paying
        totals = await sim.totals()
    assert result.outcome is Outcome.APPROVED
    assert result.receipt == 2
    assert totals["amount"] == 700 + sum(journal.approved) == 700 + 1234
    assert journal.steps[-1] is Step.CHECKING


async def test_a_cable_that_stays_out_ends_unknown_and_a_later_inquiry_tells(log_watch: LogWatch, tmp_path: Path) -> None:
    log_watch.expect("terminal.frame")
    first, journal = Journal(), Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path, BRIEF) as driver:
        await becomes(driver, Condition.READY)
        await sell(driver, first, 700)
        await sim.tell(behave="cable-out")
        assert await driver.newest() == Mark(1, 1)
        lost = sale(1234, Mark(1, 1))
        result = await driver.pay(lost, journal.commit, journal.steps.append)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "no-answer")
        assert [kept.outcome for kept in journal.results] == [Outcome.UNKNOWN]
        with pytest.raises(DeviceError, match="terminal-away"):
            await driver.inquire(lost)
        await sim.tell(cable="in")
        await becomes(driver, Condition.READY)
        told = await driver.inquire(lost)
        assert (told.outcome, told.amount.minor, told.receipt) == (Outcome.APPROVED, 1234, 2)
        assert (await driver.inquire(sale(700, Mark(1, 1)))).outcome is Outcome.UNKNOWN
        assert (await driver.inquire(sale(1234))).reason == "no-baseline"


async def test_an_unknown_sale_is_never_taken_for_the_next_one(log_watch: LogWatch, tmp_path: Path) -> None:
    """Nobody learnt the lost sale's receipt; the terminal's own number must be asked before an equal sale."""
    log_watch.expect("terminal.frame")
    journal = Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path, BRIEF) as driver:
        await becomes(driver, Condition.READY)
        await sell(driver, journal, 700)
        await sim.tell(behave="cable-out")
        lost = await sell(driver, journal, 900)
        await sim.tell(cable="in")
        await sim.tell(behave="nothing")
        await becomes(driver, Condition.READY)
        second = await sell(driver, journal, 900)
        assert (lost.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


async def test_a_busy_terminal_starts_nothing(tmp_path: Path) -> None:
    journal = Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        await sim.tell(behave="busy")
        assert (await sim.totals())["count"] == 0
        with pytest.raises(NotStarted, match="terminal-busy"):
            await sell(driver, journal)
        assert journal.tried == []
        await sim.tell(behave="approve")
        assert (await sim.totals())["count"] == 0
        assert (await sell(driver, journal)).outcome is Outcome.APPROVED


async def test_a_commit_that_fails_makes_the_terminal_reverse(log_watch: LogWatch, tmp_path: Path) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=1)
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        result = await sell(driver, journal)
        totals = await sim.totals()
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "commit-failed")
    assert "reversed" in sim.states()
    assert totals["count"] == 0
    assert journal.approved == []


async def test_what_was_refused_is_not_believed_by_the_next_process_either(log_watch: LogWatch, tmp_path: Path) -> None:
    """The cable is lost over the reversal and the kiosk restarts; the last receipt is still of the sale that was reversed."""
    log_watch.expect("terminal.frame")
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=1)
    async with strict_simulator(tmp_path) as sim:
        async with terminal(sim.path) as driver:
            await becomes(driver, Condition.READY)
            await sim.tell(behave="reverses-unheard")
            result = await sell(driver, journal)
            assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "commit-failed")
            assert "reversed" in sim.states() or await sim.until("reversed")
            await sim.tell(cable="in")
            await becomes(driver, Condition.READY)
            assert (await driver.inquire(sale(1234, Mark(0, 0), doubt=result.reason))).reason == "commit-failed"
        async with terminal(sim.path) as driver:
            await becomes(driver, Condition.READY)
            lost = sale(1234, Mark(0, 0))
            assert (await driver.inquire(lost)).outcome is Outcome.APPROVED  # what it says of what it has not
            told = await driver.inquire(replace(lost, doubt=result.reason))
            totals = await sim.totals()
    assert (told.outcome, told.reason) == (Outcome.UNKNOWN, "commit-failed")
    assert totals["count"] == 0


async def test_a_sale_that_the_terminal_took_back_because_nobody_answered_is_never_approved(
    log_watch: LogWatch, tmp_path: Path
) -> None:
    log_watch.expect("terminal.frame")
    async with simulator(tmp_path, "--bank-ms", "300") as sim, terminal(sim.path, HASTY) as driver:
        await becomes(driver, Condition.READY)
        assert (await sell(driver, Journal(), 500)).outcome is Outcome.APPROVED
        await sim.until("ended")
        await sim.tell(behave="reverses-unanswered")
        paying = asyncio.ensure_future(sell(driver, Journal(), attempt="a2"))
        await sim.until("authorising")
        await sim.tell(fault="drop", count=0)
        await sim.until("reversed")
        await sim.tell(fault="clear")
        result = await paying
        totals = await sim.totals()
    assert (result.outcome, result.reason, totals["count"]) == (Outcome.UNKNOWN, "last-receipt-reversal", 1)


async def test_an_approval_without_a_result_code_is_reversed_and_not_called_declined(log_watch: LogWatch, tmp_path: Path) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal()
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        await sim.tell(behave="no-result")
        result = await sell(driver, journal)
        totals = await sim.totals()
    assert (result.outcome, result.reason) == (Outcome.CANCELLED, "zvt-no-result")
    assert "reversed" in sim.states()
    assert totals["count"] == 0


async def test_a_journal_that_is_gone_leaves_the_attempt_open_and_the_sale_reversed(log_watch: LogWatch, tmp_path: Path) -> None:
    log_watch.expect("terminal.unconfirmed")
    journal = Journal(fails=9)
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        with pytest.raises(OSError, match="disk is full"):
            await sell(driver, journal)
        assert (await sim.totals())["count"] == 0
        await becomes(driver, Condition.READY)


async def test_cancel_while_no_card_is_in(tmp_path: Path) -> None:
    journal = Journal()
    async with strict_simulator(tmp_path, "--manual") as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        paying = asyncio.ensure_future(sell(driver, journal))
        await sim.until("waiting-card")
        await driver.cancel()
        result = await paying
        assert (result.outcome, result.reason) == (Outcome.CANCELLED, "zvt-6c")
        assert (await sim.totals())["count"] == 0


async def test_cancel_after_the_card_is_in_changes_nothing(tmp_path: Path) -> None:
    journal = Journal()
    async with strict_simulator(tmp_path, "--manual", "--bank-ms", "300") as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        paying = asyncio.ensure_future(sell(driver, journal))
        await sim.until("waiting-card")
        await sim.tell(card="tap")
        await sim.until("authorising")
        await driver.cancel()
        result = await paying
        assert result.outcome is Outcome.APPROVED
        assert (await sim.totals())["amount"] == sum(journal.approved) == 1234


async def test_a_card_that_a_person_declines_and_one_that_is_removed(tmp_path: Path) -> None:
    journal = Journal()
    async with strict_simulator(tmp_path, "--manual") as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        for card, outcome in (("decline", Outcome.DECLINED), ("insert", Outcome.APPROVED)):
            paying = asyncio.ensure_future(sell(driver, journal))
            await sim.until("waiting-card")
            await sim.tell(card=card)
            if card == "insert":
                await sim.until("acknowledged")
                await sim.tell(card="remove")
            assert (await paying).outcome is outcome


async def test_an_idle_terminal_that_is_pulled_is_missed_at_once_and_found_again(tmp_path: Path) -> None:
    async with strict_simulator(tmp_path) as sim, terminal(sim.path) as driver:
        await becomes(driver, Condition.READY)
        await sim.tell(cable="out")
        await becomes(driver, Condition.AWAY)
        assert driver.health().fault == "terminal-away"
        with pytest.raises(NotStarted, match="terminal-away"):
            await driver.pay(sale(), Journal().commit, list[Step]().append)
        await sim.tell(cable="in")
        await becomes(driver, Condition.READY)


async def test_another_terminal_than_the_one_we_were_told_of_is_refused(tmp_path: Path) -> None:
    async with strict_simulator(tmp_path, "--tid", "12345678") as sim:
        async with terminal(sim.path, "tid=52523535") as driver:
            await becomes(driver, Condition.OUT)
            assert (driver.health().fault, driver.health().detail) == ("terminal-other", "12345678")
            with pytest.raises(DeviceError, match="terminal-other"):
                await driver.inquire(sale(1234, Mark(1, 1)))
        async with terminal(sim.path, "tid=12345678&idle=0.05") as driver:
            await becomes(driver, Condition.READY)


async def test_a_simulator_refuses_commands_that_mean_nothing(tmp_path: Path) -> None:
    async with strict_simulator(tmp_path) as sim:
        await sim.tell(behave="sulk")
        assert "sulk" in (await sim.next())["error"]
        await sim.tell(nothing="at all")
        assert (await sim.next())["error"] == "no such command"

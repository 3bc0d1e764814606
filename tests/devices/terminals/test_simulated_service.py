"""What is done between sales, with the shipped driver and the simulated terminal as processes, over a pty and over TCP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.health import Condition
from devices.terminals.port import DayTotals, Reversal, ReversalEnd, Serviced, Step
from devices.terminals.uris import open_terminal
from domain.money import Money
from domain.payment import Outcome, Result
from tests.devices.terminals.simulated import PATIENCE, PATIENT, Journal, Simulator, becomes, sell, simulator

PASSWORD, CURRENCY = "123456", "EUR"


@contextlib.asynccontextmanager
async def both(tmp_path: Path, *options: str, driver: str = "", mends: bool = False) -> AsyncIterator[tuple[Simulator, Serviced]]:
    """A simulated terminal and the driver on it, over TCP when `options` say --tcp."""
    async with simulator(tmp_path, *options) as sim:
        where = f"zvt+tcp://127.0.0.1:{sim.port}" if sim.port else f"zvt+serial://{sim.path}"
        terminal = open_terminal(f"{where}?{PATIENT}{driver}", password=PASSWORD, currency=CURRENCY, mends=mends)
        await terminal.open()
        try:
            yield sim, terminal
        finally:
            await terminal.close()
        assert sim.violations() == []


def nowhere(step: Step) -> None:
    """Nobody watches."""


@pytest.mark.parametrize("line", [(), ("--tcp", "0")], ids=["serial", "tcp"])
async def test_a_day_with_two_sales_one_taken_back(tmp_path: Path, line: tuple[str, ...]) -> None:
    async with both(tmp_path, *line, driver="&serial=SIM0000042") as (sim, terminal):
        await becomes(terminal, Condition.READY)
        assert await terminal.last() is None
        first = await sell(terminal, Journal(), 1234)
        second = await sell(terminal, Journal(), 500, "a2")
        assert (first.outcome, second.outcome) == (Outcome.APPROVED, Outcome.APPROVED)
        last = await terminal.last()
        assert last is not None
        assert (last.receipt, last.amount) == (second.receipt, Money(500, CURRENCY))
        assert "Total 5.00" in last.slip
        assert first.receipt is not None
        done = await terminal.reverse(Reversal(first.receipt, Money(1234, CURRENCY)), nowhere)
        assert (done.end, done.amount) == (ReversalEnd.REVERSED, Money(1234, CURRENCY))
        again = await terminal.reverse(Reversal(first.receipt, Money(1234, CURRENCY)), nowhere)
        assert (again.end, again.reason) == (ReversalEnd.REFUSED, "zvt-b5")
        totals = await sim.totals()
        assert [charge["amount"] for charge in totals["charges"]] == [500]
        closed = await terminal.end_of_day(nowhere)
        assert (closed.count, closed.amount) == (1, Money(500, CURRENCY))
        assert closed.slip[0] == "Day closed"
        assert (await terminal.end_of_day(nowhere)) == DayTotals(
            0, Money(0, CURRENCY), (0, 0), "52523535", ("Day closed", "Count 0", "Total 0.00")
        )
        who = await terminal.diagnose()
        assert (who.serial, who.terminal_id, who.software) == ("SIM0000042", "52523535", "SIM-1.0")
        assert "Diagnosis: line good" in who.slip
        assert (await sell(terminal, Journal(), 700, "a3")).outcome is Outcome.APPROVED


async def test_a_terminal_that_takes_back_only_its_last_sale_is_found_out(tmp_path: Path) -> None:
    """Portalum.Zvt#24, with two sales of the same amount."""
    async with both(tmp_path, "--profile", "last-only") as (_, terminal):
        await becomes(terminal, Condition.READY)
        first = await sell(terminal, Journal(), 1234)
        await sell(terminal, Journal(), 1234, "a2")
        assert first.receipt is not None
        done = await terminal.reverse(Reversal(first.receipt, Money(1234, CURRENCY)), nowhere)
        assert (done.end, done.reason) == (ReversalEnd.OTHER, "zvt-other-reversal")


@pytest.mark.parametrize("status", ["f0", "51", "c2", "e4", "62"])
async def test_a_terminal_that_needs_something_is_well_again_by_itself(tmp_path: Path, status: str) -> None:
    async with simulator(tmp_path) as sim:
        await sim.tell(set={"status": status, "sets-time": True})
        terminal = open_terminal(f"zvt+serial://{sim.path}?{PATIENT}", password=PASSWORD, currency=CURRENCY, mends=True)
        await terminal.open()
        await becomes(terminal, Condition.READY)
        assert (await sell(terminal, Journal())).outcome is Outcome.APPROVED
        await terminal.close()
        assert sim.violations() == []


class Slow(Journal):
    """Its first commit waits until the terminal has asked again."""

    def __init__(self, asked_again: asyncio.Event) -> None:
        super().__init__()
        self._asked_again = asked_again

    async def commit(self, result: Result) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._asked_again.wait()
        await super().commit(result)


@pytest.mark.parametrize("profile", ["plain", "valina", "cardcomplete", "gp-pax", "feig"])
async def test_a_slow_commit_is_waited_for_by_every_makers_terminal(tmp_path: Path, profile: str) -> None:
    async with both(tmp_path, "--profile", profile, "--repeat-ms", "50", driver="&moment=0.05") as (_, terminal):
        await becomes(terminal, Condition.READY)
        durable = asyncio.Event()
        asyncio.get_running_loop().call_later(0.5, durable.set)
        journal = Slow(durable)
        assert (await sell(terminal, journal)).outcome is Outcome.APPROVED
        assert journal.approved == [1234]


async def test_cardcompletes_letters(tmp_path: Path) -> None:
    async with both(tmp_path, "--profile", "cardcomplete", driver="&profile=cardcomplete") as (_, terminal):
        await becomes(terminal, Condition.READY)
        result = await sell(terminal, Journal())
        assert result.slip[-1] == "Vielen Dank für 1 €-Einkauf"


async def test_another_machine_behind_the_same_address(tmp_path: Path) -> None:
    async with both(tmp_path, "--tcp", "0", driver="&serial=SIM0000043") as (_, terminal):
        await becomes(terminal, Condition.OUT)
        assert (terminal.health().fault, terminal.health().detail) == ("terminal-other", "SIM0000042")

"""What a technician, and the driver by itself, asks of a terminal between sales, against the simulated one: reversals that hit
another sale, the day's end, and a terminal that needs something. Both sides read the totals by tables of their own."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.terminals.port import NotStarted, Reversal, ReversalEnd, Reversed, Step
from domain.money import Money
from domain.payment import Outcome
from tests.devices.terminals.lobby import Lobby, lobby, may_warn, paid
from tests.devices.terminals.simulated import Journal, becomes, sell
from tests.log_watch import LogWatch


async def takes_back(there: Lobby, receipt: int, minor: int) -> Reversed:
    return await there.driver.reverse(Reversal(receipt, Money(minor, "EUR")), list[Step]().append)


async def test_a_sale_is_taken_back_by_its_receipt() -> None:
    async with lobby("pty") as there:
        await paid(there, 1250)
        await paid(there, 700)
        assert (await takes_back(there, 2, 700)).end is ReversalEnd.REVERSED
        assert await there.charged() == [1250]
        assert (await takes_back(there, 2, 700)).end is ReversalEnd.REFUSED
        assert await there.charged() == [1250]
        assert there.told("violation") == []


@pytest.mark.parametrize(("profile", "behaviour"), [("last-only", "approve"), ("plain", "other-reversal")])
async def test_a_terminal_that_takes_back_something_else_is_found_out(profile: str, behaviour: str) -> None:
    async with lobby("pty", profile) as there:
        await paid(there, 1250)
        await paid(there, 700)
        await there.machine.obey({"behave": behaviour})
        done = await takes_back(there, 1, 1250)
        assert done.end is ReversalEnd.OTHER
        assert len(await there.charged()) == 1
        assert there.told("violation") == []


async def test_a_reversal_whose_end_is_not_heard_is_asked_after(log_watch: LogWatch) -> None:
    async with lobby("pty") as there:
        await paid(there, 1250)
        await there.machine.obey({"behave": "silent-after-approve"})
        done = await takes_back(there, 1, 1250)
        assert await there.charged() == []
        assert done.end in (ReversalEnd.REVERSED, ReversalEnd.UNKNOWN)
    may_warn(log_watch)


async def test_the_days_end_says_what_stands_charged() -> None:
    async with lobby("pty") as there:
        for minor in (1250, 700, 99):
            await paid(there, minor)
        totals = await there.driver.end_of_day(list[Step]().append)
        assert (totals.count, totals.amount) == (3, Money(2049, "EUR"))
        assert "Day closed" in totals.slip
        again = await there.driver.end_of_day(list[Step]().append)
        assert (again.count, again.amount) == (0, Money(0, "EUR"))
        assert there.told("violation") == []


async def test_who_it_is_and_what_it_did_last() -> None:
    async with lobby("pty") as there:
        assert await there.driver.last() is None
        await paid(there, 1250)
        last = await there.driver.last()
        assert last is not None
        assert (last.outcome, last.amount, last.receipt) == (Outcome.APPROVED, Money(1250, "EUR"), 1)
        await there.machine.obey({"set": {"sets-time": True}})
        who = await there.driver.diagnose()
        assert (who.software, who.serial, who.terminal_id) == ("SIM-1.0", "SIM0000042", "52523535")
        assert "Diagnosis: line good" in who.slip
        assert there.told("violation") == []


@pytest.mark.parametrize("status", ["f0", "51", "c2", "e4", "62", "6a", "b1"])
async def test_one_that_needs_something_is_given_it(status: str) -> None:
    async with lobby("pty", options="&idle=0.1") as there:
        await there.machine.obey({"set": {"status": status}})
        try:
            await sell(there.driver, Journal(), 1250)
        except NotStarted:
            await becomes(there.driver, Condition.READY)
            await sell(there.driver, Journal(), 1250)
        assert await there.charged() == [1250]
        assert there.told("violation") == []

"""The shipped driver against the simulated terminal while the wire between them fails, on a pty and on TCP: whatever is lost,
doubled, bent or late, what the driver says was charged is what stands charged, and the driver breaks no rule of the protocol."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from devices.health import Condition
from devices.terminals.simulator.zvt.profiles import PROFILES
from domain.payment import Outcome
from tests.devices.terminals.lobby import agrees, lobby, may_warn, paid
from tests.devices.terminals.simulated import becomes
from tests.log_watch import LogWatch

MUTE = ("drop", "truncate", "flip")


def orders() -> list[dict[str, Any]]:
    """Each fault that a line has, once in each direction; the last of them struck often enough to break every retry."""
    once = [{"fault": name, "way": way} for name in (*MUTE, "duplicate", "dribble", "hold") for way in ("in", "out")]
    bytewise = [{"fault": name, "way": way, "unit": "byte"} for name in ("drop", "duplicate", "flip") for way in ("in", "out")]
    acks = [{"fault": name, "way": way, "unit": "ack"} for name in ("drop", "hold", "duplicate") for way in ("in", "out")]
    late = [{"fault": "delay", "way": way, "ms": 100, "count": 3} for way in ("in", "out")]
    storm = [{"fault": "nak", "way": "in", "count": 2}]
    return [*once, *bytewise, *acks, *late, *storm]


@pytest.mark.parametrize("order", orders(), ids=lambda order: "-".join(str(value) for value in order.values()))
async def test_a_serial_line_that_fails_once(log_watch: LogWatch, order: dict[str, Any]) -> None:
    async with lobby("pty") as there:
        await there.machine.obey(order)
        result = await paid(there, 1234)
        assert there.told("fault"), "the fault has not struck"
        await agrees(there, result, 1234)
        assert result is not None
        assert result.outcome is Outcome.APPROVED
    may_warn(log_watch)


@pytest.mark.parametrize("order", orders()[:18], ids=lambda order: "-".join(str(value) for value in order.values()))
async def test_a_network_line_that_fails_once(log_watch: LogWatch, order: dict[str, Any]) -> None:
    async with lobby("tcp") as there:
        await there.machine.obey(order)
        result = await paid(there, 1234)
        assert there.told("fault"), "the fault has not struck"
        # TCP keeps its bytes; where one is bent all the same nobody can say whose fault the next word is
        await agrees(there, result, 1234, told=order["fault"] not in ("flip", "duplicate"))
    may_warn(log_watch)


@pytest.mark.parametrize("seed", [0, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 140))])
@pytest.mark.parametrize("wire", ["pty", "tcp"])
async def test_a_line_that_fails_again_and_again(log_watch: LogWatch, wire: str, seed: int) -> None:
    """Some faults at once, each of them for some frames, in the middle of two sales."""
    chance = random.Random(seed)
    async with lobby(wire) as there:
        for minor in (700, 1234):
            before = await there.charged()
            for order in chance.sample(orders(), 3):
                await there.machine.obey({**order, "count": chance.randrange(1, 4)})
            result = await paid(there, minor)
            await there.machine.obey({"fault": "clear"})
            now = (await there.charged())[len(before) :]
            if result is None or result.outcome not in (Outcome.APPROVED, Outcome.UNKNOWN):
                assert now == []
            elif result.outcome is Outcome.APPROVED:
                assert now == [minor]
            await becomes(there.driver, Condition.READY)
    may_warn(log_watch)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("wire", ["pty", "tcp"])
async def test_every_makers_terminal_takes_a_sale_and_hears_no_wrong_word(wire: str, profile: str) -> None:
    async with lobby(wire, profile) as there:
        result = await paid(there, 1234)
        await agrees(there, result, 1234)
        assert result is not None
        assert result.outcome is Outcome.APPROVED
        await there.machine.obey({"set": {"status": "df"}})
        assert await paid(there, 1234) is None
        await agrees(there, result, 1234)


@pytest.mark.parametrize("wire", ["pty", "tcp"])
async def test_a_result_before_its_command_is_accepted(log_watch: LogWatch, wire: str) -> None:
    async with lobby(wire) as there:
        await paid(there, 700)
        await there.machine.obey({"behave": "result-before-accept"})
        result = await paid(there, 1234)
        assert result is not None
        assert (await there.charged())[-1:] == ([1234] if result.outcome is not Outcome.CANCELLED else [700])
        assert result.outcome in (Outcome.APPROVED, Outcome.UNKNOWN)
    may_warn(log_watch)


async def test_one_that_agrees_to_an_abort_and_charges_all_the_same(log_watch: LogWatch) -> None:
    async with lobby("pty") as there:
        await there.machine.obey({"behave": "approves-after-abort"})
        await there.machine.obey({"manual": True})
        paying = asyncio.ensure_future(paid(there, 1234))
        async with asyncio.timeout(20):
            while not there.told("sale"):  # noqa: ASYNC110 - reports have no bell
                await asyncio.sleep(0.005)
        await there.driver.cancel()
        result = await paying
        assert result is not None
        assert result.outcome is Outcome.APPROVED
        await agrees(there, result, 1234)
    may_warn(log_watch)


async def test_a_tampered_terminal_is_latched(log_watch: LogWatch) -> None:
    async with lobby("pty") as there:
        await there.machine.obey({"behave": "tampered"})
        assert await paid(there, 1234) is None
        assert there.driver.health().condition is Condition.LATCHED
        assert await there.charged() == []
    may_warn(log_watch)

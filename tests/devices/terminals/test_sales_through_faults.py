"""The shipped driver against the simulated terminal while the wire between them fails, on a pty and on TCP: whatever is lost,
doubled, bent or late, what the driver says was charged is what stands charged, and the driver breaks no rule of the protocol."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from devices.health import Condition
from devices.terminals.port import NotStarted, Terminal
from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.wires import PtyWire, TcpWire, Wire
from devices.terminals.simulator.zvt.mind import zvt_machine
from devices.terminals.simulator.zvt.profiles import PROFILES
from devices.terminals.uris import open_terminal
from domain.payment import Outcome, Result
from tests.devices.terminals.simulated import Journal, becomes, sell
from tests.log_watch import LogWatch

PACE = Pace(card=0.01, bank=0.01, slow=0.1, answer=3, card_timeout=10, repeat=0.05)
TIMES = "t1=0.1&t2=0.3&t3=2&t4=1&overall=10&closing=1&recovery=5&retry=0.02&retry_most=0.1"
MUTE = ("drop", "truncate", "flip")


class Lobby:
    """The terminal, the driver, and what the terminal told."""

    def __init__(self, machine: Machine, driver: Terminal, reports: list[dict[str, Any]]) -> None:
        self.machine = machine
        self.driver = driver
        self.reports = reports

    async def charged(self) -> list[int]:
        await self.machine.obey({"do": "totals"})
        return [charge["amount"] for charge in self.reports.pop()["totals"]["charges"]]

    def told(self, what: str) -> list[Any]:
        return [report[what] for report in self.reports if what in report]


@contextlib.asynccontextmanager
async def lobby(wire: str, profile: str = "plain") -> AsyncIterator[Lobby]:
    reports: list[dict[str, Any]] = []
    on: Wire = PtyWire(None) if wire == "pty" else TcpWire(0)
    machine = zvt_machine(
        on, Faults(11, reports.append), books=open_books(None), cards=Cardholder(False, "insert", PACE), pace=PACE,
        chance=random.Random(11), report=reports.append, tid="52523535", profile=PROFILES[profile],
        ack_s=1.0 if wire == "pty" else None,
    )  # fmt: skip
    await machine.start()
    where = machine.where()
    address = f"zvt+serial://{where['path']}" if wire == "pty" else f"zvt+tcp://{where['host']}:{where['port']}"
    driver = open_terminal(f"{address}?{TIMES}", password="123456", currency="EUR")
    await driver.open()
    try:
        await becomes(driver, Condition.READY)
        yield Lobby(machine, driver, reports)
    finally:
        await driver.close()
        await machine.stop()


def orders() -> list[dict[str, Any]]:
    """Each fault that a line has, once in each direction; the last of them struck often enough to break every retry."""
    once = [{"fault": name, "way": way} for name in (*MUTE, "duplicate", "dribble", "hold") for way in ("in", "out")]
    bytewise = [{"fault": name, "way": way, "unit": "byte"} for name in ("drop", "duplicate", "flip") for way in ("in", "out")]
    acks = [{"fault": name, "way": way, "unit": "ack"} for name in ("drop", "hold", "duplicate") for way in ("in", "out")]
    late = [{"fault": "delay", "way": way, "ms": 100, "count": 3} for way in ("in", "out")]
    storm = [{"fault": "nak", "way": "in", "count": 2}]
    return [*once, *bytewise, *acks, *late, *storm]


async def paid(there: Lobby, minor: int) -> Result | None:
    try:
        return await sell(there.driver, Journal(), minor)
    except NotStarted:
        return None


async def agrees(there: Lobby, result: Result | None, minor: int, *, told: bool = True) -> None:
    """What the driver says and what stands charged are the same; UNKNOWN is the only word that leaves it open. And the terminal
    has not `told` of any rule that the driver broke."""
    charged = await there.charged()
    outcome = Outcome.CANCELLED if result is None else result.outcome
    if outcome is Outcome.APPROVED:
        assert charged == [minor]
    elif outcome is not Outcome.UNKNOWN:
        assert charged == []
    if told:
        assert there.told("violation") == []


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


def may_warn(log_watch: LogWatch) -> None:
    """A line that fails is worth a warning, or is mended without one: that is not what is asked here."""
    for event in {said["event"] for said in log_watch.events if said["level"] == "warning"}:
        assert event in ("terminal.frame", "terminal.unconfirmed")
        log_watch.expect(event)

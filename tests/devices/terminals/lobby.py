"""The shipped ZVT driver and the simulated terminal in one process, a real pty or TCP between them, and both their books."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

from devices.health import Condition
from devices.terminals.port import NotStarted, Serviced
from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.wires import PtyWire, TcpWire, Wire
from devices.terminals.simulator.zvt.device import Device
from devices.terminals.simulator.zvt.mind import zvt_machine
from devices.terminals.simulator.zvt.profiles import PROFILES
from devices.terminals.uris import machine_time, open_terminal
from domain.payment import Outcome, Result
from tests.devices.terminals.simulated import Journal, becomes, sell
from tests.log_watch import LogWatch

PACE = Pace(card=0.01, bank=0.01, slow=0.1, answer=3, card_timeout=10, repeat=0.05)
TIMES = "t1=0.1&t2=0.3&t3=2&t4=1&overall=10&closing=1&recovery=5&retry=0.02&retry_most=0.1"


class Lobby:
    """The terminal, the driver, and what the terminal told."""

    def __init__(self, machine: Machine, driver: Serviced, reports: list[dict[str, Any]]) -> None:
        self.machine = machine
        self.driver = driver
        self.reports = reports

    async def charged(self) -> list[int]:
        await self.machine.obey({"do": "totals"})
        return [charge["amount"] for charge in self.reports.pop()["totals"]["charges"]]

    def told(self, what: str) -> list[Any]:
        return [report[what] for report in self.reports if what in report]


@contextlib.asynccontextmanager
async def lobby(wire: str, profile: str = "plain", options: str = "") -> AsyncIterator[Lobby]:
    reports: list[dict[str, Any]] = []
    on: Wire = PtyWire(None) if wire == "pty" else TcpWire(0)
    cards, chance = Cardholder(False, "insert", PACE), random.Random(11)
    device = Device(open_books(None, machine_time), cards, PACE, reports.append, chance, "52523535", profile=PROFILES[profile])
    machine = zvt_machine(on, Faults(11, reports.append), device, ack_s=1.0 if wire == "pty" else None)
    await machine.start()
    where = machine.where()
    address = f"zvt+serial://{where['path']}" if wire == "pty" else f"zvt+tcp://{where['host']}:{where['port']}"
    driver = open_terminal(f"{address}?{TIMES}{options}", password="123456", currency="EUR")
    await driver.open()
    try:
        await becomes(driver, Condition.READY)
        yield Lobby(machine, driver, reports)
    finally:
        await driver.close()
        await machine.stop()


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


def may_warn(log_watch: LogWatch) -> None:
    """A line that fails is worth a warning, or is mended without one: that is not what is asked here."""
    for event in {said["event"] for said in log_watch.events if said["level"] == "warning"}:
        assert event in ("terminal.frame", "terminal.unconfirmed")
        log_watch.expect(event)

"""A simulated NEO 2 reader on the bench: in memory, with a host that speaks in hex digits beside it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.neo2.device import TEST_BDK, TEST_KSN, Device
from devices.terminals.simulator.neo2.mind import neo2_machine
from devices.terminals.uris import machine_time
from tests.devices.terminals.benched import FakeWire
from tests.devices.terminals.neo2_host import LIMIT_S, Host

PACE = Pace(card=0.01, bank=0.01, slow=0.1, answer=0.2, card_timeout=10, repeat=0.05)
HASTY = Pace(card=0.01, bank=0.01, slow=0.1, answer=0.2, card_timeout=0.1, repeat=0.05)


class Bench:
    """`told` waits for the reader's next report of a kind; none is told twice."""

    def __init__(self, machine: Machine, wire: FakeWire, reports: asyncio.Queue[dict[str, Any]]) -> None:
        self.machine = machine
        self.wire = wire
        self._reports = reports
        self.violations: list[str] = []

    async def do(self, **command: Any) -> None:
        await self.machine.obey(command)

    async def told(self, what: str) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while what not in (report := await self._reports.get()):
                continue
        return report[what]

    async def until(self, state: str) -> dict[str, Any]:
        """The next report of a payment in that state."""
        while (sale := await self.told("sale"))["state"] != state:
            continue
        found: dict[str, Any] = sale
        return found

    async def totals(self) -> dict[str, Any]:
        await self.do(do="totals")
        totals: dict[str, Any] = await self.told("totals")
        return totals


@contextlib.asynccontextmanager
async def benched_reader(
    *, manual: bool = False, pace: Pace = PACE, bdk: str = TEST_BDK, ksn: str = TEST_KSN, books: Path | None = None
) -> AsyncIterator[tuple[Bench, Host]]:
    wire, reports = FakeWire(), asyncio.Queue[dict[str, Any]]()

    def report(said: dict[str, Any]) -> None:
        reports.put_nowait(said)
        if "violation" in said:
            bench.violations.append(said["violation"]["rule"])

    cards, chance = Cardholder(manual, "tap", pace), random.Random(7)
    device = Device(open_books(books, machine_time), cards, pace, report, chance, bytes.fromhex(bdk), bytes.fromhex(ksn))
    machine = neo2_machine(wire, Faults(7, report), device)
    bench = Bench(machine, wire, reports)
    await machine.start()
    try:
        yield bench, Host(wire)
        assert not machine.failed.done()
    finally:
        await machine.stop()

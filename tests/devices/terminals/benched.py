"""A simulated ZVT terminal on the bench: in memory and virtual time, with a till that speaks in hex digits."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from devices.terminals.simulator.books import open_books
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.machine import Machine
from devices.terminals.simulator.zvt.device import Device
from devices.terminals.simulator.zvt.mind import zvt_machine
from devices.terminals.simulator.zvt.profiles import PROFILES
from devices.terminals.zvt.packets import decode
from tests.devices.terminals.vectors import APDUS, octets
from tests.virtual_time import passes, run

T = TypeVar("T")

PACE = Pace(card=0.4, bank=0.3, slow=2, answer=5, card_timeout=60, repeat=3)
YES = "800000"
REGISTER = "0600" + "06" + "123456" + "BE" + "0978"
RESERVE = octets(APDUS["pre-authorisation 25.00 (EVerest)"]).hex()
PASSWORD = "123456"
MADE_AT = dt.datetime(2026, 3, 4, 14, 5, 6, tzinfo=dt.UTC)
"""The terminal's clock stands still. None of its numbers is 10: as a byte that is DLE, which is written twice on a serial line,
and Wireshark does not take that back."""
SALE = "0601" + "0A" + "04000000001250" + "490978"


class FakeWire:
    """What the terminal writes goes to `out`, one write each."""

    def __init__(self) -> None:
        self.arrived: Callable[[bytes], None] = lambda data: None
        self.closed: Callable[[], None] = lambda: None
        self.out: asyncio.Queue[bytes] = asyncio.Queue()
        self._plugged = False

    @property
    def plugged(self) -> bool:
        return self._plugged

    def where(self) -> dict[str, object]:
        return {"path": "bench"}

    async def plug(self) -> None:
        self._plugged = True

    def cut(self) -> None:
        if self._plugged:
            self._plugged = False
            self.closed()

    def write(self, data: bytes) -> None:
        if self._plugged:
            self.out.put_nowait(data)


class Bench:
    """`reports` is what the terminal told; `sale` the states of the last payment."""

    def __init__(self, machine: Machine, wire: FakeWire, reports: list[dict[str, Any]]) -> None:
        self.machine = machine
        self.wire = wire
        self.reports = reports

    async def do(self, **command: Any) -> None:
        await self.machine.obey(command)

    def write(self, words: str) -> None:
        self.wire.arrived(bytes.fromhex(words))

    async def hear(self) -> str:
        """The terminal's next write, in hex digits."""
        async with asyncio.timeout(1000):
            return (await self.wire.out.get()).hex().upper()

    async def run(self, command: str, *to_status: str) -> list[str]:
        """Everything that the terminal says to a command after it has accepted it; each is answered with yes, the status
        informations with `to_status` as long as there are any."""
        self.write(command)
        assert await self.hear() == YES
        return await self.rest(*to_status)

    async def rest(self, *to_status: str) -> list[str]:
        heard, answers = [], list(to_status)
        while True:
            said = await self.hear()
            heard.append(said)
            self.write(answers.pop(0) if answers and said.startswith("040F") else YES)
            if said[:4] in ("060F", "061E"):
                await passes(0.001)
                return heard

    async def ready(self) -> None:
        assert (await self.run(REGISTER))[0].startswith("060F")

    async def charged(self) -> list[int]:
        """What stands charged, newest last."""
        await self.do(do="totals")
        return [charge["amount"] for charge in self.reports.pop()["totals"]["charges"]]

    @property
    def states(self) -> list[str]:
        return [report["sale"]["state"] for report in self.reports if "sale" in report]

    @property
    def violations(self) -> list[str]:
        return [report["violation"]["rule"] for report in self.reports if "violation" in report]

    @property
    def struck(self) -> list[str]:
        return [report["fault"]["name"] for report in self.reports if "fault" in report]


def benched(
    test: Callable[[Bench], Coroutine[Any, Any, T]],
    *,
    profile: str = "plain",
    manual: bool = False,
    ack_s: float | None = None,
    books: Path | None = None,
) -> T:
    """Runs `test` with a terminal that has just been switched on; on TCP unless `ack_s` says how long an ACK is waited for."""

    async def main() -> T:
        wire, reports = FakeWire(), list[dict[str, Any]]()
        cards, chance = Cardholder(manual, "insert", PACE), random.Random(7)
        device = Device(
            open_books(books, lambda: MADE_AT), cards, PACE, reports.append, chance, "52523535", profile=PROFILES[profile]
        )
        machine = zvt_machine(wire, Faults(7, reports.append), device, ack_s)
        await machine.start()
        try:
            done = await test(Bench(machine, wire, reports))
            assert not machine.failed.done()
            return done
        finally:
            await machine.stop()

    return run(main)


def kinds(said: list[str]) -> list[str]:
    return [packet[:4] for packet in said]


def field(packet: str, tag: int) -> str:
    """A bitmap's value in hex digits, as the driver reads it: the two were written apart."""
    return decode(bytes.fromhex(packet)).fields.digits(tag).upper()

"""The simulator as a child process, and a journal that remembers what was committed and when."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from devices.health import Condition
from devices.terminals.port import Sale, Step, Terminal
from devices.terminals.uris import open_terminal
from domain.money import Money
from domain.payment import Mark, Outcome, Result

REPOSITORY = Path(__file__).parents[3]
PATIENCE = 20.0
PATIENT = "t1=0.2&t2=0.5&t3=5&t4=20&overall=30&closing=5&recovery=10&retry=0.02&retry_most=0.1"
"""Times for a busy machine: a wait that runs out in vain costs them, one that is answered does not."""
HASTY = PATIENT.replace("t4=20", "t4=1.5")
"""For a terminal that falls silent while it is master."""
BRIEF = PATIENT.replace("recovery=10", "recovery=1.5")
"""For a terminal that does not come back."""


class Simulator:
    """A running simulator: `tell` commands, `until` something was reported."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self._process = process
        self.path: str = ready.get("path", "")
        self.port: int = ready.get("port", 0)
        self.seen: list[dict[str, Any]] = []

    async def tell(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    async def next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        happening: dict[str, Any] = json.loads(line)
        self.seen.append(happening)
        return happening

    async def until(self, state: str) -> dict[str, Any]:
        """The next report of a sale in that state."""
        while True:
            sale: dict[str, Any] = (await self.next()).get("sale", {})
            if sale.get("state") == state:
                return sale

    async def told(self, what: str) -> Any:
        """The next report of that kind."""
        while what not in (happening := await self.next()):
            continue
        return happening[what]

    async def totals(self) -> dict[str, Any]:
        await self.tell(do="totals")
        totals: dict[str, Any] = await self.told("totals")
        return totals

    async def end(self) -> None:
        """Ends it, and reads what it has still to tell."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            self.seen += [json.loads(line) async for line in self._process.stdout]

    def violations(self) -> list[str]:
        """Which rules of the protocol we have broken, as far as it has been read."""
        return [happening["violation"]["rule"] for happening in self.seen if "violation" in happening]

    def states(self) -> list[str]:
        return [happening["sale"]["state"] for happening in self.seen if "sale" in happening]


@contextlib.asynccontextmanager
async def simulator(tmp_path: Path, *options: str) -> AsyncIterator[Simulator]:
    pace = ("--card-delay-ms", "5", "--bank-ms", "5", "--slow-ms", "200", "--ack-ms", "1000", "--answer-ms", "3000")
    where = () if "--tcp" in options else ("--link", str(tmp_path / "tty"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devices.terminals.simulator", *where, *pace, *options,
        cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            first = await process.stdout.readline()
        yield Simulator(process, json.loads(first)["ready"])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await process.wait()
        assert process.returncode == 0


@contextlib.asynccontextmanager
async def strict_simulator(tmp_path: Path, *options: str) -> AsyncIterator[Simulator]:
    """One that lets no rule of the protocol be broken."""
    async with simulator(tmp_path, *options) as running:
        yield running
        await running.end()
        assert running.violations() == []


@contextlib.asynccontextmanager
async def terminal(path: str, options: str = PATIENT) -> AsyncIterator[Terminal]:
    driver = open_terminal(f"zvt+serial://{path}?{options}", password="123456", currency="EUR")
    await driver.open()
    try:
        yield driver
    finally:
        await driver.close()


async def becomes(driver: Terminal, condition: Condition) -> None:
    """Waits until the terminal's health is `condition`."""
    async with asyncio.timeout(PATIENCE):
        while driver.health().condition is not condition:  # noqa: ASYNC110 - the port tells no changes
            await asyncio.sleep(0.005)


def sale(
    minor: int = 1234,
    newest: Mark | None = None,
    attempt: str = "attempt-1",
    opened_at: dt.datetime | None = None,
    doubt: str = "",
) -> Sale:
    return Sale(attempt, Money(minor, "EUR"), newest, opened_at or dt.datetime.now(dt.UTC), offline=False, doubt=doubt)


async def sell(driver: Terminal, journal: Journal, minor: int = 1234, attempt: str = "attempt-1") -> Result:
    """One sale as the engine makes it: the terminal's numbers are asked, then it is paid."""
    return await driver.pay(sale(minor, await driver.newest(), attempt), journal.commit, journal.steps.append)


class Journal:
    """Commits into a list; `fails` makes the first so many commits raise."""

    def __init__(self, fails: int = 0) -> None:
        self.results: list[Result] = []
        self.at_ns: list[int] = []
        self.steps: list[Step] = []
        self.tried: list[Result] = []
        self._fails = fails

    async def commit(self, result: Result) -> None:
        self.tried.append(result)
        if self._fails:
            self._fails -= 1
            raise OSError("the disk is full")
        self.results.append(result)
        self.at_ns.append(time.monotonic_ns())

    @property
    def approved(self) -> list[int]:
        return [result.amount.minor for result in self.results if result.outcome is Outcome.APPROVED]

"""A terminal URI without a terminal: sim: starts a simulated one as a child process and drives it like any other."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from devices.health import Health
from devices.terminals.port import Capabilities, Commit, DayTotals, Diagnosis, Progress, Reversal, Reversed, Sale, Serviced
from domain.payment import Mark, Result

_ROOT = Path(__file__).parents[2]
_ENDS_S = 5.0
"""A simulator ends when its stdin closes; one that has not by then is killed."""


def new_line() -> Path:
    """Where a simulator to be started will keep its end of the line: in a folder of its own, which is not there yet."""
    return Path(tempfile.gettempdir()) / f"lobbypay-sim-{secrets.token_hex(8)}" / "tty"


class SimulatedTerminal:
    """devices.terminals.port.Serviced: `driver`, which looks for its terminal at `line`, and the simulator there. That is started
    with `options` by `open`, and has ended when `close` returns. It ends with us too, however we end."""

    def __init__(self, driver: Serviced, line: Path, options: tuple[str, ...]) -> None:
        self._driver = driver
        self._line = line
        self._options = options
        self._child: Process | None = None
        self._unread: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when the simulator is there to be driven."""
        if self._child is None:
            self._line.parent.mkdir(mode=0o700)
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "devices.terminals.simulator", "--link", str(self._line), *self._options,
                cwd=_ROOT, stdin=PIPE, stdout=PIPE,
                start_new_session=True,  # Ctrl-C is ours to answer: a sale that runs is cancelled first
            )  # fmt: skip
            assert self._child.stdout is not None
            await self._child.stdout.readline()
            self._unread = asyncio.create_task(_drain(self._child.stdout))
        await self._driver.open()

    async def close(self) -> None:
        await self._driver.close()
        child, self._child = self._child, None
        if child is not None:
            await _end(child)
            if self._unread is not None:
                await self._unread
            shutil.rmtree(self._line.parent)

    def health(self) -> Health:
        return self._driver.health()

    @property
    def capabilities(self) -> Capabilities:
        return self._driver.capabilities

    async def newest(self) -> Mark | None:
        return await self._driver.newest()

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        return await self._driver.pay(sale, commit, progress)

    async def cancel(self) -> None:
        await self._driver.cancel()

    def inquiry_owed(self, owed: bool) -> None:
        self._driver.inquiry_owed(owed)

    async def inquire(self, sale: Sale) -> Result:
        return await self._driver.inquire(sale)

    async def last(self) -> Result | None:
        return await self._driver.last()

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        return await self._driver.reverse(reversal, progress)

    async def end_of_day(self, progress: Progress) -> DayTotals:
        return await self._driver.end_of_day(progress)

    def day_closed(self) -> DayTotals | None:
        return self._driver.day_closed()

    async def diagnose(self) -> Diagnosis:
        return await self._driver.diagnose()


async def _end(child: Process) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(_ENDS_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


async def _drain(reports: asyncio.StreamReader) -> None:
    """What it tells is nobody's business here, and must not fill its pipe."""
    while await reports.read(4096):
        continue

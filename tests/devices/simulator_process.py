"""A simulator as the demo runs it: its own process, one-line JSON in and out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
LOOK_EVERY_S = 0.01


class SimulatorProcess:
    """`ready` is what it said when it was up."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self._process = process
        self.ready = ready

    async def tell(self, command: dict[str, Any]) -> dict[str, Any]:
        """Sends a command and returns what it said of it, {"done": ...} or {"error": ...}."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        while not {"done", "error"} & set(report := await self.report()):
            pass
        return report

    async def report(self) -> dict[str, Any]:
        """Its next line."""
        return await next_line(self._process)


async def next_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        line = await process.stdout.readline()
    assert line, "the simulator ended"
    report: dict[str, Any] = json.loads(line)
    return report


@contextlib.asynccontextmanager
async def simulator(module: str, *arguments: str) -> AsyncIterator[SimulatorProcess]:
    """Runs `python -m module arguments` until the block ends; it must then end by itself, without a complaint."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield SimulatorProcess(process, (await next_line(process))["ready"])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(LIMIT_S):
            _, complaints = await process.communicate()
    assert (process.returncode, complaints.decode()) == (0, "")


async def until(condition: Callable[[], bool]) -> None:
    """Waits until `condition` holds; fails after LIMIT_S seconds."""
    loop = asyncio.get_running_loop()
    came = loop.create_future()

    def look() -> None:
        if condition():
            came.set_result(None)
        elif not came.cancelled():
            loop.call_later(LOOK_EVERY_S, look)

    loop.call_soon(look)
    async with asyncio.timeout(LIMIT_S):
        await came

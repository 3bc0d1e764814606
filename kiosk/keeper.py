"""Keeps a kiosk's two processes running: a fallen UI comes back to the visit it left, a fallen engine to its journal.

On a real kiosk two systemd units do the same; this is for a bench, a demo room, a first try.
"""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, Process

AGAIN_S = 1.0
"""Between a fall and the next start: a process that falls at once must not spin."""

END_S = 10.0
"""How long a process may take to end when asked; the engine closes its journal meanwhile."""

KNOWN_FAILURE = 1
"""The exit code of a failure that starting again does not mend; its sentence is on stderr already."""


async def keep_running(engine: list[str], ui: list[str]) -> int:
    """Until SIGTERM or SIGINT (0), or until the engine says that it cannot run (KNOWN_FAILURE). The UI starts when the engine is
    ready."""
    asked = asyncio.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, asked.set)
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        ends = [group.create_task(part) for part in (asked.wait(), _keep_engine(engine, ready), _keep_ui(ui, ready))]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
    return 0 if asked.is_set() else KNOWN_FAILURE


async def _keep_engine(command: list[str], ready: asyncio.Event) -> None:
    """Returns when the engine has met a failure that it knows."""
    while True:
        if await _run(command, ready) == KNOWN_FAILURE:
            return
        await asyncio.sleep(AGAIN_S)


async def _keep_ui(command: list[str], ready: asyncio.Event) -> None:
    """A UI has no failure of its own: whatever ended it, the visit goes on."""
    await ready.wait()
    while True:
        await _run(command, ready)
        await asyncio.sleep(AGAIN_S)


async def _run(command: list[str], ready: asyncio.Event) -> int:
    """One life of a process; its exit code. `ready` is set by its first line."""
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        assert process.stdout is not None
        async for _ in process.stdout:
            ready.set()
        return await process.wait()
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """Asks, waits, insists."""
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

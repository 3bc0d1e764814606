"""Keeps a kiosk's two processes running: a fallen UI comes back to the visit it left, a fallen engine to its journal.

On a real kiosk two systemd units do the same; this is for a bench, a demo room, a first try.
"""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, Process

from domain.errors import Known

AGAIN_S = 1.0
"""Between a fall and the next start: a process that falls at once must not spin."""

KNOWN_FAILURE = 1
"""The exit code of a failure that starting again does not mend; its sentence is on stderr already."""


async def keep_running(engine: list[str], ui: list[str]) -> None:
    """Until SIGTERM or SIGINT. The UI starts when the engine is ready. Raises Known when the engine cannot start at all."""
    stopping = asyncio.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, stopping.set)
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        keepers = [group.create_task(_keep(engine, ready)), group.create_task(_keep_ui(ui, ready))]
        await stopping.wait()
        for keeper in keepers:
            keeper.cancel()


async def _keep_ui(command: list[str], ready: asyncio.Event) -> None:
    await ready.wait()
    await _keep(command, asyncio.Event())


async def _keep(command: list[str], ready: asyncio.Event) -> None:
    while True:
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        try:
            assert process.stdout is not None
            async for _ in process.stdout:
                ready.set()
            code = await process.wait()
        finally:
            await _end(process)
        if code == KNOWN_FAILURE:
            raise Known("The kiosk has stopped; the line above says why.")
        await asyncio.sleep(AGAIN_S)


async def _end(process: Process) -> None:
    """Asks, waits, insists."""
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

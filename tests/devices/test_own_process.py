"""The watchdog over a device's own process, where no device is needed to try it."""

from __future__ import annotations

import asyncio
import sys

from devices.own_process import run_watched

SPEAKS = (sys.executable, "-c", "import sys, time\nprint('{}', flush=True)\ntime.sleep(600)")


async def test_nothing_of_a_process_is_left_however_often_its_task_is_cancelled() -> None:
    """At the end of an engine its tasks are cancelled by who made them, and by the loop."""
    seen: list[asyncio.subprocess.Process] = []
    spoke = asyncio.Event()

    def talk(process: asyncio.subprocess.Process | None) -> None:
        if process is not None:
            seen.append(process)

    task = asyncio.create_task(run_watched(SPEAKS, talk, lambda _: spoke.set(), patience=60, longest=99))
    await spoke.wait()
    task.cancel()
    asyncio.get_running_loop().call_soon(task.cancel)
    await asyncio.wait({task})
    assert task.cancelled()
    assert seen[0].returncode == -9

"""The watchdog over a device's own process, where no device is needed to try it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from devices.own_process import run_watched
from devices.scanners import messages as scanner
from devices.smartcards import messages as smartcards

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


@pytest.mark.parametrize("said_of", [scanner.said_of, smartcards.said_of])
def test_nothing_that_a_process_said_stays_with_who_read_it(said_of: Callable[[bytes], Any]) -> None:
    """Law 10. Two readings of one line share no string that is not in the program: none was kept in between."""
    line = b'{"condition": "away", "fault": "camera-away", "detail": "as on one day", "kind": "state"}'
    assert said_of(line) == said_of(line)
    assert said_of(line).detail is not said_of(line).detail

"""Time that jumps: a loop whose clock moves only when nothing else can happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from offline_queue.simulation.loop import VirtualLoop

T = TypeVar("T")


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs `main` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


def now() -> float:
    return asyncio.get_running_loop().time()


async def passes(seconds: float) -> None:
    """Lets virtual time pass."""
    until = now() + seconds
    while now() < until:  # noqa: ASYNC110 - it is time itself that is waited for
        await asyncio.sleep(until - now())

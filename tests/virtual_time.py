"""Time that jumps: a loop whose clock moves only when nothing else can happen."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.DefaultSelector):
    """Never waits: when nothing is ready, the loop's clock is moved to its next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing will ever happen: a wait without a timer"
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


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

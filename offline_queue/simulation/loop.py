"""Virtual time: an asyncio loop whose clock moves only when nothing else can happen, and whose threads are tasks of it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

_T = TypeVar("_T")


class _Jump(selectors.DefaultSelector):
    """Never waits: when nothing is ready, the loop's clock is moved to its next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen: a wait without a timer")
            self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its clock moves only when nothing else can happen."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


class Loop(VirtualLoop):
    """What the shipped code hands to a thread (the journal's, the hub's) is done in this one, in the order in which it was
    handed over: so the same seed meets the same order of things."""

    def run_in_executor(  # type: ignore[override]  # any arguments, as there
        self, executor: Executor | None, func: Callable[..., _T], *args: Any
    ) -> asyncio.Future[_T]:
        async def call() -> _T:
            return func(*args)

        return self.create_task(call())

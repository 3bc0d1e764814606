"""A device's keeper: the task that looks after it from `open` to `close`, and whose bugs are not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Keeper:
    """Runs `keep`, which never returns, once at a time. `whose` is the device's name, in words for the log."""

    def __init__(self, whose: str, keep: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._whose = whose
        self._keep = keep
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._task is not None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep())
            self._task.add_done_callback(self._tell_bug)

    async def stop(self) -> None:
        """Returns when it has ended. Until then nobody may take it for running any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def _tell_bug(self, task: asyncio.Task[None]) -> None:
        """It ends only when cancelled; anything else is a bug, which nobody awaits, and goes to the loop's handler at once."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            task.get_loop().call_exception_handler({"message": f"{self._whose}'s keeper failed", "exception": bug})

"""What stands in for sleep in the tests of sync."""

from __future__ import annotations

import asyncio


class Patience:
    """The sleep of a test: it ends when told to, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._resting = asyncio.Event()
        self._over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._resting.set()
        await self._over.wait()
        self._over.clear()

    async def resting(self) -> None:
        """Until sync rests."""
        await self._resting.wait()
        self._resting.clear()

    def over(self) -> None:
        self._over.set()

"""What has come over a line and nobody has received yet, and whether the line is lost: the part that every link has alike."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from devices.terminals.errors import LinkDown

Word = TypeVar("Word")
"""What the line carries: an APDU, or a frame."""

MOST_WAITING = 64
"""More than any terminal says unasked; what goes on beyond is none, and must not fill the memory."""


class Inbox(Generic[Word]):
    """One opening of a line. It begins lost when `open` is False, for a link that was never opened."""

    def __init__(self, *, open: bool) -> None:
        self._words: deque[Word] = deque()
        self._came = asyncio.Event()
        self._gone = asyncio.Event()
        self._lost: LinkDown | None = None
        if not open:
            self.lose(LinkDown("lost"))

    def put(self, word: Word) -> bool:
        """Whether it was taken. What could not even be acknowledged any more, because the line was lost over it, is asked for
        again another day. One too many loses the line."""
        if len(self._words) >= MOST_WAITING:
            self.lose(LinkDown("garbage", "unasked"))
        if self._lost is not None:
            return False
        self._words.append(word)
        self._came.set()
        return True

    def lose(self, down: LinkDown) -> None:
        """The line is gone; only the first reason counts. What came before can still be received."""
        if self._lost is None:
            self._lost = down
            self._came.set()
            self._gone.set()

    async def receive(self) -> Word:
        """The next that came. Raises LinkDown once there is none and the line is lost."""
        while not self._words:
            self.check()
            self._came.clear()
            await self._came.wait()
        return self._words.popleft()

    def check(self) -> None:
        """Raises LinkDown when the line is lost."""
        if self._lost is not None:
            raise LinkDown(self._lost.reason, self._lost.detail)

    def waiting(self) -> list[Word]:
        """Takes what came and nobody received."""
        found = list(self._words)
        self._words.clear()
        return found

    async def down(self) -> None:
        """Returns when the line is lost."""
        await self._gone.wait()

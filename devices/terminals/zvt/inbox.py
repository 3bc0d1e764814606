"""What has come over a line and nobody has received yet, and whether the line is lost: the part that every link has alike."""

from __future__ import annotations

import asyncio
from collections import deque

from devices.terminals.zvt.errors import LinkDown

MOST_APDUS = 64
"""More than any terminal says unasked; what goes on beyond is none, and must not fill the memory."""


class Inbox:
    """One opening of a line. It begins lost when `open` is False, for a link that was never opened."""

    def __init__(self, *, open: bool) -> None:
        self._apdus: deque[bytes] = deque()
        self._came = asyncio.Event()
        self._lost: LinkDown | None = None
        if not open:
            self.lose(LinkDown("lost"))

    def put(self, apdu: bytes) -> None:
        """What could not even be acknowledged any more, because the line was lost over it, is asked for again another day. One
        APDU too many loses the line."""
        if len(self._apdus) >= MOST_APDUS:
            self.lose(LinkDown("garbage", "unasked"))
        if self._lost is None:
            self._apdus.append(apdu)
            self._came.set()

    def lose(self, down: LinkDown) -> None:
        """The line is gone; only the first reason counts. What came before can still be received."""
        if self._lost is None:
            self._lost = down
            self._came.set()

    async def receive(self) -> bytes:
        """The next APDU. Raises LinkDown once there is none and the line is lost."""
        while not self._apdus:
            self.check()
            self._came.clear()
            await self._came.wait()
        return self._apdus.popleft()

    def check(self) -> None:
        """Raises LinkDown when the line is lost."""
        if self._lost is not None:
            raise LinkDown(self._lost.reason, self._lost.detail)

    def waiting(self) -> list[bytes]:
        """Takes what came and nobody received."""
        found = list(self._apdus)
        self._apdus.clear()
        return found

"""A line in memory whose far end is a script: what the virtual terminals of both protocols stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox, Word
from tests.virtual_time import now

Said = TypeVar("Said")
"""What the till says: a packet, or a frame."""


class FarEnd(Generic[Word, Said]):
    """One opening of a ScriptedLink, as its far end has it."""

    def __init__(self) -> None:
        self.to_till = Inbox[Word](open=True)
        self.from_till: asyncio.Queue[Said] = asyncio.Queue()

    def cut(self) -> None:
        self.to_till.lose(LinkDown("lost"))

    async def hear(self) -> Said:
        return await self.from_till.get()


End = TypeVar("End", bound=FarEnd[Any, Any])


class ScriptedLink(Generic[End, Word, Said]):
    """Each opening runs the next script (the last one again and again) as the terminal's side, at a new far end."""

    def __init__(self, end: Callable[[], End], *scripts: Callable[[End], Coroutine[Any, Any, None]]) -> None:
        self._end = end
        self._scripts = list(scripts)
        self._running: asyncio.Task[None] | None = None
        self._peer: End | None = None
        self.opened_at: list[float] = []
        self.heard: list[Said] = []
        self.cannot_open = False

    @property
    def peer(self) -> End:
        """Of the line that is open."""
        assert self._peer is not None
        return self._peer

    async def open(self) -> None:
        await self.close()
        self.opened_at.append(now())
        if self.cannot_open:
            raise LinkDown("cannot-open")
        self._peer = self._end()
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        self._running = asyncio.ensure_future(script(self._peer))

    async def close(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled() and running.exception() is not None:
                raise AssertionError("the scripted terminal failed") from running.exception()
        if self._peer is not None:
            self._peer.cut()
        self._peer = None

    def _reach(self) -> End:
        """The far end, if anything can be sent to it."""
        if self._peer is None:
            raise LinkDown("lost")
        self._peer.to_till.check()
        return self._peer

    async def receive(self) -> Word:
        if self._peer is None:
            raise LinkDown("lost")
        word: Word = await self._peer.to_till.receive()
        return word

    def waiting(self) -> list[Word]:
        return self.peer.to_till.waiting()

    async def down(self) -> None:
        await self.peer.to_till.down()

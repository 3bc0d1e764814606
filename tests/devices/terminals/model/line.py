"""A line to a modelled terminal, of one process: a dead one's words are never said."""

from __future__ import annotations

from typing import Any, Generic, Protocol

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox, Word


class Process(Protocol):
    """Whose line it is."""

    async def alive(self) -> None:
        """Returns to a living one only."""


class Plugged(Protocol):
    """What hangs on a line, one at a time."""

    def connect(self, line: Any) -> None: ...

    def disconnect(self) -> None: ...


class ModelLine(Generic[Word]):
    """A line.AnyLink."""

    def __init__(self, device: Plugged, process: Process) -> None:
        self._device = device
        self._process = process
        self._up = False
        self._inbox = Inbox[Word](open=False)

    async def open(self) -> None:
        await self.close()
        self._inbox = Inbox[Word](open=True)
        self._up = True
        self._device.connect(self)

    async def close(self) -> None:
        await self._process.alive()
        if self._up:
            self._device.disconnect()
            self.cut()

    def cut(self) -> None:
        self._up = False
        self._inbox.lose(LinkDown("lost"))

    async def _reach(self) -> None:
        """Returns when there is somebody to send from, and a line to send over."""
        await self._process.alive()
        self._inbox.check()

    async def receive(self) -> Word:
        return await self._inbox.receive()

    def waiting(self) -> list[Word]:
        return self._inbox.waiting()

    async def down(self) -> None:
        await self._inbox.down()

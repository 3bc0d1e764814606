"""A line to a terminal over a file descriptor, which may vanish at any step: opened, read, written, and let go of."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from typing import Generic, Protocol

from devices.descriptors import GONE, Port, let_go
from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox, Word

_READ = 4096


class AnyLink(Protocol[Word]):
    """A line to one terminal; how it sends is its protocol's. `open`, `receive` and what sends raise LinkDown, after which only
    `open` and `close` make sense."""

    async def open(self) -> None:
        """Opens or reopens; what was queued before is forgotten."""

    async def close(self) -> None: ...

    async def receive(self) -> Word:
        """The next that came; if its protocol wants it acknowledged, it has been."""

    def waiting(self) -> list[Word]:
        """Takes what came and nobody received."""

    async def down(self) -> None:
        """Returns when the line has been lost."""


class Line(ABC, Generic[Word]):
    """One line, opened any number of times. `t1` is the longest pause inside a frame, `patience` the wait for a device that takes
    no more bytes, both in seconds on the running loop's clock; `stuck` is the reason why that one is lost.

    Every byte is read into one buffer, which is wiped, so that card data lies nowhere that nobody can overwrite.
    """

    def __init__(self, t1: float, patience: float, stuck: str) -> None:
        self._t1 = t1
        self._patience = patience
        self._stuck = stuck
        self._port: Port | None = None
        self._inbox = Inbox[Word](open=False)
        self._buffer = bytearray(_READ)
        self._pause: asyncio.TimerHandle | None = None

    @abstractmethod
    def _open_port(self) -> Port: ...

    @abstractmethod
    def _fresh(self) -> None:
        """A new opening: nothing has been heard yet."""

    @abstractmethod
    def _hear(self, data: memoryview) -> bool:
        """Takes what came, which is wiped after; whether it ends between frames, where a pause means nothing."""

    @abstractmethod
    def _paused(self) -> None:
        """The line paused longer than T1 inside a frame."""

    async def open(self) -> None:
        await self.close()
        try:
            self._port = self._open_port()
            self._inbox = Inbox[Word](open=True)
            self._fresh()
            asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)
        except GONE as gone:
            await self.close()
            raise LinkDown("cannot-open") from gone

    async def close(self) -> None:
        self._lose()

    def waiting(self) -> list[Word]:
        return self._inbox.waiting()

    async def receive(self) -> Word:
        return await self._inbox.receive()

    async def down(self) -> None:
        await self._inbox.down()

    async def _write(self, data: bytes) -> None:
        """Returns when all of `data` is written. Raises LinkDown."""
        left = data
        while left:
            self._inbox.check()
            assert self._port is not None, "an open inbox has its port"
            try:
                left = left[os.write(self._port.fileno(), left) :]
            except BlockingIOError:
                await self._writable(self._port.fileno())
            except GONE as gone:
                self._lose()
                raise LinkDown("lost") from gone

    async def _writable(self, fd: int) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(fd, ready.set)
        try:
            async with asyncio.timeout(self._patience):
                await ready.wait()
        except TimeoutError as stuck:
            self._lose(self._stuck)
            raise LinkDown(self._stuck) from stuck
        finally:
            loop.remove_writer(fd)

    def _readable(self) -> None:
        assert self._port is not None
        try:
            size = os.readv(self._port.fileno(), [self._buffer])
        except BlockingIOError:
            return
        except GONE:
            size = 0
        if size == 0:
            self._lose()
            return
        self._rest()
        quiet = self._hear(memoryview(self._buffer)[:size])
        self._buffer[:size] = bytes(size)
        if not quiet and self._port is not None:
            self._pause = asyncio.get_running_loop().call_later(self._t1, self._paused)

    def _rest(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    def _lose(self, reason: str = "lost") -> None:
        """Lets go of the port, whatever state it is in, and tells everyone who waits on it."""
        self._rest()
        if self._port is None:
            return
        port, self._port = self._port, None
        let_go(port)
        self._inbox.lose(LinkDown(reason))

"""What a simulated terminal hangs on: a pseudo-terminal, or a TCP port of this machine. Both can be cut and plugged in again."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"


class Wire(Protocol):
    """`arrived` takes the till's bytes as they come; `closed` is told when the till, or the cable, has gone."""

    arrived: Callable[[bytes], None]
    closed: Callable[[], None]

    @property
    def plugged(self) -> bool:
        """Whether what is written may reach anybody."""

    def where(self) -> dict[str, object]:
        """The address for a till: {"path": ...}, or {"host": ..., "port": ...}."""

    async def plug(self) -> None: ...

    def cut(self) -> None:
        """The cable comes out: the till sees its device, or its connection, vanish."""

    def write(self, data: bytes) -> None: ...


class PtyWire:
    """A pseudo-terminal; `link` is kept pointing at it, since its own name changes whenever it is plugged in."""

    def __init__(self, link: Path | None) -> None:
        self._link = link
        self._fds: tuple[int, int] | None = None
        self._path = ""
        self.arrived: Callable[[bytes], None] = lambda data: None
        self.closed: Callable[[], None] = lambda: None

    @property
    def plugged(self) -> bool:
        return self._fds is not None

    def where(self) -> dict[str, object]:
        return {"path": str(self._link or self._path)}

    async def plug(self) -> None:
        """Our own hold on the pty's other end keeps it alive while no till is there."""
        if self._fds is not None:
            return
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._fds = (ours, theirs)
        self._path = os.ttyname(theirs)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._path)
        asyncio.get_running_loop().add_reader(ours, lambda: self.arrived(os.read(ours, 4096)))

    def cut(self) -> None:
        if self._fds is None:
            return
        fds, self._fds = self._fds, None
        asyncio.get_running_loop().remove_reader(fds[0])
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        for fd in fds:
            os.close(fd)
        self.closed()

    def write(self, data: bytes) -> None:
        if self._fds is not None:
            os.write(self._fds[0], data)


class TcpWire:
    """A port of this machine for one till at a time: a new connection takes the place of the old one. Port 0 is any free one,
    and stays the same from then on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._till: asyncio.Transport | None = None
        self.arrived: Callable[[bytes], None] = lambda data: None
        self.closed: Callable[[], None] = lambda: None

    @property
    def plugged(self) -> bool:
        return self._till is not None

    def where(self) -> dict[str, object]:
        return {"host": HOST, "port": self._port}

    async def plug(self) -> None:
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(lambda: _Till(self), HOST, self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None
        if self._till is not None:
            self._till.abort()
            self.farewell(self._till)

    def write(self, data: bytes) -> None:
        if self._till is not None:
            self._till.write(data)

    def welcome(self, till: asyncio.Transport) -> None:
        if self._till is not None:
            self._till.abort()
            self.farewell(self._till)
        self._till = till

    def farewell(self, till: asyncio.Transport) -> None:
        if self._till is till:
            self._till = None
            self.closed()

    def heard(self, till: asyncio.Transport, data: bytes) -> None:
        if self._till is till:
            self.arrived(data)


class _Till(asyncio.Protocol):
    """One connection to a TcpWire."""

    def __init__(self, wire: TcpWire) -> None:
        self._wire = wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._wire.welcome(transport)

    def data_received(self, data: bytes) -> None:
        self._wire.heard(self._transport, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.farewell(self._transport)

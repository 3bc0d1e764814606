"""A socket for programs of the same user on this machine: a file of mode 0600, and nobody else's program is served."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from abc import ABC, abstractmethod
from pathlib import Path

LONGEST_PATH = 107
"""Bytes that the path of a socket may have (Linux, unix(7))."""


def listen(path: Path) -> socket.socket:
    """A listening socket at `path`. Raises OSError when there can be none.

    A file left there by a dead engine is replaced: the database's lock keeps engines apart.
    """
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.fchmod(listening.fileno(), 0o600)  # before bind: the file never exists with another mode (Linux, unix(7))
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    return listening


def same_user(writer: asyncio.StreamWriter) -> bool:
    """Only our own user may look at the screen and touch it (root may do anything anyway)."""
    peer: socket.socket = writer.get_extra_info("socket")
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid in (os.getuid(), 0)


class _Connection(asyncio.StreamReaderProtocol):
    """What asyncio keeps of a connection that broke while it was written to is the exception, and with it every frame that it
    was raised beneath, in a cycle through its own reader: a patient's picture and code would be there until some later garbage
    collection, for which a kiosk at rest gives no reason (law 10)."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc and exc.with_traceback(None))


class LocalServer(ABC):
    """Any number of UIs on a UNIX socket of mode 0600, all on one loop. `limit` is the longest read in bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._uis: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None

    @abstractmethod
    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One UI, until it goes. Lets go of `writer`."""

    async def _start(self) -> None:
        """Raises OSError when there can be no socket at that path."""
        self._server = await asyncio.get_running_loop().create_unix_server(self._connection, sock=listen(self._path))

    def _connection(self) -> _Connection:
        return _Connection(asyncio.StreamReader(self._limit), self._serve)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            served = tuple(self._uis.values())
            for writer in tuple(self._uis):
                writer.transport.abort()
            if served:
                await asyncio.wait(served)
            await self._server.wait_closed()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not same_user(writer):
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None, "asyncio serves each connection in a task of its own"
        self._uis[writer] = task
        try:
            await self._attend(reader, writer)
        finally:
            del self._uis[writer]

"""ZVT's other line: bare APDUs over TCP, the terminal being the server, with TLS where it offers that."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox
from devices.terminals.zvt.stream import ApduStream

DEFAULT_PORT = 20007
"""Where a terminal listens unless it is told otherwise (fact sheet; some use 20008, Feig 22000 and 22001 with TLS)."""

_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
"""A terminal that was unplugged is noticed after 25 seconds of silence, in the middle of a sale too (EVerest's figures)."""


class TcpLink:
    """A link.Link over TCP. Times in seconds: `t2` is the wait for the connection, for bytes to leave, and inside an APDU.

    There is no link acknowledgement here, and nothing is ever sent twice.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, t2: float) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._t2 = t2
        self._ear: _Ear | None = None
        self._inbox = Inbox[bytes](open=False)

    async def open(self) -> None:
        await self.close()
        loop = asyncio.get_running_loop()
        inbox = Inbox[bytes](open=True)
        ear = _Ear(inbox, self._t2)
        try:
            async with asyncio.timeout(self._t2):
                await loop.create_connection(lambda: ear, self._host, self._port, ssl=self._tls)
        except ssl.SSLError as refused:
            raise LinkDown("cannot-open", "tls") from refused
        except OSError as unreachable:  # TimeoutError is one
            raise LinkDown("cannot-open") from unreachable
        self._ear, self._inbox = ear, inbox

    async def close(self) -> None:
        if self._ear is not None:
            self._ear.drop(LinkDown("lost"))
            self._ear = None

    async def send(self, apdu: bytes) -> int:
        self._inbox.check()
        assert self._ear is not None, "an open inbox has its ear"
        await self._ear.write(apdu)
        return 1

    async def receive(self) -> bytes:
        return await self._inbox.receive()

    def waiting(self) -> list[bytes]:
        return self._inbox.waiting()

    async def down(self) -> None:
        await self._inbox.down()


class _Ear(asyncio.Protocol):
    """One connection: hears APDUs into its inbox until it is gone."""

    def __init__(self, inbox: Inbox[bytes], patience: float) -> None:
        self._inbox = inbox
        self._patience = patience
        self._stream = ApduStream()
        self._pause: asyncio.TimerHandle | None = None
        self._sent = asyncio.Event()
        self._sent.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1, low=0)  # not 0: asyncio's TLS (3.11) would pause and never resume
        connected = transport.get_extra_info("socket")
        for level, option, value in _KEEPALIVE:
            connected.setsockopt(level, option, value)

    def data_received(self, data: bytes) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        try:
            for apdu in self._stream.feed(data):
                self._inbox.put(apdu)
            self._inbox.check()
        except LinkDown as stranger:
            self.drop(stranger)
            return
        if not self._stream.quiet:
            self._pause = asyncio.get_running_loop().call_later(self._patience, self._paused)

    def _paused(self) -> None:
        self.drop(self._stream.gap())

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(LinkDown("lost"))

    def pause_writing(self) -> None:
        self._sent.clear()

    def resume_writing(self) -> None:
        self._sent.set()

    async def write(self, apdu: bytes) -> None:
        """Returns when the bytes have left. Raises LinkDown when they cannot."""
        self._transport.write(apdu)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._sent.wait()
        if not self._sent.is_set():
            self.drop(LinkDown("no-ack"))
        self._inbox.check()

    def drop(self, down: LinkDown) -> None:
        """Lets go of the connection and tells everyone who waits on it. What has not left yet never will."""
        if self._pause is not None:
            self._pause.cancel()
        self._inbox.lose(down)
        self._transport.abort()
        self._sent.set()

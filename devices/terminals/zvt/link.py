"""What carries APDUs to a terminal and back: the port that the session stands on, and its serial line (tcp.py has the other)."""

from __future__ import annotations

import asyncio
import select
import termios
from collections.abc import Callable, Sequence
from typing import Protocol

import serial
import structlog

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox
from devices.terminals.zvt.framing import (
    ACK,
    NAK,
    Acknowledged,
    Event,
    FrameParser,
    NotAcknowledged,
    Received,
    Unreadable,
    frame,
)

MOST_SENDS = 3
"""A frame is sent at most so often before an ACK (fact sheet; ZVT transport 3.2)."""

_GONE = (serial.SerialException, OSError, termios.error)
"""What pyserial lets through when the device has left, on read, write and flush alike (pyserial#331, radiolog#41)."""

_log = structlog.get_logger()


class Link(Protocol):
    """A line to one terminal. `open`, `send` and `receive` raise LinkDown, after which only `open` and `close` make sense."""

    async def open(self) -> None:
        """Opens or reopens; what was queued before is forgotten."""

    async def close(self) -> None: ...

    async def send(self, apdu: bytes) -> int:
        """Returns when the peer's link has the APDU: how many times it was sent, 1 or more."""

    async def receive(self) -> bytes:
        """The next APDU; its link acknowledgement has been given."""

    def waiting(self) -> list[bytes]:
        """Takes the APDUs that came and nobody received."""

    async def down(self) -> None:
        """Returns when the line has been lost."""


def may_resend(sends: int, *, acknowledged: bool, heard: bool) -> bool:
    """The one place that decides whether bytes may go out again: only at the link, only before the peer has shown that it
    has them (an ACK, or any new APDU of its own, since the ACK itself may have been lost), and MOST_SENDS times in all.

    Nothing above the link ever sends a command twice; over TCP, which has no acknowledgement of its own, nor does the link.
    """
    return sends < MOST_SENDS and not acknowledged and not heard


class SerialLink:
    """ZVT over a serial line: 8 data bits, no parity, 2 stop bits, no flow control. Times in seconds.

    `t1` is the longest pause inside a frame, `t2` the wait for an ACK. The running loop's clock is the only one.
    """

    def __init__(self, path: str, baud: int, t1: float, t2: float) -> None:
        self._path = path
        self._baud = baud
        self._t1 = t1
        self._t2 = t2
        self._port: serial.Serial | None = None
        self._sending = asyncio.Lock()
        self._fresh()

    def _fresh(self) -> None:
        self._parser = FrameParser()
        self._inbox = Inbox[bytes](open=self._port is not None)
        self._last: bytes | None = None
        self._garbled: asyncio.TimerHandle | None = None
        self._heard = False
        self._answer: asyncio.Future[bool] | None = None
        self._pause: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        await self.close()
        try:
            self._port = serial.Serial(
                self._path, self._baud, stopbits=serial.STOPBITS_TWO, timeout=0, write_timeout=0, exclusive=True
            )
            self._port.reset_input_buffer()
            self._fresh()
            asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)
        except _GONE as gone:
            await self.close()
            raise LinkDown("cannot-open") from gone

    async def close(self) -> None:
        self._lose()

    def waiting(self) -> list[bytes]:
        return self._inbox.waiting()

    async def down(self) -> None:
        await self._inbox.down()

    async def receive(self) -> bytes:
        return await self._inbox.receive()

    async def send(self, apdu: bytes) -> int:
        raw = frame(apdu)
        async with self._sending:
            self._heard = False
            sends, acknowledged = 0, False
            while sends == 0 or may_resend(sends, acknowledged=acknowledged, heard=self._heard):
                self._answer = asyncio.get_running_loop().create_future()
                sends += 1
                await self._write(raw)
                acknowledged = await self._acknowledged(self._answer)
            self._answer = None
            if acknowledged:
                self._last = None
            elif not self._heard:
                raise LinkDown("no-ack" if self._garbled is None else "garbage")
            return sends

    async def _acknowledged(self, answer: asyncio.Future[bool]) -> bool:
        """False for a NAK, for T2 run out, and when an APDU came first."""
        await asyncio.wait({answer}, timeout=self._t2)
        return answer.done() and answer.result()

    async def _write(self, raw: bytes) -> None:
        loop = asyncio.get_running_loop()
        left = raw
        while left:
            self._inbox.check()
            assert self._port is not None, "an open inbox has its port"
            try:
                if not select.select([], [self._port.fileno()], [], 0)[1]:
                    await self._writable(loop, self._port.fileno())
                    continue
                left = left[self._port.write(left) or 0 :]
            except _GONE as gone:
                self._lose()
                raise LinkDown("lost") from gone

    async def _writable(self, loop: asyncio.AbstractEventLoop, fd: int) -> None:
        ready = asyncio.Event()
        loop.add_writer(fd, ready.set)
        try:
            async with asyncio.timeout(self._t2):
                await ready.wait()
        except TimeoutError as stuck:
            self._lose()
            raise LinkDown("no-ack") from stuck
        finally:
            loop.remove_writer(fd)

    def _readable(self) -> None:
        assert self._port is not None
        try:
            data = self._port.read(4096)
        except _GONE:
            self._lose()
            return
        self._handle(self._parser.feed(data))
        if self._pause is not None:
            self._pause.cancel()
        self._pause = None if self._parser.quiet else asyncio.get_running_loop().call_later(self._t1, self._paused)

    def _paused(self) -> None:
        self._handle(self._parser.gap())

    def _handle(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Acknowledged():
                    self._readably()
                    self._resolve(True)
                case NotAcknowledged():
                    self._resolve(False)
                case Received(apdu):
                    self._take(apdu)
                case Unreadable(reason):
                    _log.info("terminal.frame", direction="in", name="unreadable", reason=reason)
                    self._answer_link(NAK)
                    self._garble()
                case _:
                    self._garble()

    def _garble(self) -> None:
        """A peer that means it repeats what we could not read; one that has not by then is no terminal, or no longer one."""
        if self._garbled is None:
            self._garbled = asyncio.get_running_loop().call_later(MOST_SENDS * self._t2, self._lose, "garbage")

    def _readably(self) -> None:
        if self._garbled is not None:
            self._garbled.cancel()
            self._garbled = None

    def _take(self, apdu: bytes) -> None:
        """A frame equal to the last one, with nothing of ours acknowledged since, is that one again: its ACK was lost."""
        self._readably()
        self._answer_link(ACK)
        if apdu == self._last:
            _log.info("terminal.frame", direction="in", name="repeated", reason="ack-lost")
            return
        self._last = apdu
        self._heard = True
        if not self._inbox.put(apdu):
            self._lose()
        self._resolve(False)

    def _resolve(self, acknowledged: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(acknowledged)

    def _answer_link(self, byte: int) -> None:
        if self._port is None:
            return
        try:
            self._port.write(bytes([byte]))
        except _GONE:
            self._lose()

    def _lose(self, reason: str = "lost") -> None:
        """Lets go of the port, whatever state it is in, and tells everyone who waits on it."""
        self._readably()
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._port is None:
            return
        port, self._port = self._port, None
        loop = asyncio.get_running_loop()
        _quietly(lambda: loop.remove_reader(port.fileno()))
        _quietly(port.close)
        self._resolve(False)
        self._inbox.lose(LinkDown(reason))


def _quietly(step: Callable[[], object]) -> None:
    """A device that has left may fail even at being closed; there is nothing more to lose."""
    try:
        step()
    except _GONE as gone:
        _log.info("terminal.frame", direction="out", name="close", reason=type(gone).__name__)

"""What carries frames to a reader and back: a serial line, or a HID device's reports. Every byte is read into one buffer of ours,
which is wiped, so that card data lies nowhere that nobody can overwrite."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Callable
from typing import Protocol

import serial
import structlog

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import Inbox
from devices.terminals.neo2.framing import Event, Frame, FrameParser, encode
from devices.terminals.neo2.reports import ReportParser, reports

_GONE = (serial.SerialException, OSError, termios.error)
"""What comes when the device has left, on open, read, write and close alike (pyserial#331, radiolog#41)."""

_READ = 4096
_log = structlog.get_logger()


class Port(Protocol):
    """An open device."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class Parser(Protocol):
    """What FrameParser and ReportParser have in common."""

    @property
    def quiet(self) -> bool: ...

    def feed(self, data: memoryview) -> list[Event]: ...

    def gap(self) -> list[Event]: ...


class Carrier(Protocol):
    """How a line is opened, and how it carries a frame."""

    def open(self) -> Port: ...

    def parser(self) -> Parser: ...

    def parts(self, frame: bytes) -> list[bytes]:
        """What is written, one write each."""


class SerialCarrier:
    """8 data bits, no parity, 1 stop bit, no flow control (guide, p39): frames as they are."""

    def __init__(self, path: str, baud: int) -> None:
        self._path = path
        self._baud = baud

    def open(self) -> Port:
        port = serial.Serial(self._path, self._baud, timeout=0, write_timeout=0, exclusive=True)
        port.reset_input_buffer()
        return port

    def parser(self) -> Parser:
        return FrameParser()

    def parts(self, frame: bytes) -> list[bytes]:
        return [frame]


class HidCarrier:
    """A /dev/hidraw device: each read and each write is one report."""

    def __init__(self, path: str) -> None:
        self._path = path

    def open(self) -> Port:
        return _Descriptor(os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY))

    def parser(self) -> Parser:
        return ReportParser()

    def parts(self, frame: bytes) -> list[bytes]:
        return reports(frame)


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number

    def close(self) -> None:
        os.close(self._number)


class Link(Protocol):
    """A line to one reader. `open`, `send` and `receive` raise LinkDown, after which only `open` and `close` make sense."""

    async def open(self) -> None:
        """Opens or reopens; what was queued before is forgotten."""

    async def close(self) -> None: ...

    async def send(self, frame: Frame) -> None:
        """Returns when it is written. NEO 2 has no acknowledgement of a frame: what became of it, its answer tells."""

    async def receive(self) -> Frame: ...

    def waiting(self) -> list[Frame]:
        """Takes the frames that came and nobody received."""

    @property
    def garbled(self) -> bool:
        """Whether what came last was no frame."""

    async def down(self) -> None:
        """Returns when the line has been lost."""


class CarrierLink:
    """A Link over any Carrier. `t1` is the longest pause inside a frame, `stuck` the wait for a device that takes no more bytes;
    both in seconds, on the running loop's clock."""

    def __init__(self, carrier: Carrier, t1: float, stuck: float) -> None:
        self._carrier = carrier
        self._t1 = t1
        self._stuck = stuck
        self._port: Port | None = None
        self._buffer = bytearray(_READ)
        self._fresh()

    def _fresh(self) -> None:
        self._parser = self._carrier.parser()
        self._inbox = Inbox[Frame](open=self._port is not None)
        self._pause: asyncio.TimerHandle | None = None
        self._garbled = False

    async def open(self) -> None:
        await self.close()
        try:
            self._port = self._carrier.open()
            self._fresh()
            asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)
        except _GONE as gone:
            await self.close()
            raise LinkDown("cannot-open") from gone

    async def close(self) -> None:
        self._lose()

    @property
    def garbled(self) -> bool:
        return self._garbled

    def waiting(self) -> list[Frame]:
        return self._inbox.waiting()

    async def down(self) -> None:
        await self._inbox.down()

    async def receive(self) -> Frame:
        return await self._inbox.receive()

    async def send(self, frame: Frame) -> None:
        for part in self._carrier.parts(encode(frame)):
            await self._write(part)

    async def _write(self, part: bytes) -> None:
        left = part
        while left:
            self._inbox.check()
            assert self._port is not None, "an open inbox has its port"
            try:
                left = left[os.write(self._port.fileno(), left) :]
            except BlockingIOError:
                await self._writable(self._port.fileno())
            except _GONE as gone:
                self._lose()
                raise LinkDown("lost") from gone

    async def _writable(self, fd: int) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(fd, ready.set)
        try:
            async with asyncio.timeout(self._stuck):
                await ready.wait()
        except TimeoutError as stuck:
            self._lose("stuck")
            raise LinkDown("stuck") from stuck
        finally:
            loop.remove_writer(fd)

    def _readable(self) -> None:
        assert self._port is not None
        try:
            size = os.readv(self._port.fileno(), [self._buffer])
        except BlockingIOError:
            return
        except _GONE:
            size = 0
        if size == 0:
            self._lose()
            return
        self._handle(self._parser.feed(memoryview(self._buffer)[:size]))
        self._buffer[:size] = bytes(size)
        if self._pause is not None:
            self._pause.cancel()
        self._pause = None if self._parser.quiet else asyncio.get_running_loop().call_later(self._t1, self._paused)

    def _paused(self) -> None:
        self._handle(self._parser.gap())

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Frame):
                self._garbled = False
                if not self._inbox.put(event):
                    event.wipe()
                    self._lose()
            else:
                self._garbled = True
                reason = getattr(event, "reason", "noise")
                _log.info("terminal.frame", direction="in", name="unreadable", reason=reason)

    def _lose(self, reason: str = "lost") -> None:
        """Lets go of the port, whatever state it is in, and tells everyone who waits on it."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for frame in self.waiting():
            frame.wipe()
        if self._port is None:
            return
        port, self._port = self._port, None
        loop = asyncio.get_running_loop()
        _quietly(lambda: loop.remove_reader(port.fileno()))
        _quietly(port.close)
        self._inbox.lose(LinkDown(reason))


def _quietly(step: Callable[[], object]) -> None:
    """A device that has left may fail even at being closed; there is nothing more to lose."""
    try:
        step()
    except _GONE as gone:
        _log.info("terminal.frame", direction="out", name="close", reason=type(gone).__name__)

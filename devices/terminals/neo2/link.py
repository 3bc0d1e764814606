"""What carries frames to a reader and back: a serial line, or a HID device's reports."""

from __future__ import annotations

import os
from typing import Protocol

import structlog

from devices.descriptors import Port, open_serial
from devices.terminals.line import AnyLink, Line
from devices.terminals.neo2.framing import Event, Frame, FrameParser, encode
from devices.terminals.neo2.reports import ReportParser, reports

_log = structlog.get_logger()


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
        return open_serial(self._path, self._baud)

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


class Link(AnyLink[Frame], Protocol):
    """A line that carries frames."""

    async def send(self, frame: Frame) -> None:
        """Returns when it is written. NEO 2 has no acknowledgement of a frame: what became of it, its answer tells."""

    @property
    def garbled(self) -> bool:
        """Whether what came last was no frame."""


class CarrierLink(Line[Frame]):
    """A Link over any Carrier. `t1` is the longest pause inside a frame, `patience` the wait for a device that takes no more
    bytes; both in seconds, on the running loop's clock."""

    def __init__(self, carrier: Carrier, t1: float, patience: float) -> None:
        super().__init__(t1, patience, "stuck")
        self._carrier = carrier
        self._fresh()

    def _fresh(self) -> None:
        self._parser = self._carrier.parser()
        self._garbled = False

    def _open_port(self) -> Port:
        return self._carrier.open()

    @property
    def garbled(self) -> bool:
        return self._garbled

    async def send(self, frame: Frame) -> None:
        for part in self._carrier.parts(encode(frame)):
            await self._write(part)

    def _hear(self, data: memoryview) -> bool:
        self._handle(self._parser.feed(data))
        return self._parser.quiet

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
        for frame in self.waiting():
            frame.wipe()
        super()._lose(reason)

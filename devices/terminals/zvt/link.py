"""What carries APDUs to a terminal and back: the port that the session stands on, and its serial line (tcp.py has the other)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import Protocol

import serial
import structlog

from devices.descriptors import GONE, Port, open_serial
from devices.terminals.errors import LinkDown
from devices.terminals.line import AnyLink, Line
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

_log = structlog.get_logger()


class Link(AnyLink[bytes], Protocol):
    """A line that carries APDUs."""

    async def send(self, apdu: bytes) -> int:
        """Returns when the peer's link has the APDU: how many times it was sent, 1 or more."""


def may_resend(sends: int, *, acknowledged: bool, heard: bool) -> bool:
    """The one place that decides whether bytes may go out again: only at the link, only before the peer has shown that it
    has them (an ACK, or any new APDU of its own, since the ACK itself may have been lost), and MOST_SENDS times in all.

    Nothing above the link ever sends a command twice; over TCP, which has no acknowledgement of its own, nor does the link.
    """
    return sends < MOST_SENDS and not acknowledged and not heard


class SerialLink(Line[bytes]):
    """ZVT over a serial line: 8 data bits, no parity, 2 stop bits, no flow control. Times in seconds.

    `t1` is the longest pause inside a frame, `t2` the wait for an ACK. The running loop's clock is the only one.
    """

    def __init__(self, path: str, baud: int, t1: float, t2: float) -> None:
        super().__init__(t1, t2, "no-ack")
        self._path = path
        self._baud = baud
        self._t2 = t2
        self._sending = asyncio.Lock()
        self._fresh()

    def _fresh(self) -> None:
        self._parser = FrameParser()
        self._last: bytes | None = None
        self._garbled: asyncio.TimerHandle | None = None
        self._heard = False
        self._answer: asyncio.Future[bool] | None = None

    def _open_port(self) -> Port:
        return open_serial(self._path, self._baud, serial.STOPBITS_TWO)

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

    def _hear(self, data: memoryview) -> bool:
        self._handle(self._parser.feed(bytes(data)))
        return self._parser.quiet

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
        """A device that takes nothing now goes without: what is not acknowledged is repeated."""
        if self._port is None:
            return
        try:
            with contextlib.suppress(BlockingIOError):
                os.write(self._port.fileno(), bytes([byte]))
        except GONE:
            self._lose()

    def _lose(self, reason: str = "lost") -> None:
        self._readably()
        super()._lose(reason)
        self._resolve(False)

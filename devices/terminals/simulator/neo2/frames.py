"""NEO 2's frames from the reader's side: a command's CRC has its low byte first, a response's its high byte first.

The reader sends commands of its own too (61-xx, 14-01); the till's answers to them are responses. Pass-through commands (2C) are
said to have the high byte first both ways (p60) and shown with the low byte first (p300): either is taken.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.rules import Complaint
from devices.terminals.simulator.wires import Wire

HEADER = b"ViVOtech2\0"
BURST = bytes.fromhex("4500550004")
"""What a burst frame begins with instead of header and command: five bytes, the last two of them the length of its data."""

_PAUSE = 0.2
"""Seconds: the longest pause inside a frame."""
_AROUND = len(HEADER) + 6

WRONG_CRC = 0x04


@dataclass(frozen=True, slots=True)
class Frame:
    """`code` is a command's sub-command, or the status of the till's answer to one of ours."""

    command: int
    code: int
    data: bytes


def checksum(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, bit by bit."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return value


def response(number: int, status: int, data: bytes = b"") -> bytes:
    return _framed(number, status, data, "big")


def command(number: int, sub: int, data: bytes = b"") -> bytes:
    """A question of the reader's own."""
    return _framed(number, sub, data, "little")


def burst(data: bytes) -> bytes:
    """What the reader sends unasked in burst mode: no header at all."""
    whole = BURST[:3] + len(data).to_bytes(2, "big") + data
    return whole + checksum(whole).to_bytes(2, "big")


def _framed(number: int, code: int, data: bytes, order: str) -> bytes:
    whole = HEADER + bytes([number, code]) + len(data).to_bytes(2, "big") + data
    check = checksum(whole)
    return whole + bytes([check >> 8, check & 0xFF] if order == "big" else [check & 0xFF, check >> 8])


def cut(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What comes before the first frame, that frame, and what is after it. The frame is empty while it is not all there."""
    at = data.find(HEADER)
    if at < 0:
        keep = next((size for size in range(len(HEADER) - 1, 0, -1) if data.endswith(HEADER[:size])), 0)
        return data[: len(data) - keep], b"", data[len(data) - keep :]
    before, rest = data[:at], data[at:]
    size = _AROUND + int.from_bytes(rest[12:14], "big")
    if len(rest) < _AROUND or len(rest) < size:
        return before, b"", rest
    return before, rest[:size], rest[size:]


class ReaderLine:
    """Frames from the till into `inbox`; None there when the till, or the cable, has gone."""

    def __init__(self, wire: Wire, faults: Faults, complain: Complaint) -> None:
        self._wire = wire
        self._faults = faults
        self._complain = complain
        self._pause: asyncio.TimerHandle | None = None
        self._wire.arrived, self._wire.closed = self._arrived, self._closed
        self.inbox: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._raw, self._buffer, self._excused = b"", b"", 0

    @property
    def plugged(self) -> bool:
        return self._wire.plugged

    def send(self, frame: bytes) -> None:
        self._faults.through("out", "frame", frame, self._wire.write)

    def raw(self, data: bytes) -> None:
        self._wire.write(data)

    def _closed(self) -> None:
        self._raw, self._buffer, self._excused = b"", b"", self._faults.strikes
        self._faults.reset()
        while not self.inbox.empty():
            self.inbox.get_nowait()
        self.inbox.put_nowait(None)

    def _arrived(self, data: bytes) -> None:
        """Cuts what came into frames, so that faults know what they strike; what is left of them is read as it is."""
        before, frame, self._raw = cut(self._raw + data)
        self._hear(before)
        while frame:
            self._faults.through("in", "frame", frame, self._hear)
            before, frame, self._raw = cut(self._raw)
            self._hear(before)
        self._wait()

    def _wait(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        waiting = self._raw or self._buffer
        self._pause = asyncio.get_running_loop().call_later(_PAUSE, self._paused) if waiting else None

    def _paused(self) -> None:
        left = self._buffer + self._raw
        self._buffer = self._raw = b""
        if left:
            self._blame("broken-frame", left)

    def _hear(self, data: bytes) -> None:
        before, frame, self._buffer = cut(self._buffer + data)
        while before or frame:
            if before:
                self._blame("stray-bytes", before)
            if frame:
                self._take(frame)
            before, frame, self._buffer = cut(self._buffer)
        self._wait()

    def _take(self, frame: bytes) -> None:
        number, check = frame[10], checksum(frame[:-2])
        low_first, high_first = check.to_bytes(2, "little"), check.to_bytes(2, "big")
        good = {0x61: (high_first,), 0x2C: (low_first, high_first)}.get(number, (low_first,))
        if frame[-2:] not in good:
            self._blame("wrong-crc", frame)
            self.send(response(number, WRONG_CRC))
            return
        self._excused = self._faults.strikes
        self.inbox.put_nowait(Frame(number, frame[11], frame[14:-2]))

    def _blame(self, rule: str, data: bytes) -> None:
        """The till's doing, unless a fault of ours has struck since its last good frame."""
        if self._excused == self._faults.strikes:
            self._complain(rule, data)

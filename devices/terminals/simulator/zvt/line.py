"""The simulated ZVT terminal's end of its wire: frames with ACK and NAK on a serial line, bare APDUs on TCP."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.rules import Complaint
from devices.terminals.simulator.wires import Wire

_UNIT = re.compile(rb"\x10\x02((?:[^\x10]|\x10\x10)*)\x10\x03(..)|([\x06\x15])", re.DOTALL)
_SENDS = 3
_T1 = 0.2
"""Seconds: the longest pause inside a frame."""


def checksum(data: bytes) -> bytes:
    """CRC-16/KERMIT, bit by bit, low byte first."""
    value = 0
    for byte in data:
        for bit in range(8):
            odd = (value ^ byte >> bit) & 1
            value = value >> 1 ^ (0x8408 if odd else 0)
    return bytes([value & 0xFF, value >> 8])


def framed(apdu: bytes) -> bytes:
    return b"\x10\x02" + re.sub(b"\x10", b"\x10\x10", apdu) + b"\x10\x03" + checksum(apdu + b"\x03")


class Line(Protocol):
    """APDUs to the till and from it."""

    inbox: asyncio.Queue[bytes | None]
    """None when the till, or the cable, has gone."""

    @property
    def plugged(self) -> bool: ...

    async def send(self, apdu: bytes, copies: int = 1) -> bool:
        """False when the till's end never acknowledged, or is gone. `copies` > 1 plays a terminal that lost the first ACK."""

    def raw(self, data: bytes) -> None:
        """Bytes that mean nothing."""

    def part(self, apdu: bytes) -> None:
        """Half of what `send` would write, and no more of it."""

    def spoke(self) -> None:
        """We have said something new: an equal frame from now on is a new one."""


class _WireLine(ABC):
    """What both lines do alike. `ignores` says of an arriving APDU whether to behave as if it had never come (it is asked once
    for each copy)."""

    def __init__(self, wire: Wire, faults: Faults, ignores: Callable[[bytes], bool]) -> None:
        self._wire = wire
        self._faults = faults
        self._ignores = ignores
        self._wire.arrived, self._wire.closed = self._arrived, self._closed
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._fresh()

    def _fresh(self) -> None:
        self._raw, self._buffer = b"", b""

    def _closed(self) -> None:
        """What came before the line was lost is not heard any more, and whoever waits learns of it."""
        self._fresh()
        self._faults.reset()
        while not self.inbox.empty():
            self.inbox.get_nowait()
        self.inbox.put_nowait(None)

    @abstractmethod
    def _arrived(self, data: bytes) -> None: ...

    @property
    def plugged(self) -> bool:
        return self._wire.plugged

    def raw(self, data: bytes) -> None:
        self._wire.write(data)


class SerialLine(_WireLine):
    """Frames, each acknowledged; `ack_s` seconds are waited for that."""

    def __init__(self, wire: Wire, faults: Faults, ack_s: float, ignores: Callable[[bytes], bool], complain: Complaint) -> None:
        self._ack_s = ack_s
        self._complain = complain
        self._acked: asyncio.Future[bool] | None = None
        self._pause: asyncio.TimerHandle | None = None
        super().__init__(wire, faults, ignores)

    def _fresh(self) -> None:
        super()._fresh()
        self._last = b""
        self._excused = self._faults.strikes

    def _closed(self) -> None:
        super()._closed()
        self._settle(False)

    def part(self, apdu: bytes) -> None:
        whole = framed(apdu)
        self._wire.write(whole[: len(whole) // 2])

    async def send(self, apdu: bytes, copies: int = 1) -> bool:
        before = self._faults.strikes
        for _ in range(_SENDS):
            if not self._wire.plugged:
                return False
            self._acked = asyncio.get_running_loop().create_future()
            for _copy in range(copies):
                self._faults.through("out", "frame", framed(apdu), self._wire.write)
            await asyncio.wait({self._acked}, timeout=self._ack_s)
            if self._acked.done() and self._acked.result():
                return True
        if self._wire.plugged and before == self._faults.strikes:
            self._complain("no-link-ack", apdu)
        return False

    def _arrived(self, data: bytes) -> None:
        """Cuts what came into units, so that faults know what they strike; what is left of them is read as it is."""
        self._raw += data
        while self._raw:
            found = _UNIT.match(self._raw)
            if found is None and self._raw[0] == 0x10:
                break
            size = found.end() if found else 1
            unit, self._raw = self._raw[:size], self._raw[size:]
            if found is None:
                self._hear(unit)
            else:
                self._faults.through("in", "ack" if found[3] else "frame", unit, self._hear)
        self._wait()

    def _wait(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        waiting = self._raw or self._buffer
        self._pause = asyncio.get_running_loop().call_later(_T1, self._paused) if waiting else None

    def _paused(self) -> None:
        """A frame that did not go on is no frame."""
        left = self._buffer + self._raw
        self._buffer = self._raw = b""
        if left:
            self._blame("broken-frame", left)
            self._answer(b"\x15")

    def _hear(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            found = _UNIT.match(self._buffer)
            if found is None and self._buffer[0] == 0x10:
                break
            size = found.end() if found else 1
            unit, self._buffer = self._buffer[:size], self._buffer[size:]
            if found is None:
                self._blame("stray-bytes", unit)
            elif found[3]:
                self._settle(unit == b"\x06")
            else:
                self._take(re.sub(b"\x10\x10", b"\x10", found[1]), found[2])
        self._wait()

    def _take(self, apdu: bytes, check: bytes) -> None:
        if checksum(apdu + b"\x03") != check:
            self._blame("wrong-crc", apdu)
            self._answer(b"\x15")
            return
        self._excused = self._faults.strikes
        if self._faults.refuses():
            self._answer(b"\x15")
            return
        if self._ignores(apdu):
            return
        self._answer(b"\x06")
        if apdu != self._last:
            self.inbox.put_nowait(apdu)
        self._last = apdu

    def _answer(self, byte: bytes) -> None:
        self._faults.through("out", "ack", byte, self._wire.write)

    def _blame(self, rule: str, data: bytes) -> None:
        """The till's doing, unless a fault of ours has struck since its last good frame."""
        if self._excused == self._faults.strikes:
            self._complain(rule, data)

    def spoke(self) -> None:
        self._last = b""

    def _settle(self, acked: bool) -> None:
        if self._acked is not None and not self._acked.done():
            self._acked.set_result(acked)


class TcpLine(_WireLine):
    """Bare APDUs: TCP has no link acknowledgement, and splits and merges them as it likes."""

    def part(self, apdu: bytes) -> None:
        self._wire.write(apdu[: len(apdu) // 2])

    async def send(self, apdu: bytes, copies: int = 1) -> bool:
        for _copy in range(copies):
            self._faults.through("out", "frame", apdu, self._wire.write)
        return self._wire.plugged

    def _arrived(self, data: bytes) -> None:
        self._raw += data
        while size := whole(self._raw):
            unit, self._raw = self._raw[:size], self._raw[size:]
            self._faults.through("in", "frame", unit, self._hear)

    def _hear(self, data: bytes) -> None:
        self._buffer += data
        while size := whole(self._buffer):
            apdu, self._buffer = self._buffer[:size], self._buffer[size:]
            if not self._ignores(apdu):
                self.inbox.put_nowait(apdu)

    def spoke(self) -> None:
        """TCP repeats nothing, so nothing is taken for a repetition."""


def whole(data: bytes) -> int:
    """How long the APDU at the head of `data` is, 0 while it is not all there: class, instruction, length, and a length of FF
    is followed by two bytes of it, low byte first."""
    if len(data) < 3 or (data[2] == 0xFF and len(data) < 5):
        return 0
    size = 5 + int.from_bytes(data[3:5], "little") if data[2] == 0xFF else 3 + data[2]
    return size if size <= len(data) else 0

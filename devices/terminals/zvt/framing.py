"""ZVT's serial frames: DLE STX, the APDU with every DLE doubled, DLE ETX, CRC-16/KERMIT low byte first.

The CRC covers the APDU as it was before doubling, and one ETX; its own two bytes are raw. The end of a frame is therefore the
first undoubled DLE ETX and exactly two bytes more, whatever those are (Portalum.Zvt#56: searching for ETX from the end breaks).
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from devices.terminals.zvt.apdu import LONGEST_APDU

STX, ETX, ACK, DLE, NAK = 0x02, 0x03, 0x06, 0x10, 0x15

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def crc(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 0x1021 reflected, initial value 0, no final xor.

    It is XMODEM's CRC (binascii's, in C) with each byte's bits and the result's taken from the other end.
    """
    value = crc_hqx(data.translate(_REVERSED), 0)
    return _REVERSED[value & 0xFF] << 8 | _REVERSED[value >> 8]


def frame(apdu: bytes) -> bytes:
    """The frame that carries `apdu`."""
    check = crc(apdu + b"\x03")
    body = apdu.replace(b"\x10", b"\x10\x10")
    return bytes([DLE, STX]) + body + bytes([DLE, ETX]) + check.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The peer's link has our frame."""


@dataclass(frozen=True, slots=True)
class NotAcknowledged:
    """The peer's link could not read our frame."""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole frame with a right CRC; `apdu` is its content, not yet decoded."""

    apdu: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that began and went wrong: "crc", "too-long", "stuffing", "restarted" or "half-frame". It earns a NAK."""

    reason: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes outside any frame; said at least once in a run of them."""


Event = Acknowledged | NotAcknowledged | Received | Unreadable | Noise


class _State(Enum):
    """Where in the stream the parser is."""

    QUIET = auto()
    """Between frames: a single ACK or NAK means something here."""
    NOISE = auto()
    """Lost: only DLE STX, or a pause (`gap`), leads out, so that a stray 06 is no ACK."""
    START = auto()
    """DLE seen outside a frame."""
    BODY = auto()
    ESCAPE = auto()
    """DLE seen inside a frame."""
    CRC_LOW = auto()
    CRC_HIGH = auto()


_QUIET, _NOISE, _START, _BODY, _ESCAPE, _CRC_LOW, _CRC_HIGH = _State
"""By themselves: an attribute of an enum costs as much as the rest of a step."""
_ACKNOWLEDGED, _NOT_ACKNOWLEDGED = Acknowledged(), NotAcknowledged()

_WHOLE = re.compile(rb"\x10\x02([^\x10]*+(?:\x10\x10[^\x10]*+)*+)\x10\x03(..)", re.DOTALL)
"""A frame that came in one piece. What it does not match is stepped through."""

_NOTHING: Sequence[Event] = ()


class FrameParser:
    """Takes bytes as they come, one or many, and says what they were. Never raises; holds at most one APDU.

    Bytes without a DLE are taken in runs; only what is special is looked at one by one. However the bytes are cut, the events
    are the same.
    """

    def __init__(self, longest: int = LONGEST_APDU) -> None:
        self._longest = longest
        self._state = _QUIET
        self._body = bytearray()
        self._crc_low = 0

    @property
    def quiet(self) -> bool:
        """True between frames: then a pause means nothing."""
        return self._state is _QUIET

    def feed(self, data: bytes) -> Sequence[Event]:
        if self._state is _BODY and DLE not in data and len(self._body) + len(data) <= self._longest:
            self._body += data
            return _NOTHING
        if len(data) == 1:
            event = self._step(data[0])
            return _NOTHING if event is None else [event]
        events: list[Event] = []
        at, end = 0, len(data)
        while at < end:
            if self._state is _QUIET and (found := _WHOLE.match(data, at)) is not None and len(found[1]) <= self._longest:
                events.append(_received(found[1].replace(b"\x10\x10", b"\x10"), found[2]))
                at = found.end()
            elif self._state is _BODY and data[at] != DLE:
                at = self._run(data, at, events)
            else:
                event = self._step(data[at])
                at += 1
                if event is not None:
                    events.append(event)
        return events

    def gap(self) -> Sequence[Event]:
        """The line paused longer than T1: what was begun will not go on."""
        inside = self._state in (_BODY, _ESCAPE, _CRC_LOW, _CRC_HIGH)
        self._state = _QUIET
        self._body.clear()
        return [Unreadable("half-frame")] if inside else _NOTHING

    def _run(self, data: bytes, at: int, events: list[Event]) -> int:
        """Keeps what comes before the next DLE; where to go on."""
        end = data.find(b"\x10", at)
        run = data[at:] if end < 0 else data[at:end]
        room = self._longest - len(self._body)
        if len(run) > room:
            events.append(self._lost("too-long"))
            return at + room + 1
        self._body += run
        return at + len(run)

    def _step(self, byte: int) -> Event | None:
        state = self._state
        if state is _BODY:
            if byte != DLE:
                return self._keep(byte)
            self._state = _ESCAPE
        elif state is _QUIET:
            return self._between(byte)
        elif state is _ESCAPE:
            return self._escaped(byte)
        elif state is _CRC_LOW:
            self._crc_low = byte
            self._state = _CRC_HIGH
        elif state is _CRC_HIGH:
            return self._finish(byte)
        elif state is _START:
            return self._start(byte)
        elif byte == DLE:
            self._state = _START
        return None

    def _between(self, byte: int) -> Event | None:
        if byte == DLE:
            self._state = _START
            return None
        if byte == ACK:
            return _ACKNOWLEDGED
        if byte == NAK:
            return _NOT_ACKNOWLEDGED
        self._state = _NOISE
        return Noise()

    def _start(self, byte: int) -> Event | None:
        if byte == STX:
            self._state = _BODY
            return None
        if byte == DLE:
            return None
        self._state = _NOISE
        return Noise()

    def _keep(self, byte: int) -> Event | None:
        if len(self._body) >= self._longest:
            return self._lost("too-long")
        self._body.append(byte)
        self._state = _BODY
        return None

    def _escaped(self, byte: int) -> Event | None:
        if byte == ETX:
            self._state = _CRC_LOW
            return None
        if byte == DLE:
            return self._keep(byte)
        if byte == STX:
            self._body.clear()
            self._state = _BODY
            return Unreadable("restarted")
        return self._lost("stuffing")

    def _lost(self, reason: str) -> Event:
        self._body.clear()
        self._state = _NOISE
        return Unreadable(reason)

    def _finish(self, byte: int) -> Event:
        apdu = bytes(self._body)
        self._body.clear()
        self._state = _QUIET
        return _received(apdu, bytes((self._crc_low, byte)))


def _received(apdu: bytes, check: bytes) -> Event:
    return Received(apdu) if crc(apdu + b"\x03") == int.from_bytes(check, "little") else Unreadable("crc")

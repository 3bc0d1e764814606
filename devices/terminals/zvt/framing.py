"""ZVT's serial frames: DLE STX, the APDU with every DLE doubled, DLE ETX, CRC-16/KERMIT low byte first.

The CRC covers the APDU as it was before doubling, and one ETX; its own two bytes are raw. The end of a frame is therefore the
first undoubled DLE ETX and exactly two bytes more, whatever those are (Portalum.Zvt#56: searching for ETX from the end breaks).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from devices.terminals.zvt.apdu import LONGEST_APDU

STX, ETX, ACK, DLE, NAK = 0x02, 0x03, 0x06, 0x10, 0x15


def _row(byte: int) -> int:
    value = byte
    for _ in range(8):
        value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value


_CRC = tuple(_row(byte) for byte in range(256))


def crc(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 0x1021 reflected, initial value 0, no final xor."""
    value = 0
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return value


def frame(apdu: bytes) -> bytes:
    """The frame that carries `apdu`."""
    check = crc(apdu + bytes([ETX]))
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


class FrameParser:
    """Takes bytes as they come, one or many, and says what they were. Never raises; holds at most one APDU."""

    def __init__(self, longest: int = LONGEST_APDU) -> None:
        self._longest = longest
        self._state = _State.QUIET
        self._body = bytearray()
        self._crc_low = 0

    @property
    def quiet(self) -> bool:
        """True between frames: then a pause means nothing."""
        return self._state is _State.QUIET

    def feed(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        for byte in data:
            event = self._step(byte)
            if event is not None:
                events.append(event)
        return events

    def gap(self) -> list[Event]:
        """The line paused longer than T1: what was begun will not go on."""
        inside = self._state in (_State.BODY, _State.ESCAPE, _State.CRC_LOW, _State.CRC_HIGH)
        self._state = _State.QUIET
        self._body.clear()
        return [Unreadable("half-frame")] if inside else []

    def _step(self, byte: int) -> Event | None:
        match self._state:
            case _State.QUIET:
                return self._between(byte)
            case _State.NOISE:
                self._state = _State.START if byte == DLE else _State.NOISE
                return None
            case _State.START:
                return self._start(byte)
            case _State.BODY:
                if byte == DLE:
                    self._state = _State.ESCAPE
                    return None
                return self._keep(byte)
            case _State.ESCAPE:
                return self._escaped(byte)
            case _State.CRC_LOW:
                self._crc_low = byte
                self._state = _State.CRC_HIGH
                return None
            case _:
                return self._finish(byte)

    def _between(self, byte: int) -> Event | None:
        match byte:
            case 0x06:
                return Acknowledged()
            case 0x15:
                return NotAcknowledged()
            case 0x10:
                self._state = _State.START
                return None
            case _:
                self._state = _State.NOISE
                return Noise()

    def _start(self, byte: int) -> Event | None:
        if byte == STX:
            self._state = _State.BODY
            return None
        if byte == DLE:
            return None
        self._state = _State.NOISE
        return Noise()

    def _keep(self, byte: int) -> Event | None:
        if len(self._body) >= self._longest:
            return self._lost("too-long")
        self._body.append(byte)
        self._state = _State.BODY
        return None

    def _escaped(self, byte: int) -> Event | None:
        match byte:
            case 0x10:
                return self._keep(byte)
            case 0x03:
                self._state = _State.CRC_LOW
                return None
            case 0x02:
                self._body.clear()
                self._state = _State.BODY
                return Unreadable("restarted")
            case _:
                return self._lost("stuffing")

    def _lost(self, reason: str) -> Event:
        self._body.clear()
        self._state = _State.NOISE
        return Unreadable(reason)

    def _finish(self, byte: int) -> Event:
        apdu = bytes(self._body)
        self._body.clear()
        self._state = _State.QUIET
        if crc(apdu + bytes([ETX])) != self._crc_low | byte << 8:
            return Unreadable("crc")
        return Received(apdu)

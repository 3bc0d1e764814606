"""NEO 2's frames (protocol 2): ViVOtech2 NUL, command, sub-command or status, length high byte first, data, CRC.

The CRC is CRC-16/CCITT-FALSE over all before it. A command has its low byte first and a response its high byte first (guide,
p60); pass-through frames (2C) have the high byte first both ways. The reader sends commands of its own, too (61, 14).
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass

HEADER = b"ViVOtech2\0"
MOST_DATA = 4096
"""Bytes of data that are taken in one frame. The length field could say 65,535, and noise that does would swallow what follows;
a reader's longest answers, a card's and its list of modules, have some 2,000."""

_BEFORE_DATA = len(HEADER) + 4
_PASS_THROUGH = 0x2C


@dataclass(slots=True, repr=False)
class Frame:
    """`code` is a command's sub-command and a response's status, 0..FF. `data` can be wiped, since it may be a card's."""

    command: int
    code: int
    data: bytearray
    response: bool

    def __repr__(self) -> str:
        return f"Frame({self.command:02x}-{self.code:02x}, {len(self.data)} bytes)"

    def wipe(self) -> None:
        """Overwrites the data where it lies."""
        wipe(self.data)


def command(number: int, sub: int, data: bytes = b"") -> Frame:
    return Frame(number, sub, bytearray(data), response=False)


def response(number: int, status: int, data: bytes = b"") -> Frame:
    return Frame(number, status, bytearray(data), response=True)


def wipe(buffer: bytearray) -> None:
    buffer[:] = bytes(len(buffer))


def encode(frame: Frame) -> bytes:
    """The frame's bytes. Raises ValueError for more data than a length can say."""
    if len(frame.data) > 0xFFFF:
        raise ValueError("a frame has at most 65,535 bytes of data")
    head = HEADER + bytes((frame.command, frame.code)) + len(frame.data).to_bytes(2, "big")
    check = crc_hqx(frame.data, crc_hqx(head, 0xFFFF))
    high_first = frame.response or frame.command == _PASS_THROUGH
    return head + frame.data + check.to_bytes(2, "big" if high_first else "little")


@dataclass(frozen=True, slots=True)
class Garbled:
    """A frame that began and went wrong: "crc", "too-long" or "half-frame"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes outside any frame; said at least once in a run of them."""


Event = Frame | Garbled | Noise


class FrameParser:
    """Takes bytes as they come, one or many, and says what they were. Never raises; holds at most one frame, and wipes what it
    has handed on or thrown away."""

    def __init__(self, most_data: int = MOST_DATA) -> None:
        self._most_data = most_data
        self._held = bytearray()
        self._wanted = _BEFORE_DATA
        """Until so many bytes are held there is nothing to look at."""

    @property
    def quiet(self) -> bool:
        """True between frames: then a pause means nothing."""
        return not self._held

    def feed(self, data: bytes | bytearray | memoryview) -> list[Event]:
        held = self._held
        held += data
        return self._take() if len(held) >= self._wanted else []

    def gap(self) -> list[Event]:
        """The line paused longer than T1: what was begun will not go on. A frame may stand behind a beginning that was none."""
        events: list[Event] = []
        while self._held.startswith(HEADER):
            events.append(Garbled("half-frame"))
            self._drop(len(HEADER))
            events += self._take()
        if self._held:
            events.append(Noise())
            self._drop(len(self._held))
        self._wanted = _BEFORE_DATA
        return events

    def _take(self) -> list[Event]:
        """All that is whole. What stays begins with a header, or with what may become one, and is not looked at again before
        there is enough of it."""
        held, events, at = self._held, list[Event](), 0
        self._wanted = _BEFORE_DATA
        while len(held) - at >= _BEFORE_DATA:
            found = held.find(HEADER, at)
            begin = found if found >= 0 else len(held) - _header_begun(held)
            if begin > at:
                events.append(Noise())
                at = begin
                continue
            size = int.from_bytes(held[at + 12 : at + 14], "big")
            end = at + _BEFORE_DATA + size + 2
            if size > self._most_data:
                events.append(Garbled("too-long"))
                at += len(HEADER)
            elif len(held) < end:
                self._wanted = end - at
                break
            else:
                frame = _checked(held, at, size)
                events.append(frame or Garbled("crc"))
                at = end if frame else at + len(HEADER)
        self._drop(at)
        return events

    def _drop(self, size: int) -> None:
        self._held[:size] = bytes(size)
        del self._held[:size]


def _checked(held: bytearray, at: int, size: int) -> Frame | None:
    """The frame at `at` if its CRC is right. Which of the two orders it has tells a response from a command of the reader's."""
    start = at + _BEFORE_DATA
    data = held[start : start + size]
    check = crc_hqx(data, crc_hqx(held[at:start], 0xFFFF))
    said = held[start + size : start + size + 2]
    for is_response, order in ((True, check.to_bytes(2, "big")), (False, check.to_bytes(2, "little"))):
        if said == order:
            return Frame(held[at + 10], held[at + 11], data, is_response)
    wipe(data)
    return None


def _header_begun(held: bytearray) -> int:
    """How many bytes at the end of `held` may be a header's first."""
    return next((size for size in range(len(HEADER) - 1, 0, -1) if held.endswith(HEADER[:size])), 0)

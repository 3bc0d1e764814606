"""ZVT's APDUs as the simulated terminal reads and writes them, by its own tables (reference: terminals, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.terminals.simulator import ber

_FIXED = {
    0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x05: 1, 0x0B: 3, 0x0C: 3, 0x0D: 2, 0x0E: 2, 0x17: 2, 0x19: 1, 0x27: 1, 0x29: 4,
    0x2A: 15, 0x37: 3, 0x3A: 2, 0x3B: 8, 0x3D: 3, 0x49: 2, 0x87: 2, 0x88: 3, 0x8A: 1, 0x8C: 1, 0xA0: 1, 0xAA: 3, 0xBA: 5,
    0xFC: 1,
}  # fmt: skip
_DIGITS = {0x22: 2, 0x23: 2, 0x2D: 2, 0x8B: 2, 0xA7: 2, 0x24: 3, 0x2E: 3, 0x3C: 3, 0x60: 3, 0x92: 3, 0x9A: 3, 0xAF: 3}
_CONTAINER = 0x06

_HEADS = {0x0600: 6, 0x0620: 3, 0x0630: 3, 0x0631: 3, 0x0650: 3, 0x0610: 3, 0x0651: 3, 0x0693: 3, 0x0501: 3}
"""Bytes before the bitmaps, of the till's commands: a password; for a registration the config byte and the currency too."""


@dataclass(frozen=True, slots=True)
class Message:
    """An APDU of the till: `control` is class and instruction, `head` what comes before the bitmaps."""

    control: int
    head: bytes = b""
    fields: Mapping[int, bytes] = field(default_factory=dict)
    tlv: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def error(self) -> int | None:
        """xx of 84 xx; None for 80 00 and for commands. Some tills say yes with 84 00."""
        return self.control & 0xFF or None if self.control >> 8 == 0x84 else None

    @property
    def answers(self) -> bool:
        return self.control >> 8 in (0x80, 0x84)

    def number(self, tag: int) -> int | None:
        """A BCD value; None when it is not there or not all digits."""
        digits = self.fields.get(tag, b"").hex()
        return int(digits) if digits.isdecimal() else None


def apdu(control: int, data: bytes = b"") -> bytes:
    size = bytes([len(data)]) if len(data) < 0xFF else b"\xff" + len(data).to_bytes(2, "little")
    return control.to_bytes(2, "big") + size + data


def bcd(value: int, size: int) -> bytes:
    return bytes.fromhex(f"{value:0{2 * size}d}")


def bmps(*values: tuple[int, bytes]) -> bytes:
    """Bitmaps one after the other; that of tag 06 is a container of TLVs."""
    said = b""
    for tag, value in values:
        if tag == _CONTAINER:
            said += bytes([tag]) + ber.length(len(value)) + value
        elif tag in _DIGITS:
            said += bytes([tag]) + counted(value, _DIGITS[tag])
        elif len(value) == _FIXED[tag]:
            said += bytes([tag]) + value
        else:
            raise ValueError(f"bitmap {tag:02x} has {_FIXED[tag]} bytes")
    return said


def counted(value: bytes, digits: int) -> bytes:
    """LLVAR and LLLVAR: the length as that many digits, each a byte F0 to F9."""
    return bytes(0xF0 + int(digit) for digit in f"{len(value):0{digits}d}") + value


def read(raw: bytes) -> Message:
    """Raises ValueError for what no till should send."""
    if len(raw) < 3:
        raise ValueError("shorter than an APDU")
    control, long = int.from_bytes(raw[:2], "big"), raw[2] == 0xFF
    data = raw[5:] if long else raw[3:]
    if len(data) != (int.from_bytes(raw[3:5], "little") if long else raw[2]):
        raise ValueError("another length than it says")
    size = min(_HEADS.get(control, 0), len(data))
    values, inside = _bitmaps(data[size:])
    return Message(control, data[:size], values, inside)


def _bitmaps(data: bytes) -> tuple[dict[int, bytes], dict[int, bytes]]:
    values: dict[int, bytes] = {}
    inside: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        tag, at = data[at], at + 1
        if tag == _CONTAINER:
            size, at = ber.read_length(data, at)
            inside |= ber.read(ber.exactly(data, at, size))
        elif tag in _DIGITS:
            digits = ber.exactly(data, at, _DIGITS[tag])
            if any(not 0xF0 <= digit <= 0xF9 for digit in digits):
                raise ValueError(f"bitmap {tag:02x} has a length of no digits")
            size, at = int("".join(str(digit & 15) for digit in digits)), at + len(digits)
        elif tag in _FIXED:
            size = _FIXED[tag]
        else:
            raise ValueError(f"a bitmap {tag:02x} that nobody knows")
        values[tag] = ber.exactly(data, at, size)
        at += size
    return values, inside

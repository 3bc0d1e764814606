"""ZVT's APDU: CLASS, INSTR, LEN, data. LEN is one byte, or FF and two more, low byte first."""

from __future__ import annotations

from dataclasses import dataclass

from devices.terminals.zvt.errors import CodecError

LONGEST_APDU = 2 + 3 + 0xFFFF
"""Bytes of the longest APDU that the length field can say."""


@dataclass(frozen=True, slots=True)
class Apdu:
    """`control` is CLASS and INSTR together, 0..FFFF; `data` is at most 65535 bytes."""

    control: int
    data: bytes


def encode_apdu(apdu: Apdu) -> bytes:
    size = len(apdu.data)
    length = bytes([size]) if size < 0xFF else b"\xff" + size.to_bytes(2, "little")
    return apdu.control.to_bytes(2, "big") + length + apdu.data


def decode_apdu(raw: bytes) -> Apdu:
    """Raises CodecError when the length field and the bytes there do not agree."""
    if len(raw) < 3:
        raise CodecError("apdu-short")
    start, size = 3, raw[2]
    if size == 0xFF:
        if len(raw) < 5:
            raise CodecError("apdu-short")
        start, size = 5, int.from_bytes(raw[3:5], "little")
    if len(raw) != start + size:
        raise CodecError("apdu-length")
    return Apdu(int.from_bytes(raw[:2], "big"), raw[start:])

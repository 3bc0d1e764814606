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


def apdu_size(raw: bytes | bytearray, at: int = 0) -> int | None:
    """How many bytes the APDU that begins at `at` has. None while its length field is not all there."""
    if len(raw) - at < 3:
        return None
    if raw[at + 2] != 0xFF:
        return 3 + raw[at + 2]
    return 5 + int.from_bytes(raw[at + 3 : at + 5], "little") if len(raw) - at >= 5 else None


def decode_apdu(raw: bytes) -> Apdu:
    """Raises CodecError when the length field and the bytes there do not agree."""
    size = apdu_size(raw)
    if size is None:
        raise CodecError("apdu-short")
    if len(raw) != size:
        raise CodecError("apdu-length")
    return Apdu(int.from_bytes(raw[:2], "big"), raw[5 if raw[2] == 0xFF else 3 :])

"""ZVT's bitmaps, declared as data: which tag has which length, and how its bytes are read.

Card numbers are masked and tracks, CVV and chip data are emptied while decoding (law 8), so a value here is always safe to keep.
An unknown tag has an unknown length: what follows it cannot be read, is dropped, and is counted in `unread`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from devices.terminals.zvt.card_data import last_four, mask_pan, mask_printed, mask_text
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.tlv import decode_length, decode_tlv
from devices.tlv import Tlv, encode, encode_length

CHARSET = "cp437"
"""What terminals print in unless told otherwise; every byte of it is a character, so text never fails to decode."""

LLVAR, LLLVAR, CONTAINER = -2, -3, -6
"""Lengths that the value itself says: two or three digits as F0..F9, or the TLV container's BER length."""


class Keep(Enum):
    """What may be kept of a bitmap's value."""

    ALL = auto()
    LAST_FOUR = auto()
    MASKED = auto()
    """Text, without what may be a card number in it."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Bitmap:
    """`size` in bytes, or one of LLVAR, LLLVAR, CONTAINER."""

    tag: int
    name: str
    size: int
    keep: Keep = Keep.ALL


BITMAPS: dict[int, Bitmap] = {
    bitmap.tag: bitmap
    for bitmap in (
        Bitmap(0x01, "timeout", 1),
        Bitmap(0x02, "most-status-informations", 1),
        Bitmap(0x03, "service-byte", 1),
        Bitmap(0x04, "amount", 6),
        Bitmap(0x05, "pump", 1),
        Bitmap(0x06, "tlv", CONTAINER),
        Bitmap(0x0B, "trace", 3),
        Bitmap(0x0C, "time", 3),
        Bitmap(0x0D, "date", 2),
        Bitmap(0x0E, "card-expiry", 2, Keep.NOTHING),
        Bitmap(0x17, "card-sequence", 2),
        Bitmap(0x19, "payment-type", 1),
        Bitmap(0x22, "card-number", LLVAR, Keep.LAST_FOUR),
        Bitmap(0x23, "track-2", LLVAR, Keep.NOTHING),
        Bitmap(0x24, "track-3", LLLVAR, Keep.NOTHING),
        Bitmap(0x27, "result-code", 1),
        Bitmap(0x29, "terminal-id", 4),
        Bitmap(0x2A, "merchant-number", 15),
        Bitmap(0x2D, "track-1", LLVAR, Keep.NOTHING),
        Bitmap(0x2E, "chip-data", LLLVAR, Keep.NOTHING),
        Bitmap(0x37, "original-trace", 3),
        Bitmap(0x3A, "cvv", 2, Keep.NOTHING),
        Bitmap(0x3B, "authorisation", 8),
        Bitmap(0x3C, "additional-text", LLLVAR, Keep.MASKED),
        Bitmap(0x3D, "password", 3),
        Bitmap(0x49, "currency", 2),
        Bitmap(0x60, "totals", LLLVAR),
        Bitmap(0x70, "image-request", 4),
        Bitmap(0x71, "image-size", 4),
        Bitmap(0x72, "image-type", 1),
        Bitmap(0x73, "image-encoding", 1),
        Bitmap(0x74, "image-chunks", 1),
        Bitmap(0x75, "image-chunk", 1),
        Bitmap(0x87, "receipt", 2),
        Bitmap(0x88, "turnover-record", 3),
        Bitmap(0x8A, "card-type", 1),
        Bitmap(0x8B, "card-name", LLVAR, Keep.MASKED),
        Bitmap(0x8C, "card-type-network", 1),
        Bitmap(0x92, "chip-type", LLLVAR, Keep.NOTHING),
        Bitmap(0x9A, "purse-record", LLLVAR, Keep.NOTHING),
        Bitmap(0xA0, "result-code-host", 1),
        Bitmap(0xA7, "chip-ef-id", LLVAR, Keep.NOTHING),
        Bitmap(0xAA, "date-with-year", 3),
        Bitmap(0xAF, "chip-ef-info", LLLVAR, Keep.NOTHING),
        Bitmap(0xBA, "aid-parameter", 5),
        Bitmap(0xD0, "algorithm", 1),
        Bitmap(0xD1, "pin-data", LLVAR, Keep.NOTHING),
        Bitmap(0xD2, "card-direction", 1),
        Bitmap(0xD3, "key-id", 1),
        Bitmap(0xE0, "input-shortest", 1),
        *(Bitmap(0xE0 + line, f"text-2-line-{line}", LLVAR) for line in range(1, 9)),
        Bitmap(0xE9, "input-longest", 1),
        Bitmap(0xEA, "input-echo", 1),
        Bitmap(0xEB, "text-mac", 8),
        Bitmap(0xF0, "display-seconds", 1),
        *(Bitmap(0xF0 + line, f"text-1-line-{line}", LLVAR) for line in range(1, 9)),
        Bitmap(0xF9, "beeps", 1),
        Bitmap(0xFA, "reader-activation", 1),
        Bitmap(0xFB, "confirm", 1),
        Bitmap(0xFC, "dialog-control", 1),
        Bitmap(0xFD, "display-device", 1),
    )
}


@dataclass(frozen=True, slots=True)
class Fields:
    """The bitmaps of a packet in their order. `values` are raw bytes; `tlv` is BMP 06 read; `unread` bytes were dropped."""

    values: tuple[tuple[int, bytes], ...] = ()
    tlv: tuple[Tlv, ...] = ()
    unread: int = 0

    def raw(self, tag: int) -> bytes | None:
        return next((value for found, value in self.values if found == tag), None)

    def number(self, tag: int) -> int | None:
        """A BCD value as a number; None when it is not there or not all digits (FFFF means "none")."""
        digits = self.digits(tag)
        return int(digits) if digits.isdecimal() else None

    def byte(self, tag: int) -> int | None:
        value = self.raw(tag)
        return value[0] if value else None

    def digits(self, tag: int) -> str:
        """A BCD value as text, empty when it is not there."""
        return (self.raw(tag) or b"").hex()

    def text(self, tag: int) -> str:
        """Text without its closing NULs and blanks, card numbers masked; empty when it is not there."""
        return mask_text((self.raw(tag) or b"").decode(CHARSET)).rstrip("\0 ")

    @property
    def last4(self) -> str:
        return last_four(self.raw(0x22) or b"")


NO_FIELDS = Fields()


def bcd(value: int, size: int) -> bytes:
    """`value` >= 0 as `size` bytes of packed digits. Raises CodecError when it does not fit."""
    digits = f"{value:0{2 * size}d}"
    if len(digits) != 2 * size or value < 0:
        raise CodecError("bcd-range")
    return bytes.fromhex(digits)


def fields(*values: tuple[int, bytes], tlv: tuple[Tlv, ...] = ()) -> Fields:
    """Fields to be sent; a TLV container goes last."""
    return Fields((*values, (0x06, b"")) if tlv else values, tlv)


def encode_fields(bitmaps: Fields) -> bytes:
    """Raises CodecError for a tag that is not declared or a value that does not fit it."""
    return b"".join(_encode(tag, value, bitmaps.tlv) for tag, value in bitmaps.values)


def _encode(tag: int, value: bytes, tlv: Iterable[Tlv]) -> bytes:
    bitmap = BITMAPS.get(tag)
    if bitmap is None:
        raise CodecError("bmp-unknown")
    if bitmap.size == CONTAINER:
        value = encode(tuple(tlv))
        return bytes([tag]) + encode_length(len(value)) + value
    if bitmap.size > 0:
        if len(value) != bitmap.size:
            raise CodecError("bmp-size")
        return bytes([tag]) + value
    return bytes([tag]) + encode_llvar(value, -bitmap.size)


def decode_fields(raw: bytes) -> Fields:
    """Raises CodecError when a bitmap's bytes are not all there."""
    values: list[tuple[int, bytes]] = []
    tlv: tuple[Tlv, ...] = ()
    at = 0
    while at < len(raw):
        bitmap = BITMAPS.get(raw[at])
        if bitmap is None:
            return Fields(tuple(values), tlv, unread=len(raw) - at)
        value, at = _value(bitmap, raw, at + 1)
        if bitmap.size == CONTAINER:
            value, tlv = b"", tlv + decode_tlv(value)
            if (bitmap.tag, value) in values:  # a second container goes on with the first, an empty one too
                continue
        values.append((bitmap.tag, _kept(bitmap, value)))
    return Fields(tuple(values), tlv)


def _value(bitmap: Bitmap, raw: bytes, at: int) -> tuple[bytes, int]:
    size = bitmap.size
    if size == CONTAINER:
        size, at = decode_length(raw, at)
    elif size < 0:
        size, at = _llvar_size(raw, at, -size)
    if at + size > len(raw):
        raise CodecError("bmp-short")
    return raw[at : at + size], at + size


def _kept(bitmap: Bitmap, value: bytes) -> bytes:
    if bitmap.keep is Keep.ALL:
        return value
    if bitmap.keep is Keep.LAST_FOUR:
        return mask_pan(value)
    if bitmap.keep is Keep.MASKED:
        return mask_printed(value)
    return b"\0" * bitmap.size if bitmap.size > 0 else b""


def encode_llvar(value: bytes, digits: int) -> bytes:
    """`value` after its length as `digits` bytes F0..F9. Raises CodecError when it is too long."""
    size = f"{len(value):0{digits}d}"
    if len(size) != digits:
        raise CodecError("llvar-range")
    return bytes(0xF0 | int(digit) for digit in size) + value


def decode_llvar(raw: bytes, at: int, digits: int) -> tuple[bytes, int]:
    """The value at `at` after its length, and where it ends. Raises CodecError."""
    size, at = _llvar_size(raw, at, digits)
    if at + size > len(raw):
        raise CodecError("llvar-short")
    return raw[at : at + size], at + size


def _llvar_size(raw: bytes, at: int, digits: int) -> tuple[int, int]:
    head = raw[at : at + digits]
    if len(head) < digits:
        raise CodecError("llvar-short")
    if any(byte & 0x0F > 9 for byte in head):
        raise CodecError("llvar-digit")
    return int("".join(str(byte & 0x0F) for byte in head)), at + digits

"""ZVT's TLV container (BMP 06): devices.tlv's BER-TLV, without any card's data (card_data)."""

from __future__ import annotations

from devices.terminals.zvt.card_data import SECRET_TLV, mask_printed
from devices.terminals.zvt.errors import CodecError
from devices.tlv import Tlv, TlvError, parse

TEXT_LINE = 0x07
"""A line of what is printed or shown (in TLV 25 and 24)."""


def decode_tlv(raw: bytes) -> tuple[Tlv, ...]:
    """All objects in `raw`, to its last byte. Raises CodecError. Card data is dropped here, wherever it is nested."""
    try:
        return _kept(parse(raw))
    except TlvError as wrong:
        raise CodecError(wrong.reason) from wrong


def _kept(objects: tuple[Tlv, ...]) -> tuple[Tlv, ...]:
    return tuple(_safe(item) for item in objects if item.tag not in SECRET_TLV)


def _safe(item: Tlv) -> Tlv:
    if item.children:
        return item._replace(children=_kept(item.children))
    return item._replace(value=mask_printed(item.value)) if item.tag == TEXT_LINE else item


def decode_length(raw: bytes, at: int) -> tuple[int, int]:
    """The container's own length at `at`, and where its value begins. Raises CodecError."""
    if at >= len(raw):
        raise CodecError("tlv-short")
    first = raw[at]
    if first < 0x80:
        return first, at + 1
    if first not in (0x81, 0x82):
        raise CodecError("tlv-length")
    end = at + 1 + (first & 0x0F)
    if end > len(raw):
        raise CodecError("tlv-short")
    return int.from_bytes(raw[at + 1 : end], "big"), end

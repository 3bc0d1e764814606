"""The BER-TLV of ZVT's container (BMP 06): strict, bounded in depth, and without any card's data (card_data.SECRET_TLV)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devices.terminals.zvt.card_data import SECRET_TLV
from devices.terminals.zvt.errors import CodecError

DEEPEST = 8
"""Containers within containers that are followed."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One object: a primitive has `value`, a constructed one (bit 6 of its tag's first byte) has `children`."""

    tag: int
    value: bytes = b""
    children: tuple[Tlv, ...] = ()

    @property
    def constructed(self) -> bool:
        return _first_byte(self.tag) & 0x20 != 0

    def find(self, tag: int) -> Tlv | None:
        """The first child of that tag."""
        return find(self.children, tag)


def find(objects: tuple[Tlv, ...], tag: int) -> Tlv | None:
    """The first of `objects` with that tag; not searched deeper."""
    return next((found for found in objects if found.tag == tag), None)


def encode_tlv(objects: tuple[Tlv, ...]) -> bytes:
    parts = []
    for item in objects:
        value = encode_tlv(item.children) if item.constructed else item.value
        parts.append(_tag_bytes(item.tag) + encode_length(len(value)) + value)
    return b"".join(parts)


def decode_tlv(raw: bytes, depth: int = 0) -> tuple[Tlv, ...]:
    """All objects in `raw`, to its last byte. Raises CodecError. Card data is dropped here, wherever it is nested."""
    if depth > DEEPEST:
        raise CodecError("tlv-depth")
    return tuple(item for item in _objects(raw, depth) if item.tag not in SECRET_TLV)


def _objects(raw: bytes, depth: int) -> Iterator[Tlv]:
    at = 0
    while at < len(raw):
        tag, at = _decode_tag(raw, at)
        size, at = decode_length(raw, at)
        if at + size > len(raw):
            raise CodecError("tlv-short")
        value, at = raw[at : at + size], at + size
        if _first_byte(tag) & 0x20:
            yield Tlv(tag, children=decode_tlv(value, depth + 1))
        else:
            yield Tlv(tag, value)


def encode_length(size: int) -> bytes:
    """One byte to 7F, 81 xx to FF, 82 xx xx above; the shortest that fits."""
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def decode_length(raw: bytes, at: int) -> tuple[int, int]:
    """The length at `at`, and where its value begins. Raises CodecError."""
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


def _decode_tag(raw: bytes, at: int) -> tuple[int, int]:
    """A tag of one to three bytes: 1F in the first's low bits says that more follow, bit 8 of those that still more do."""
    end = at + 1
    if raw[at] & 0x1F == 0x1F:
        while True:
            if end >= len(raw):
                raise CodecError("tlv-short")
            end += 1
            if not raw[end - 1] & 0x80:
                break
            if end - at == 3:
                raise CodecError("tlv-tag")
    return int.from_bytes(raw[at:end], "big"), end


def _tag_bytes(tag: int) -> bytes:
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def _first_byte(tag: int) -> int:
    return _tag_bytes(tag)[0]

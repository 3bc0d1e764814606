"""BER-TLV, as cards and terminals speak it (ISO 7816-4, EMV 4.3 book 3 annex B): strict, bounded, order and repeats kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Reason = Literal["tlv-short", "tlv-tag", "tlv-length", "tlv-depth", "tlv-size", "tlv-count"]

MOST_TAG_BYTES = 3
MOST_LENGTH_BYTES = 3
"""Of a length's value: 81 xx, 82 xx xx, 83 xx xx xx. 80, the indefinite length, is for streams and is refused."""


class TlvError(ValueError):
    """Bytes that are not BER-TLV, or are more than the limits allow. Its words never carry the bytes (law 8).

    `reason`: "tlv-short" (ends within an object, or an object ends after its container), "tlv-tag" (over three bytes, or its
    second byte is 80), "tlv-length" (indefinite, reserved, or over three bytes), "tlv-depth", "tlv-size", "tlv-count" (limits).
    `at`: which byte.
    """

    def __init__(self, reason: Reason, at: int) -> None:
        super().__init__(f"{reason} at byte {at}")
        self.reason: Reason = reason
        self.at = at


@dataclass(frozen=True, slots=True)
class Limits:
    """`size`: bytes of all; `depth`: how many containers may lie one within another; `count`: objects, nested ones included."""

    size: int = 65_536
    depth: int = 8
    count: int = 4_096


DEFAULT_LIMITS = Limits()


class Tlv(NamedTuple):
    """One object: a primitive has a `value`, a constructed one (bit 6 of its tag's first byte) has `children`, in their order.

    A named tuple, because it is made five times as fast as a frozen dataclass, and cards are read while people wait.
    """

    tag: int
    """As it is written: 0x9F02, 0x5A."""
    value: bytes = b""
    children: tuple[Tlv, ...] = ()

    def find(self, tag: int) -> Tlv | None:
        """The first child of that tag."""
        return find(self.children, tag)


def find(objects: tuple[Tlv, ...], tag: int) -> Tlv | None:
    """The first of `objects` with that tag; not searched deeper. Repeats are had by going through `objects`."""
    for item in objects:
        if item.tag == tag:
            return item
    return None


def parse(data: bytes | bytearray | memoryview, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Tlv, ...]:
    """All objects in `data`, to its last byte, the constructed ones opened. 00 between objects is filler. Raises TlvError."""
    return _parse(bytes(data), limits, limits.depth)


def parse_flat(data: bytes | bytearray | memoryview, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Tlv, ...]:
    """The outermost objects only, each with its value as it came: for those that put other things into a constructed tag.

    (A PIV card's certificate is DER in tag 70.) Raises TlvError.
    """
    return _parse(bytes(data), limits, -1)


def encode(objects: tuple[Tlv, ...]) -> bytes:
    """The bytes of `objects`, one after the other, lengths as short as they go. Raises TlvError for a tag or a length that
    `parse` would refuse. An object with children is written from them; one without, from its value."""
    parts = []
    for item in objects:
        value = encode(item.children) if item.children else item.value
        parts += [encode_tag(item.tag), encode_length(len(value)), value]
    return b"".join(parts)


def encode_tag(tag: int) -> bytes:
    """One to three bytes. Raises TlvError when these bytes are no tag."""
    raw = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    try:
        understood = parse(raw + b"\x00")
    except TlvError:
        understood = ()
    if [item.tag for item in understood] != [tag]:
        raise TlvError("tlv-tag", 0)
    return raw


def encode_length(size: int) -> bytes:
    """One byte to 7F, then 81 xx, 82 xx xx, 83 xx xx xx. Raises TlvError for more."""
    if size < 0x80:
        return bytes((size,))
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    if len(raw) > MOST_LENGTH_BYTES:
        raise TlvError("tlv-length", 0)
    return bytes((0x80 | len(raw),)) + raw


def _parse(data: bytes, limits: Limits, depth: int) -> tuple[Tlv, ...]:
    if len(data) > limits.size:
        raise TlvError("tlv-size", limits.size)
    try:
        objects, _ = _objects(data, 0, len(data), depth, limits.count)
    except IndexError:  # the data ended within a tag or a length
        raise TlvError("tlv-short", len(data)) from None
    return objects


def _objects(data: bytes, at: int, end: int, depth: int, left: int) -> tuple[tuple[Tlv, ...], int]:
    """The objects between two places, and how many of the `left` may still come. At `depth` -1 none is opened.

    One loop with the tag and the length read in place: most objects have a one-byte length, and a call costs more than they do.
    A header that runs over `end` into the container's neighbour is found when its value ends beyond `end`.
    """
    found = []
    while at < end:
        start = at
        tag = first = data[at]
        at += 1
        if not tag:
            continue
        if first & 0x1F == 0x1F:
            more = data[at]
            if more == 0x80:
                raise TlvError("tlv-tag", start)
            tag = tag << 8 | more
            at += 1
            while more & 0x80:
                if at - start == MOST_TAG_BYTES:
                    raise TlvError("tlv-tag", start)
                more = data[at]
                tag = tag << 8 | more
                at += 1
        size = data[at]
        at += 1
        if size & 0x80:
            wide = size & 0x7F
            if not 0 < wide <= MOST_LENGTH_BYTES:
                raise TlvError("tlv-length", start)
            if at + wide > end:
                raise TlvError("tlv-short", start)
            size = int.from_bytes(data[at : at + wide], "big")
            at += wide
        stop = at + size
        if stop > end:
            raise TlvError("tlv-short", start)
        left -= 1
        if left < 0:
            raise TlvError("tlv-count", start)
        if first & 0x20 and depth >= 0:
            if not depth:
                raise TlvError("tlv-depth", start)
            children, left = _objects(data, at, stop, depth - 1, left)
            found.append(_new(Tlv, (tag, b"", children)))
        else:
            found.append(_new(Tlv, (tag, data[at:stop], ())))
        at = stop
    return tuple(found), left


_new = tuple.__new__
"""What Tlv() comes down to, without its keywords: a third of the time."""

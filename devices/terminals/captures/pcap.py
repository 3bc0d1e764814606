"""pcap and pcapng files, as tcpdump and Wireshark write them: records in, with the link type they were captured on.

Small and strict rather than a library: of the two that are used, one has had no release since 2022 and the other brings 100,000
lines for these two formats' few headers (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_RECORD = 262_144
"""Bytes of a record, as tcpdump has it: a length beyond that is damage."""
MOST_INTERFACES = 256

_CLASSIC = {
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xd4\xc3\xb2\xa1": "<",
    b"\xa1\xb2\x3c\x4d": ">",
    b"\x4d\x3c\xb2\xa1": "<",
}
"""Microseconds and nanoseconds, each in either order of bytes."""
_SECTION = b"\x0a\x0d\x0d\x0a"
_INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 1, 2, 3, 6


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """`link` is a LINKTYPE. `why` is set where the file is damaged: nothing follows."""

    link: int
    data: bytes
    why: str = ""


def is_pcap(data: bytes) -> bool:
    return data[:4] in _CLASSIC or data[:4] == _SECTION


def records(data: bytes) -> Iterator[Record]:
    """All that is whole; a file that is cut off or damaged ends with a record that says so."""
    try:
        yield from _blocks(data) if data[:4] == _SECTION else _classic(data)
    except (struct.error, _Damaged):
        yield Record(0, b"", why="file-damaged")


class _Damaged(Exception):
    """A length or an order that cannot be."""


def _classic(data: bytes) -> Iterator[Record]:
    order = _CLASSIC[data[:4]]
    (link,) = struct.unpack_from(f"{order}20xI", data)
    at = 24
    while at < len(data):
        (size,) = struct.unpack_from(f"{order}8xI4x", data, at)
        at += 16
        yield Record(link & 0xFFFF, _cut(data, at, size))
        at += size


def _cut(data: bytes, at: int, size: int) -> bytes:
    if size > MOST_RECORD or at + size > len(data):
        raise _Damaged
    return data[at : at + size]


def _blocks(data: bytes) -> Iterator[Record]:
    order, links, at = "<", list[int](), 0
    while at < len(data):
        if data[at : at + 4] == _SECTION:
            order, links = _section_order(data, at), []
        kind, size = struct.unpack_from(f"{order}II", data, at)
        if size < 12 or size % 4 or at + size > len(data):
            raise _Damaged
        body, at = data[at + 8 : at + size - 4], at + size
        if kind == _INTERFACE:
            links.append(struct.unpack_from(f"{order}H", body)[0])
            if len(links) > MOST_INTERFACES:
                raise _Damaged
        elif kind in (_OLD_PACKET, _SIMPLE, _ENHANCED):
            yield _packet(kind, body, order, links)


def _section_order(data: bytes, at: int) -> str:
    mark = data[at + 8 : at + 12]
    if mark not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        raise _Damaged
    return ">" if mark[0] == 0x1A else "<"


def _packet(kind: int, body: bytes, order: str, links: list[int]) -> Record:
    if kind == _SIMPLE:
        (size,) = struct.unpack_from(f"{order}I", body)
        interface, start, size = 0, 4, min(size, len(body) - 4)
    else:
        form = "I8xI4x" if kind == _ENHANCED else "H2x8xI4x"
        interface, size = struct.unpack_from(order + form, body)
        start = struct.calcsize(order + form)
    if interface >= len(links):
        raise _Damaged
    return Record(links[interface], _cut(body, start, size))

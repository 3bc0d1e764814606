"""From captured network packets to what was said on a TCP connection: each direction put together from its segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from devices.terminals.captures.pcap import Record
from devices.terminals.captures.row import IN, OUT, Piece

_IPV4, _IPV6, _TCP = 4, 6, 6
_ETHERNET, _NULL, _LOOP, _LINUX, _LINUX_2 = 1, 0, 108, 113, 276
_RAW = (12, 14, 101, 228, 229)
_VLAN = (0x8100, 0x88A8, 0x9100)
_EXTENSIONS = (0, 43, 60)
"""IPv6 headers that may stand before TCP's: hop-by-hop, routing, destination."""

MOST_HELD = 256
"""Segments of one direction that wait for one before them; then that one is missing."""
MOST_STREAMS = 4096
_SEQUENCES = 1 << 32


@dataclass(frozen=True, slots=True, repr=False)
class _Segment:
    ends: tuple[bytes, int, bytes, int]
    """From address and port, to address and port."""
    sequence: int
    opens: bool
    data: bytes


@dataclass(slots=True)
class _Direction:
    """One direction of a connection: where it stands, and what came too early."""

    next: int | None = None
    held: dict[int, bytes] = field(default_factory=dict)


class Connections:
    """Puts together what went to and from `port`. `others` counts the segments with data that went elsewhere, by port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._directions: dict[tuple[bytes, int, bytes, int], _Direction] = {}
        self.others: Counter[int] = Counter()

    def pieces(self, records: Iterable[Record]) -> Iterator[Piece]:
        """In the order in which they could be put together. What the capture lacks is a piece that says so."""
        for record in records:
            if record.why:
                yield Piece(b"", why=record.why)
                continue
            segment = _segment(record)
            if segment is not None:
                yield from self._take(segment)
        for ends, direction in self._directions.items():
            yield from self._missing(ends, direction)

    def _take(self, segment: _Segment) -> Iterator[Piece]:
        _, source, _, target = segment.ends
        if self._port not in (source, target):
            self.others.update({min(source, target): 1} if segment.data else {})
            return
        if segment.ends not in self._directions and len(self._directions) >= MOST_STREAMS:
            return
        direction = self._directions.setdefault(segment.ends, _Direction())
        if segment.opens:
            # A port that is used again begins a new connection; what waited for the old one will not come.
            yield from self._missing(segment.ends, direction)
            direction.next = (segment.sequence + 1) % _SEQUENCES
        elif direction.next is None:
            direction.next = segment.sequence
        start = segment.sequence + (1 if segment.opens else 0)
        if segment.data:
            direction.held[start % _SEQUENCES] = max(segment.data, direction.held.get(start % _SEQUENCES, b""), key=len)
        yield from self._ready(segment.ends, direction)
        if len(direction.held) > MOST_HELD:
            yield from self._missing(segment.ends, direction)

    def _ready(self, ends: tuple[bytes, int, bytes, int], direction: _Direction) -> Iterator[Piece]:
        """What follows without a gap; what was said before is left out."""
        assert direction.next is not None, "set by the first segment"
        while ready := [start for start in direction.held if _ahead(start, direction.next) <= 0]:
            start = min(ready, key=lambda start: _ahead(start, direction.next or 0))
            fresh = direction.held.pop(start)[-_ahead(start, direction.next) :]
            if fresh:
                direction.next = (direction.next + len(fresh)) % _SEQUENCES
                yield self._piece(ends, fresh)

    def _missing(self, ends: tuple[bytes, int, bytes, int], direction: _Direction) -> Iterator[Piece]:
        while direction.held:
            assert direction.next is not None, "it holds something"
            direction.next = min(direction.held, key=lambda start: _ahead(start, direction.next or 0))
            yield self._piece(ends, b"", why="segment-missing")
            yield from self._ready(ends, direction)

    def _piece(self, ends: tuple[bytes, int, bytes, int], data: bytes, why: str = "") -> Piece:
        source, near, target, far = ends
        out = far == self._port
        stream = f"{near} {source.hex()}" if out else f"{far} {target.hex()}"
        return Piece(data, OUT if out else IN, stream, why)


def _ahead(sequence: int, of: int) -> int:
    """How far, sequence numbers starting again at 2**32 included; negative for what lies behind."""
    distance = (sequence - of) % _SEQUENCES
    return distance if distance < _SEQUENCES // 2 else distance - _SEQUENCES


def _segment(record: Record) -> _Segment | None:
    """The TCP segment in a captured packet; None for anything else, fragments and damage included."""
    packet = _internet(record)
    if len(packet) < 20:
        return None
    if packet[0] >> 4 == _IPV4:
        return _ipv4(packet)
    return _ipv6(packet) if packet[0] >> 4 == _IPV6 and len(packet) >= 40 else None


def _internet(record: Record) -> bytes:
    """The IP packet behind the link's own header; empty when there is none that we know."""
    data, link = record.data, record.link
    if link in _RAW:
        return data
    if link in (_NULL, _LOOP):
        return data[4:]
    if link == _LINUX:
        return data[16:]
    if link == _LINUX_2:
        return data[20:]
    if link != _ETHERNET:
        return b""
    at = 12
    while int.from_bytes(data[at : at + 2], "big") in _VLAN:
        at += 4
    return data[at + 2 :]


def _ipv4(packet: bytes) -> _Segment | None:
    head, total = 4 * (packet[0] & 0x0F), int.from_bytes(packet[2:4], "big")
    fragment = int.from_bytes(packet[6:8], "big") & 0x3FFF
    if head < 20 or packet[9] != _TCP or fragment:
        return None
    # A length of 0 is a card's that cuts the packet itself; what is behind the length fills the Ethernet frame.
    return _tcp(packet[12:16], packet[16:20], packet[head : total or None])


def _ipv6(packet: bytes) -> _Segment | None:
    kind, at = packet[6], 40
    while kind in _EXTENSIONS and len(packet) >= at + 2:
        kind, at = packet[at], at + 8 * (packet[at + 1] + 1)
    total = int.from_bytes(packet[4:6], "big")
    return _tcp(packet[8:24], packet[24:40], packet[at : 40 + total if total else None]) if kind == _TCP else None


def _tcp(source: bytes, target: bytes, segment: bytes) -> _Segment | None:
    if len(segment) < 20:
        return None
    head = 4 * (segment[12] >> 4)
    if head < 20:
        return None
    near, far = int.from_bytes(segment[:2], "big"), int.from_bytes(segment[2:4], "big")
    sequence = int.from_bytes(segment[4:8], "big")
    return _Segment((source, near, target, far), sequence, bool(segment[13] & 0x02), segment[head:])

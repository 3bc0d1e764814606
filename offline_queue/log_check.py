"""The write-ahead log, looked at before SQLite does, after a crash has left one.

SQLite takes a log up to the first frame whose checksum is wrong and forgets the rest without a word. That is right for the tail
of a power cut, whose last transaction had not been promised to anybody. A bit that flips further up takes promised payments with
it: here that is damage, told before anything is folded in or overwritten. The form is SQLite's (sqlite.org/fileformat2, the WAL).

What cannot be told from a power cut: damage inside the very last transaction, and a log that ends early between two.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from offline_queue.errors import DatabaseDamaged

_MAGIC = 0x377F0682
_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_SLACK = 64
"""Pages that a transaction may add and give back without writing them."""


class _Frame(NamedTuple):
    """`whole`: as it was written; `follows`: written after the frame before it, whole or not; `pages` of the database when this
    frame ends a transaction, as it says: 0 when it ends none. Of a frame that is not whole, they may be anything."""

    whole: bool
    follows: bool
    pages: int


def check_log(file: Path, database: Path) -> None:
    """Raises DatabaseDamaged when the log at `file` has lost a transaction that was promised: one after which another began."""
    log = file.read_bytes() if file.exists() else b""
    if len(log) <= _HEADER.size:
        return
    magic, _, _, _, _, _, *checksum = _HEADER.unpack_from(log)
    if magic & ~1 != _MAGIC or _continued((0, 0), log[:24], magic) != tuple(checksum):
        raise DatabaseDamaged("log header")  # synced before its first frame is written, within one sector
    whole, ended = True, False
    held = database.stat().st_size // _HEADER.unpack_from(log)[2] + _SLACK
    for count, frame in enumerate(_frames(log), start=1):
        if ended and not whole and frame.follows:
            raise DatabaseDamaged("log")
        whole = whole and frame.whole
        ended = frame.pages > 0 and _may_be(frame.pages, held + count)  # a frame adds one page at most


def _frames(log: bytes) -> Iterator[_Frame]:
    """Every frame, in order; those that an older generation of the log left behind have other salts."""
    magic, _, page, _, *salts, first, second = _HEADER.unpack_from(log)
    told = reckoned = (first, second)
    for at in range(_HEADER.size, len(log) - _FRAME.size - page + 1, _FRAME.size + page):
        _, pages, salt, other, first, second = _FRAME.unpack_from(log, at)
        body = log[at : at + 8] + log[at + _FRAME.size : at + _FRAME.size + page]
        ours = [salt, other] == salts
        expected = _continued(told, body, magic)
        chained = expected == (first, second)
        # where it is the checksum before that has flipped, this one continues what that should have been
        follows = ours and (chained or _continued(reckoned, body, magic) == (first, second))
        yield _Frame(ours and chained, follows, pages if ours or chained else 0)
        told, reckoned = (first, second), expected


def _may_be(pages: int, most: int) -> bool:
    """Whether so many pages are a number that was written, a flipped bit in it forgiven. Where half of a frame's head has not
    arrived it is what lay on the disk before: any number."""
    beyond = pages >> most.bit_length()
    return beyond & (beyond - 1) == 0


def _continued(before: tuple[int, int], body: bytes, magic: int) -> tuple[int, int]:
    """SQLite's running checksum over `body`, whose length is a multiple of eight; the lowest bit of `magic` is its byte order."""
    one, two = before
    for first, second in struct.iter_unpack(">2I" if magic & 1 else "<2I", body):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two

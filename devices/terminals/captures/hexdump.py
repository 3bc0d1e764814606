"""Hex dumps as people paste them: bare, with offsets (xxd, hexdump -C, tcpdump -x), with arrows, time stamps and remarks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devices.terminals.captures.row import IN, OUT, UNSAID, Piece

_TILL = r"(?:ecr|pos|till|kasse|host|kiosk|pc)"
_TERMINAL = r"(?:pt|terminal|reader|eft|zvt)"
_ARROW = r"\s*(?:-+|=+)?>+\s*"
_BACK = r"\s*<+(?:-+|=+)?\s*"
_DIRECTIONS = (
    (re.compile(rf"\b{_TILL}{_ARROW}{_TERMINAL}\b", re.IGNORECASE), OUT),
    (re.compile(rf"\b{_TERMINAL}{_ARROW}{_TILL}\b", re.IGNORECASE), IN),
    (re.compile(rf"\b{_TILL}{_BACK}{_TERMINAL}\b", re.IGNORECASE), IN),
    (re.compile(rf"\b{_TERMINAL}{_BACK}{_TILL}\b", re.IGNORECASE), OUT),
    (re.compile(r"[-=]*>+"), OUT),
    (re.compile(r"<+[-=]*"), IN),
    (re.compile(r"\b(?:tx|out|sent|send|write)\b:?", re.IGNORECASE), OUT),
    (re.compile(r"\b(?:rx|in|received|recv|read)\b:?", re.IGNORECASE), IN),
)
"""What says whose bytes these are; the first that is found counts, and all before it (a time, a name) is no data."""

_REMARK = re.compile(r"(?:#|//|;).*")
_TIME = re.compile(r"^\s*\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\]?(?=\s|$)")
_OFFSET = re.compile(r"\s*(?:0x)?([0-9a-fA-F]{4,16})(?::|(?=\s|$))")
_CHARACTERS = re.compile(r"\s+\|.*|\s{2,}>.*<\s*$")
"""hexdump's and od's column of characters."""
_CHARACTERS_OF_XXD = re.compile(r"(?<=\S) {2,}\S.*$")
"""Behind two blanks; only where the offset had a colon, since hexdump -C has two in the middle."""
_CUT = re.compile(r"[\s,:|-]+")
_TOKEN = re.compile(r"(?:[0-9a-fA-F]{2})+")
_PREFIX = re.compile(r"0x|\\x", re.IGNORECASE)

FEWEST = 3
"""Bytes before a remark that is not marked as one, so that no word passes for hex ("be careful")."""


def pieces(text: str) -> Iterator[Piece]:
    """A piece for each line, in their order. A line in which no bytes are is a piece that says so, without its words, which may
    hold anything."""
    direction = UNSAID
    expected: int | None = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = _TIME.sub("", _REMARK.sub("", line)).rstrip()
        if not bare.strip():
            continue
        said = UNSAID
        offset, rest = _offset(bare, expected)
        if offset is None:
            said, rest = _direction(bare)
            offset, rest = _offset(rest, 0)
        # The lines of a dump that follow its first have no arrow of their own.
        direction = said if said or not offset else direction
        if rest.strip() == "*":
            yield Piece(b"", direction, why="lines-left-out", line=number)
            expected = None
            continue
        data = _bytes(rest)
        if data is None:
            yield Piece(b"", direction, why="not-hex", line=number)
        elif data:
            yield Piece(data, direction, line=number)
            expected = (offset or 0) + len(data)


def text_of(data: bytes) -> str | None:
    """The text of a file; None for one that is none: a terminal's own bytes have control characters among the first."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    plain = all(byte in b"\t\n\r\f" or (byte >= 0x20 and byte != 0x7F) for byte in data[:4096])
    return data.decode("utf-8", "replace") if plain else None


def _direction(line: str) -> tuple[str, str]:
    for mark, direction in _DIRECTIONS:
        if found := mark.search(line):
            return direction, line[found.end() :].lstrip(" :|]\t")
    return UNSAID, line.strip()


def _offset(rest: str, expected: int | None) -> tuple[int | None, str]:
    """A dump's offset and what follows, without the column of characters: it has a colon or two blanks behind it, or is what it
    has to be after the lines before (`expected`, None for any; od has one blank)."""
    found = _OFFSET.match(rest)
    if found is None:
        return None, rest
    value, bare = int(found[1], 16), rest[found.end() :]
    if found[0].endswith(":"):
        return value, _CHARACTERS_OF_XXD.sub("", bare)
    if bare.startswith("  ") or (expected in (value, None) and (len(found[1]) >= 6 or value)):
        return value, _CHARACTERS.sub("", bare)
    return None, rest


def _bytes(rest: str) -> bytes | None:
    """The bytes of a line; None where there are none and something else is."""
    found = bytearray()
    for token in _CUT.split(_PREFIX.sub(" ", rest).strip(" `'\"[](){}|")):
        if not token:
            continue
        if not _TOKEN.fullmatch(token):
            return bytes(found) if len(found) >= FEWEST else None
        found += bytes.fromhex(token)
    return bytes(found)

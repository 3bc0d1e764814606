"""What a capture is made of before it is decoded, and after: pieces of bytes in, one row a packet out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OUT = "out"
"""To the terminal."""
IN = "in"
"""From the terminal."""
UNSAID = ""
"""The capture does not say; the packet may."""

MASK = 0xEE
"""Stands in `hex` for every byte that may not be shown, as it does in a terminal's own masked card numbers."""


UNREADABLE = "unreadable"
"""The name of a row that is no packet; its fields have the reason."""


class CaptureError(Exception):
    """A file that is no capture we can read. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Bytes as they stood together in the capture. `stream` tells lines that have nothing to do with each other apart; `why` is
    set, and `data` empty, where something could not be read or is missing."""

    data: bytes
    direction: str = UNSAID
    stream: str = ""
    why: str = ""
    line: int | None = None
    """Of a text file, from 1."""


@dataclass(frozen=True, slots=True)
class Row:
    """One packet, or what could not be read as one. `hex` has MASK for what may not be shown, and is empty where nothing may."""

    direction: str
    name: str
    hex: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def unreadable(piece: Piece) -> Row:
    """The row of a piece with a `why`."""
    line = {} if piece.line is None else {"line": piece.line}
    return Row(piece.direction, UNREADABLE, fields={"reason": piece.why, **line})

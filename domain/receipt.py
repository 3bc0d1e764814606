"""A receipt as blocks, with no printer in sight. Printers, pictures and later e-mail each draw the same blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    NORMAL = "normal"
    STRONG = "strong"
    LARGE = "large"
    CENTRED = "centred"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; the printer breaks it into lines."""

    text: str
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True)
class Pair:
    """A label at the left edge and its value at the right."""

    label: str
    value: str
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, centred, of `text` (ASCII)."""

    text: str


Block = Text | Pair | Rule | Code


@dataclass(frozen=True, slots=True)
class Receipt:
    """`name` is what logs and files call it (the receipt code), never a person. `right_to_left`: its language runs so."""

    name: str
    blocks: tuple[Block, ...]
    right_to_left: bool = False

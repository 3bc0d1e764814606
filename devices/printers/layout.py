"""A receipt's blocks as rows of a fixed number of columns: pure, and nothing is ever cut off without a trace.

Text is broken at spaces, a word longer than a row is broken anywhere, and a pair whose halves do not fit side by side takes
as many rows as it needs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from domain.receipt import Block, Code, Pair, Rule, Style, Text

_SUBSTITUTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-",
     "\u2014": "-", "\u2015": "-", "\u2212": "-", "\u2026": "...", "\t": " "}
)  # fmt: skip
"""Typographer's signs that hardly any printer's code page has, and the typewriter's signs that say the same."""


ISOLATES = "\u2066\u2068\u2069"
"""The signs around a value that runs by itself in a line of the other direction (LRI, FSI, PDI): needed to draw the line."""

_CLOSING, _OPENING = "，。、；：？！）》」』”", "（《「『“"

_GAP = 3
"""Columns left free between a label and its value, so that they do not read as one sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of paper: `left` from its start, `right` to its end, never overlapping. Only `left` of a CENTRED row is used."""

    left: str
    right: str = ""
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True)
class Line:
    """A rule across the paper."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code of `text`, centred."""

    text: str


Element = Row | Line | Symbol


def lay_out(blocks: tuple[Block, ...], columns: int) -> tuple[Element, ...]:
    """The rows of `blocks` on paper of `columns` characters of the normal size; LARGE ones are twice as wide."""
    return tuple(element for block in blocks for element in _elements(block, columns))


def columns_of(style: Style, columns: int) -> int:
    """How many characters of `style` fit a row of `columns` normal ones."""
    return columns // 2 if style is Style.LARGE else columns


def width_of(text: str) -> int:
    """Columns that `text` takes: two for an East Asian wide letter, none for a mark that stands on another or isolates."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char) or char in ISOLATES:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _elements(block: Block, columns: int) -> Iterator[Element]:
    match block:
        case Text(text, style):
            for paragraph in text.split("\n"):
                for row in _wrap(_printable(paragraph), columns_of(style, columns)):
                    yield Row(row, style=style)
        case Pair(label, value, style):
            yield from _pair(_printable(label), _printable(value), style, columns_of(style, columns))
        case Rule():
            yield Line()
        case Code(text):
            yield Symbol(text)


def _printable(text: str) -> str:
    """`text` as one line without control signs, which a printer would obey, and without invisible format signs, but for
    those that isolate a value where something runs from right to left."""
    composed = unicodedata.normalize("NFC", text.replace("\n", " ")).translate(_SUBSTITUTES)
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in composed)
    kept = ISOLATES if any(unicodedata.bidirectional(char) in ("R", "AL") for char in spaced) else ""
    return "".join(char for char in spaced if char in kept or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"))


def _wrap(text: str, columns: int) -> list[str]:
    """`text` in rows of at most `columns`; an empty text is one empty row."""
    rows, row = [], ""
    for piece in _pieces(text):
        candidate = row + piece if row else piece.removeprefix(" ")
        if width_of(candidate) <= columns:
            row = candidate
            continue
        if row:
            rows.append(row)
        row = piece.removeprefix(" ")
        while width_of(row) > columns:
            head = _head(row, columns)
            rows.append(head)
            row = row[len(head) :]
    return [*rows, row]


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word with the space before it, or one letter of a script without spaces with its punctuation
    (Unicode, UAX #14, classes ID, CL and OP)."""
    piece = ""
    for char in text:
        wide = piece and 2 in (_width(piece[-1]), _width(char)) and char not in _CLOSING and piece[-1] not in _OPENING
        if piece and (char == " " or (wide and not unicodedata.combining(char))):
            yield piece
            piece = ""
        piece += char
    yield piece


def _head(word: str, columns: int) -> str:
    """As much of `word`'s beginning as `columns` hold, at least one letter, with the marks that stand on the last one."""
    end, width = 0, 0
    for char in word:
        width += width_of(char)
        if width > columns and end:
            break
        end += 1
    return word[:end]


def _pair(label: str, value: str, style: Style, columns: int) -> Iterator[Row]:
    if width_of(label) + _GAP + width_of(value) <= columns:
        yield Row(label, value, style)
        return
    labels = _wrap(label, columns)
    for row in labels[:-1]:
        yield Row(row, style=style)
    if width_of(labels[-1]) + _GAP + width_of(value) <= columns:
        yield Row(labels[-1], value, style)
        return
    yield Row(labels[-1], style=style)
    for row in _wrap(value, columns):
        yield Row("", row, style)

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
    """Columns that `text` takes: two for an East Asian wide letter, none for a mark that stands on another."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


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
    """`text` as one line without control signs, which a printer would obey, and without invisible format signs."""
    composed = unicodedata.normalize("NFC", text.replace("\n", " ")).translate(_SUBSTITUTES)
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in composed)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"))


def _wrap(text: str, columns: int) -> list[str]:
    """`text` in rows of at most `columns`; an empty text is one empty row."""
    rows, row = [], ""
    for word in text.split(" "):
        candidate = f"{row} {word}" if row else word
        if width_of(candidate) <= columns:
            row = candidate
            continue
        if row:
            rows.append(row)
        row = word
        while width_of(row) > columns:
            head = _head(row, columns)
            rows.append(head)
            row = row[len(head) :]
    return [*rows, row]


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

"""Letters as pictures: any script we may meet in one line, from the fonts that travel with the kiosk."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parents[1] / "assets" / "fonts"
_FAMILIES = (
    ("AtkinsonHyperlegibleNext-Regular.ttf", "AtkinsonHyperlegibleNext-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansArabicUI-Regular.ttf", "NotoSansArabicUI-Bold.ttf"),
    ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    ("NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("NanumSquareR.ttf", "NanumSquareR.ttf"),  # after the one before: its Chinese letters are empty
)
Ink = float | tuple[int, ...]
_ISOLATED = re.compile("([^\u2066\u2068\u2069]+)|[\u2066\u2068]([^\u2069]*)")
_AGAINST = {False: ("R", "AL"), True: ("L", "EN", "AN")}
"""What runs against a line, by whether the line runs from right to left."""
_NEVER_A_LETTER = "\uffff"  # every font shows it as its "missing" box


@lru_cache(maxsize=64)
def _font(family: int, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / _FAMILIES[family][bold]), size)


@lru_cache(maxsize=4096)
def _family(char: str) -> int:
    """The first family that has `char`; the first of all where none has, which then shows its box."""
    for family in range(len(_FAMILIES)):
        font = _font(family, 32, False)
        if bytes(font.getmask(char)) != bytes(font.getmask(_NEVER_A_LETTER)):
            return family
    return 0


def _families(text: str) -> list[int]:
    """One for each character; spaces and marks stay with the letter before them, at the beginning with the one after. Letters
    that the first family lacks, as half of Vietnamese, bring the second for all that both have: no word is set in two faces."""
    own = [None if _joins(char) else _family(char) for char in text]
    last = next((family for family in own if family is not None), 0)
    families = []
    for family in own:
        last = last if family is None else family
        families.append(last)
    return [1 if family == 0 and 1 in families else family for family in families]


def _joins(char: str) -> bool:
    return char.isspace() or bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def _fonts(text: str) -> Iterator[tuple[int, str]]:
    """`text` in stretches of one family each."""
    for family, stretch in groupby(zip(_families(text), text, strict=True), key=lambda pair: pair[0]):
        yield family, "".join(char for _, char in stretch)


def reads_right_to_left(text: str) -> bool:
    """The direction of the first letter that has one (Unicode bidi rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _directed(text: str, right_to_left: bool) -> Iterator[tuple[str, bool]]:
    """`text` as written, in stretches of one direction each: True from right to left. What is isolated (LRI, FSI ... PDI) runs as
    its own first letter does; figures and letters of the other direction run by themselves, and what lies between them and
    letters of the line's direction belongs to the line: the Unicode algorithm (UAX #9) without embeddings, which no word has.
    """
    for plain, inner in _ISOLATED.findall(text):
        if inner:
            yield inner, reads_right_to_left(inner)
        backwards = [unicodedata.bidirectional(char) in _AGAINST[right_to_left] for char in plain]
        for against, stretch in _stretches(plain, backwards, right_to_left):
            yield stretch, against != right_to_left


def _stretches(text: str, against: list[bool], right_to_left: bool) -> Iterator[tuple[bool, str]]:
    """`text` by whether it runs against the line, from the first such letter to the last before one that runs with it."""
    along = [unicodedata.bidirectional(char) in _AGAINST[not right_to_left] for char in text]
    at = 0
    while at < len(text):
        if not against[at]:
            end = next((i for i in range(at, len(text)) if against[i]), len(text))
        else:
            bound = next((i for i in range(at, len(text)) if along[i]), len(text))
            end = max(i for i in range(at, bound) if against[i]) + 1
        yield against[at], text[at:end]
        at = end


class Lettering:
    """Text of one size (pixels of the em) and weight, in lines that run from right to left or as their first letter does."""

    def __init__(self, size: int, bold: bool = False, right_to_left: bool = False) -> None:
        self._size = size
        self._bold = bold
        self._right_to_left = right_to_left

    def _pieces(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str, str]]:
        """In the order of the eye, from the left: a font, letters, and the direction in which they run."""
        # a text without such letters, as "$2.50", is a value by itself, isolated or not
        line = reads_right_to_left(text) or (self._right_to_left and any(map(reads_right_to_left, text)))
        pieces = []
        for stretch, backwards in _directed(text, line):
            way = "rtl" if backwards else "ltr"
            fonts = [(_font(family, self._size, self._bold), piece, way) for family, piece in _fonts(stretch)]
            pieces.append(fonts[::-1] if backwards else fonts)
        return [piece for stretch in (pieces[::-1] if line else pieces) for piece in stretch]

    def width(self, text: str) -> float:
        """Pixels from the pen's start to its end."""
        return sum(font.getlength(piece, direction=way) for font, piece, way in self._pieces(text))

    def draw(self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: Ink = 0) -> float:
        """Draws `text` with its baseline starting at `at`; returns the x where it ended."""
        x, y = at
        for font, piece, way in self._pieces(text):
            canvas.text((x, y), piece, font=font, fill=fill, anchor="ls", direction=way)
            x += font.getlength(piece, direction=way)
        return x

    def draw_to(self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: Ink = 0) -> None:
        """Draws `text` so that it ends at `at`, on the baseline."""
        self.draw(canvas, (at[0] - self.width(text), at[1]), text, fill)

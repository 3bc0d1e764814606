"""Letters as pictures: any script we may meet in one line, from the fonts that travel with the kiosk."""

from __future__ import annotations

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


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """`text` in stretches of one family each; spaces and marks stay with the letter before them."""
    families: list[int] = []
    for char in text:
        joins = char.isspace() or unicodedata.combining(char) or unicodedata.category(char) == "Cf"
        families.append(families[-1] if joins and families else _family(char))
    for family, stretch in groupby(zip(families, text, strict=True), key=lambda pair: pair[0]):
        yield family, "".join(char for _, char in stretch)


def reads_right_to_left(text: str) -> bool:
    """The direction of the first letter that has one (Unicode bidi rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


class Lettering:
    """Text of one size (pixels of the em) and weight."""

    def __init__(self, size: int, bold: bool = False) -> None:
        self._size = size
        self._bold = bold

    def _pieces(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        pieces = [(_font(family, self._size, self._bold), piece) for family, piece in _runs(text)]
        return pieces[::-1] if reads_right_to_left(text) else pieces

    def width(self, text: str) -> float:
        """Pixels from the pen's start to its end."""
        return sum(font.getlength(piece) for font, piece in self._pieces(text))

    def draw(self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: Ink = 0) -> float:
        """Draws `text` with its baseline starting at `at`; returns the x where it ended."""
        x, y = at
        for font, piece in self._pieces(text):
            canvas.text((x, y), piece, font=font, fill=fill, anchor="ls")
            x += font.getlength(piece)
        return x

    def draw_to(self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: Ink = 0) -> None:
        """Draws `text` so that it ends at `at`, on the baseline."""
        self.draw(canvas, (at[0] - self.width(text), at[1]), text, fill)

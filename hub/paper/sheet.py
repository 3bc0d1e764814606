"""A sheet of paper to write on: our fonts for every script they know, head and foot of each page, text that wraps.

Measures are points (1/72 inch) from the upper left corner.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from hub.folder import HubError

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FAMILY = "AtkinsonHyperlegibleNext"
OTHERS = ("NotoSans", "NotoSansArabicUI", "NotoSansHebrew", "NotoSansThai", "DroidSansFallbackFull", "NanumSquareR")
"""Asked in this order for letters that FAMILY has not. Nanum last: it says that it has Chinese letters, and they are empty."""

INK, MUTED, LINE, BRAND, TINT, WHITE = "#17212B", "#4A5763", "#CDD0D0", "#0B5A5E", "#EAF2F1", "#FFFFFF"
MARGIN = 45.0
FOOT = 52.0
"""What is kept free for it at the bottom."""

LEADING = 1.3


class Sheet(FPDF):
    """`head` and `foot` draw on every page; `head` leaves `y` where the page's own text starts."""

    def __init__(self, paper: str, letters: Iterable[str], head: Callable[[Sheet], None], foot: Callable[[Sheet], None]) -> None:
        """`letters` is every text that is to be written: raises HubError where it has a letter that no font of ours has."""
        super().__init__(format=paper, unit="pt")
        self._head, self._foot = head, foot
        self.set_margin(MARGIN)
        self.c_margin = 0  # text starts where its place says
        self.set_auto_page_break(True, FOOT + 10)
        self._add_fonts(set().union(*letters))
        self.set_text_shaping(True)

    def titled(self, title: str, locale: str, day: dt.date) -> None:
        """What a reader of the file is told first, in what language; nothing in it depends on when it was drawn."""
        self.set_title(title)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_lang(locale.replace("_", "-"))
        self.set_creation_date(dt.datetime.combine(day, dt.time(), dt.UTC))

    def let_go(self) -> None:
        """Lets go of the fonts' files, which fpdf2 keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _add_fonts(self, letters: set[str]) -> None:
        others = []
        missing = {letter for letter in letters if _has_ink(letter)} - _letters_of(FAMILY)
        for family in OTHERS:
            if missing & _letters_of(family):
                others.append(family)
                missing -= _letters_of(family)
        if missing:
            codes = ", ".join(f"U+{ord(letter):04X}" for letter in sorted(missing))
            raise HubError("letters-missing", f"No font in assets/fonts has {codes}: this statement cannot be printed here.")
        for family in (FAMILY, *others):
            self.add_font(family, "", _file(family, "Regular"))
            self.add_font(family, "B", _file(family, "Bold"))
        self.set_fallback_fonts(others, exact_match=False)

    def header(self) -> None:
        self._head(self)

    def footer(self) -> None:
        self._foot(self)

    def style(self, size: float, ink: str = INK, *, bold: bool = False) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(ink)

    def write_at(self, x: float, y: float, width: float, text: str, *, right: bool = False) -> float:
        """Writes `text` in lines of at most `width` from `y` downwards, in the style that was set; returns where they end."""
        self.set_xy(x, y)
        align = Align.R if right else Align.L
        self.multi_cell(width, self.font_size_pt * LEADING, text, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)
        return self.get_y()

    def panel(self, x: float, y: float, width: float, height: float, *, fill: str | None = None) -> None:
        """A box with round corners, filled or outlined."""
        self.set_line_width(1)
        self.set_draw_color(LINE)
        self.set_fill_color(fill or WHITE)
        self.rect(x, y, width, height, style="F" if fill else "D", round_corners=True, corner_radius=9)

    def rule(self, y: float, ink: str = LINE, weight: float = 0.8) -> None:
        """Across the page."""
        self.set_line_width(weight)
        self.set_draw_color(ink)
        self.line(MARGIN, y, self.w - MARGIN, y)


def _file(family: str, weight: str) -> Path:
    """The font's file; a family of one weight has it for both."""
    weighted = FONTS / f"{family}-{weight}.ttf"
    return weighted if weighted.exists() else FONTS / f"{family}.ttf"


@cache
def _letters_of(family: str) -> frozenset[str]:
    """The letters that `family` has, in both weights alike; not those that it names and leaves empty."""
    with TTFont(_file(family, "Regular"), lazy=True) as font:
        places, ids = font["loca"], font.getReverseGlyphMap()
        return frozenset(chr(code) for code, name in font.getBestCmap().items() if places[ids[name]] < places[ids[name] + 1])


def _has_ink(letter: str) -> bool:
    """Not so blanks, and marks that only steer the letters around them (Unicode's Cf: joiners, directions)."""
    return not letter.isspace() and unicodedata.category(letter) != "Cf"

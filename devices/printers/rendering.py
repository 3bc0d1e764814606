"""A receipt as ESC/POS: a list of complete commands, so that the printer may be asked how it is between any two.

Rows that the Latin code pages can spell go as text; any other row goes as a picture of its letters, so that a name is never
a line of question marks. Codes and rules are pictures too: every printer draws those alike.
"""

from __future__ import annotations

import copy

from PIL import Image, ImageDraw
from qrcode import ERROR_CORRECT_M, QRCode

from devices.lettering import Lettering, reads_right_to_left
from devices.printers.layout import Element, Line, Row, Symbol, columns_of, lay_out, width_of
from devices.printers.library import Dummy, Encoder
from domain.receipt import Receipt, Style

DOTS_PER_COLUMN = 12
"""Font A of every ESC/POS printer is 12 dots wide."""
_PAGES = ("CP437", "CP850", "CP858", "CP1252")
_ROW_DOTS, _BASELINE, _LETTER_DOTS = 32, 24, 25
_RULE_DOTS, _RULE_ABOVE, _RULE_HEIGHT = 2, 11, 24
_MODULE_DOTS = 7  # 0.88 mm at 203 dpi; at least 0.5 mm is asked for
_MODULE_LEAST = 3
_FEED_BELOW_LARGE = b"\x1bJ\x0a"  # ESC J: a large row fills its line spacing to the last dot
_BLACK_BELOW = 150


class Renderer:
    """`columns` of font A across the paper; `profile` names one of python-escpos's capability profiles."""

    def __init__(self, columns: int, profile: str) -> None:
        self.columns = columns
        self.dots = columns * DOTS_PER_COLUMN
        self._profile = profile

    def render(self, receipt: Receipt) -> list[bytes]:
        """The commands that print and cut `receipt`, the last one being the cut."""
        return _Job(self, self._profile).run(receipt)


class _Job:
    """One receipt on its way to bytes: the code page in force is remembered from row to row."""

    def __init__(self, paper: Renderer, profile: str) -> None:
        self._paper = paper
        self._out = Dummy(profile=profile)
        profile_data = copy.deepcopy(self._out.profile.profile_data)
        # the paper's width is ours to say; python-escpos writes on stdout where a profile leaves it open
        profile_data["media"]["width"]["pixels"] = paper.dots
        self._out.profile.profile_data = profile_data
        pages = self._out.profile.get_code_pages()
        self._encoder = Encoder({name: pages[name] for name in _PAGES if name in pages})
        self._out.magic.encoder = self._encoder
        self._raster = "bitImageRaster" if self._out.profile.supports("bitImageRaster") else "bitImageColumn"

    def run(self, receipt: Receipt) -> list[bytes]:
        self._out.hw("INIT")
        pieces = [self._take()]
        for element in lay_out(receipt.blocks, self._paper.columns):
            self._element(element, receipt.right_to_left)
            pieces.append(self._take())
        self._out.cut()
        return [*pieces, self._take()]

    def _take(self) -> bytes:
        piece: bytes = self._out.output
        self._out.clear()
        return piece

    def _element(self, element: Element, right_to_left: bool) -> None:
        match element:
            case Row() if not right_to_left and self._spells(element.left + element.right):
                self._text_row(element)
            case Row():  # no printer writes towards the left, so that there every row is a picture
                self._picture(_drawn_row(element, self._paper.dots, right_to_left))
            case Line():
                self._picture(_drawn_rule(self._paper.dots))
            case Symbol(text):
                self._picture(_drawn_code(text, self._paper.dots))

    def _spells(self, text: str) -> bool:
        return all(any(self._encoder.can_encode(page, char) for page in self._encoder.codepages) for char in text)

    def _text_row(self, row: Row) -> None:
        large = row.style is Style.LARGE
        self._out.set_with_default(
            align="center" if row.style is Style.CENTRED else "left",
            bold=row.style in (Style.STRONG, Style.LARGE),
            double_width=large,
            double_height=large,
        )
        room = columns_of(row.style, self._paper.columns) - width_of(row.left) - width_of(row.right)
        self._out.text(row.left + (" " * room + row.right if row.right else "") + "\n")
        if large:
            self._out._raw(_FEED_BELOW_LARGE)

    def _picture(self, picture: Image.Image) -> None:
        self._out.set_with_default()
        self._out.image(picture, impl=self._raster)


def _drawn_row(row: Row, dots: int, right_to_left: bool) -> Image.Image:
    scale = 2 if row.style is Style.LARGE else 1
    bold = row.style in (Style.STRONG, Style.LARGE)
    letters = Lettering(_LETTER_DOTS * scale, bold, right_to_left)
    gap = DOTS_PER_COLUMN * scale if row.right else 0
    needed = letters.width(row.left) + gap + letters.width(row.right)
    if needed > dots:
        # columns are a guess for letters that are not all of one width
        letters = Lettering(int(_LETTER_DOTS * scale * dots / needed), bold, right_to_left)
    picture = Image.new("L", (dots, _ROW_DOTS * scale), 255)
    canvas = ImageDraw.Draw(picture)
    y = _BASELINE * scale
    if row.style is Style.CENTRED:
        letters.draw(canvas, ((dots - letters.width(row.left)) / 2, y), row.left)
        return _black_and_white(picture)
    start, end = row.left, row.right
    if right_to_left or reads_right_to_left(start or end):
        start, end = end, start
    letters.draw(canvas, (0, y), start)
    letters.draw_to(canvas, (dots, y), end)
    return _black_and_white(picture)


def _drawn_rule(dots: int) -> Image.Image:
    picture = Image.new("L", (dots, _RULE_HEIGHT), 255)
    ImageDraw.Draw(picture).rectangle((0, _RULE_ABOVE, dots - 1, _RULE_ABOVE + _RULE_DOTS - 1), fill=0)
    return picture


def _drawn_code(text: str, dots: int) -> Image.Image:
    """A QR code of level M with its quiet zone, in the middle by white dots at its left, which no printer ignores."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    modules = code.get_matrix()
    module = max(_MODULE_LEAST, min(_MODULE_DOTS, dots // len(modules)))
    side = len(modules) * module
    small = Image.new("L", (len(modules), len(modules)), 255)
    small.putdata([0 if dark else 255 for row in modules for dark in row])
    picture = Image.new("L", ((dots + side) // 2, side), 255)
    picture.paste(small.resize((side, side), Image.Resampling.NEAREST), ((dots - side) // 2, 0))
    return picture


def _black_and_white(picture: Image.Image) -> Image.Image:
    """Sharp edges: the printer has no grey, and dithered letters are hard to read."""
    return picture.point(lambda level: 0 if level < _BLACK_BELOW else 255)

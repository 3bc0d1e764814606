"""80 mm thermal paper: 576 dots across at 8 dots a millimetre, drawn as it comes out of the printer."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DOTS = 576
DOTS_PER_MM = 8
_MARGIN = 32
_CELL = (12, 24)
_PAPER, _INK = (250, 249, 245), (38, 36, 42)
_LETTER, _BASELINE = 20, 19


class Letters:
    """The printer's own font A: fixed cells of 12 x 24 dots."""

    def __init__(self) -> None:
        # python-barcode, which python-escpos brings along, has a monospaced font in its package
        with resources.as_file(resources.files("barcode") / "fonts" / "DejaVuSansMono.ttf") as path:
            self._fonts = [ImageFont.truetype(str(path), _LETTER * scale) for scale in range(1, 9)]

    def cell(self, char: str, across: int, down: int, bold: bool) -> Image.Image:
        """`char` in its cell, `across` and `down` times as large; white on black, to be used as a mask."""
        cell = Image.new("L", (_CELL[0] * down, _CELL[1] * down))
        canvas = ImageDraw.Draw(cell)
        for shift in range(1 + down if bold else 1):
            at = (_CELL[0] * down / 2 + shift, _BASELINE * down)
            canvas.text(at, char, font=self._fonts[down - 1], fill=255, anchor="ms")
        return cell.resize((_CELL[0] * across, _CELL[1] * down))


class Paper:
    """One piece of paper, growing downwards until it is cut or torn off."""

    def __init__(self) -> None:
        self._picture = Image.new("L", (DOTS, 4096))
        self.length = 0

    def feed(self, dots: int) -> None:
        """Moves the paper on."""
        self.length += dots
        if self.length > self._picture.height - 2048:
            longer = Image.new("L", (DOTS, self._picture.height * 2))
            longer.paste(self._picture)
            self._picture = longer

    def burn(self, mask: Image.Image, x: int) -> None:
        """Blackens the dots where `mask` is white, `x` dots from the left, from the present line down. Does not feed."""
        self._picture.paste(255, (x, self.length), mask)

    def save(self, path: Path) -> None:
        """The paper with its margins, as PNG."""
        sheet = Image.new("RGB", (DOTS + 2 * _MARGIN, self.length + 2 * _MARGIN), _PAPER)
        sheet.paste(_INK, (_MARGIN, _MARGIN), self._picture.crop((0, 0, DOTS, self.length)))
        sheet.save(path, dpi=(203, 203))

"""Our two codes in ink: a QR code and a Code 128, in whole dots of a 300 dpi printer, quiet zones kept clear.

QR        ISO/IEC 18004: quiet zone 4 modules. Level M (15 % may be dirty), a module of 10 dots, 0.847 mm (>= 0.5 mm asked for).
Code 128  ISO/IEC 15417: quiet zones 10 X, bars >= 10 mm and >= 15 % of the width high. X is 6 dots, 0.508 mm, 20 mil (>= 0.25 mm
          asked for; a camera of 1280 pixels over a sheet's width needs 0.41 mm: reference, scanning).
Both sizes are whole dots at 300 and 600 dpi, so that every bar prints as wide as the next.
"""

from __future__ import annotations

import re

import qrcode
from barcode.codex import Code128
from fpdf import FPDF

from hub.folder import HubError

DOT = 72 / 300
"""Points of one printer's dot."""

QR_MODULE = 10 * DOT
QR_QUIET = 4 * QR_MODULE
BAR = 6 * DOT
BAR_QUIET = 10 * BAR
BARS_HIGH = 180 * DOT
"""Points; 15.2 mm."""

_NUMBERED = re.compile(r"LP[0-9]{12}")


class QrSymbol:
    """The QR code of a link. `side` is in points, without the quiet zone."""

    def __init__(self, link: str) -> None:
        """Capitals and digits take alphanumeric mode by themselves: a host of up to 20 letters fits version 3, 29 modules."""
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
        code.add_data(link)
        code.make(fit=True)
        self._rows: list[list[bool]] = code.get_matrix()
        self.side = len(self._rows) * QR_MODULE

    def draw(self, pdf: FPDF, x: float, y: float) -> None:
        """`x`, `y` are the symbol's upper left corner, in points."""
        runs = [(column, row, width) for row, line in enumerate(self._rows) for column, width in _dark_runs(line)]
        _fill(pdf, x, y, [(column * QR_MODULE, row * QR_MODULE, width * QR_MODULE, QR_MODULE) for column, row, width in runs])


class BarSymbol:
    """The Code 128 of a statement's number. `width` is in points, without the quiet zones."""

    def __init__(self, numbered: str) -> None:
        """Raises HubError where the number does not have ten digits: kiosks take no code without a fixed length."""
        if not _NUMBERED.fullmatch(numbered):
            raise HubError("number-not-ten-digits", "This statement's number does not have ten digits: it cannot be a bar code.")
        (modules,) = Code128(numbered).build()
        self._modules = [module == "1" for module in modules]
        self.width = len(self._modules) * BAR

    def draw(self, pdf: FPDF, x: float, y: float) -> None:
        """`x`, `y` are the first bar's upper left corner, in points."""
        _fill(pdf, x, y, [(column * BAR, 0, width * BAR, BARS_HIGH) for column, width in _dark_runs(self._modules)])


def _dark_runs(modules: list[bool]) -> list[tuple[int, int]]:
    """Where each run of dark modules starts, and how many it has."""
    starts = [at for at, dark in enumerate(modules) if dark and (at == 0 or not modules[at - 1])]
    return [(start, [*modules[start:], False].index(False)) for start in starts]


def _fill(pdf: FPDF, x: float, y: float, boxes: list[tuple[float, float, float, float]]) -> None:
    """Boxes in black, their common corner on the printer's raster; one path, so that no hairline shows between them."""
    left, top = (round(place / DOT) * DOT for place in (x, y))
    with pdf.new_path() as path:
        path.style.fill_color = "#000000"
        path.style.stroke_color = None
        for box_x, box_y, width, height in boxes:
            path.rectangle(left + box_x, top + box_y, width, height)

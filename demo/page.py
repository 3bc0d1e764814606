"""The page that the hub prints, as the picture that the demo's camera films. Loaded when somebody holds up the first bill."""

from __future__ import annotations

import io

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw

from demo.bills import Codes
from hub.bills import Bill
from hub.paper.language import Language
from hub.paper.letterhead import Letterhead
from hub.paper.statement import statement_pdf

DPI = 200
THUMB = 12
"""Pixels by which what covers a code is larger than it."""

_ONLY = {"qr": zxingcpp.BarcodeFormat.QRCode, "code128": zxingcpp.BarcodeFormat.Code128}


def first_page(bill: Bill, letterhead: Letterhead, language: Language, codes: Codes) -> Image.Image:
    """The bill's first page at DPI, RGB. Where `codes` names one of the two, the other is covered."""
    with pypdfium2.PdfDocument(statement_pdf(bill, letterhead, language)) as document:
        page: Image.Image = document[0].render(scale=DPI / 72).to_pil().convert("RGB")
    if codes != "both":
        _cover(page, _ONLY[codes])
    return page


def png(page: Image.Image) -> bytes:
    """Packed for speed, not for size: it goes through a pipe on this machine."""
    packed = io.BytesIO()
    page.save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def _cover(page: Image.Image, shown: zxingcpp.BarcodeFormat) -> None:
    """Every code but those of the format `shown`."""
    canvas = ImageDraw.Draw(page)
    for symbol in zxingcpp.read_barcodes(page):
        if symbol.format != shown:
            corners = symbol.position
            first, last = corners.top_left, corners.bottom_right
            canvas.rectangle((first.x - THUMB, first.y - THUMB, last.x + THUMB, last.y + THUMB), fill="white")

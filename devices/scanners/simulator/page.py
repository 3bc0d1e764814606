"""A printed statement as a picture: US Letter at 200 dpi, with our codes at the sizes the reference asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw, ImageOps

from devices.lettering import Lettering, reads_right_to_left
from devices.scanners.simulator.symbols import code128_picture, qr_picture
from domain.billing import Statement, VisitLines
from domain.money import Money, format_money

DPI = 200
WIDTH, HEIGHT = 1700, 2200
MARGIN = 120
QR_MODULE = 5  # 0.635 mm; at least 0.5 mm is asked for
BAR_MODULE = 4  # 0.508 mm, 20 mil
BAR_HEIGHT = 120
PAPER, INK, MUTED, LINE, BRAND, TINT = (
    (252, 251, 247), (23, 33, 43), (74, 87, 99), (205, 208, 208), (11, 90, 94), (234, 242, 241),
)  # fmt: skip
BOTTOM = HEIGHT - 210
Codes = Literal["both", "qr", "code128"]


@dataclass(frozen=True, slots=True)
class Bill:
    """What is printed: `link` is the QR code's text, `numbered` the Code 128's ("LP" and twelve digits)."""

    statement: Statement
    link: str
    numbered: str
    codes: Codes = "both"
    site: str = "Riverside Community Hospital"


def draw_bill(bill: Bill) -> Image.Image:
    """The first page of the bill, RGB."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    canvas = ImageDraw.Draw(page)
    _letterhead(canvas, bill)
    _address_and_summary(canvas, bill.statement)
    _pay_here(page, canvas, bill)
    y = 1080.0
    for visit in bill.statement.visits:
        if y > BOTTOM - 200:
            _write(canvas, MARGIN, y, "Continued on the next page", 30, INK, bold=True)
            break
        y = _visit(canvas, visit, bill.statement.due.currency, y)
    _footer(canvas, bill)
    return page


def draw_code_sheet(symbology: str, data: str | bytes) -> Image.Image:
    """A blank sheet with one code on it, as large as fits. Raises ValueError when the symbology is not ours to draw."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    if symbology == "QRCode":
        small = qr_picture(data, 1)
        code = qr_picture(data, max(1, min(12, 1000 // small.width)))
    elif symbology == "Code128" and isinstance(data, str):
        small = code128_picture(data, 1, 1)
        code = code128_picture(data, max(1, min(6, 1500 // small.width)), 240)
    else:
        raise ValueError("a sheet shows a QRCode of text or bytes, or a Code128 of text")
    _print_code(page, code, ((WIDTH - code.width) // 2, max(60, 600 - code.height // 2)))
    return page


def _print_code(page: Image.Image, code: Image.Image, at: tuple[int, int]) -> None:
    """Puts ink where the code is dark; where it is light the paper stays as it is."""
    page.paste(INK, at, ImageOps.invert(code))


def _write(
    canvas: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, ink: tuple[int, int, int] = INK, *, bold: bool = False
) -> None:
    Lettering(size, bold).draw(canvas, (x, y), text, ink)


def _write_right(
    canvas: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, ink: tuple[int, int, int] = INK, *, bold: bool = False
) -> None:
    Lettering(size, bold).draw_to(canvas, (x, y), text, ink)


def _money(amount: Money) -> str:
    return format_money(amount, "en_US")


def _date(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def _letterhead(canvas: ImageDraw.ImageDraw, bill: Bill) -> None:
    x, y, size = MARGIN, 96, 104
    canvas.rounded_rectangle((x, y, x + size, y + size), radius=26, fill=BRAND)
    arm, middle = 15, size / 2
    canvas.rectangle((x + middle - arm, y + 22, x + middle + arm, y + size - 22), fill=PAPER)
    canvas.rectangle((x + 22, y + middle - arm, x + size - 22, y + middle + arm), fill=PAPER)
    _write(canvas, x + size + 32, y + 56, bill.site, 52, BRAND, bold=True)
    _write(canvas, x + size + 34, y + 98, "Patient Financial Services", 28, MUTED)
    _write_right(canvas, WIDTH - MARGIN, y + 56, "Statement", 52, INK)
    _write_right(canvas, WIDTH - MARGIN, y + 98, "Page 1", 28, MUTED)
    canvas.line((MARGIN, 236, WIDTH - MARGIN, 236), fill=BRAND, width=5)


def _address_and_summary(canvas: ImageDraw.ImageDraw, statement: Statement) -> None:
    _write(canvas, MARGIN, 312, "Responsible for payment", 26, MUTED)
    _write(canvas, MARGIN, 366, statement.guarantor_name, 44, INK, bold=True)
    for row, (label, value) in enumerate(
        (
            ("Statement number", statement.number),
            ("Account number", statement.account),
            ("Statement date", _date(statement.issued)),
        )
    ):
        _write(canvas, MARGIN, 434 + row * 46, label, 30, MUTED)
        _write(canvas, MARGIN + 290, 434 + row * 46, value, 30, INK)
    left, top, right, bottom = 960, 272, WIDTH - MARGIN, 546
    canvas.rounded_rectangle((left, top, right, bottom), radius=24, fill=TINT)
    credit = statement.due.minor < 0
    _write(canvas, left + 44, top + 72, "Credit on your account" if credit else "Amount you owe", 34, BRAND)
    _write(canvas, left + 44, top + 176, _money(-statement.due if credit else statement.due), 96, INK, bold=True)
    words = "Nothing to pay." if statement.due.minor <= 0 else "Insurance has been applied."
    _write(canvas, left + 44, top + 234, words, 30, MUTED)


def _pay_here(page: Image.Image, canvas: ImageDraw.ImageDraw, bill: Bill) -> None:
    top, bottom = 596, 966
    canvas.rounded_rectangle((MARGIN, top, WIDTH - MARGIN, bottom), radius=24, outline=LINE, width=3)
    x = MARGIN + 36
    if bill.codes in ("both", "qr"):
        code = qr_picture(bill.link, QR_MODULE)
        _print_code(page, code, (x, top + (bottom - top - code.height) // 2))
        x += code.width + 24
    x += 12
    _write(canvas, x, top + 84, "Pay in the lobby", 40, BRAND, bold=True)
    for row, words in enumerate(("Hold this page under the", "kiosk's camera, or type", "the number below the bars.")):
        _write(canvas, x, top + 148 + row * 44, words, 32, INK)
    _write(canvas, x, top + 312, "Card payments, day and night.", 28, MUTED)
    if bill.codes in ("both", "code128"):
        bars = code128_picture(bill.numbered, BAR_MODULE, BAR_HEIGHT)
        right = WIDTH - MARGIN - 20
        _print_code(page, bars, (right - bars.width, top + 92))
        digits = bill.numbered.removeprefix("LP")
        spaced = " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
        middle = right - bars.width / 2 - Lettering(38).width(spaced) / 2
        _write(canvas, middle, top + 92 + BAR_HEIGHT + 52, spaced, 38, INK)


def _visit(canvas: ImageDraw.ImageDraw, visit: VisitLines, currency: str, y: float) -> float:
    """Draws a visit's lines; returns where the next one starts."""
    _write(canvas, MARGIN, y, f"{_date(visit.date)}   {visit.place}", 36, INK, bold=True)
    heading = visit.patient if reads_right_to_left(visit.patient) else f"Patient: {visit.patient}"
    _write_right(canvas, WIDTH - MARGIN, y, heading, 30, MUTED)
    y += 22
    canvas.line((MARGIN, y, WIDTH - MARGIN, y), fill=LINE, width=3)
    lines = [
        *((line.date, line.description, line.amount) for line in visit.charges),
        *((line.date, line.description, -line.amount) for line in visit.adjustments),
        *((line.date, line.description, -line.amount) for line in visit.payments),
    ]
    for date, description, amount in lines:
        y += 46
        if y > BOTTOM - 60:
            _write(canvas, MARGIN, y, "Continued on the next page", 30, INK, bold=True)
            return y + 90
        _write(canvas, MARGIN, y, _date(date), 29, MUTED)
        _write(canvas, MARGIN + 220, y, description, 29, INK)
        _write_right(canvas, WIDTH - MARGIN, y, _money(amount), 29, INK)
    y += 22
    canvas.line((WIDTH - MARGIN - 420, y, WIDTH - MARGIN, y), fill=LINE, width=3)
    y += 44
    _write(canvas, WIDTH - MARGIN - 420, y, "Left to pay", 31, INK, bold=True)
    _write_right(canvas, WIDTH - MARGIN, y, _money(visit.due(currency)), 31, INK, bold=True)
    return y + 84


def _footer(canvas: ImageDraw.ImageDraw, bill: Bill) -> None:
    y = HEIGHT - 150
    canvas.line((MARGIN, y, WIDTH - MARGIN, y), fill=LINE, width=3)
    _write(
        canvas, MARGIN, y + 44, "Need help paying? Ask about financial assistance at the front desk, in any language.", 28, MUTED
    )
    _write(canvas, MARGIN, y + 84, f"{bill.site}. Please keep this page for your records.", 28, MUTED)

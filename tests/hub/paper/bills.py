"""Bills to print, and the printed page as others see it: rendered by PDFium, read by zxing-cpp."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import replace

import pypdfium2
import zxingcpp
from PIL import Image

from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money, total
from domain.statement_codes import link_text, numbered_text
from hub.bills import Bill
from hub.paper.letterhead import DEMO, Letterhead
from hub.statements import PAID_HERE

LETTERHEAD = Letterhead.model_validate(tomllib.loads(DEMO))
NUMBER, KEY = "3342139474", b"k" * 32
DAY = dt.date(2026, 10, 6)
LINK = link_text(KEY, "PAY.LOBBYPAY.EXAMPLE", "A", "V2CQRHVS2JJKFBSJ")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def bill(charges: int = 3, paid: int = 0, name: str = "María Álvarez", minor: int = 10_000) -> Bill:
    """One visit with as many charges of `minor`, $10 off, $20 from the insurance, `paid` at the kiosk."""
    visit = VisitLines(
        number="V2610060417",
        date=DAY,
        place="Riverside Clinic",
        patient=name,
        charges=tuple(Charge(DAY, f"Service {index}", usd(minor)) for index in range(1, charges + 1)),
        adjustments=(Adjustment(DAY, "Your insurance's agreed discount", usd(1000)),),
        payments=(
            PaymentReceived(DAY, "Blue Harbor Health Plan", usd(2000), by_insurance=True),
            PaymentReceived(DAY, PAID_HERE, usd(paid), by_insurance=False),
        ),
    )
    return of(visit, name=name)


def of(*visits: VisitLines, name: str = "María Álvarez") -> Bill:
    due = total((visit.due("USD") for visit in visits), "USD")
    return bill_of(Statement(NUMBER, "A100001", name, dt.date(2026, 10, 30), due, visits))


def bill_of(statement: Statement) -> Bill:
    return Bill(statement, dt.date(1984, 3, 17), LINK, numbered_text(statement.number), "042917")


def with_link(printed: Bill, host: str) -> Bill:
    return replace(printed, link_text=link_text(KEY, host, "A", "V2CQRHVS2JJKFBSJ"))


def pictures(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Every page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def texts(pdf: bytes) -> list[str]:
    """What each page says, a line a line."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def symbols(picture: Image.Image) -> dict[str, zxingcpp.Barcode]:
    """By the name of the symbology; there must not be two of one."""
    found = zxingcpp.read_barcodes(picture)
    assert len({str(symbol.format) for symbol in found}) == len(found)
    return {str(symbol.format): symbol for symbol in found}

"""A bill for the simulated camera to show, as the hub prints it."""

from __future__ import annotations

import base64
import datetime as dt
import tomllib
from functools import cache

from PIL import Image

from demo.bills import Codes
from demo.page import first_page, png
from domain.billing import Adjustment, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money
from domain.statement_codes import LinkProfile, MacKey, link_text, numbered_text
from hub.bills import Bill
from hub.paper.language import Language
from hub.paper.letterhead import DEMO, Letterhead
from tests.billers import ours

NUMBER, OPAQUE, HOST, KEY_ID, KEY = "4000123456", "ABCDEFGHIJKLMNOP", "BILLS.RIVERSIDE.EXAMPLE", "A", b"k" * 16
LINK = link_text(KEY, HOST, KEY_ID, OPAQUE)
NUMBERED = numbered_text(NUMBER)
PROFILES = ours(LinkProfile(frozenset({HOST}), {KEY_ID: MacKey(KEY)}))


def dollars(cents: int) -> Money:
    return Money(cents, "USD")


@cache
def page(codes: Codes = "both", link: str = LINK) -> Image.Image:
    """Two visits, $316.70 to pay, 200 dpi. With one of the two codes the other is covered."""
    first, second = dt.date(2026, 3, 3), dt.date(2026, 3, 17)
    name = "María Peña-Núñez"
    visits = (
        VisitLines(
            "V1", first, "Emergency department", name,
            (Charge(first, "Emergency visit, level 3", dollars(98000)), Charge(first, "X-ray of the wrist", dollars(39670))),
            (Adjustment(first, "Insurance contract adjustment", dollars(61000)),),
            (PaymentReceived(first, "Paid by Blue Plains Health", dollars(60000), True),),
        ),
        VisitLines("V2", second, "Orthopedic clinic", name, (Charge(second, "Follow-up visit", dollars(15000)),), (), ()),
    )  # fmt: skip
    statement = Statement(NUMBER, "A-1002003", name, dt.date(2026, 4, 1), dollars(31670), visits)
    bill = Bill(statement, dt.date(1984, 3, 17), link, NUMBERED, "042917")
    return first_page(bill, Letterhead.model_validate(tomllib.loads(DEMO)), Language.EN, codes)


def shown(codes: Codes = "both", link: str = LINK) -> dict[str, str]:
    """The page, as the simulator's `show` and `lay` commands take it."""
    return {"png": base64.b64encode(png(page(codes, link))).decode("ascii")}

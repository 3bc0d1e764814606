"""The bills that the demo holds under the camera, and what the person who got them knows."""

from __future__ import annotations

import base64
import datetime as dt
import tomllib
from dataclasses import dataclass
from typing import Literal

from hub.bills import Bill
from hub.paper.language import Language
from hub.paper.letterhead import DEMO, Letterhead

Codes = Literal["both", "qr", "code128"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed statement, under the letterhead of the demo's hub."""

    bill: Bill
    language: Language = Language.EN

    def shown(self, codes: Codes = "both") -> dict[str, str]:
        """What the simulated camera is told to show; with one of the two codes the other is covered."""
        from demo.page import first_page, png

        page = first_page(self.bill, Letterhead.model_validate(tomllib.loads(DEMO)), self.language, codes)
        return {"png": base64.b64encode(png(page)).decode("ascii")}


def bill_to_pay(bills: tuple[Bill, ...], seed: int) -> Bill:
    """A bill with something due that may also be paid while the hub is away; another one for another seed."""
    payable = [bill for bill in bills if 0 < bill.statement.due.minor <= 50_000]
    return payable[(seed - 1) % len(payable)]


def birth_digits(date: dt.date, language: str) -> str:
    """The eight keys of a birth date in a language's order."""
    return date.strftime({"en": "%m%d%Y", "zh": "%Y%m%d"}.get(language, "%d%m%Y"))

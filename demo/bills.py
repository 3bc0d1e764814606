"""The bills that the demo holds under the camera, and what the person who got them knows."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from domain.billing import Statement
from hub.bills import Bill

_STATEMENT = TypeAdapter(Statement)


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed statement."""

    bill: Bill

    def shown(self, codes: str = "both") -> dict[str, Any]:
        """What the simulated camera is told to show; `codes` is "qr", "code128" or "both"."""
        return {
            "statement": json.loads(_STATEMENT.dump_json(self.bill.statement)),
            "link": self.bill.link_text,
            "numbered": self.bill.numbered_text,
            "codes": codes,
            "site": "Riverside Community Hospital",
        }


def bill_to_pay(bills: tuple[Bill, ...], seed: int) -> Bill:
    """A bill with something due that may also be paid while the hub is away; another one for another seed."""
    payable = [bill for bill in bills if 0 < bill.statement.due.minor <= 50_000]
    return payable[(seed - 1) % len(payable)]


def birth_digits(date: dt.date, language: str) -> str:
    """The eight keys of a birth date in a language's order."""
    return date.strftime("%m%d%Y" if language == "en" else "%d%m%Y")

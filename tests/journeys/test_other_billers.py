"""Codes that are not our own: a bank's reference on our bill, and what is no bill of ours, from the camera to the books."""

from __future__ import annotations

from typing import Any

import pytest

from demo.bills import birth_digits
from demo.world import World
from domain.statement_codes import link_text
from hub.bills import Bill
from hub.demo_data import rf_reference
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def code(symbology: str, text: str) -> dict[str, Any]:
    return {"symbology": symbology, "text": text}


def test_a_bill_is_paid_by_its_bank_reference(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    visitor.to_scan()
    kiosk.world.camera.tell(show_code=code("Code128", rf_reference(bill.statement)))
    asked = visitor.wait("birth-date")
    assert bill.statement.number[-4:] in asked["lines"][0]["text"]
    visitor.type(birth_digits(bill.birth_date, "en"))
    visitor.touch("next")
    visitor.wait("statement")
    visitor.touch("pay")
    kiosk.taps()
    visitor.wait("approved")
    visitor.leave()
    kiosk.check_books()
    assert kiosk.last().amount == bill.statement.due


def test_with_the_hub_away_a_banks_reference_is_nobodys_to_guess(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    before = len(kiosk.attempts())
    world.cut_hub()
    visitor.to_scan()
    world.camera.tell(show_code=code("Code128", rf_reference(bill.statement)))
    visitor.wait("birth-date", "see-desk")
    if visitor.snapshot["screen"] == "birth-date":  # it had not noticed yet
        visitor.type("01011990")
        visitor.touch("next")
        visitor.wait("see-desk")
    visitor.leave()
    world.restore_hub()
    assert len(kiosk.attempts()) == before


@pytest.mark.parametrize(
    ("shown", "notice"),
    [
        (code("QRCode", "https://apps.apple.com/us/app/example/id123456789"), "opens a web page"),
        (code("QRCode", link_text(b"k" * 16, "PAY.OTHER.EXAMPLE", "A", "A" * 16)), "belongs to somebody else"),
        (code("QRCode", "upi://pay?pa=someone@bank&am=10"), "cannot take that kind of code"),
        (code("Code128", "LP000123456700"), "could not be read for certain"),
        (code("Code128", "LP0001234567"), "Only part of that code"),
    ],
)
def test_what_is_no_bill_of_ours_is_told_in_words(kiosk: Hall, visitor: Visitor, shown: dict[str, Any], notice: str) -> None:
    visitor.to_scan()
    kiosk.world.camera.tell(show_code=shown)
    visitor.wait("scan", notice=notice)

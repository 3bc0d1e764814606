"""More than one bill's code under the camera: real frames, the shipped camera driver, the engine, what the patient sees."""

from __future__ import annotations

from typing import Any

import pytest

from demo.bills import Paper, birth_digits
from domain.statement_codes import ending
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")

APP_STORE = {"symbology": "QRCode", "text": "https://apps.example/get/our-app"}


def shown(bill: Bill) -> dict[str, Any]:
    return Paper(bill).shown("qr")


def test_of_two_bills_the_one_that_stays_is_the_one_that_is_shown(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    visitor.to_scan()
    kiosk.world.camera.tell(lay=[shown(kiosk.paper), shown(bill)])
    asked = visitor.wait("which-bill")
    assert kiosk.paper.statement.number not in str(asked)
    assert bill.statement.number not in str(asked)
    kiosk.world.camera.tell(lay=[shown(bill)])
    visitor.wait("birth-date")
    visitor.type(birth_digits(bill.birth_date, "en"))
    visitor.touch("next")
    statement = visitor.wait("statement")
    assert ending(bill.statement.number) in statement["lines"][0]["text"]
    visitor.leave()


def test_an_app_stores_code_beside_a_bill_is_not_even_mentioned(kiosk: Hall, visitor: Visitor) -> None:
    visitor.to_scan()
    kiosk.world.camera.tell(lay=[shown(kiosk.paper), APP_STORE])
    while visitor.read()["screen"] == "scan":
        assert visitor.snapshot["notice"] is None
    assert visitor.snapshot["screen"] == "birth-date"


def test_a_bill_that_lies_there_is_not_taken_twice_and_a_page_far_away_is_asked_closer(kiosk: Hall, visitor: Visitor) -> None:
    visitor.to_scan()
    kiosk.world.camera.tell(show=shown(kiosk.paper))
    visitor.wait("birth-date")
    visitor.touch("back")
    visitor.wait("scan", notice="showed just now")
    kiosk.world.camera.tell(lay=[shown(kiosk.paper)], distance=4.0)
    visitor.wait("scan", notice="closer")
    kiosk.world.camera.tell(show=shown(kiosk.paper))
    visitor.wait("birth-date")

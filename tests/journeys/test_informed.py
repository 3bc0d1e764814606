"""A bill above its estimate, and who helps with paying it: read and printed at a real kiosk before the card is asked for."""

from __future__ import annotations

import pytest

from domain.billing import over_estimate
from hub.demo_data import demo_bills
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def test_help_and_rights_are_printed_and_the_bill_is_paid_all_the_same(kiosk: Hall, visitor: Visitor) -> None:
    bills = demo_bills(kiosk.world.hub_folder)  # there are more of them once the hall has run out of patients
    bill = next(each for each in bills if over_estimate(each.statement) and each.statement.due.minor)
    kiosk.to_statement(visitor, bill)
    visitor.touch("help-paying")
    visitor.wait("help-paying")
    visitor.touch("print")
    kiosk.world.printer.wait_report("printed", 30)
    while "below the screen" not in visitor.wait("help-paying")["lines"][0]["text"]:
        visitor.read()
    visitor.press("primary")
    visitor.wait("statement")
    visitor.touch("pay")
    told = visitor.wait("over-estimate")
    assert "$425.00 above your estimate" in told["title"]["text"]
    visitor.touch("print")
    kiosk.world.printer.wait_report("printed", 30)
    visitor.press("primary")
    kiosk.taps()
    visitor.wait("approved")
    assert kiosk.last().amount == bill.statement.due
    kiosk.check_books()

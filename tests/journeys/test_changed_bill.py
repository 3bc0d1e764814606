"""A bill that changes at the hub, and a hub that goes, between the statement and the payment: nobody pays what they never saw."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from demo.world import World
from hub.bills import Bill
from hub.folder import Folder
from hub.hub import open_hub
from hub.schema import lines, visits
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def reword(world: World, number: str) -> None:
    """The billing office corrects a line while the patient reads."""
    hub = open_hub(Folder(world.hub_folder))
    try:
        with hub.store.writing() as connection:
            of_bill = select(visits.c.id).where(visits.c.statement == number)
            connection.execute(update(lines).where(lines.c.visit.in_(of_bill)).values(description="Corrected"))
    finally:
        hub.store.close()


def test_a_bill_that_changed_is_shown_again_and_then_paid_as_it_is_shown(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    before = len(kiosk.attempts())
    kiosk.to_statement(visitor, bill)
    reword(world, bill.statement.number)
    visitor.touch("pay")
    visitor.wait("statement", notice="Your bill changed a moment ago")
    assert len(kiosk.attempts()) == before
    visitor.press("primary")
    kiosk.taps()
    visitor.wait("approved")
    assert kiosk.last().amount == bill.statement.due
    kiosk.check_books()


def test_a_hub_that_goes_after_the_statement_leaves_a_choice_and_not_a_charge(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    """It says what paying now means, and who does not want that goes back to the bill: no attempt was opened."""
    before = len(kiosk.attempts())
    kiosk.to_statement(visitor, bill)
    world.cut_hub()
    visitor.touch("pay")
    shown = visitor.wait("consent")
    assert "we will send your payment" in shown["lines"][1]["text"]
    assert shown["primary"]["intent"] == "pay-offline"
    visitor.touch("pay")  # the second touch of a double "pay" is no consent
    visitor.press("back")
    visitor.wait("statement")
    assert len(kiosk.attempts()) == before
    visitor.leave()
    world.restore_hub()

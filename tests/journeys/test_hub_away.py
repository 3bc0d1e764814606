"""A hub that is away: the patient is told what that means before paying, and the payment goes out by itself."""

from __future__ import annotations

import pytest

from demo.bills import Paper
from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def test_with_the_hub_down_a_payment_is_accepted_and_goes_out_by_itself(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    kiosk.to_statement(visitor, bill)
    world.cut_hub()
    visitor.touch("pay")
    assert kiosk.accepts(visitor)["tone"] == "warn"
    visitor.leave()
    assert kiosk.depth() == 1
    world.restore_hub()
    kiosk.delivered()
    seen = kiosk.last()
    assert (seen.state.value, seen.offline) == ("approved", True)
    assert kiosk.posting(seen)


def test_with_the_hub_down_from_the_start_an_amount_is_typed(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    """No statement, no birth date: nothing private is shown to whoever holds the paper."""
    world.cut_hub()
    visitor.to_scan()
    world.camera.tell(show=Paper(bill).shown("code128"))
    visitor.wait("birth-date", "amount")
    if visitor.snapshot["screen"] == "birth-date":  # it had not noticed yet
        visitor.type("01011990")
        visitor.touch("next")
        visitor.wait("amount")
    assert bill.statement.guarantor_name not in str(visitor.snapshot)
    visitor.type("2500")
    visitor.touch("pay")
    kiosk.accepts(visitor)
    visitor.leave()
    world.restore_hub()
    kiosk.delivered()
    assert (kiosk.last().amount.minor, kiosk.last().offline) == (2500, True)
    kiosk.check_books()


def test_an_engine_killed_while_a_payment_waits_delivers_it_when_it_is_back(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    kiosk.to_statement(visitor, bill)
    world.cut_hub()
    visitor.touch("pay")
    kiosk.accepts(visitor)
    kiosk.restart_engine()
    assert kiosk.depth() == 1
    world.restore_hub()
    kiosk.check_books()
    assert kiosk.posting(kiosk.last())

"""Terminals that misbehave in the middle of a sale: no charge is lost, none is doubled, none is invented."""

from __future__ import annotations

from typing import Any

import pytest

from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.mark.parametrize(
    "behaviour", ["silent-after-approve", "garbage", "half-frame", "lost-ack", "slow-but-sure", "approve-offline"]
)
def test_one_that_approved_and_failed_to_say_so_is_found_out(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, behaviour: str
) -> None:
    kiosk.to_statement(visitor, bill)
    world.terminal.tell(behave=behaviour.removesuffix("-but-sure"))
    visitor.touch("pay")
    kiosk.taps()
    shown = visitor.wait("approved", "accepted")
    assert (shown["screen"] == "accepted") == (behaviour == "approve-offline")
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)
    kiosk.check_books()


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "drop", "count": 3},
        {"fault": "flip", "unit": "byte", "count": 5},
        {"fault": "drop", "unit": "ack", "count": 2},
        {"fault": "nak", "way": "in", "count": 2},
        {"fault": "dribble", "count": 0},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_a_line_that_loses_and_bends_what_passes(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, fault: dict[str, Any]
) -> None:
    kiosk.to_statement(visitor, bill)
    visitor.touch("pay")
    kiosk.sale_reaches("waiting-card")
    world.terminal.tell(**fault)
    world.terminal.tell(card="tap")
    visitor.wait("approved")
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)
    kiosk.check_books()


@pytest.mark.parametrize(("behaviour", "again"), [("cable-out", {"cable": "in"}), ("power-off", {"power": "on"})])
def test_a_cable_or_a_power_that_goes_while_the_bank_says_yes(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, behaviour: str, again: dict[str, str]
) -> None:
    kiosk.to_statement(visitor, bill)
    world.terminal.tell(behave=behaviour)
    visitor.touch("pay")
    kiosk.taps()
    kiosk.sale_reaches("approved")
    shown = visitor.wait("card")
    while "checking" not in shown["title"]["text"].lower():
        shown = visitor.read()
    assert shown["cancel"] is None
    world.terminal.tell(**again)
    visitor.wait("approved")
    kiosk.check_books()


def test_one_that_hears_no_authorisation_is_never_called_approved(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    before = kiosk.charged()
    with kiosk.amended("&t4=", "&t2=1&t4="):
        visitor.come_back()
        kiosk.to_statement(visitor, bill)
        world.terminal.tell(behave="nothing")
        visitor.touch("pay")
        shown = visitor.wait("unknown")
        assert shown["tone"] == "warn"
        slip = world.printer.wait_report("printed", 30)
        assert slip["png"]
        assert kiosk.last().state.value == "unknown"
        world.terminal.tell(behave="approve")
        visitor.leave()
        kiosk.to_birth_date(visitor, bill)
        visitor.leave()
    assert kiosk.charged() == before
    assert kiosk.last().state.value == "unknown"


def test_what_an_unknown_sale_left_open_is_never_filled_with_a_later_receipt(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    """The same amount again, from somebody else, and then the kiosk is started again: it is paid once."""
    known = {attempt.amount.minor for attempt in kiosk.attempts()}
    amount = next(cents for cents in range(1, 1000) if cents not in known)

    def asks(bill: Bill) -> None:
        kiosk.to_statement(visitor, bill)
        visitor.touch("other-amount")
        visitor.wait("amount")
        visitor.type(str(amount))
        visitor.touch("pay")

    with kiosk.amended("&t4=", "&t2=1&t4="):
        visitor.come_back()
        world.terminal.tell(behave="nothing")
        asks(bill)
        visitor.wait("unknown")
        world.terminal.tell(behave="approve")
        visitor.leave()
        asks(kiosk.bill())
        kiosk.taps()
        visitor.wait("approved")
    visitor.come_back()
    visitor.wait("attract")
    kiosk.check_books()
    assert [seen.state.value for seen in kiosk.attempts() if seen.amount.minor == amount] == ["unknown", "approved"]


def test_one_that_reports_another_amount_is_never_approved(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    world.terminal.tell(behave="other-amount")
    visitor.touch("pay")
    kiosk.taps()
    kiosk.sale_reaches("reversed")
    visitor.wait("unknown", "declined", "cancelled")
    assert kiosk.last().state.value != "approved"
    kiosk.check_books()


def test_one_that_is_busy_charges_nothing_and_may_be_tried_again(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    before = len(kiosk.attempts())
    world.terminal.tell(behave="busy")
    visitor.touch("pay")
    visitor.wait("not-started")
    assert [attempt.state.value for attempt in kiosk.attempts()[before:]] in ([], ["not-started"])
    world.terminal.tell(behave="approve")
    visitor.touch("again")
    kiosk.taps()
    visitor.wait("approved")
    kiosk.check_books()


def test_an_engine_killed_in_the_middle_of_a_sale_asks_the_terminal_when_it_is_back(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    kiosk.to_statement(visitor, bill)
    world.terminal.tell(behave="silent-after-approve")
    visitor.touch("pay")
    kiosk.taps()
    kiosk.sale_reaches("approved")
    world.engine.kill()
    assert kiosk.last().state.value == "open"
    world.terminal.tell(behave="approve")
    world.start_engine()
    until(lambda: kiosk.last().state.value == "approved", 90)
    visitor.come_back()
    visitor.wait("attract")
    kiosk.check_books()


@pytest.mark.parametrize(("card", "state"), [("tap", "approved"), pytest.param("decline", "unknown", marks=pytest.mark.slow)])
def test_a_card_that_comes_while_the_engine_is_dead(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill, card: str, state: str
) -> None:
    """A charge is found; where there was none the terminal has nothing to say, and nobody calls that declined."""
    kiosk.to_statement(visitor, bill)
    visitor.touch("pay")
    kiosk.sale_reaches("waiting-card")
    world.engine.kill()
    world.terminal.tell(card=card)
    kiosk.sale_reaches("approved" if card == "tap" else "declined")
    assert kiosk.last().state.value == "open"
    world.start_engine()
    until(lambda: kiosk.last().state.value == state, 90)
    visitor.come_back()
    visitor.wait("attract")
    kiosk.check_books()

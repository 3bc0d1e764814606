"""A hub that answers, and not as a hub does: the patient is told what it means, and every payment arrives once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.bills import Bill
from hub.folder import Folder
from tests.journeys.front import BROKEN, HALF, LOST, PAGE, Answer, Front, front
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture(scope="module")
def behind(shared_hall: Hall) -> Iterator[Front]:
    shared_hall.tidy()
    world = shared_hall.world
    with (
        front(world.hub_url, Folder(world.hub_folder), world.kiosk_folder) as between,
        shared_hall.amended(world.hub_url, between.url),
    ):
        yield between


@pytest.fixture(autouse=True)
def well(behind: Front) -> Iterator[None]:
    yield
    behind.fault = None


def looks_up(kiosk: Hall, visitor: Visitor, behind: Front, fault: Answer) -> None:
    kiosk.to_birth_date(visitor, kiosk.paper)
    behind.fault = fault
    visitor.type("01011990")
    visitor.touch("next")


@pytest.mark.parametrize("fault", [BROKEN, PAGE, HALF], ids=["500", "html", "half"])
def test_a_hub_that_is_there_and_fails_at_a_bill_leads_to_the_desk(
    kiosk: Hall, visitor: Visitor, behind: Front, fault: Answer
) -> None:
    """What is due it knows: nobody types an amount off the paper."""
    looks_up(kiosk, visitor, behind, fault)
    shown = visitor.wait("see-desk")
    assert "could not show this bill" in str(shown["lines"])
    assert kiosk.paper.statement.guarantor_name not in str(shown)
    assert behind.refused


def test_a_hub_that_nobody_reaches_leads_to_an_amount_of_ones_own(kiosk: Hall, visitor: Visitor, behind: Front) -> None:
    looks_up(kiosk, visitor, behind, LOST)
    shown = visitor.wait("amount")
    assert shown["notice"]["text"]
    assert kiosk.paper.statement.guarantor_name not in str(shown)


@pytest.mark.parametrize("fault", [BROKEN, PAGE, HALF, LOST], ids=["500", "html", "half", "lost"])
def test_a_payment_arrives_once_however_the_hub_answers(
    kiosk: Hall, visitor: Visitor, bill: Bill, behind: Front, fault: Answer
) -> None:
    kiosk.to_statement(visitor, bill)
    behind.fault = LOST
    visitor.touch("pay")
    visitor.wait("consent")
    behind.fault = fault
    kiosk.accepts(visitor)
    refused = behind.refused
    until(lambda: behind.refused > refused, 60)
    assert kiosk.depth() == 1
    behind.fault = None
    visitor.leave()
    kiosk.check_books()
    assert kiosk.posting(kiosk.last())

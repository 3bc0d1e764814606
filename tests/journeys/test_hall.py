"""The hall itself: there is a bill for every journey, however many of them chance gives to one process."""

from __future__ import annotations

from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor


def test_a_hall_out_of_bills_gets_more_patients_whose_bills_are_paid_like_any(kiosk: Hall, visitor: Visitor) -> None:
    bills = [kiosk.bill() for _ in range(100)]
    assert len({bill.statement.account for bill in bills}) == 100
    assert kiosk.pays(visitor, bills[-1]).amount == bills[-1].statement.due

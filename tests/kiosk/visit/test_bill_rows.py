"""A statement as the rows of a bill: what stands there adds up to what is asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt

from domain.billing import Statement
from kiosk.visit.bill_rows import bill_rows
from tests.kiosk.visit.world import LANGUAGES, OWING, usd

ENGLISH = LANGUAGES["en"]


def rows(statement: Statement) -> list[tuple[str, str, str]]:
    return [(row.style, row.label.text, row.value.text) for row in bill_rows(statement, ENGLISH)]


ONE_VISIT = [
    ("heading", "Mar 4, 2026, Clinic: Ada Byrne", ""),
    ("line", "Blood test", "$10.00"),
    ("subtotal", "Charged for this visit", "$10.00"),
    ("line", "Contract", "-$5.00"),
    ("line", "Insurance paid: BlueCross", "-$2.49"),
    ("line", "You paid: Copay", "-$0.01"),
    ("subtotal", "Left to pay for this visit", "$2.50"),
]


def test_a_visit_is_what_was_charged_taken_off_paid_and_left() -> None:
    assert rows(OWING) == ONE_VISIT


def test_several_visits_stand_newest_first_and_come_to_what_is_due() -> None:
    older = dataclasses.replace(OWING.visits[0], date=dt.date(2025, 12, 31), place="Emergency")
    both = dataclasses.replace(OWING, due=usd(5_00), visits=(older, OWING.visits[0]))
    shown = rows(both)
    assert shown[:7] == ONE_VISIT
    assert shown[7] == ("heading", "Dec 31, 2025, Emergency: Ada Byrne", "")
    assert shown[-1] == ("total", "Due in all", "$5.00")
    assert len(shown) == 15

"""A statement as the rows of a bill: what stands there adds up to what is asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from domain.billing import Category, Charge, PaymentReceived, Statement
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.screens import Privacy
from tests.kiosk.visit.world import LANGUAGES, OWING, usd

ENGLISH = LANGUAGES["en"]


def rows(statement: Statement) -> list[tuple[str, str, str]]:
    return [(row.style, row.label.text, row.value.text) for row in bill_rows(statement, ENGLISH, details=True)]


def short(statement: Statement) -> list[tuple[str, str, str]]:
    return [(row.style, row.label.text, row.value.text) for row in bill_rows(statement, ENGLISH, details=False)]


WHY = ("why", "Your insurance has paid its part. The rest is yours to pay.", "")
ONE_VISIT = [
    ("heading", "Mar 4, 2026, Clinic: Ada Byrne", ""),
    ("line", "Blood test", "$10.00"),
    ("subtotal", "Charged for this visit", "$10.00"),
    ("line", "Contract", "-$5.00"),
    ("line", "Insurance paid: BlueCross", "-$2.49"),
    ("line", "You paid: Copay", "-$0.01"),
    ("subtotal", "Left to pay for this visit", "$2.50"),
    WHY,
]


def test_a_visit_is_what_was_charged_taken_off_paid_and_left() -> None:
    assert rows(OWING) == ONE_VISIT


def test_several_visits_stand_newest_first_and_come_to_what_is_due() -> None:
    older = dataclasses.replace(OWING.visits[0], date=dt.date(2025, 12, 31), place="Emergency")
    both = dataclasses.replace(OWING, due=usd(5_00), visits=(older, OWING.visits[0]))
    shown = rows(both)
    assert shown[:8] == ONE_VISIT
    assert shown[8] == ("heading", "Dec 31, 2025, Emergency: Ada Byrne", "")
    assert shown[-1] == ("total", "Due in all", "$5.00")
    assert len(shown) == 17


def test_at_first_there_are_sums_and_a_reason_and_nothing_that_the_hospital_wrote() -> None:
    """45 CFR 164.502(b): no diagnosis, procedure or specialty; a place may be one."""
    assert short(OWING) == [
        ("heading", "Mar 4, 2026: Ada Byrne", ""),
        ("subtotal", "Charged for this visit", "$10.00"),
        ("line", "Your insurance paid", "-$2.49"),
        ("line", "Discounts and adjustments", "-$5.00"),
        ("line", "You paid", "-$0.01"),
        ("subtotal", "Left to pay for this visit", "$2.50"),
        WHY,
    ]
    for language in LANGUAGES.values():
        said = " ".join(row.label.text + row.label.speech for row in bill_rows(OWING, language, details=False))
        assert not any(word in said for word in ("Blood", "Clinic", "Contract", "BlueCross", "Copay"))


def test_charges_stand_by_their_kind_where_the_hospital_has_said_it() -> None:
    (visit,) = OWING.visits
    kinds = (Category.TESTS, None, Category.CARE, Category.TESTS)
    charges = tuple(Charge(visit.date, "Chemotherapy", usd(2_50), kind) for kind in kinds)
    told = dataclasses.replace(OWING, visits=(dataclasses.replace(visit, charges=charges),))
    assert short(told)[1:4] == [
        ("line", "Doctors and nurses", "$2.50"),
        ("line", "Tests and pictures", "$5.00"),
        ("line", "Other services", "$2.50"),
    ]
    alike = tuple(Charge(visit.date, "Chemotherapy", usd(5_00), Category.CARE) for _ in range(2))
    assert short(dataclasses.replace(OWING, visits=(dataclasses.replace(visit, charges=alike),))) == short(OWING)


def test_the_lines_are_for_one_persons_ears_only() -> None:
    for row in bill_rows(OWING, ENGLISH, details=True):
        assert (row.label.privacy is Privacy.PRIVATE) == (row.style in ("heading", "line")), row


def test_what_was_paid_too_much_is_a_credit_and_nobody_is_asked_for_less_than_nothing() -> None:
    (visit,) = OWING.visits
    paid = (PaymentReceived(visit.date, "x", usd(26_00), by_insurance=False),)
    told = dataclasses.replace(visit, adjustments=(), payments=paid)
    bill = dataclasses.replace(OWING, due=usd(-32_00), visits=(told, told))
    for shown in (short(bill), rows(bill)):
        assert shown.count(("subtotal", "Your credit for this visit", "$16.00")) == 2
        assert shown[-1] == ("total", "Your credit in all", "$32.00")
        assert not any(label.startswith(("Left to pay", "Due")) for _, label, _ in shown)


def test_a_credit_of_one_visit_is_taken_off_what_is_due_for_the_others() -> None:
    (visit,) = OWING.visits
    paid = (PaymentReceived(visit.date, "x", usd(11_00), by_insurance=False),)
    over = dataclasses.replace(visit, adjustments=(), payments=paid)
    shown = short(dataclasses.replace(OWING, due=usd(1_50), visits=(visit, over)))
    assert ("subtotal", "Left to pay for this visit", "$2.50") in shown
    assert ("subtotal", "Your credit for this visit", "$1.00") in shown
    assert shown[-1] == ("total", "Due in all", "$1.50")


@pytest.mark.parametrize(
    ("insured", "mine", "why"),
    [
        (249, 1, "Your insurance has paid its part. The rest is yours to pay."),
        (0, 1, "You have paid a part of it. This is the rest."),
        (0, 0, "No insurance has paid for this visit. If you have one, please tell the front desk."),
        (500, 500, "Nothing is left to pay for this visit."),
        (500, 501, "More was paid than was charged. The difference is your credit."),
    ],
)
def test_each_visit_says_why_that_is_left(insured: int, mine: int, why: str) -> None:
    (visit,) = OWING.visits
    paid = tuple(PaymentReceived(visit.date, "x", usd(minor), by) for minor, by in ((insured, True), (mine, False)) if minor)
    told = dataclasses.replace(visit, adjustments=(), payments=paid)
    bill = dataclasses.replace(OWING, due=told.due("USD"), visits=(told,))
    assert short(bill)[-1] == ("why", why, "")

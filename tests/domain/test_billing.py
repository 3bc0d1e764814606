"""A statement's money balances, or it is no statement."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.billing import (
    Adjustment,
    Charge,
    OverEstimate,
    PaymentReceived,
    Statement,
    StatementError,
    VisitLines,
    over_estimate,
)
from domain.money import Money

DAY = dt.date(2026, 3, 4)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def visit(charges: list[int], adjustments: list[int], payments: list[int], currency: str = "USD") -> VisitLines:
    return VisitLines(
        "V1",
        DAY,
        "Clinic",
        "Ada",
        tuple(Charge(DAY, "test", Money(minor, currency)) for minor in charges),
        tuple(Adjustment(DAY, "contract", Money(minor, currency)) for minor in adjustments),
        tuple(PaymentReceived(DAY, "copay", Money(minor, currency), by_insurance=False) for minor in payments),
    )


def statement(due: Money, *visits: VisitLines) -> Statement:
    return Statement("0001234567", "ACC", "Ada", DAY, due, visits)


lines = make.lists(make.integers(0, 10**7), max_size=6)
bills = make.lists(make.tuples(lines, lines, lines), max_size=4)


@given(bills)
def test_due_is_charges_less_adjustments_less_payments(bill: list[tuple[list[int], list[int], list[int]]]) -> None:
    due = sum(sum(charges) - sum(adjustments) - sum(payments) for charges, adjustments, payments in bill)
    made = statement(usd(due), *(visit(*parts) for parts in bill))
    assert made.due == usd(due)
    for lines_, parts in zip(made.visits, bill, strict=True):
        assert lines_.due("USD") == usd(sum(parts[0]) - sum(parts[1]) - sum(parts[2]))
        assert [amount.minor for amount in lines_.amounts()] == [*parts[0], *parts[1], *parts[2]]


@given(bills, make.integers(-(10**6), 10**6).filter(bool))
def test_a_cent_off_is_refused(bill: list[tuple[list[int], list[int], list[int]]], off: int) -> None:
    due = sum(sum(charges) - sum(adjustments) - sum(payments) for charges, adjustments, payments in bill)
    with pytest.raises(StatementError, match="add up"):
        statement(usd(due + off), *(visit(*parts) for parts in bill))


@pytest.mark.parametrize("parts", [([-1], [], []), ([1], [-1], []), ([1], [], [-1])])
def test_no_line_is_negative(parts: tuple[list[int], list[int], list[int]]) -> None:
    with pytest.raises(StatementError, match="negative"):
        statement(usd(parts[0][0] - sum(parts[1]) - sum(parts[2])), visit(*parts))


@pytest.mark.parametrize("parts", [([0], [], []), ([], [0], []), ([], [], [0])])
def test_no_line_is_in_another_currency(parts: tuple[list[int], list[int], list[int]]) -> None:
    with pytest.raises(StatementError, match="currencies"):
        statement(usd(0), visit(*parts, currency="EUR"))


@pytest.mark.parametrize("due", [0, -2_00])
def test_nothing_due_and_a_credit_are_statements_too(due: int) -> None:
    assert statement(usd(due), visit([10_00], [], [10_00 - due])).due == usd(due)
    assert statement(usd(0)).visits == ()


def self_pay(charged: int, off: int = 0, paid: int = 0, estimate: int | None = 1_000_00) -> Statement:
    made = statement(usd(charged - off - paid), visit([charged], [off], [paid]))
    return dataclasses.replace(made, estimate=None if estimate is None else usd(estimate))


@pytest.mark.parametrize(
    ("bill", "more"),
    [
        (self_pay(1_400_00), 400_00),
        (self_pay(1_399_99), None),
        (self_pay(2_000_00, off=600_00), 400_00),  # a discount for paying oneself is in the estimate too
        (self_pay(2_000_00, off=600_01), None),
        (self_pay(1_400_00, paid=900_00), 400_00),  # what has been paid makes a bill no smaller
        (self_pay(900_00), None),
        (self_pay(5_000_00, estimate=None), None),
        (self_pay(400_00, estimate=0), 400_00),
    ],
)
def test_a_bill_that_is_400_dollars_above_its_estimate_may_be_disputed_for_120_days(bill: Statement, more: int | None) -> None:
    """45 CFR 149.620; 120 days from 4 March 2026 end on 2 July."""
    over = over_estimate(bill)
    if more is None:
        assert over is None
    else:
        assert bill.estimate is not None
        assert over == OverEstimate(bill.estimate, bill.estimate + usd(more), usd(more), dt.date(2026, 7, 2))


def test_it_is_counted_over_all_visits() -> None:
    two = statement(usd(1_400_00), visit([700_00], [], []), visit([700_00], [], []))
    assert over_estimate(dataclasses.replace(two, estimate=usd(1_000_00))) is not None


def test_an_insured_bill_and_one_in_another_currency_have_no_such_dispute() -> None:
    insured = PaymentReceived(DAY, "plan", usd(0), by_insurance=True)
    paid = dataclasses.replace(visit([5_000_00], [], []), payments=(insured,))
    assert over_estimate(dataclasses.replace(statement(usd(5_000_00), paid), estimate=usd(0))) is None
    euros = statement(Money(5_000_00, "EUR"), visit([5_000_00], [], [], currency="EUR"))
    assert over_estimate(dataclasses.replace(euros, estimate=Money(0, "EUR"))) is None


@pytest.mark.parametrize("estimate", [usd(-1), Money(1, "EUR")])
def test_an_estimate_is_an_amount_of_the_bills_own_currency(estimate: Money) -> None:
    with pytest.raises(StatementError, match="estimate"):
        dataclasses.replace(statement(usd(1), visit([1], [], [])), estimate=estimate)

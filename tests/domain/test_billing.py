"""A statement's money balances, or it is no statement."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.billing import Adjustment, Charge, PaymentReceived, Statement, StatementError, VisitLines
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

"""How much may be taken while the hub is away: each limit may be reached and not passed, this payment included (law 5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.limits import Breach, Limits, Standing, breach, tightest
from domain.money import Money, MoneyError

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(hours=24)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


LIMITS = Limits(payment=usd(100), total=usd(250), count=3, age=DAY)
NONE = Standing(usd(0), 0, None)


@pytest.mark.parametrize(
    ("standing", "amount", "expected"),
    [
        (NONE, 100, None),
        (NONE, 101, Breach.PAYMENT),
        (Standing(usd(150), 2, NOW), 100, None),
        (Standing(usd(151), 2, NOW), 100, Breach.TOTAL),
        (Standing(usd(3), 2, NOW), 1, None),
        (Standing(usd(3), 3, NOW), 1, Breach.COUNT),
        (Standing(usd(1), 1, NOW - DAY), 1, None),
        (Standing(usd(1), 1, NOW - DAY - dt.timedelta(microseconds=1)), 1, Breach.AGE),
        (Standing(usd(999), 99, NOW - 9 * DAY), 101, Breach.PAYMENT),
        (Standing(usd(250), 3, NOW - 9 * DAY), 1, Breach.TOTAL),
        (Standing(usd(0), 3, NOW - 9 * DAY), 1, Breach.COUNT),
    ],
)
def test_a_limit_may_be_reached_and_not_passed(standing: Standing, amount: int, expected: Breach | None) -> None:
    assert breach(LIMITS, standing, usd(amount), NOW) is expected


def test_a_count_of_none_takes_nothing() -> None:
    assert breach(Limits(usd(100), usd(100), 0, DAY), NONE, usd(1), NOW) is Breach.COUNT


def test_limits_of_another_currency_are_a_mistake_and_no_limit_at_all() -> None:
    with pytest.raises(MoneyError):
        breach(LIMITS, NONE, Money(1, "EUR"), NOW)


@given(make.lists(make.integers(1, 120), max_size=30))
def test_taking_what_is_allowed_never_passes_a_limit(amounts: list[int]) -> None:
    """Payment after payment, each judged on top of what stands."""
    taken: list[int] = []
    for amount in amounts:
        if breach(LIMITS, Standing(usd(sum(taken)), len(taken), NOW if taken else None), usd(amount), NOW) is None:
            taken.append(amount)
    assert sum(taken) <= LIMITS.total.minor
    assert len(taken) <= LIMITS.count
    assert all(amount <= LIMITS.payment.minor for amount in taken)


def test_the_tightest_of_two_is_what_both_allow() -> None:
    wide = Limits(payment=usd(500), total=usd(200), count=9, age=DAY / 2)
    assert tightest(LIMITS, wide) == tightest(wide, LIMITS) == Limits(usd(100), usd(200), 3, DAY / 2)
    assert tightest(LIMITS, LIMITS) == LIMITS


@pytest.mark.parametrize("euros", [replace(LIMITS, payment=Money(1, "EUR")), replace(LIMITS, total=Money(1, "EUR"))])
def test_two_currencies_have_no_amount_in_common(euros: Limits) -> None:
    assert tightest(LIMITS, euros) == Limits(usd(0), usd(0), 3, DAY)

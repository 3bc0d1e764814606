"""How much may be taken while the hub is away (law 5). Checked inside the journal's transaction, this payment included."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money


class Breach(StrEnum):
    """Which limit a payment would break."""

    PAYMENT = "limit-payment"
    TOTAL = "limit-total"
    COUNT = "limit-count"
    AGE = "limit-age"


@dataclass(frozen=True, slots=True)
class Limits:
    """`payment` and `total` in one currency; `count` >= 0 payments; `age` of the oldest one not yet delivered."""

    payment: Money
    total: Money
    count: int
    age: dt.timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands undelivered: payments that may have moved money and are not known to be at the hub, open ones included."""

    total: Money
    count: int
    oldest: dt.datetime | None


def tightest(a: Limits, b: Limits) -> Limits:
    """What both allow. Limits of two currencies have no amount in common: nothing then, in the currency of `a`."""
    payment, total = min(a.payment.minor, b.payment.minor), min(a.total.minor, b.total.minor)
    if not a.payment.currency == a.total.currency == b.payment.currency == b.total.currency:
        payment = total = 0
    currency = a.payment.currency
    return Limits(Money(payment, currency), Money(total, currency), min(a.count, b.count), min(a.age, b.age))


def breach(limits: Limits, standing: Standing, amount: Money, now: dt.datetime) -> Breach | None:
    """The first limit that `amount` on top of `standing` would break, or None. Limits themselves may be reached, not passed."""
    if limits.payment < amount:
        return Breach.PAYMENT
    if limits.total < standing.total + amount:
        return Breach.TOTAL
    if standing.count + 1 > limits.count:
        return Breach.COUNT
    if standing.oldest is not None and now - standing.oldest > limits.age:
        return Breach.AGE
    return None

"""What a patient owes and why: accounts, statements and their lines, as the hub serves and the kiosk shows them.

A statement's money must balance: due = charges - adjustments - payments, per visit and in all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from domain.money import Money, total


class StatementError(ValueError):
    """A statement whose figures do not balance or mix currencies: it is refused, never shown."""


class Category(StrEnum):
    """What kind of thing was charged, as far as anybody may see who looks over a shoulder: no diagnosis, procedure or specialty
    (45 CFR 164.502(b))."""

    CARE = "care"
    HOSPITAL = "hospital"
    TESTS = "tests"
    MEDICINES = "medicines"
    SUPPLIES = "supplies"


@dataclass(frozen=True, slots=True)
class Charge:
    """One service, in words a patient uses; `amount` >= 0. `category` None where the hospital has said none."""

    date: dt.date
    description: str
    amount: Money
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What the insurance contract or the hospital took off; `amount` >= 0, it lowers what is due."""

    date: dt.date
    description: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """What insurance or the patient has already paid; `amount` >= 0, it lowers what is due."""

    date: dt.date
    description: str
    amount: Money
    by_insurance: bool


@dataclass(frozen=True, slots=True)
class VisitLines:
    """The lines of one hospital visit. `patient` is who was seen: of a family, not always the guarantor."""

    number: str
    date: dt.date
    place: str
    patient: str
    charges: tuple[Charge, ...]
    adjustments: tuple[Adjustment, ...]
    payments: tuple[PaymentReceived, ...]

    def amounts(self) -> Iterator[Money]:
        """The amount of every line, as it stands there."""
        yield from (line.amount for line in self.charges)
        yield from (line.amount for line in self.adjustments)
        yield from (line.amount for line in self.payments)

    def due(self, currency: str) -> Money:
        """What is left to pay for this visit; negative is a credit."""
        charged = (line.amount for line in self.charges)
        adjusted = (-line.amount for line in self.adjustments)
        paid = (-line.amount for line in self.payments)
        # one sum, from the charges down: what was paid in all may be more than an amount can be
        return total(chain(charged, adjusted, paid), currency)


@dataclass(frozen=True, slots=True)
class Guarantor:
    """Who answers for the account, and where the bill goes. `number` is the hospital's own for this person, over all accounts; ""
    where it has none, and the account stands alone: two people may have one name and one birthday."""

    name: str
    birth_date: dt.date
    number: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A bill as sent: `number` is printed on it, `account` is the hospital's; `due` may be zero or negative (a credit).
    `estimate` is the good-faith estimate that who pays without insurance was given for it (45 CFR 149.610), None for none."""

    number: str
    account: str
    guarantor_name: str
    issued: dt.date
    due: Money
    visits: tuple[VisitLines, ...]
    estimate: Money | None = None

    def __post_init__(self) -> None:
        currency = self.due.currency
        if self.estimate is not None and (self.estimate.minor < 0 or self.estimate.currency != currency):
            raise StatementError("an estimate is negative, or in another currency")
        for visit in self.visits:
            for amount in visit.amounts():
                if amount.minor < 0:
                    raise StatementError("a statement line is negative")
                if amount.currency != currency:
                    raise StatementError("a statement mixes currencies")
        if total((visit.due(currency) for visit in self.visits), currency) != self.due:
            raise StatementError("the statement's lines do not add up to what is due")


SUBSTANTIALLY_MORE = Money(400_00, "USD")
"""By how much a bill must be above its estimate to be disputed (45 CFR 149.620(a)(2)(ii))."""

DISPUTE_DAYS = 120
"""Within which a dispute is begun, from the day of the bill (45 CFR 149.620(c)(1))."""


@dataclass(frozen=True, slots=True)
class OverEstimate:
    """A bill that may be disputed: what was `expected`, what was `billed`, by how much that is `more`, and the `last_day`."""

    expected: Money
    billed: Money
    more: Money
    last_day: dt.date


def over_estimate(statement: Statement) -> OverEstimate | None:
    """Whether a patient who pays without insurance is billed $400 or more above their good-faith estimate. What counts is what is
    charged after the discounts for such patients (45 CFR 149.610(a)(2), "expected charge"), whatever has been paid of it."""
    if statement.estimate is None or statement.due.currency != SUBSTANTIALLY_MORE.currency:
        return None
    if any(payment.by_insurance for visit in statement.visits for payment in visit.payments):
        return None
    currency = statement.due.currency
    charged = (line.amount for visit in statement.visits for line in visit.charges)
    taken_off = (-line.amount for visit in statement.visits for line in visit.adjustments)
    billed = total(chain(charged, taken_off), currency)
    more = billed - statement.estimate
    if more < SUBSTANTIALLY_MORE:
        return None
    return OverEstimate(statement.estimate, billed, more, statement.issued + dt.timedelta(days=DISPUTE_DAYS))


@dataclass(frozen=True, slots=True)
class Account:
    """A hospital account: one guarantor, one running balance, one currency."""

    number: str
    guarantor: Guarantor
    currency: str

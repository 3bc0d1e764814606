"""What a patient owes and why: accounts, statements and their lines, as the hub serves and the kiosk shows them.

A statement's money must balance: due = charges - adjustments - payments, per visit and in all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from domain.money import Money, total


class StatementError(ValueError):
    """A statement whose figures do not balance or mix currencies: it is refused, never shown."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One service, in words a patient uses; `amount` >= 0."""

    date: dt.date
    description: str
    amount: Money


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
    """A bill as sent: `number` is printed on it, `account` is the hospital's; `due` may be zero or negative (a credit)."""

    number: str
    account: str
    guarantor_name: str
    issued: dt.date
    due: Money
    visits: tuple[VisitLines, ...]

    def __post_init__(self) -> None:
        currency = self.due.currency
        for visit in self.visits:
            for amount in visit.amounts():
                if amount.minor < 0:
                    raise StatementError("a statement line is negative")
                if amount.currency != currency:
                    raise StatementError("a statement mixes currencies")
        if total((visit.due(currency) for visit in self.visits), currency) != self.due:
            raise StatementError("the statement's lines do not add up to what is due")


@dataclass(frozen=True, slots=True)
class Account:
    """A hospital account: one guarantor, one running balance, one currency."""

    number: str
    guarantor: Guarantor
    currency: str

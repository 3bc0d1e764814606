"""What may be paid one by one: the bills of one guarantor, or the visits of one bill; and what comes to which. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from domain.billing import Statement, VisitLines
from domain.money import Money, total
from domain.payment import MOST_PARTS, Part, shared
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit.stages import Bill, By, Choose, OtherAmount, Payment, ShowStatement, Stage

MOST_NUMBER = 64
"""Characters of a visit's number that a payment's record has room for."""


@dataclass(frozen=True, slots=True)
class Item:
    """One bill, or one `visit` of it, with `due` (above zero) on it; `chosen`: it is to be paid. `key` tells it apart."""

    statement: Statement
    visit: VisitLines | None
    due: Money
    chosen: bool

    @property
    def key(self) -> str:
        return f"{self.statement.number}/{self.visit.number}" if self.visit else self.statement.number


def items(bill: Bill) -> tuple[Item, ...]:
    """All that can be chosen on `bill`, in the order in which it is shown; nothing where it is paid as one."""
    found: list[Item] = []
    if bill.by is By.BILL:
        found = [Item(each, None, each.due, chosen=True) for each in bill.family]
    elif bill.by is By.VISIT and bill.statement is not None:
        found = [Item(bill.statement, visit, due, chosen=True) for visit, due in _owing(bill.statement)]
    return tuple(replace(item, chosen=item.key not in bill.left_out) for item in found)


def choose_again(bill: Bill) -> Stage:
    """Where it is said how much of `bill` is paid."""
    if bill.by is not None:
        return Choose(bill)
    return ShowStatement(bill) if bill.statement else OtherAmount(bill)


def chosen(bill: Bill) -> tuple[Item, ...]:
    return tuple(item for item in items(bill) if item.chosen)


def toggled(bill: Bill, item: Item) -> Bill:
    """Chosen where it was not, and the other way round."""
    return replace(bill, left_out=bill.left_out ^ {item.key})


def of_one(bill: Bill, item: Item) -> Bill:
    """The one bill that `item` is of, with the others still at hand."""
    ref = bill.ref if item.statement == bill.statement else StatementRef(RefKind.NUMBER, item.statement.number)
    return replace(bill, ref=ref, statement=item.statement, by=None)


def by_visit(statement: Statement) -> bool:
    """Whether its visits can be paid one by one: several are owing, none is a credit for the others, and each has its number."""
    owing = _owing(statement)
    numbers = {visit.number for visit in statement.visits}
    named = len(numbers) == len(statement.visits) and all(0 < len(number) <= MOST_NUMBER for number in numbers)
    no_credit = all(visit.due(statement.due.currency).minor >= 0 for visit in statement.visits)
    return named and no_credit and 2 <= len(owing) <= MOST_PARTS


def settled_on(bill: Bill) -> Bill:
    """What is paid once a choice is made: a single bill, and all visits of one, are paid as ever."""
    picked = chosen(bill)
    if len(picked) == 1 and picked[0].visit is None:
        return of_one(bill, picked[0])
    if bill.by is By.VISIT and len(picked) == len(items(bill)):
        return replace(bill, by=None)
    return bill


def due(bill: Bill) -> Money | None:
    """What is due on what is chosen of a bill whose statement we have; None where we have none."""
    if bill.statement is None:
        return None
    if bill.by is None:
        return bill.statement.due
    return total((item.due for item in chosen(bill)), bill.statement.due.currency)


def owed(bill: Bill) -> Money | None:
    """What is due on all of the bills that are paid, if only in part."""
    return due(replace(bill, by=None) if bill.by is By.VISIT else bill)


def shown(bill: Bill) -> tuple[Statement, ...]:
    """The statements that were shown, and must be the same when they are paid."""
    picked = {item.statement.number: item.statement for item in chosen(bill)}
    return tuple(picked.values()) or ((bill.statement,) if bill.statement is not None else ())


def parts(bill: Bill, amount: Money) -> tuple[Part, ...]:
    """How `amount` is shared out over what was chosen, the oldest first, those of one day in the order of `items`; nothing for a
    bill that is paid as one."""
    return shared([_part(item) for item in _oldest_first(bill)], amount)


def came_to(payment: Payment, taken: Money) -> tuple[Part, ...]:
    """What of `taken` came to which bill: of what was asked for, by the rule by which the hub is told (domain.payment.shared). A
    terminal may take less, and more: that is not what the patient would have been asked for in the first place."""
    return shared(parts(payment.bill, payment.amount), taken)


def left(payment: Payment, taken: Money) -> Money | None:
    """What is then left to pay on all of the bills that were paid, never below zero; None where we have no statement. What came
    to one bill above its due is no other's."""
    whole, nothing = owed(payment.bill), Money(0, taken.currency)
    if whole is None or payment.bill.by is not By.BILL:
        return whole and max(whole - taken, nothing)
    dues, came = [item.due for item in _oldest_first(payment.bill)], [part.amount for part in came_to(payment, taken)]
    return total((max(due - share, nothing) for due, share in zip_longest(dues, came, fillvalue=nothing)), taken.currency)


def open_ones(statements: Sequence[Statement], currency: str) -> tuple[Statement, ...]:
    """Those on which something is due, in the kiosk's currency."""
    return tuple(each for each in statements if each.due.currency == currency and each.due.minor > 0)


def _owing(statement: Statement) -> list[tuple[VisitLines, Money]]:
    dues = ((visit, visit.due(statement.due.currency)) for visit in statement.visits)
    newest_first = sorted(dues, key=lambda pair: pair[0].date, reverse=True)
    return [(visit, due) for visit, due in newest_first if due.minor > 0]


def _oldest_first(bill: Bill) -> list[Item]:
    return sorted(chosen(bill), key=_age)


def _age(item: Item) -> dt.date:
    """And no more: what is kept for a belated receipt has the order of its items, but not their keys."""
    return item.visit.date if item.visit else item.statement.issued


def _part(item: Item) -> Part:
    return Part(item.statement.number, item.statement.account, item.visit.number if item.visit else "", item.due)

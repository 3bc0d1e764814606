"""A statement as the rows of a bill: visit by visit what was charged, taken off, paid, and what is left. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from domain.billing import Statement, VisitLines
from domain.money import Money, total
from kiosk.visit.screens import Row, Said
from kiosk.visit.words import Words

NOTHING = Said("", "")


def bill_rows(statement: Statement, words: Words) -> tuple[Row, ...]:
    """Newest visit first; then the totals of the whole bill when there is more than one visit."""
    visits = sorted(statement.visits, key=lambda visit: visit.date, reverse=True)
    rows = [row for visit in visits for row in _visit_rows(visit, statement.due.currency, words)]
    if len(visits) > 1:
        rows.append(Row(words.say("bill-total"), words.money(statement.due), "total"))
    return tuple(rows)


def _visit_rows(visit: VisitLines, currency: str, words: Words) -> Iterator[Row]:
    date = words.date(visit.date)
    yield Row(words.say("bill-visit", date=date, place=visit.place, patient=visit.patient), NOTHING, "heading")
    for charge in visit.charges:
        yield Row(words.as_written(charge.description), words.money(charge.amount), "line")
    yield Row(words.say("bill-charged"), words.money(total((c.amount for c in visit.charges), currency)), "subtotal")
    for adjustment in visit.adjustments:
        yield Row(words.as_written(adjustment.description), _off(adjustment.amount, words), "line")
    for payment in visit.payments:
        label = "bill-insurance-paid" if payment.by_insurance else "bill-you-paid"
        yield Row(words.say(label, what=payment.description), _off(payment.amount, words), "line")
    yield Row(words.say("bill-visit-due"), words.money(visit.due(currency)), "subtotal")


def _off(amount: Money, words: Words) -> Said:
    return words.money(-amount)

"""A statement as the rows of a bill: visit by visit what was charged, taken off, paid, what is left, and why. Pure.

At first nothing stands there that tells a diagnosis, a procedure or a specialty to who looks over a shoulder (45 CFR 164.502(b)):
no line as the hospital wrote it, and no place, which may be a specialty's. The details are what a patient asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.billing import Category, Statement, VisitLines
from domain.money import Money, total
from kiosk.visit.screens import Privacy, Row, Said
from kiosk.visit.words import Words

NOTHING = Said("", "")


def bill_rows(statement: Statement, words: Words, *, details: bool) -> tuple[Row, ...]:
    """Newest visit first; then the totals of the whole bill when there is more than one visit."""
    visits = sorted(statement.visits, key=lambda visit: visit.date, reverse=True)
    part = _details if details else _groups
    rows = [row for visit in visits for row in part(visit, statement.due.currency, words)]
    if len(visits) > 1:
        rows.append(_owed("bill-total", statement.due, "total", words))
    return tuple(rows)


def _groups(visit: VisitLines, currency: str, words: Words) -> Iterator[Row]:
    """In sums. Charges by their kind where the hospital has said one, and there is more than one."""
    yield Row(words.say("bill-visit", date=words.date(visit.date), patient=visit.patient), NOTHING, "heading")
    kinds = {charge.category for charge in visit.charges}
    for kind in (*Category, None) if len(kinds) > 1 else ():
        if kind in kinds:
            of_kind = (charge.amount for charge in visit.charges if charge.category is kind)
            yield Row(words.say(f"bill-kind-{kind or 'other'}"), words.money(total(of_kind, currency)), "line")
    yield _charged(visit, currency, words)
    paid = [(payment.amount, payment.by_insurance) for payment in visit.payments]
    for label, amounts in (
        ("bill-by-insurance", [amount for amount, insured in paid if insured]),
        ("bill-taken-off", [adjustment.amount for adjustment in visit.adjustments]),
        ("bill-by-you", [amount for amount, insured in paid if not insured]),
    ):
        if amounts:
            yield Row(words.say(label), _off(amounts, currency, words), "line")
    yield from _left(visit, currency, words)


def _details(visit: VisitLines, currency: str, words: Words) -> Iterator[Row]:
    """Every line as the hospital wrote it, for one person's ears only."""
    heading = words.say("bill-visit-place", date=words.date(visit.date), place=visit.place, patient=visit.patient)
    yield Row(heading, NOTHING, "heading")
    for charge in visit.charges:
        yield Row(_private(words.as_written(charge.description)), words.money(charge.amount), "line")
    yield _charged(visit, currency, words)
    for adjustment in visit.adjustments:
        yield Row(_private(words.as_written(adjustment.description)), _off([adjustment.amount], currency, words), "line")
    for payment in visit.payments:
        label = words.say("bill-insurance-paid" if payment.by_insurance else "bill-you-paid", what=payment.description)
        yield Row(_private(label), _off([payment.amount], currency, words), "line")
    yield from _left(visit, currency, words)


def _charged(visit: VisitLines, currency: str, words: Words) -> Row:
    return Row(words.say("bill-charged"), words.money(total((c.amount for c in visit.charges), currency)), "subtotal")


def _left(visit: VisitLines, currency: str, words: Words) -> Iterator[Row]:
    """What is left, and the reason in a sentence."""
    due = visit.due(currency)
    yield _owed("bill-visit-due", due, "subtotal", words)
    yield Row(words.say(f"bill-why-{_why(visit, due)}"), NOTHING, "why")


def _owed(message: str, due: Money, style: str, words: Words) -> Row:
    """What is to be paid, or what has been paid too much: nobody is asked to pay less than nothing."""
    if due.minor < 0:
        message = {"bill-visit-due": "bill-visit-credit", "bill-total": "bill-total-credit"}[message]
        due = -due
    return Row(words.say(message), words.money(due), style)


def _why(visit: VisitLines, due: Money) -> str:
    if due.minor <= 0:
        return "credit" if due.minor < 0 else "paid"
    if any(payment.by_insurance and payment.amount.minor > 0 for payment in visit.payments):
        return "share"
    return "rest" if any(payment.amount.minor > 0 for payment in visit.payments) else "uninsured"


def _off(amounts: Iterable[Money], currency: str, words: Words) -> Said:
    return words.money(-total(amounts, currency))


def _private(said: Said) -> Said:
    return replace(said, privacy=Privacy.PRIVATE)

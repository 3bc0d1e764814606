"""The receipt as it is heard."""

from __future__ import annotations

from domain.payment import short_reference
from domain.statement_codes import ending
from kiosk.visit import stages as st
from kiosk.visit.choosing import came_to, left
from kiosk.visit.pages.page import of_part
from kiosk.visit.paying import bank_approved
from kiosk.visit.screens import Said
from kiosk.visit.words import Words


def receipt_lines(paid: st.Paid | st.Unclear, words: Words) -> tuple[Said, ...]:
    """What the paper says of the payment, for who hears it (ADA 707.5); without the date and the machine's own numbers."""
    reference = words.say("reference", code=short_reference(paid.attempt))
    bill = paid.payment.bill
    taken = paid.payment.amount if isinstance(paid, st.Unclear) else paid.result.amount
    whose = tuple(_named(of_part(part, bill, words), words.money(part.amount)) for part in came_to(paid.payment, taken))
    if not whose and bill.number:
        whose = (_pair("receipt-bill", words.as_written(ending(bill.number)), words),)
    if isinstance(paid, st.Unclear):
        amount = _pair("receipt-amount", words.money(paid.payment.amount), words)
        return (amount, *whose, words.say("unknown-line"), reference)
    result = paid.result
    lines = [_pair("receipt-amount", words.money(result.amount), words)]
    if result.card.last4:
        lines.append(_pair("receipt-card", words.as_written(f"{result.card.brand} {' '.join(result.card.last4)}".strip()), words))
    if result.authorization:
        lines.append(_pair("receipt-authorization", words.as_written(" ".join(result.authorization)), words))
    lines += whose
    if (rest := left(paid.payment, result.amount)) is not None:
        lines.append(_pair("receipt-left", words.money(rest), words))
    if not bank_approved(paid):
        lines.append(words.say("receipt-bank-line"))
    if paid.payment.offline:
        lines.append(words.say("receipt-accepted-line"))
    return (*lines, reference)


def _pair(label: str, value: Said, words: Words) -> Said:
    return _named(words.say(label), value)


def _named(named: Said, value: Said) -> Said:
    return Said(f"{named.text}: {value.text}", f"{named.speech}: {value.speech}")

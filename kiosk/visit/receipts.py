"""What is printed: a receipt for a payment, or the slip of an unknown one. Pure; the words are the patient's language.

Last four digits at most and never an expiry date (FACTA, 15 USC 1681c(g)); no name, no service (45 CFR 164.502(b));
accepted is not approved (law 4), and the paper says which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from domain.payment import receipt_code, short_reference
from domain.receipt import Block, Code, Pair, Receipt, Rule, Style, Text
from domain.statement_codes import ending
from kiosk.visit import stages as st
from kiosk.visit.pages.page import Site
from kiosk.visit.paying import bank_approved, due
from kiosk.visit.words import Words


def receipt(paid: st.Paid, words: Words, site: Site, check_host: str, at: dt.datetime) -> Receipt:
    """A payment's receipt. `check_host` is where its code is checked, in capitals; `at` is now (aware)."""
    return Receipt(receipt_code(paid.attempt), tuple(_receipt_blocks(paid, words, site, check_host, at)), words.right_to_left)


def slip(unclear: st.Unclear, words: Words, site: Site, check_host: str, at: dt.datetime) -> Receipt:
    """The note that protects from a second charge."""
    return Receipt(receipt_code(unclear.attempt), tuple(_slip_blocks(unclear, words, site, check_host, at)), words.right_to_left)


def _receipt_blocks(paid: st.Paid, words: Words, site: Site, check_host: str, at: dt.datetime) -> Iterator[Block]:
    result, payment = paid.result, paid.payment
    yield Text(site.name, Style.STRONG)
    yield Text(words.say(_title(paid)).text, Style.LARGE)
    yield Rule()
    yield Pair(words.say("receipt-amount").text, words.money(result.amount).text, Style.LARGE)
    yield Pair(words.say("receipt-date").text, words.moment(at).text)
    if result.card.last4:
        yield Pair(words.say("receipt-card").text, f"{result.card.brand} **** {result.card.last4}".strip())
    if result.authorization:
        yield Pair(words.say("receipt-authorization").text, result.authorization)
    if result.receipt is not None:
        yield Pair(words.say("receipt-terminal").text, f"{result.terminal_id} {result.receipt:04d}".strip())
    yield from _bill(payment.bill, words)
    owed = due(payment.bill)
    if owed is not None:
        yield Pair(words.say("receipt-left").text, words.money(owed - result.amount).text)
    if not bank_approved(paid):
        yield Text(words.say("receipt-bank-line").text)
    if payment.offline:
        yield Text(words.say("receipt-accepted-line").text)
    yield from _foot(paid.attempt, words, site, check_host)


def _title(paid: st.Paid) -> str:
    if not bank_approved(paid):
        return "receipt-title-bank"
    return "receipt-title-accepted" if paid.payment.offline else "receipt-title"


def _slip_blocks(unclear: st.Unclear, words: Words, site: Site, check_host: str, at: dt.datetime) -> Iterator[Block]:
    yield Text(site.name, Style.STRONG)
    yield Text(words.say("receipt-slip-title").text, Style.LARGE)
    yield Rule()
    yield Pair(words.say("receipt-amount").text, words.money(unclear.payment.amount).text, Style.LARGE)
    yield Pair(words.say("receipt-date").text, words.moment(at).text)
    yield from _bill(unclear.payment.bill, words)
    yield Text(words.say("receipt-slip-line", days=site.answer_days).text)
    yield from _foot(unclear.attempt, words, site, check_host)


def _bill(bill: st.Bill, words: Words) -> Iterator[Block]:
    """Which one was paid, where its number is known."""
    if bill.number:
        yield Pair(words.say("receipt-bill").text, ending(bill.number))


def _foot(attempt: str, words: Words, site: Site, check_host: str) -> Iterator[Block]:
    yield Rule()
    yield Pair(words.say("receipt-reference").text, short_reference(attempt), Style.STRONG)
    yield Text(words.say("receipt-check").text, Style.CENTRED)
    yield Code(f"HTTPS://{check_host}/R1/{receipt_code(attempt)}")
    yield Text(words.say("receipt-help", phone=site.phone).text, Style.CENTRED)
    yield Text(words.say("receipt-thanks").text, Style.CENTRED)

"""What is printed or sent: a receipt for a payment, or the slip of an unknown one. Pure; the words are the patient's language.

Last four digits at most and never an expiry date (FACTA, 15 USC 1681c(g)); no name, no service (45 CFR 164.502(b));
accepted is not approved (law 4), and the paper says which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from domain.billing import Charge, Statement, VisitLines
from domain.letters import Channel, Letter
from domain.money import Money
from domain.payment import receipt_code, short_reference
from domain.receipt import Block, Code, Pair, Receipt, Rule, Style, Text
from domain.receipt_text import as_text
from domain.statement_codes import RefKind, StatementRef, ending
from kiosk.visit import stages as st
from kiosk.visit.choosing import came_to, chosen, items, left
from kiosk.visit.leaflets import leaflet
from kiosk.visit.pages.page import Site, of_part
from kiosk.visit.paying import bank_approved
from kiosk.visit.words import Words


def receipt(paid: st.Paid, words: Words, site: Site, at: dt.datetime) -> Receipt:
    """A payment's receipt; `at` is when it was paid (aware)."""
    return Receipt(receipt_code(paid.attempt), tuple(_receipt_blocks(paid, words, site, at)), words.right_to_left)


def slip(unclear: st.Unclear, words: Words, site: Site, at: dt.datetime) -> Receipt:
    """The note that protects from a second charge; `at` is now (aware)."""
    return Receipt(receipt_code(unclear.attempt), tuple(_slip_blocks(unclear, words, site, at)), words.right_to_left)


def document(visit: st.Visit, words: Words, site: Site, now: dt.datetime) -> Receipt:
    """What the stage is about, on paper."""
    match visit.stage:
        case st.Printing(of):
            return _of(of, words, site, now)
        case st.Unclear() as unclear:
            return slip(unclear, words, site, now)
        case (st.HelpPaying() | st.OverEstimate()) as stage:
            return leaflet(stage, visit.language, words, site, now)
        case stage:
            raise AssertionError(f"nothing to print at {type(stage).__name__}")


def letter(visit: st.Visit, channel: Channel, address: str, words: Words, site: Site, now: dt.datetime) -> tuple[str, Letter]:
    """The attempt that the stage is about, and its receipt to be sent: by e-mail what the paper says, as a text a line of it."""
    assert isinstance(visit.stage, st.SendingReceipt), "nothing else is sent"
    paid = st.payment_of(visit.stage.of)
    if channel is Channel.TEXT:
        return paid.attempt, Letter(channel, address, visit.language, "", _in_one_line(paid, words, site))
    subject = f"{site.name}: {words.say(_title(paid)).text}"
    return paid.attempt, Letter(channel, address, visit.language, subject, as_text(_of(visit.stage.of, words, site, now)))


def without_person(paid: st.Paid) -> st.Paid:
    """The payment as its receipt tells it: no name, no account, no whole number, nothing of what was done for whom."""
    payment, bill = paid.payment, paid.payment.bill
    end, visits = ending(bill.number), bill.by is st.By.VISIT
    bare = st.Bill(StatementRef(RefKind.NUMBER, end), _without_person(bill.statement, visits) if bill.statement else None)
    if bill.by is st.By.BILL:
        bare = replace(bare, family=tuple(_without_person(item.statement) for item in chosen(bill)), by=bill.by)
    if visits and bill.statement is not None:
        out = {item.visit for item in items(bill) if not item.chosen}
        without = {f"{end}/{place}" for place, visit in enumerate(bill.statement.visits) if visit in out}
        bare = replace(bare, by=bill.by, left_out=frozenset(without))
    return replace(paid, payment=replace(payment, bill=bare), result=replace(paid.result, slip=(), card_data=None))


def _without_person(statement: Statement, visits: bool = False) -> Statement:
    """What is due on it; by the date of each visit where `visits` were chosen."""
    dues = [(visit.date, visit.due(statement.due.currency)) for visit in statement.visits] if visits else []
    lines = tuple(
        VisitLines(str(place) if visits else "", date, "", "", (Charge(date, "", due),), (), ())
        for place, (date, due) in enumerate(dues or [(statement.issued, statement.due)])
    )
    return Statement(ending(statement.number), "", "", statement.issued, statement.due, lines)


def _of(of: st.Paid | st.PaidBefore, words: Words, site: Site, now: dt.datetime) -> Receipt:
    return receipt(st.payment_of(of), words, site, of.earlier.at if isinstance(of, st.PaidBefore) else now)


def _in_one_line(paid: st.Paid, words: Words, site: Site) -> str:
    told = [f"{site.name}: {words.say(_title(paid)).text}"]
    told.append(f"{words.say('receipt-amount').text}: {words.money(paid.result.amount).text}")
    told += [f"{pair.label}: {pair.value}" for pair in _bill(paid.payment, paid.result.amount, words)]
    told.append(f"{words.say('receipt-reference').text}: {short_reference(paid.attempt)}")
    return ". ".join(told)


def check_text(attempt: str, site: Site) -> str:
    """What a receipt's code says: where anybody who has it can see whether the hospital has the payment."""
    return f"HTTPS://{site.check_host}/R1/{receipt_code(attempt)}"


def _receipt_blocks(paid: st.Paid, words: Words, site: Site, at: dt.datetime) -> Iterator[Block]:
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
    yield from _bill(payment, result.amount, words)
    rest = left(payment, result.amount)
    if rest is not None:
        yield Pair(words.say("receipt-left").text, words.money(rest).text)
    if not bank_approved(paid):
        yield Text(words.say("receipt-bank-line").text)
    if payment.offline:
        yield Text(words.say("receipt-accepted-line").text)
    yield from _foot(paid.attempt, words, site)


def _title(paid: st.Paid) -> str:
    if not bank_approved(paid):
        return "receipt-title-bank"
    return "receipt-title-accepted" if paid.payment.offline else "receipt-title"


def _slip_blocks(unclear: st.Unclear, words: Words, site: Site, at: dt.datetime) -> Iterator[Block]:
    yield Text(site.name, Style.STRONG)
    yield Text(words.say("receipt-slip-title").text, Style.LARGE)
    yield Rule()
    yield Pair(words.say("receipt-amount").text, words.money(unclear.payment.amount).text, Style.LARGE)
    yield Pair(words.say("receipt-date").text, words.moment(at).text)
    yield from _bill(unclear.payment, unclear.payment.amount, words)
    yield Text(words.say("receipt-slip-line", days=site.answer_days).text)
    yield from _foot(unclear.attempt, words, site)


def _bill(payment: st.Payment, taken: Money, words: Words) -> Iterator[Pair]:
    """Which one was paid, where its number is known; of several, or of several visits, how much of each."""
    bill, shares = payment.bill, came_to(payment, taken)
    for part in shares:
        yield Pair(of_part(part, bill, words).text, words.money(part.amount).text)
    if not shares and bill.number:
        yield Pair(words.say("receipt-bill").text, ending(bill.number))


def _foot(attempt: str, words: Words, site: Site) -> Iterator[Block]:
    yield Rule()
    yield Pair(words.say("receipt-reference").text, short_reference(attempt), Style.STRONG)
    yield Text(words.say("receipt-check").text, Style.CENTRED)
    yield Code(check_text(attempt, site))
    yield Text(words.say("receipt-help", phone=site.phone).text, Style.CENTRED)
    yield Text(words.say("receipt-thanks").text, Style.CENTRED)

"""The double-entry ledger: append only, every entry balanced in each currency.

Books, debit positive: receivable (what an account owes, by statement), unapplied (a liability: money taken beyond what was
due, or a credit brought along), card-clearing (approved, on its way from the acquirer), card-deferred (captured, not yet
authorised), billing (the hospital's billing system, where opening balances come from). The database's triggers refuse an
entry that does not balance and any change to one that stands.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, func, insert, select

from domain.money import Money, total
from hub.schema import journal_entries, journal_lines


class Book(StrEnum):
    RECEIVABLE = "receivable"
    UNAPPLIED = "unapplied"
    CARD_CLEARING = "card-clearing"
    CARD_DEFERRED = "card-deferred"
    BILLING = "billing"


_OWED = journal_lines.c.book.in_([Book.RECEIVABLE, Book.UNAPPLIED])


def _owed(column: Column[str]) -> Select[tuple[int]]:
    """What is owed of one value of `column`. Made once: building a statement takes ten times as long as running it."""
    total = select(func.coalesce(func.sum(journal_lines.c.minor), 0))
    return total.where(column == bindparam("of"), journal_lines.c.currency == bindparam("in"), _OWED)


_DUE = _owed(journal_lines.c.statement)
_BALANCE = _owed(journal_lines.c.account)
_OF_ACCOUNTS = (
    select(journal_lines.c.account, journal_lines.c.statement, journal_lines.c.currency, func.sum(journal_lines.c.minor))
    .where(journal_lines.c.account.in_(bindparam("accounts", expanding=True)), _OWED)
    .group_by(journal_lines.c.account, journal_lines.c.statement, journal_lines.c.currency)
)
_LAST = select(func.coalesce(func.max(journal_entries.c.number), 0))
_UNEVEN = (
    select(journal_lines.c.entry, journal_lines.c.currency)
    .group_by(journal_lines.c.entry, journal_lines.c.currency)
    .having(func.sum(journal_lines.c.minor) != 0)
    .order_by(journal_lines.c.entry)
)
_NUMBERS = select(journal_entries.c.number).order_by(journal_entries.c.number)
_LOOSE = select(func.min(journal_lines.c.entry)).where(journal_lines.c.entry.not_in(select(journal_entries.c.number)))
_ADD_LINES = insert(journal_lines)
_ADD_ENTRY = insert(journal_entries)


class LedgerError(ValueError):
    """An entry that may not be made. Nothing was written that survives the transaction."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry: `amount` > 0 is a debit, < 0 a credit. Receivable and unapplied lines name account and statement."""

    book: Book
    amount: Money
    account: str | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What of a payment goes to one statement: `amount` > 0."""

    account: str
    statement: str
    amount: Money


def posting_id(number: int) -> str:
    """How people and kiosks name journal entry `number`: "P00000017"."""
    return f"P{number:08d}"


class Books:
    """The ledger for a part of one transaction: what `accounts` owe is read at once, what is entered is written at once, by
    `write`. In between it is carried on in memory, so that each payment finds what those before it have left."""

    def __init__(self, connection: Connection, now: dt.datetime, accounts: Collection[str] = ()) -> None:
        self._connection = connection
        self._now = now
        self._last = int(connection.scalar(_LAST) or 0)
        self._due: Counter[tuple[str, str]] = Counter()
        self._balance: Counter[tuple[str, str]] = Counter()
        self._lines: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []
        if accounts:
            for account, statement, currency, minor in connection.execute(_OF_ACCOUNTS, {"accounts": list(accounts)}):
                self._owe(account, statement, currency, int(minor))

    def due(self, statement: str, currency: str) -> Money:
        """What is left to pay on `statement`, of one of the accounts; negative is a credit."""
        return Money(self._due[statement, currency], currency)

    def balance(self, account: str, currency: str) -> Money:
        """What `account`, one of those read, owes over all its statements; negative is a credit."""
        return Money(self._balance[account, currency], currency)

    def post_payment(self, payment: str, shares: Sequence[Share], *, deferred: bool) -> str:
        """Posts a payment to its statements (one at least, all in one currency) as one entry; what exceeds the due of one goes to
        unapplied. Returns the posting id.

        `deferred` is for captured card data that no bank has authorised yet. The caller asks first whether `payment` is posted
        already; the database makes sure: `write` raises IntegrityError then.
        """
        if any(share.amount.minor <= 0 for share in shares):
            raise LedgerError("a payment is positive")
        taken = total((share.amount for share in shares), shares[0].amount.currency)
        sides = [Line(Book.CARD_DEFERRED if deferred else Book.CARD_CLEARING, taken)]
        for share in shares:
            account, statement, amount = share.account, share.statement, share.amount
            open_minor = max(0, self.due(statement, amount.currency).minor)
            applied = Money(min(open_minor, amount.minor), amount.currency)
            sides.append(Line(Book.RECEIVABLE, -applied, account, statement))
            sides.append(Line(Book.UNAPPLIED, applied - amount, account, statement))
            self._owe(account, statement, amount.currency, -amount.minor)
        return self.enter([line for line in sides if line.amount.minor != 0], "payment", payment=payment)

    def enter(
        self,
        sides: Sequence[Line],
        kind: str,
        *,
        payment: str | None = None,
        reverses: int | None = None,
        authorizes: int | None = None,
    ) -> str:
        """The next entry. Returns its posting id."""
        self._last += 1
        for position, line in enumerate(sides, start=1):
            self._lines.append(
                {
                    "entry": self._last,
                    "position": position,
                    "book": line.book,
                    "account": line.account,
                    "statement": line.statement,
                    "minor": line.amount.minor,
                    "currency": line.amount.currency,
                }
            )
        of = {"payment": payment, "reverses": reverses, "authorizes": authorizes}
        self._entries.append({"number": self._last, "made_at": self._now, "kind": kind, **of})
        return posting_id(self._last)

    def write(self) -> None:
        """Writes what was entered. Raises IntegrityError for what the database refuses."""
        if self._entries:
            self._connection.execute(_ADD_LINES, self._lines)
            self._connection.execute(_ADD_ENTRY, self._entries)

    def _owe(self, account: str, statement: str, currency: str, minor: int) -> None:
        self._due[statement, currency] += minor
        self._balance[account, currency] += minor


def open_statement(connection: Connection, account: str, statement: str, due: Money, now: dt.datetime) -> None:
    """Brings a statement's amount due into the books; a credit goes to unapplied, a zero needs no entry."""
    if due.minor == 0:
        return
    book = Book.RECEIVABLE if due.minor > 0 else Book.UNAPPLIED
    books = Books(connection, now)
    books.enter((Line(book, due, account, statement), Line(Book.BILLING, -due)), "statement")
    books.write()


def reverse_payment(connection: Connection, payment: str, now: dt.datetime) -> str:
    """Takes the posting of `payment`, which there is, back line by line: what it paid is due again. Returns the reversal's id.

    Raises IntegrityError when it is reversed already: the caller asks first, the database makes sure.
    """
    entry = connection.execute(select(journal_entries.c.number).where(journal_entries.c.payment == payment)).scalar_one()
    rows = connection.execute(select(journal_lines).where(journal_lines.c.entry == entry).order_by(journal_lines.c.position))
    sides = [Line(Book(row.book), Money(-row.minor, row.currency), row.account, row.statement) for row in rows]
    books = Books(connection, now)
    reversal = books.enter(sides, "reversal", reverses=entry)
    books.write()
    return reversal


def authorize_payment(connection: Connection, payment: str, now: dt.datetime) -> str:
    """The bank has approved `payment`, posted as deferred: its money is on its way like any other. Returns the entry's id, ""
    where the payment is not posted. Raises IntegrityError when it was moved on already: the caller asks first."""
    of_payment = journal_entries.c.payment == payment, journal_lines.c.book == Book.CARD_DEFERRED
    line = connection.execute(
        select(journal_lines.c.entry, journal_lines.c.minor, journal_lines.c.currency)
        .join(journal_entries, journal_entries.c.number == journal_lines.c.entry)
        .where(*of_payment)
    ).first()
    if line is None:
        return ""
    amount = Money(int(line.minor), line.currency)
    books = Books(connection, now)
    sides = Line(Book.CARD_CLEARING, amount), Line(Book.CARD_DEFERRED, -amount)
    moved = books.enter(sides, "authorization", authorizes=line.entry)
    books.write()
    return moved


def due(connection: Connection, statement: str, currency: str) -> Money:
    """What is left to pay on `statement`; negative is a credit."""
    return Money(int(connection.scalar(_DUE, {"of": statement, "in": currency}) or 0), currency)


def balance(connection: Connection, account: str, currency: str) -> Money:
    """What `account` owes over all its statements; negative is a credit."""
    return Money(int(connection.scalar(_BALANCE, {"of": account, "in": currency}) or 0), currency)


def posting_of_payment(connection: Connection, payment: str) -> str | None:
    """The posting id of `payment`, None while it is not posted."""
    number = connection.scalar(select(journal_entries.c.number).where(journal_entries.c.payment == payment))
    return None if number is None else posting_id(number)


def reversal_of_payment(connection: Connection, payment: str) -> str:
    """The posting id of the reversal of `payment`, "" while there is none."""
    posted = select(journal_entries.c.number).where(journal_entries.c.payment == payment).scalar_subquery()
    number = connection.scalar(select(journal_entries.c.number).where(journal_entries.c.reverses == posted))
    return "" if number is None else posting_id(number)


def first_fault(connection: Connection) -> str | None:
    """The first thing wrong in the books, in one sentence; None when every entry balances and none is missing.

    The triggers make this impossible through SQL; the audit finds what went around them.
    """
    uneven = connection.execute(_UNEVEN).first()
    if uneven is not None:
        return f"entry {posting_id(uneven.entry)} does not balance in {uneven.currency}"
    expected = 1
    for number in connection.scalars(_NUMBERS):
        if number != expected:
            return f"entry {posting_id(expected)} is missing"
        expected += 1
    loose = connection.scalar(_LOOSE)
    return None if loose is None else f"entry {posting_id(loose)} was never closed"

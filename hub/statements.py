"""Statements in the database: put in whole, with their opening entry; read back with the patient's payments of since."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Column, Connection, FromClause, Select, and_, bindparam, exists, insert, literal, select, union_all, update

from domain.billing import Account, Adjustment, Category, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money, total
from domain.statement_codes import RefKind, StatementRef
from hub import ledger
from hub.gateway.authorizations import is_held
from hub.schema import accounts, biller_references, journal_entries, lines, payment_parts, payments, statements, visits
from offline_queue.wire.messages import MOST_OTHERS, MOST_WORDS, fits_an_answer

PAID_HERE = "at the kiosk"

MOST_MARKS = 4
"""Of Unicode's combining diacritical marks, on one letter: Vietnamese has two, scholars' Greek three."""

MOST_LOOKED_AT = 50
"""Other accounts of one guarantor, for one answer: who waits for it stands in a lobby."""


class ReferenceTaken(ValueError):
    """The reference names the statement `number`, of another account, already: to follow it would pay a stranger's bill."""

    def __init__(self, reference: str, number: str) -> None:
        super().__init__(reference)
        self.number = number


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement's place: which account it bills, and what decides whether a payment may be posted to it."""

    number: str
    account: str
    currency: str
    closed: bool
    birth_date: dt.date


def add_account(connection: Connection, account: Account) -> None:
    connection.execute(
        insert(accounts).values(
            number=account.number,
            guarantor_name=_words(account.guarantor.name),
            guarantor_birth_date=account.guarantor.birth_date,
            currency=account.currency,
            guarantor=account.guarantor.number,
        )
    )


def add_statement(
    connection: Connection, statement: Statement, opaque: str, now: dt.datetime, references: Collection[str] = ()
) -> None:
    """Stores a statement (at least one visit) under its number, the `opaque` id of its link, and the `references` of another
    biller's system (SCHEME/REFERENCE, as RefKind.BILLER has them), and opens it in the ledger. Its texts become what a kiosk
    takes: a name of 300 letters, or a tab in a place's, keeps nobody from their bill. Raises ReferenceTaken."""
    if not statement.visits:
        raise ValueError("a statement has at least one visit")
    if not fits_an_answer((statement,)):
        raise ValueError("a statement has more visits or lines than a kiosk takes")
    connection.execute(
        insert(statements).values(
            number=statement.number,
            opaque=opaque,
            account=statement.account,
            issued=statement.issued,
            estimate=None if statement.estimate is None else statement.estimate.minor,
        )
    )
    for visit in statement.visits:
        row = connection.execute(
            insert(visits).values(
                statement=statement.number,
                number=_words(visit.number),
                date=visit.date,
                place=_words(visit.place),
                patient=_words(visit.patient),
            )
        )
        (visit_id,) = row.inserted_primary_key or (None,)
        kinds: list[tuple[str, Charge | Adjustment | PaymentReceived]] = [
            *(("charge", line) for line in visit.charges),
            *(("adjustment", line) for line in visit.adjustments),
            *(("insurance" if line.by_insurance else "patient", line) for line in visit.payments),
        ]
        values = [
            {
                "visit": visit_id,
                "kind": kind,
                "date": line.date,
                "description": _words(line.description),
                "minor": line.amount.minor,
                "category": line.category if isinstance(line, Charge) else None,
            }
            for kind, line in kinds
        ]
        if values:
            connection.execute(insert(lines), values)
    for reference in references:
        refer(connection, reference, statement.number, statement.account, statement.issued)
    ledger.open_statement(connection, statement.account, statement.number, statement.due, now)


_PILED = re.compile(rf"(?<=[\u0300-\u036f]{{{MOST_MARKS}}})[\u0300-\u036f]+")


def _words(text: str) -> str:
    """`text` as one line of what can be seen, cut where it is longer than a kiosk takes. Marks piled on one letter would be drawn
    over what stands above it."""
    seen = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    line = _PILED.sub("", seen)
    return line if len(line) <= MOST_WORDS else f"{line[: MOST_WORDS - 1]}…"


def refer(connection: Connection, reference: str, number: str, account: str, issued: dt.date) -> str:
    """Has `reference` name the statement `number` of `account`. Returns the number of the one that it names then: one that names
    an account (a lockbox's) comes with each of its statements, and means the newest of them. Raises ReferenceTaken."""
    ref = StatementRef(RefKind.BILLER, reference)
    held = find(connection, [ref]).get(ref)
    if held is None:
        connection.execute(insert(biller_references).values(value=reference, statement=number))
        return number
    if held.account != account:
        raise ReferenceTaken(reference, held.number)
    newest = connection.execute(select(statements.c.issued).where(statements.c.number == held.number)).scalar_one()
    if newest > issued:
        return held.number
    connection.execute(update(biller_references).where(biller_references.c.value == reference).values(statement=number))
    return number


def _places_by(
    column: Column[str], table: FromClause = statements
) -> Select[tuple[str, str, str, str, dt.datetime | None, dt.date]]:
    """Made once: building a statement takes ten times as long as running it, and every batch asks."""
    return (
        select(
            column.label("named"),
            statements.c.number,
            statements.c.account,
            accounts.c.currency,
            accounts.c.closed_at,
            accounts.c.guarantor_birth_date,
        )
        .select_from(table)
        .join(accounts, accounts.c.number == statements.c.account)
        .where(column.in_(bindparam("values", expanding=True)))
    )


_BY = {
    RefKind.LINK: _places_by(statements.c.opaque),
    RefKind.NUMBER: _places_by(statements.c.number),
    RefKind.BILLER: _places_by(biller_references.c.value, statements.join(biller_references)),
}

_own = accounts.alias()
_one_person = (
    _own.c.guarantor == accounts.c.guarantor,
    _own.c.guarantor_birth_date == accounts.c.guarantor_birth_date,
    _own.c.number != accounts.c.number,
)
"""A billing system may fill in "0" for everybody of whom it has no number: their birthdays tell them apart."""

_OTHERS = (
    select(statements.c.account, statements.c.number)
    .join(accounts, accounts.c.number == statements.c.account)
    .join(_own, and_(*_one_person))
    .where(
        _own.c.number == bindparam("of"),
        _own.c.guarantor != "",
        accounts.c.closed_at.is_(None),
        accounts.c.currency == bindparam("in"),
    )
    .order_by(statements.c.issued.desc(), statements.c.number.desc())
)

_HEAD = (
    select(statements, accounts.c.guarantor_name, accounts.c.currency)
    .join(accounts, accounts.c.number == statements.c.account)
    .where(statements.c.number == bindparam("of"))
)
_VISITS = select(visits).where(visits.c.statement == bindparam("of")).order_by(visits.c.id)
_LINES = (
    select(lines).join(visits, visits.c.id == lines.c.visit).where(visits.c.statement == bindparam("of")).order_by(lines.c.id)
)
_reversal = journal_entries.alias()
_shares = union_all(
    select(payments.c.pid, payments.c.minor, literal("").label("visit"), literal(0).label("position")).where(
        payments.c.statement == bindparam("of"), ~exists().where(payment_parts.c.pid == payments.c.pid)
    ),
    select(payment_parts.c.pid, payment_parts.c.minor, payment_parts.c.visit, payment_parts.c.position).where(
        payment_parts.c.statement == bindparam("of")
    ),
).subquery()
_PAID_HERE = (
    select(payments.c.settled_at, _shares.c.minor, payments.c.currency, _shares.c.visit)
    .join(_shares, _shares.c.pid == payments.c.pid)
    .join(journal_entries, journal_entries.c.payment == payments.c.pid)
    .outerjoin(_reversal, _reversal.c.reverses == journal_entries.c.number)
    .where(_reversal.c.number.is_(None))
    .order_by(journal_entries.c.number, _shares.c.position)
)
"""Of one statement: what was sent, its visits, their lines, and what was paid at a kiosk since and stands."""


def find(connection: Connection, refs: Collection[StatementRef]) -> dict[StatementRef, StatementRow]:
    """The statements that `refs` name, as far as there are any: one query for each way to name one."""
    found = {}
    for kind, query in _BY.items():
        values = [ref.value for ref in refs if ref.kind is kind]
        for row in connection.execute(query, {"values": values}) if values else ():
            closed = row.closed_at is not None
            place = StatementRow(row.number, row.account, row.currency, closed, row.guarantor_birth_date)
            found[StatementRef(kind, row.named)] = place
    return found


def read(connection: Connection, number: str) -> Statement:
    """The statement as it stands now: as it was sent, and what the patient has paid at a kiosk since. It must exist."""
    head = connection.execute(_HEAD, {"of": number}).one()
    rows = connection.execute(_LINES, {"of": number}).all()
    sent = [
        VisitLines(
            number=visit.number,
            date=visit.date,
            place=visit.place,
            patient=visit.patient,
            charges=tuple(
                Charge(row.date, row.description, Money(row.minor, head.currency), row.category and Category(row.category))
                for row in rows
                if row.visit == visit.id and row.kind == "charge"
            ),
            adjustments=tuple(
                Adjustment(row.date, row.description, Money(row.minor, head.currency))
                for row in rows
                if row.visit == visit.id and row.kind == "adjustment"
            ),
            payments=tuple(
                PaymentReceived(row.date, row.description, Money(row.minor, head.currency), row.kind == "insurance")
                for row in rows
                if row.visit == visit.id and row.kind in ("insurance", "patient")
            ),
        )
        for visit in connection.execute(_VISITS, {"of": number})
    ]
    paid = with_payments(sent, _paid_here(connection, number))
    due = total((visit.due(head.currency) for visit in paid), head.currency)
    estimate = None if head.estimate is None else Money(head.estimate, head.currency)
    return Statement(head.number, head.account, head.guarantor_name, head.issued, due, tuple(paid), estimate)


def others_of(connection: Connection, first: Statement) -> tuple[Statement, ...]:
    """What else the guarantor of `first` owes: the newest statement of each of their other accounts, where something is due on it
    and no payment on that account is unknown, newest first; as many as an answer has room for, of MOST_LOOKED_AT. Accounts are
    one guarantor's by the hospital's number for the person, with the same date of birth."""
    found = list[Statement]()
    seen = {first.account}
    for account, number in connection.execute(_OTHERS, {"of": first.account, "in": first.due.currency}).all():
        if len(found) == MOST_OTHERS or len(seen) > MOST_LOOKED_AT:
            break
        if account in seen:
            continue
        seen.add(account)
        statement = read(connection, number)
        fits = fits_an_answer((first, *found, statement))
        if statement.due.minor > 0 and fits and not is_held(connection, account):
            found.append(statement)
    return tuple(found)


def with_payments(sent: Sequence[VisitLines], paid: Sequence[tuple[str, PaymentReceived]]) -> list[VisitLines]:
    """Each payment against the visit that it names, then against all in their order, as far as each is open; what is left over
    goes to the last."""
    result = list(sent)
    for named, payment in paid:
        left = payment.amount
        order = sorted(range(len(result)), key=lambda index: result[index].number != named)
        for index in order:
            visit, nothing = result[index], Money(0, left.currency)
            part = left if index == order[-1] else min(left, max(nothing, visit.due(left.currency)))
            if part.minor > 0:
                result[index] = replace(visit, payments=(*visit.payments, replace(payment, amount=part)))
                left = left - part
    return result


def _paid_here(connection: Connection, number: str) -> list[tuple[str, PaymentReceived]]:
    return [
        (row.visit, PaymentReceived(row.settled_at.astimezone().date(), PAID_HERE, Money(row.minor, row.currency), False))
        for row in connection.execute(_PAID_HERE, {"of": number})
    ]

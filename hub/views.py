"""What the console's pages show, read from the database in one piece each. Nothing here writes."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, outerjoin, select

from domain.billing import Statement
from domain.money import Money
from domain.payment import IN_DOUBT, Outcome, attempt_id_of
from hub import ledger
from hub.gateway.authorizations import State
from hub.outcomes import declined_as, is_declined, parked_now
from hub.receipts import outbox
from hub.schema import (
    accounts,
    authorizations,
    journal_entries,
    journal_lines,
    kiosks,
    outcomes,
    payment_parts,
    payments,
    receipts,
    records,
    statements,
    tasks,
)
from hub.second_thoughts import DeclineReason, in_doubt, on_trust
from hub.statements import read

PAGE = 50
"""Rows on one page of a list."""

MOST_ACCOUNTS = 200
"""Accounts shown at once; whoever looks for another types more of its name."""


LATE = dt.timedelta(hours=4)
"""A kiosk asks its terminal at its next start at the latest: what is unknown for longer than this, a person asks about."""

UNSENT = dt.timedelta(days=6)
"""With today a week: nobody comes for a receipt much later, and a count that only grows says nothing."""


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list. `asked` is whether the bank was, `posting` is "" while it is not in the ledger, and `stands` is how
    people call its state: what the terminal took without asking the bank is accepted, not approved (law 4), and may be `declined`
    when the bank is asked (why, None where it was not). An approval in doubt is being checked until a person has closed its task
    (`doubted`). `forwarded` is whether the hub's gateway has asked the bank since, and it has approved. `by_hand` is whether a
    person has closed the task of its parked record."""

    pid: str
    reference: str
    settled_at: dt.datetime
    amount: Money
    state: Outcome
    asked: bool
    kiosk: str
    account: str | None
    posting: str
    declined: str | None
    by_hand: bool
    forwarded: bool
    doubted: bool

    @property
    def stands(self) -> str:
        if self.declined:
            return "taken-back" if self.declined == DeclineReason.TAKEN_BACK else "declined-later"
        if self.doubted:
            return Outcome.UNKNOWN.value
        if self.state.money_moved and not self.posting:
            return "by-hand" if self.by_hand else "parked"
        if self.state is Outcome.APPROVED and not self.asked:
            return "unasked"
        if self.state is Outcome.CAPTURED and self.forwarded:
            return Outcome.APPROVED.value
        return self.state.value


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`sums` is what was posted since `since`, one amount a currency; all that is being checked is counted, PAGE listed;
    `unsent_count` payments have a receipt that could not be sent, which was asked for in the last days (`unsent`)."""

    since: dt.datetime
    count: int
    sums: tuple[Money, ...]
    unknown_count: int
    unknown: tuple[PaymentLine, ...]
    task_count: int
    unsent_count: int
    kiosks: tuple[Row[Any], ...]


@dataclass(frozen=True, slots=True)
class Tasks:
    """Open tasks, oldest first, each with its payment (None where its record could not be read) and the newest task of it that a
    person had closed by hand (None where there is none); the newest PAGE of the
    `by_hand_count` tasks that a person has closed while their records stay parked; and payments of which nobody has said for LATE
    how they ended."""

    open: tuple[tuple[Row[Any], PaymentLine | None, Row[Any] | None], ...]
    by_hand: tuple[tuple[Row[Any], PaymentLine | None], ...]
    by_hand_count: int
    late: tuple[PaymentLine, ...]


@dataclass(frozen=True, slots=True)
class AccountLine:
    number: str
    guarantor: str
    balance: Money


@dataclass(frozen=True, slots=True)
class AccountPage:
    number: str
    guarantor: str
    birth_date: dt.date
    balance: Money
    statements: tuple[tuple[str, dt.date, Money], ...]
    entries: tuple[Row[Any], ...]
    payments: tuple[PaymentLine, ...]


@dataclass(frozen=True, slots=True)
class PaymentPage:
    line: PaymentLine
    row: Row[Any]
    kiosk_name: str
    records: tuple[Row[Any], ...]
    later: tuple[Row[Any], ...]
    notes: tuple[Row[Any], ...]
    on_trust: bool
    in_doubt: bool
    """Both: and not declined since."""
    parts: tuple[Row[Any], ...]
    """What came to which bill, where it was for several."""
    letters: tuple[Row[Any], ...]
    """Its receipts by e-mail and text message: what became of them."""


def dashboard(connection: Connection, since: dt.datetime) -> Dashboard:
    """`since` is the start of the local day, aware."""
    posted = connection.execute(
        select(payments.c.currency, func.count(), func.sum(payments.c.minor))
        .join(journal_entries, journal_entries.c.payment == payments.c.pid)
        .where(journal_entries.c.made_at >= since, ~is_declined(payments.c.pid))
        .group_by(payments.c.currency)
        .order_by(payments.c.currency)
    ).all()
    return Dashboard(
        since=since,
        count=sum(count for _, count, _ in posted),
        sums=tuple(Money(int(minor), currency) for currency, _, minor in posted),
        unknown_count=_count(connection, payments.c.state == Outcome.UNKNOWN),
        unknown=tuple(payment_lines(connection, payments.c.state == Outcome.UNKNOWN)),
        task_count=_count(connection, tasks.c.closed_at.is_(None)),
        unsent_count=_count(connection, unsent(since)),
        kiosks=_kiosks(connection),
    )


def unsent(since: dt.datetime) -> ColumnElement[bool]:
    """Of the payments of which a receipt by e-mail or text message could not be sent, asked for in the UNSENT days before `since`
    or later: who waits for one may come to the desk."""
    failed = receipts.c.state.in_([outbox.State.REFUSED, outbox.State.GIVEN_UP]), receipts.c.asked_at >= since - UNSENT
    return payments.c.pid.in_(select(receipts.c.pid).where(*failed))


def _kiosks(connection: Connection) -> tuple[Row[Any], ...]:
    """Every kiosk with `to_do`, its open tasks, and `parked`, those of them that are about a record which could not be posted."""
    open_here = select(func.count()).where(tasks.c.kiosk == kiosks.c.id, tasks.c.closed_at.is_(None))
    to_do, parked = open_here.scalar_subquery(), open_here.where(tasks.c.kind == "parked").scalar_subquery()
    rows = connection.execute(select(kiosks, to_do.label("to_do"), parked.label("parked")).order_by(kiosks.c.name))
    return tuple(rows)


def open_tasks(connection: Connection, now: dt.datetime) -> Tasks:
    """What a person has to do at `now`."""
    is_open = tasks.c.closed_at.is_(None)
    rows = connection.execute(select(tasks).where(is_open).order_by(tasks.c.opened_at, tasks.c.number)).all()
    noted = tasks.c.note.is_not(None), tasks.c.pid.in_(select(tasks.c.pid).where(is_open))
    before = {row.pid: row for row in connection.execute(select(tasks).where(*noted).order_by(tasks.c.number))}
    newest_first = select(tasks).where(_closed_by_hand()).order_by(tasks.c.closed_at.desc(), tasks.c.number.desc())
    by_hand = connection.execute(newest_first.limit(PAGE)).all()
    known = payments.c.pid.in_(select(tasks.c.pid).where(is_open)) | payments.c.pid.in_([row.pid for row in by_hand])
    late = payments.c.state == Outcome.UNKNOWN, payments.c.received_at < now - LATE
    lines = {row.pid: _line(row) for row in connection.execute(_payments().where(known))}
    return Tasks(
        open=tuple((row, lines.get(row.pid), before.get(row.pid) if row.kind == "parked" else None) for row in rows),
        by_hand=tuple((row, lines.get(row.pid)) for row in by_hand),
        by_hand_count=connection.scalar(select(func.count()).select_from(tasks).where(_closed_by_hand())) or 0,
        late=tuple(payment_lines(connection, *late)),
    )


def _closed_by_hand() -> ColumnElement[bool]:
    """A task that a person has closed, of which some record is parked as before; the newest of its payment."""
    still = parked_now().where(records.c.pid == tasks.c.pid).correlate(tasks).exists()
    newer = tasks.alias()
    later = exists().where(newer.c.pid == tasks.c.pid, newer.c.kind == "parked", newer.c.number > tasks.c.number)
    return and_(tasks.c.kind == "parked", tasks.c.note.is_not(None), still, ~later)


def account_lines(connection: Connection, query: str) -> list[AccountLine]:
    """Accounts whose number or guarantor's name has every word of `query`, however it is capitalised and accented."""
    owed = (
        select(journal_lines.c.account, func.sum(journal_lines.c.minor).label("minor"))
        .where(journal_lines.c.account.is_not(None))
        .group_by(journal_lines.c.account)
        .subquery()
    )
    rows = connection.execute(
        select(accounts, func.coalesce(owed.c.minor, 0).label("minor"))
        .outerjoin(owed, owed.c.account == accounts.c.number)
        .order_by(accounts.c.guarantor_name, accounts.c.number)
    )
    words = plain(query).split()
    return [
        AccountLine(row.number, row.guarantor_name, Money(int(row.minor), row.currency))
        for row in rows
        if all(word in plain(f"{row.number} {row.guarantor_name}") for word in words)
    ]


def plain(text: str) -> str:
    """`text` without case and accents, as people search for names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def account_page(connection: Connection, number: str) -> AccountPage | None:
    account = connection.execute(select(accounts).where(accounts.c.number == number)).first()
    if account is None:
        return None
    bills = connection.execute(
        select(statements).where(statements.c.account == number).order_by(statements.c.issued.desc(), statements.c.number)
    ).all()
    entries = connection.execute(
        select(journal_lines, journal_entries.c.made_at, journal_entries.c.kind, journal_entries.c.payment)
        .join(journal_entries, journal_entries.c.number == journal_lines.c.entry)
        .where(journal_lines.c.account == number)
        .order_by(journal_lines.c.entry, journal_lines.c.position)
    ).all()
    return AccountPage(
        number=number,
        guarantor=account.guarantor_name,
        birth_date=account.guarantor_birth_date,
        balance=ledger.balance(connection, number, account.currency),
        statements=tuple((bill.number, bill.issued, ledger.due(connection, bill.number, account.currency)) for bill in bills),
        entries=tuple(entries),
        payments=tuple(payment_lines(connection, (payments.c.account == number) | payments.c.pid.in_(_of_parts(number)))),
    )


def statement_page(connection: Connection, number: str) -> Statement | None:
    if connection.scalar(select(statements.c.number).where(statements.c.number == number)) is None:
        return None
    return read(connection, number)


def payment_lines(connection: Connection, *where: ColumnElement[bool], page: int = 1) -> list[PaymentLine]:
    """Payments, newest first, PAGE of them; `page` counts from 1."""
    newest_first = _payments().where(*where).order_by(payments.c.received_at.desc(), payments.c.pid)
    return [_line(row) for row in connection.execute(newest_first.limit(PAGE).offset(PAGE * (page - 1)))]


def payments_named(connection: Connection, text: str) -> list[PaymentLine]:
    """Payments by what people have of them: short reference, whole receipt code or payment id, in any case, with hyphens and
    spaces or without. Only exact matches, PAGE at most; none where `text` is none of the three."""
    letters = "".join(text.replace("-", "").split()).upper()
    if len(letters) == 8:
        return payment_lines(connection, payments.c.reference == letters)
    try:
        pid = attempt_id_of(letters) if len(letters) == 26 else str(uuid.UUID(letters))
    except ValueError:
        return []
    return payment_lines(connection, payments.c.pid == pid)


def payment_page(connection: Connection, pid: str) -> PaymentPage | None:
    row = connection.execute(_payments().where(payments.c.pid == pid)).first()
    if row is None:
        return None
    told = connection.execute(
        select(records).where(records.c.pid == pid).order_by(records.c.received_at, records.c.epoch, records.c.seq)
    ).all()
    name = connection.scalar(select(kiosks.c.name).where(kiosks.c.id == row.kiosk))
    later = connection.execute(
        select(outcomes).where(outcomes.c.pid == pid).order_by(outcomes.c.made_at, outcomes.c.number)
    ).all()
    trusted = on_trust(row.state, row.approved_offline, row.bank_state) and not row.declined
    doubted = in_doubt(connection, pid) and not row.declined
    noted = connection.execute(
        select(tasks).where(tasks.c.pid == pid, tasks.c.note.is_not(None)).order_by(tasks.c.closed_at, tasks.c.number)
    ).all()
    of_it = select(payment_parts).where(payment_parts.c.pid == pid).order_by(payment_parts.c.position)
    bills = tuple(connection.execute(of_it))
    letters = tuple(connection.execute(select(receipts).where(receipts.c.pid == pid).order_by(receipts.c.channel)))
    return PaymentPage(_line(row), row, str(name), tuple(told), tuple(later), tuple(noted), trusted, doubted, bills, letters)


def _of_parts(account: str) -> Select[tuple[str]]:
    """The payments that are for `account` in part."""
    return select(payment_parts.c.pid).where(payment_parts.c.account == account)


def receipt_line(connection: Connection, pid: str) -> PaymentLine | None:
    """The payment behind a receipt's code."""
    row = connection.execute(_payments().where(payments.c.pid == pid)).first()
    return None if row is None else _line(row)


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(where)) or 0


def _payments() -> Any:
    declined = declined_as(payments.c.pid).label("declined")
    open_task = exists().where(tasks.c.pid == payments.c.pid, tasks.c.kind == "parked", tasks.c.closed_at.is_(None))
    noted = exists().where(tasks.c.pid == payments.c.pid, tasks.c.kind == "parked", tasks.c.note.is_not(None))
    by_hand = and_(noted, ~open_task).label("by_hand")
    in_doubt_now = tasks.c.pid == payments.c.pid, tasks.c.code == IN_DOUBT, tasks.c.closed_at.is_(None)
    doubted = exists().where(*in_doubt_now).label("doubted")
    bank = authorizations.c.state.label("bank_state"), authorizations.c.authorization.label("bank_code")
    joined = outerjoin(payments, journal_entries, journal_entries.c.payment == payments.c.pid)
    whole = joined.outerjoin(authorizations, authorizations.c.pid == payments.c.pid)
    return select(payments, journal_entries.c.number.label("entry"), declined, by_hand, doubted, *bank).select_from(whole)


def _line(row: Row[Any]) -> PaymentLine:
    return PaymentLine(
        pid=row.pid,
        reference=row.reference,
        settled_at=row.settled_at,
        amount=Money(row.minor, row.currency),
        state=Outcome(row.state),
        asked=not row.approved_offline,
        kiosk=row.kiosk,
        account=row.account,
        posting="" if row.entry is None else ledger.posting_id(row.entry),
        declined=row.declined,
        by_hand=row.by_hand,
        forwarded=row.bank_state == State.APPROVED,
        doubted=row.doubted,
    )

"""The audit: every record stands where its kiosk was told, every payment is where its record says, the books balance."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial

from sqlalchemy import Connection, func, select

from domain.payment import Outcome
from domain.progress import Rows, Told, nobody
from hub import ledger
from hub.gateway.authorizations import State
from hub.outcomes import records_now
from hub.schema import (
    accounts,
    authorizations,
    journal_entries,
    journal_lines,
    kiosks,
    outcomes,
    payment_parts,
    payments,
    records,
    statements,
    tasks,
)
from hub.statements import read
from hub.tasks import TaskKind
from offline_queue.wire.chain import FIRST_HASH, link_digest
from offline_queue.wire.messages import RecordStatus

_original, _reversal = journal_entries.alias(), journal_entries.alias()
_ENTERED = (
    select(_original.c.payment, _original.c.number, _reversal.c.number.label("reversal"))
    .outerjoin(_reversal, _reversal.c.reverses == _original.c.number)
    .where(_original.c.payment.is_not(None))
)
_here = (records.c.kiosk == outcomes.c.kiosk) & (records.c.epoch == outcomes.c.epoch) & (records.c.seq == outcomes.c.seq)
_TOLD = select(outcomes, records.c.pid.label("came")).outerjoin(records, _here).order_by(outcomes.c.kiosk, outcomes.c.number)
_REVERSED = select(_original.c.payment).join(_reversal, _reversal.c.reverses == _original.c.number).order_by(_reversal.c.number)
_moved = journal_entries.alias()
_MOVED_ON = select(_original.c.payment).join(_moved, _moved.c.authorizes == _original.c.number)
_card_lines = journal_lines.c.book.in_([ledger.Book.CARD_DEFERRED, ledger.Book.CARD_CLEARING])
_FORWARDED = (
    select(authorizations.c.pid, authorizations.c.state, journal_lines.c.book, _reversal.c.number)
    .join(_original, _original.c.payment == authorizations.c.pid)
    .join(journal_lines, (journal_lines.c.entry == _original.c.number) & _card_lines)
    .outerjoin(_reversal, _reversal.c.reverses == _original.c.number)
    .where(authorizations.c.deferred)
    .order_by(authorizations.c.pid)
)
_TAKEN_BACK = (
    select(authorizations.c.pid)
    .join(_original, _original.c.payment == authorizations.c.pid)
    .outerjoin(_reversal, _reversal.c.reverses == _original.c.number)
    .where(authorizations.c.state == State.VOIDED, _reversal.c.number.is_(None))
)
_STATEMENTS = (
    select(statements.c.number, accounts.c.currency)
    .join(accounts, accounts.c.number == statements.c.account)
    .order_by(statements.c.number)
)
_parted = select(payment_parts.c.pid)
_PARTS = select(payment_parts).where(payment_parts.c.pid.in_(select(_original.c.payment)))
_PARTS_ENTERED = (
    select(_original.c.payment, journal_lines.c.statement, journal_lines.c.minor)
    .join(journal_lines, journal_lines.c.entry == _original.c.number)
    .where(_original.c.payment.in_(_parted), journal_lines.c.statement.is_not(None))
)
_in_order = records.c.kiosk, records.c.epoch, records.c.seq
_HOW_MANY = select(func.count()).select_from(records)
_RECORDS = select(records).order_by(*_in_order)
_RECORDS_NOW = records_now().order_by(*_in_order)
_ASKED = select(tasks.c.pid).where(tasks.c.kind == TaskKind.DECLINED)
_SEEN_TO = select(tasks.c.pid).where(tasks.c.kind == TaskKind.PARKED, tasks.c.closed_at.is_(None) | tasks.c.note.is_not(None))
_DECLINED = select(outcomes.c.pid).where(outcomes.c.status == RecordStatus.DECLINED)
"""Made once: building a statement takes ten times as long as running it, and every backup asks."""


def first_difference(connection: Connection, told: Told = nobody) -> str | None:
    """The first thing that does not add up, in one sentence; None when everything does. `told` hears how many records were looked
    at: each is twice, in its chain and in the ledger."""
    rows = Rows(told, 2 * (connection.scalar(_HOW_MANY) or 0))
    chain_fault, record_fault = partial(_chain_fault, rows=rows), partial(_record_fault, rows=rows)
    of_payments = _reversal_fault, _authorization_fault, _payment_fault, _parts_fault, _statement_fault
    checks = (ledger.first_fault, chain_fault, _outcome_fault, record_fault, *of_payments)
    for check in checks:
        fault = check(connection)
        if fault is not None:
            return fault
    return None


def counts(connection: Connection) -> dict[str, int]:
    """How many records stand how, now."""
    now = records_now().subquery()
    rows = connection.execute(select(now.c.status_now, func.count().label("total")).group_by(now.c.status_now))
    found = {row.status_now: row.total for row in rows}
    return {status.value: found.get(status.value, 0) for status in RecordStatus}


def _chain_fault(connection: Connection, rows: Rows) -> str | None:
    """Each kiosk's records run from 1 without gaps, hash by hash, to the head that the hub tells it."""
    heads = {row.id: (row.epoch, row.head_seq, row.head_hash) for row in connection.execute(select(kiosks))}
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    for row in rows.each(connection.execute(_RECORDS)):
        seq, previous = ends.get((row.kiosk, row.epoch), (0, FIRST_HASH))
        if row.seq != seq + 1:
            return f"record {seq + 1} of {row.kiosk}, enrolment {row.epoch}, is missing"
        digest = row.digest or hashlib.sha256(row.sealed).digest()
        if row.hash != link_digest(previous, row.epoch, row.seq, row.pid, digest):
            return f"record {row.seq} of {row.kiosk}, enrolment {row.epoch}, is not the one that came"
        ends[row.kiosk, row.epoch] = (row.seq, row.hash)
    for kiosk, (epoch, seq, hash_) in heads.items():
        if ends.get((kiosk, epoch), (0, FIRST_HASH)) != (seq, hash_):
            return f"the last record of {kiosk} is not at its head"
    return None


def _outcome_fault(connection: Connection) -> str | None:
    """Each kiosk's outcomes run from 1 without gaps to the number that the hub tells it, and each is of a record that came."""
    news = {row.id: row.news for row in connection.execute(select(kiosks))}
    ends: dict[str, int] = {}
    for row in connection.execute(_TOLD):
        if row.number != ends.get(row.kiosk, 0) + 1:
            return f"outcome {ends.get(row.kiosk, 0) + 1} of {row.kiosk} is missing"
        if row.pid != row.came:
            return f"outcome {row.number} of {row.kiosk} is of a record that never came"
        ends[row.kiosk] = row.number
    for kiosk, number in news.items():
        if ends.get(kiosk, 0) != number:
            return f"the last outcome of {kiosk} is not the one that it is told of"
    return None


def _record_fault(connection: Connection, rows: Rows) -> str | None:
    """A record stands as its kiosk was told: posted under that id, declined with its posting reversed, parked with a task that is
    open, or that a person has closed with a note."""
    entered = {
        row.payment: (ledger.posting_id(row.number), "" if row.reversal is None else ledger.posting_id(row.reversal))
        for row in connection.execute(_ENTERED)
    }
    waiting = set(connection.scalars(_SEEN_TO))
    for row in rows.each(connection.execute(_RECORDS_NOW)):
        posted, reversed_as = entered.get(row.pid, ("", ""))
        if row.status == RecordStatus.POSTED and row.posting != posted:
            return f"payment {row.pid} is not posted as {row.posting}"
        if row.status_now == RecordStatus.POSTED and (reversed_as or row.posting_now != posted):
            return f"payment {row.pid} does not stand posted as {row.posting_now}"
        if row.status_now == RecordStatus.DECLINED and row.posting_now != reversed_as:
            return f"payment {row.pid} was declined, and not reversed as it was told"
        if row.status_now == RecordStatus.PARKED and row.pid not in waiting:
            return f"payment {row.pid} is parked, and no task says so"
    return None


def _reversal_fault(connection: Connection) -> str | None:
    """A payment that is reversed was declined, its kiosk knows, and somebody was asked to see to it."""
    asked = set(connection.scalars(_ASKED))
    told = set(connection.scalars(_DECLINED))
    for pid in connection.scalars(_REVERSED):
        if pid not in told:
            return f"payment {pid} is reversed, and its kiosk was never told"
        if pid not in asked:
            return f"payment {pid} is reversed, and nobody was asked to see to it"
    return None


def _authorization_fault(connection: Connection) -> str | None:
    """The bank's word on a captured payment is carried out: the money of what it approved is on its way, and only of that; what
    it declined does not stand, nor does what was voided at it."""
    moved = set(connection.scalars(_MOVED_ON))
    for pid, state, book, reversal in connection.execute(_FORWARDED):
        on_its_way = book == ledger.Book.CARD_CLEARING or pid in moved
        if on_its_way != (state == State.APPROVED):
            return f"payment {pid} is {state} at the bank, and its money is not where that says"
        if state == State.DECLINED and reversal is None:
            return f"payment {pid} was declined by the bank, and stands"
    voided = connection.scalar(_TAKEN_BACK)
    return None if voided is None else f"payment {voided} was voided at the bank, and stands"


def _payment_fault(connection: Connection) -> str | None:
    """A payment that moved money is in the ledger or has a parked record; one that did not is not in the ledger."""
    parked = select(records.c.pid).where(records.c.status == RecordStatus.PARKED)
    rows = connection.execute(
        select(payments.c.pid, payments.c.state, journal_entries.c.number, payments.c.pid.in_(parked).label("parked"))
        .outerjoin(journal_entries, journal_entries.c.payment == payments.c.pid)
        .order_by(payments.c.received_at, payments.c.pid)
    )
    for row in rows:
        moved = Outcome(row.state).money_moved
        if moved and row.number is None and not row.parked:
            return f"payment {row.pid} is neither posted nor parked"
        if not moved and row.number is not None:
            return f"payment {row.pid} is posted and was not approved"
    return None


def _parts_fault(connection: Connection) -> str | None:
    """A payment for several bills is in the ledger as its parts say: each bill got its own, and no other got anything."""
    told, entered = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in connection.execute(_PARTS):
        told[row.pid, row.statement] += row.minor
    for row in connection.execute(_PARTS_ENTERED):
        entered[row.payment, row.statement] -= row.minor
    for pid, statement in sorted(told.keys() | entered.keys()):
        if told[pid, statement] != entered[pid, statement]:
            return f"payment {pid} is not entered on statement {statement} as its parts say"
    return None


def _statement_fault(connection: Connection) -> str | None:
    """What a statement's lines say is due is what the ledger says."""
    for row in connection.execute(_STATEMENTS).all():
        if read(connection, row.number).due != ledger.due(connection, row.number, row.currency):
            return f"statement {row.number} does not agree with the ledger"
    return None

"""The audit: every record is posted, accepted or parked, once; every payment is where its record says; the books balance."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from domain.payment import Outcome
from hub import ledger
from hub.schema import accounts, journal_entries, kiosks, payments, records, statements
from hub.statements import read
from offline_queue.wire.chain import FIRST_HASH, link
from offline_queue.wire.messages import RecordStatus


def first_difference(connection: Connection) -> str | None:
    """The first thing that does not add up, in one sentence; None when everything does."""
    for check in (ledger.first_fault, _chain_fault, _record_fault, _payment_fault, _statement_fault):
        fault = check(connection)
        if fault is not None:
            return fault
    return None


def counts(connection: Connection) -> dict[str, int]:
    """How many records have each status."""
    rows = connection.execute(select(records.c.status, func.count().label("total")).group_by(records.c.status))
    found = {row.status: row.total for row in rows}
    return {status.value: found.get(status.value, 0) for status in RecordStatus if status is not RecordStatus.DECLINED}


def _chain_fault(connection: Connection) -> str | None:
    """Each kiosk's records run from 1 without gaps, hash by hash, to the head that the hub tells it."""
    heads = {row.id: (row.epoch, row.head_seq, row.head_hash) for row in connection.execute(select(kiosks))}
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    for row in connection.execute(select(records).order_by(records.c.kiosk, records.c.epoch, records.c.seq)):
        seq, previous = ends.get((row.kiosk, row.epoch), (0, FIRST_HASH))
        if row.seq != seq + 1:
            return f"record {seq + 1} of {row.kiosk}, enrolment {row.epoch}, is missing"
        if row.hash != link(previous, row.epoch, row.seq, row.pid, row.sealed):
            return f"record {row.seq} of {row.kiosk}, enrolment {row.epoch}, is not the one that came"
        ends[row.kiosk, row.epoch] = (row.seq, row.hash)
    for kiosk, (epoch, seq, hash_) in heads.items():
        if ends.get((kiosk, epoch), (0, FIRST_HASH)) != (seq, hash_):
            return f"the last record of {kiosk} is not at its head"
    return None


def _record_fault(connection: Connection) -> str | None:
    """A record answered as posted is posted, under the posting id that was told."""
    posted = connection.execute(select(records).where(records.c.status == RecordStatus.POSTED).order_by(records.c.seq))
    for row in posted:
        if ledger.posting_of_payment(connection, row.pid) != row.posting:
            return f"payment {row.pid} is not posted as {row.posting}"
    return None


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


def _statement_fault(connection: Connection) -> str | None:
    """What a statement's lines say is due is what the ledger says."""
    rows = connection.execute(
        select(statements.c.number, accounts.c.currency)
        .join(accounts, accounts.c.number == statements.c.account)
        .order_by(statements.c.number)
    ).all()
    for row in rows:
        if read(connection, row.number).due != ledger.due(connection, row.number, row.currency):
            return f"statement {row.number} does not agree with the ledger"
    return None

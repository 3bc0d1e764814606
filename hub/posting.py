"""One record and what becomes of it: opened, judged, kept as a payment, posted. Nothing that an authentic kiosk sends can
block its queue: what cannot be posted is parked with a code and waits for a person (law 6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from domain.money import Money, MoneyError
from domain.payment import Outcome, receipt_code
from domain.statement_codes import StatementRef
from hub import ledger
from hub.keys import Keys
from hub.outcomes import decline_of
from hub.schema import payments
from hub.statements import StatementRow, find
from offline_queue.wire.messages import PaymentRecord, RecordStatus, SealedRecord
from offline_queue.wire.sealing import context, unseal

_KNOWN = select(payments).where(payments.c.pid == bindparam("of"))
_ADD = insert(payments)
"""Made once: building a statement takes ten times as long as running it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the world: who sent it, in which enrolment, when it came."""

    kiosk: str
    epoch: int
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """`posting` is set when POSTED, `code` when PARKED; `outcome` is None when the record could not be read. `declined` is why
    the bank has declined this payment meanwhile, None when it has not."""

    status: RecordStatus
    posting: str = ""
    code: str = ""
    outcome: Outcome | None = None
    declined: str | None = None


class Unreadable(Exception):
    """A record whose plain text we do not have. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def judge(connection: Connection, keys: Keys, place: Place, sealed: SealedRecord, raw: bytes) -> Judgement:
    """Opens one record, new to the hub, and carries it out: POSTED, ACCEPTED or PARKED. `raw` is its sealed bytes."""
    try:
        record = _opened(keys, place, sealed, raw)
    except Unreadable as error:
        return Judgement(RecordStatus.PARKED, code=error.code)
    known = connection.execute(_KNOWN, {"of": record.pid}).first()
    if known is not None and not _same_payment(known, place, record):
        return Judgement(RecordStatus.PARKED, code="payment-differs", outcome=record.outcome)
    if known is not None and known.state != Outcome.UNKNOWN:
        return _told_before(connection, known, record, carried=sealed.origin is not None)
    return _carry_out(connection, place, record, known is None)


def judge_again(connection: Connection, keys: Keys, place: Place, sealed: SealedRecord, raw: bytes) -> Judgement:
    """Judges a parked record once more, with the keys and statements of now. A payment that it told of may have found its account
    since; an unknown one may have ended by another record."""
    verdict = judge(connection, keys, place, sealed, raw)
    if verdict.code == "already-settled" and verdict.outcome is Outcome.UNKNOWN:
        return Judgement(RecordStatus.ACCEPTED, outcome=verdict.outcome)
    if verdict.code != "already-parked" or verdict.declined is not None:
        return verdict
    record = _opened(keys, place, sealed, raw)
    row = find(connection, StatementRef(record.ref.kind, record.ref.value))
    fault = _fault(connection, row, record)
    if fault or row is None:
        return Judgement(RecordStatus.PARKED, code=fault, outcome=record.outcome)
    home = {"account": row.account, "statement": row.number}
    connection.execute(update(payments).where(payments.c.pid == record.pid).values(**home))
    return _posted(connection, place, record, row)


def _opened(keys: Keys, place: Place, sealed: SealedRecord, raw: bytes) -> PaymentRecord:
    key = keys.sealing.get(sealed.kid)
    if key is None:
        raise Unreadable("unknown-key")
    epoch, seq = (sealed.origin.epoch, sealed.origin.seq) if sealed.origin else (place.epoch, sealed.seq)
    try:
        plain = unseal(raw, key, context(place.kiosk, epoch, seq, sealed.pid, sealed.kid))
        record = PaymentRecord.model_validate_json(plain)
    except InvalidTag as error:
        raise Unreadable("not-opened") from error
    except ValidationError as error:
        raise Unreadable("not-a-record") from error
    if record.pid != sealed.pid:
        raise Unreadable("pid-differs")
    return record


def _same_payment(known: Row[Any], place: Place, record: PaymentRecord) -> bool:
    """A payment belongs to the kiosk that opened it, and its amount does not change: not even its own kiosk may say so."""
    return (known.kiosk, known.minor, known.currency) == (place.kiosk, record.minor, record.currency)


def _told_before(connection: Connection, known: Row[Any], record: PaymentRecord, *, carried: bool) -> Judgement:
    """A settled payment told again, as after a new enrolment: the same word gets the same answer, another word a person. But
    what is carried begins with how it began: an unknown that has ended since."""
    if carried and record.outcome is Outcome.UNKNOWN:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    if known.state != record.outcome:
        return Judgement(RecordStatus.PARKED, code="already-settled", outcome=record.outcome)
    if not record.outcome.money_moved:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    posting, declined = ledger.posting_of_payment(connection, record.pid), decline_of(connection, record.pid)
    if posting is None:
        return Judgement(RecordStatus.PARKED, code="already-parked", outcome=record.outcome, declined=declined)
    return Judgement(RecordStatus.POSTED, posting=posting, outcome=record.outcome, declined=declined)


def _carry_out(connection: Connection, place: Place, record: PaymentRecord, new: bool) -> Judgement:
    row = find(connection, StatementRef(record.ref.kind, record.ref.value))
    fault = _fault(connection, row, record)
    home = {"account": row.account, "statement": row.number} if row is not None and not fault else {}
    _keep(connection, place, record, new, home)
    if record.outcome in (Outcome.DECLINED, Outcome.CANCELLED):
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    if fault or row is None:
        return Judgement(RecordStatus.PARKED, code=fault, outcome=record.outcome)
    if record.outcome is Outcome.UNKNOWN:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    return _posted(connection, place, record, row)


def _posted(connection: Connection, place: Place, record: PaymentRecord, row: StatementRow) -> Judgement:
    posting = ledger.post_payment(
        connection,
        record.pid,
        row.account,
        row.number,
        Money(record.minor, record.currency),
        deferred=record.outcome is Outcome.CAPTURED,
        now=place.now,
    )
    return Judgement(RecordStatus.POSTED, posting=posting, outcome=record.outcome)


def _fault(connection: Connection, row: StatementRow | None, record: PaymentRecord) -> str:
    """Why this payment has no place in the books, "" when it has one."""
    if row is None:
        return "unknown-statement"
    if record.account not in ("", row.account):
        return "account-differs"
    if record.currency != row.currency:
        return "wrong-currency"
    if row.closed:
        return "account-closed"
    try:
        amount = Money(record.minor, record.currency)
        ledger.balance(connection, row.account, row.currency) - amount
        ledger.due(connection, row.number, row.currency) - amount
    except MoneyError:
        return "amount-out-of-range"
    return ""


def _keep(connection: Connection, place: Place, record: PaymentRecord, new: bool, home: dict[str, str]) -> None:
    said = record.model_dump(
        include={
            "tender", "brand", "last4", "terminal_id", "receipt", "trace", "authorization", "reason", "offline",
            "approved_offline", "settled_at",
        }
    )  # fmt: skip
    if new:
        fixed = record.model_dump(include={"pid", "minor", "currency", "opened_at"})
        fixed["reference"] = receipt_code(record.pid)[-8:]
        connection.execute(
            _ADD, {**fixed, **said, **home, "kiosk": place.kiosk, "state": record.outcome, "received_at": place.now}
        )
    else:
        del said["tender"]
        connection.execute(update(payments).where(payments.c.pid == record.pid).values(**said, **home, state=record.outcome))

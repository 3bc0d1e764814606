"""Records and what becomes of them: opened, judged, kept as payments, posted. Nothing that an authentic kiosk sends can
block its queue: what cannot be posted is parked with a code and waits for a person (law 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from domain.money import Money, MoneyError
from domain.payment import IN_DOUBT, Outcome, receipt_code
from domain.statement_codes import StatementRef
from hub import ledger
from hub.gateway.authorizations import State, begin
from hub.keys import Keys
from hub.outcomes import decline_of
from hub.parts import keep_parts, part_ref, part_rows
from hub.schema import accounts, authorizations, held_accounts, journal_entries, payments
from hub.statements import StatementRow, find
from hub.unsealing import opened
from offline_queue.wire.messages import PaymentRecord, RecordStatus, SealedRecord

_KNOWN = (
    select(payments.c.pid, payments.c.kiosk, payments.c.minor, payments.c.currency, payments.c.state, journal_entries.c.number)
    .outerjoin(journal_entries, journal_entries.c.payment == payments.c.pid)
    .where(payments.c.pid.in_(bindparam("pids", expanding=True)))
)
_ASKED = select(authorizations).where(authorizations.c.pid.in_(bindparam("pids", expanding=True)))
_ADD = insert(payments)
"""Made once: building a statement takes ten times as long as running it."""

_FIXED = {"pid", "tender", "minor", "currency", "opened_at"}
_SAID = {
    "brand", "last4", "terminal_id", "receipt", "trace", "authorization", "reason", "offline", "approved_offline", "settled_at",
}  # fmt: skip
"""What every record of a payment says again, and what the newest says of how it ended."""

DIFFERS = "authorization-differs"
"""The bank was asked about this payment by another kiosk, or of another amount."""


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


@dataclass(slots=True)
class _Known:
    """A payment as it stands: whose it is, how much, how it ended, and its posting, "" while there is none."""

    kiosk: str
    minor: int
    currency: str
    state: str
    posting: str = ""


class _Work:
    """What some records touch, read at once; what comes of them, written at once by `write`. In between it is carried on in
    memory, so that each record finds what those before it did: many come to the same as one after another."""

    def __init__(self, connection: Connection, place: Place, told: Sequence[PaymentRecord]) -> None:
        self.connection = connection
        self.place = place
        pids = {"pids": [each.pid for each in told]}
        self.asked = {row.pid: row for row in connection.execute(_ASKED, pids)}
        """What the hub's gateway was asked about them."""
        self.known = {
            pid: _Known(kiosk, minor, currency, state, "" if number is None else ledger.posting_id(number))
            for pid, kiosk, minor, currency, state, number in connection.execute(_KNOWN, pids)
        }
        self.bills = find(connection, {ref for record in told for ref in _refs(record)})
        self.books = ledger.Books(connection, place.now, {bill.account for bill in self.bills.values()})
        self.new: dict[str, dict[str, Any]] = {}
        """The rows of payments that were not known before, by pid."""
        self.parts: dict[str, list[dict[str, Any]]] = {}
        """The rows of the parts of payments that have some, by pid."""

    def home(self, record: PaymentRecord) -> _Home | str:
        """Where `record` belongs in the books, or why nowhere."""
        return _doubt(self, record) or _home(self, record)

    def write(self) -> None:
        if self.new:
            self.connection.execute(_ADD, list(self.new.values()))
        keep_parts(self.connection, self.parts)
        self.books.write()


@dataclass(frozen=True, slots=True)
class _Home:
    """The account and statement that a payment is called by, and all that it pays."""

    shares: tuple[ledger.Share, ...]
    parts: list[dict[str, Any]]

    @property
    def row(self) -> dict[str, str]:
        return {"account": self.shares[0].account, "statement": self.shares[0].statement}


def judge(connection: Connection, keys: Keys, place: Place, new: Sequence[tuple[SealedRecord, bytes]]) -> list[Judgement]:
    """Opens records that are new to the hub, each with its sealed bytes, and carries them out in their order."""
    opened = [_opened(keys, place, sealed, raw) for sealed, raw in new]
    work = _Work(connection, place, [record for record in opened if isinstance(record, PaymentRecord)])
    verdicts = [
        record if isinstance(record, Judgement) else _judged(work, record, carried=sealed.origin is not None)
        for record, (sealed, _) in zip(opened, new, strict=True)
    ]
    work.write()
    return verdicts


def judge_again(connection: Connection, keys: Keys, place: Place, sealed: SealedRecord, raw: bytes) -> Judgement:
    """Judges a parked record once more, with the keys and statements of now. A payment that it told of may have found its account
    since; an unknown one may have ended by another record."""
    record = _opened(keys, place, sealed, raw)
    if isinstance(record, Judgement):
        return record
    work = _Work(connection, place, [record])
    verdict = _judged(work, record, carried=sealed.origin is not None)
    if verdict.code == "already-settled" and verdict.outcome is Outcome.UNKNOWN:
        verdict = Judgement(RecordStatus.ACCEPTED, outcome=verdict.outcome)
    if verdict.code == "already-parked" and verdict.declined is None:
        verdict = _posted_after_all(work, record)
    work.write()
    return verdict


def _posted_after_all(work: _Work, record: PaymentRecord) -> Judgement:
    home = work.home(record)
    if isinstance(home, str):
        return Judgement(RecordStatus.PARKED, code=home, outcome=record.outcome)
    work.connection.execute(update(payments).where(payments.c.pid == record.pid).values(**home.row))
    work.parts[record.pid] = home.parts
    return _posted(work, record, home)


def _opened(keys: Keys, place: Place, sealed: SealedRecord, raw: bytes) -> PaymentRecord | Judgement:
    """The plain text of a record; PARKED where we do not have it."""
    epoch, seq = (sealed.origin.epoch, sealed.origin.seq) if sealed.origin else (place.epoch, sealed.seq)
    record = opened(keys, place.kiosk, epoch, seq, sealed.pid, sealed.kid, raw)
    return record if isinstance(record, PaymentRecord) else Judgement(RecordStatus.PARKED, code=record)


def _refs(record: PaymentRecord) -> list[StatementRef]:
    """What names the bill, or each of the bills, that `record` pays."""
    return [part_ref(part) for part in record.parts] or [StatementRef(record.ref.kind, record.ref.value)]


def _judged(work: _Work, record: PaymentRecord, *, carried: bool) -> Judgement:
    known = work.known.get(record.pid)
    if known is not None and not _same_payment(known, work.place, record):
        return Judgement(RecordStatus.PARKED, code="payment-differs", outcome=record.outcome)
    if known is not None and known.state != Outcome.UNKNOWN:
        return _told_before(work.connection, known, record, carried=carried)
    return _carry_out(work, record)


def _same_payment(known: _Known, place: Place, record: PaymentRecord) -> bool:
    """A payment belongs to the kiosk that opened it, and its amount does not change: not even its own kiosk may say so."""
    return (known.kiosk, known.minor, known.currency) == (place.kiosk, record.minor, record.currency)


def _told_before(connection: Connection, known: _Known, record: PaymentRecord, *, carried: bool) -> Judgement:
    """A settled payment told again, as after a new enrolment: the same word gets the same answer, another word a person. But
    what is carried begins with how it began: an unknown that has ended since. An approval that its terminal went against is a
    person's, however often it is told."""
    if (known.state, record.outcome, record.reason) == (Outcome.APPROVED, Outcome.UNKNOWN, IN_DOUBT):
        return Judgement(RecordStatus.PARKED, code=IN_DOUBT, outcome=record.outcome, declined=decline_of(connection, record.pid))
    if carried and record.outcome is Outcome.UNKNOWN:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    if known.state != record.outcome:
        return Judgement(RecordStatus.PARKED, code="already-settled", outcome=record.outcome)
    if not record.outcome.money_moved:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    declined = decline_of(connection, record.pid)
    if not known.posting:
        return Judgement(RecordStatus.PARKED, code="already-parked", outcome=record.outcome, declined=declined)
    return Judgement(RecordStatus.POSTED, posting=known.posting, outcome=record.outcome, declined=declined)


def _carry_out(work: _Work, record: PaymentRecord) -> Judgement:
    home = work.home(record)
    row = {} if isinstance(home, str) else home.row
    heard_of = record.pid in work.known or record.pid in work.asked
    _keep(work, record, row)
    if isinstance(home, str):
        _keep_faulty_parts(work, record, home)
        _hold(work, record)
    elif home.parts or heard_of:
        work.parts[record.pid] = home.parts
    if record.card_data is not None and record.pid not in work.asked:
        _defer(work, record, row.get("account"))
    if record.outcome in (Outcome.DECLINED, Outcome.CANCELLED):
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    if isinstance(home, str):
        return Judgement(RecordStatus.PARKED, code=home, outcome=record.outcome)
    if record.outcome is Outcome.UNKNOWN:
        return Judgement(RecordStatus.ACCEPTED, outcome=record.outcome)
    return _posted(work, record, home)


def _keep_faulty_parts(work: _Work, record: PaymentRecord, fault: str) -> None:
    """One part without a place keeps the payment out of the books, and what is known of the others is shown. What the bank was
    asked about by another, or of another amount, says nothing of the accounts that the bank's question holds."""
    rows = part_rows(record.pid, record.parts, work.bills)
    if rows and fault != DIFFERS:
        work.parts[record.pid] = rows


def _hold(work: _Work, record: PaymentRecord) -> None:
    """Whose an unknown payment is, is not known either: it holds each account that it may be for (law 3), those of its bills and
    those that it names. Another word adds to them and frees none; they are free once its end is known."""
    if record.outcome is not Outcome.UNKNOWN:
        return
    named = {part.account for part in record.parts} | {record.account}
    bills = {bill.account for ref in _refs(record) if (bill := work.bills.get(ref)) is not None}
    may_be = set(work.connection.scalars(select(accounts.c.number).where(accounts.c.number.in_(named | bills))))
    held = select(held_accounts.c.account).where(held_accounts.c.pid == record.pid)
    new = [{"pid": record.pid, "account": account} for account in sorted(may_be - set(work.connection.scalars(held)))]
    if new:
        work.connection.execute(insert(held_accounts), new)


def _defer(work: _Work, record: PaymentRecord, account: str | None) -> None:
    """A captured card: the hub asks the bank as soon as it can (hub/gateway/deferred.py), whether or not there is an account."""
    about = record.pid, work.place.kiosk, State.WAITING, work.place.now
    amount = Money(record.minor, record.currency)
    work.asked[record.pid] = begin(work.connection, *about, account=account, amount=amount, deferred=True)


def _posted(work: _Work, record: PaymentRecord, home: _Home) -> Judgement:
    asked = work.asked.get(record.pid)
    approved = asked is not None and asked.state == State.APPROVED
    deferred = record.outcome is Outcome.CAPTURED and not approved
    posting = work.books.post_payment(record.pid, home.shares, deferred=deferred)
    work.known[record.pid].posting = posting
    return Judgement(RecordStatus.POSTED, posting=posting, outcome=record.outcome)


def _home(work: _Work, record: PaymentRecord) -> _Home | str:
    """All parts of a payment go into the books, or none does: it waits for a person as one."""
    told = [(part.account, part.minor) for part in record.parts] or [(record.account, record.minor)]
    shares = list[ledger.Share]()
    for ref, (account, minor) in zip(_refs(record), told, strict=True):
        bill = work.bills.get(ref)
        fault = _fault(work, bill, account, record)
        if fault or bill is None:
            return fault
        shares.append(ledger.Share(bill.account, bill.number, Money(minor, record.currency)))
    return _Home(tuple(shares), part_rows(record.pid, record.parts, work.bills))


def _fault(work: _Work, bill: StatementRow | None, account: str, record: PaymentRecord) -> str:
    """Why this payment, or its part on `account` as it is told, has no place in the books, "" when it has one."""
    if bill is None:
        return "unknown-statement"
    if account not in ("", bill.account):
        return "account-differs"
    if record.currency != bill.currency:
        return "wrong-currency"
    if bill.closed:
        return "account-closed"
    try:
        amount = Money(record.minor, record.currency)
        work.books.balance(bill.account, bill.currency) - amount
        work.books.due(bill.number, bill.currency) - amount
    except MoneyError:
        return "amount-out-of-range"
    return ""


def _doubt(work: _Work, record: PaymentRecord) -> str:
    """Why what `record` says of the bank is not what this hub's gateway has heard from it, "" where it is, or where the bank was
    asked by a terminal of its own."""
    asked = work.asked.get(record.pid)
    if asked is None:
        return "not-authorised" if record.hub_authorised and record.outcome is Outcome.APPROVED else ""
    amount = asked.minor is None or (asked.minor, asked.currency) == (record.minor, record.currency)
    if asked.kiosk != work.place.kiosk or not amount:
        return DIFFERS
    right = {Outcome.APPROVED: asked.state == State.APPROVED and not asked.deferred, Outcome.CAPTURED: asked.deferred}
    return "" if right.get(record.outcome, True) else f"authorization-{asked.state}"


def _keep(work: _Work, record: PaymentRecord, home: dict[str, str]) -> None:
    """The payment as `record` tells it: a new one, or an unknown one that has ended."""
    said = {**record.model_dump(include=_SAID), **home, "state": record.outcome}
    known = work.known.get(record.pid)
    if known is None:
        work.known[record.pid] = _Known(work.place.kiosk, record.minor, record.currency, record.outcome)
        fixed = record.model_dump(include=_FIXED)
        of_hub = {"reference": receipt_code(record.pid)[-8:], "kiosk": work.place.kiosk, "received_at": work.place.now}
        work.new[record.pid] = {"account": None, "statement": None, **fixed, **said, **of_hub}
        return
    known.state = record.outcome
    if record.pid in work.new:
        work.new[record.pid].update(said)
    else:
        work.connection.execute(update(payments).where(payments.c.pid == record.pid).values(**said))

"""Attempts in the database: opened before the terminal hears of them, settled once, and found again after a crash.

A statement's reference, its number and the account are kept while an attempt's end is not known, and forgotten in the
transaction that settles it: from then on only the hub can read whose bill it was (laws 9 and 10).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from domain.limits import Limits, Standing, breach
from domain.money import Money
from domain.payment import COMMIT_FAILED, IN_DOUBT, Attempt, Card, Mark, Outcome, Part, Result, Tender, receipt_code
from domain.statement_codes import RefKind, StatementRef
from offline_queue import outbox
from offline_queue.allowance import allowed
from offline_queue.errors import AccountBlocked, AttemptClosed, LimitReached, ResultContradicted
from offline_queue.identity import Identity
from offline_queue.seals import Seals
from offline_queue.sqlcipher import Connection
from offline_queue.stamps import read_stamp, stamp


class State(StrEnum):
    """Where an attempt is: the five outcomes, and before them OPEN or NOT_STARTED (no money can have moved)."""

    OPEN = "open"
    NOT_STARTED = "not-started"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    CAPTURED = "captured"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """What the journal knows of an attempt. `result` is None while it is open and when it was not started; its `slip` is never
    kept. `fault` says why it was not started. Once settled, `attempt` has an empty account, statement and reference, no parts."""

    attempt: Attempt
    state: State
    result: Result | None
    fault: str


_COLUMNS = """id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline, newest_receipt, newest_trace,
    opened_at, taken, brand, last4, receipt, trace, terminal_id, authorization, approved_offline, reason, parts"""


def find(connection: Connection, attempt_id: str) -> Found | None:
    """What is known of this attempt, None when it was never opened."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM attempts WHERE id = ?", (attempt_id,)).fetchone()
    return _found(row) if row else None


def unresolved(connection: Connection) -> tuple[Attempt, ...]:
    """Attempts whose end is not known, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM attempts WHERE state IN ('open', 'unknown') ORDER BY number")
    return tuple(_found(row).attempt for row in rows.fetchall())


def to_inquire(connection: Connection) -> Found | None:
    """The newest attempt of all, while its end is not known: the only one that the terminal may still be asked about.

    About an older one it was asked before a newer began, and what it now says last is a newer one's, however equal the amounts.
    """
    row = connection.execute(f"SELECT {_COLUMNS} FROM attempts ORDER BY number DESC LIMIT 1").fetchone()
    newest = _found(row) if row else None
    return newest if newest and newest.state in (State.OPEN, State.UNKNOWN) else None


NUMBERS = 10_000
"""Receipt numbers have four digits and start again."""


def taken_under(connection: Connection, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]:
    """How many approvals of that terminal have one of the receipt numbers from the first to the last of `receipts`, and what
    they come to. Of the newest attempts only, half as many as there are numbers: none is counted whose number has come again."""
    first, last = receipts
    count, minor = connection.execute(
        """SELECT count(*), coalesce(sum(taken), 0) FROM attempts
        WHERE number > (SELECT max(number) FROM attempts) - :half
            AND state = 'approved' AND currency = :currency AND terminal_id = :terminal
            AND (receipt - :first + :numbers) % :numbers <= (:last - :first + :numbers) % :numbers""",
        {
            "half": NUMBERS // 2,
            "currency": currency,
            "terminal": terminal_id,
            "first": first,
            "last": last,
            "numbers": NUMBERS,
        },
    ).fetchone()
    return count, Money(minor, currency)


def _found(row: tuple[Any, ...]) -> Found:
    currency, state = row[7], State(row[1])
    attempt = Attempt(
        id=row[0],
        ref=StatementRef(RefKind(row[2]), row[3]),
        statement=row[4],
        account=row[5],
        amount=Money(row[6], currency),
        tender=Tender(row[8]),
        offline=bool(row[9]),
        newest=None if row[10] is None else Mark(receipt=row[10], trace=row[11]),
        opened_at=read_stamp(row[12]),
        parts=_read_parts(row[22], currency),
    )
    if state in (State.OPEN, State.NOT_STARTED):
        return Found(attempt, state, None, fault=row[21])
    result = Result(
        outcome=Outcome(state.value),
        amount=Money(row[13] or 0, currency),
        card=Card(row[14], row[15]),
        receipt=row[16],
        trace=row[17],
        terminal_id=row[18],
        authorization=row[19],
        approved_offline=bool(row[20]),
        reason=row[21],
    )
    return Found(attempt, state, result, fault="")


def _parts(attempt: Attempt) -> str:
    """What is kept of an attempt's parts; empty where it has none."""
    told = [[part.statement, part.account, part.visit, part.amount.minor] for part in attempt.parts]
    return json.dumps(told, separators=(",", ":")) if told else ""


def _read_parts(kept: str, currency: str) -> tuple[Part, ...]:
    told = json.loads(kept) if kept else []
    return tuple(Part(statement, account, visit, Money(minor, currency)) for statement, account, visit, minor in told)


def open_attempt(connection: Connection, attempt: Attempt, limits: Limits | None, now: dt.datetime) -> bool:
    """Keeps `attempt` as open. The same one again is no second attempt: False then, nothing was written.

    Raises AttemptClosed, AccountBlocked, LimitReached.
    """
    before = find(connection, attempt.id)
    if before is not None:
        if before.state is not State.OPEN:
            raise AttemptClosed(before.state)
        if before.attempt != attempt:
            raise ValueError("one attempt id, two attempts")
        return False
    outbox.check_sealable(attempt, now)
    if _may_be_unresolved(connection, attempt):
        raise AccountBlocked
    if limits is not None:
        broken = breach(allowed(connection, limits), standing(connection, attempt.amount.currency), attempt.amount, now)
        if broken is not None:
            raise LimitReached(broken)
    connection.execute(
        """INSERT INTO attempts (id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline,
        newest_receipt, newest_trace, opened_at, parts) VALUES (?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            attempt.id,
            attempt.ref.kind,
            attempt.ref.value,
            attempt.statement,
            attempt.account,
            attempt.amount.minor,
            attempt.amount.currency,
            attempt.tender,
            attempt.offline,
            attempt.newest.receipt if attempt.newest else None,
            attempt.newest.trace if attempt.newest else None,
            stamp(attempt.opened_at),
            _parts(attempt),
        ),
    )
    return True


def _may_be_unresolved(connection: Connection, attempt: Attempt) -> bool:
    """Whether an attempt whose end is not known is for the same bill or account as `attempt`, or may be; of several bills, any.

    One bill goes by three names: what was scanned or typed, the number printed on it, and its account. Any one in common is
    enough. Where the two have neither number nor account to compare, as with a link read while the hub was away, nobody here
    can tell whether they are the same bill, and "do not pay again" (law 3) weighs more than one payment that has to wait.
    """
    return any(_may_be_one_bill(attempt, other) for other in unresolved(connection))


def _may_be_one_bill(attempt: Attempt, other: Attempt) -> bool:
    (statements, accounts), (others, of_others) = _names(attempt), _names(other)
    comparable = bool((statements and others) or (accounts and of_others))
    return attempt.ref == other.ref or bool(statements & others or accounts & of_others) or not comparable


def _names(attempt: Attempt) -> tuple[set[str], set[str]]:
    """The statements and the accounts that an attempt is for, as far as they are known."""
    parts = attempt.parts
    statements, accounts = {attempt.statement, *(part.statement for part in parts)}, {part.account for part in parts}
    return statements - {""}, (accounts | {attempt.account}) - {""}


def settle(connection: Connection, identity: Identity, seals: Seals, attempt_id: str, result: Result, now: dt.datetime) -> None:
    """Keeps `result` and queues what the hub must know of it. The same word again changes nothing.

    UNKNOWN may become known. An approval may come into doubt (IN_DOUBT): it stays approved, and the hub gets both words. Any
    other second word raises ResultContradicted.
    """
    found = find(connection, attempt_id)
    if found is None:
        raise LookupError("no such attempt")
    moved, unknown = result.outcome.money_moved, result.outcome is Outcome.UNKNOWN
    if moved and not (result.amount.minor > 0 and result.amount.currency == found.attempt.amount.currency):
        raise ValueError("money moved, but no amount of this currency")
    if agrees(found, result):
        return
    if found.state is State.APPROVED and unknown and result.reason in (IN_DOUBT, COMMIT_FAILED):
        _doubt(connection, identity, seals, found.attempt, result, now)
        return
    if found.state not in (State.OPEN, State.UNKNOWN):
        raise ResultContradicted(f"{attempt_id} {found.state} {result.outcome}")
    connection.execute(
        """UPDATE attempts SET state = ?, taken = ?, brand = ?, last4 = ?, receipt = ?, trace = ?, terminal_id = ?,
        authorization = ?, approved_offline = ?, reason = ?, settled_at = ?, ref_value = ?, statement = ?, account = ?, parts = ?
        WHERE id = ?""",
        (
            result.outcome,
            result.amount.minor if moved else None,
            result.card.brand,
            result.card.last4,
            result.receipt,
            result.trace,
            result.terminal_id,
            result.authorization,
            result.approved_offline,
            result.reason,
            stamp(now),
            found.attempt.ref.value if unknown else "",
            found.attempt.statement if unknown else "",
            found.attempt.account if unknown else "",
            _parts(found.attempt) if unknown else "",
            attempt_id,
        ),
    )
    if moved or unknown or found.state is State.UNKNOWN:
        outbox.append(connection, identity, seals, outbox.record(found.attempt, result, now))


def _doubt(connection: Connection, identity: Identity, seals: Seals, attempt: Attempt, result: Result, now: dt.datetime) -> None:
    """The bill is forgotten by now: the record names it by the payment, which the hub has from the record before."""
    connection.execute("UPDATE attempts SET reason = ? WHERE id = ?", (IN_DOUBT, attempt.id))
    result = replace(result, reason=IN_DOUBT)
    named = replace(attempt, ref=StatementRef(attempt.ref.kind, receipt_code(attempt.id)))
    outbox.append(connection, identity, seals, outbox.record(named, result, now))


def agrees(found: Found, result: Result) -> bool:
    """Whether what is kept already says what `result` says of the money: the same outcome, the same amount. To an approval in
    doubt any word that nothing was taken adds nothing: a person compares already."""
    kept = found.result
    if kept is None:
        return False
    if kept.outcome is not result.outcome:
        return kept.reason == IN_DOUBT and not result.outcome.money_moved
    return not result.outcome.money_moved or kept.amount == result.amount


def not_started(connection: Connection, attempt_id: str, fault: str, now: dt.datetime) -> None:
    """Closes an attempt of which the terminal never heard. Raises ResultContradicted when it has an outcome."""
    found = find(connection, attempt_id)
    if found is None:
        raise LookupError("no such attempt")
    if found.state is State.NOT_STARTED:
        return
    if found.state is not State.OPEN:
        raise ResultContradicted(f"{attempt_id} {found.state} not-started")
    connection.execute(
        """UPDATE attempts SET state = 'not-started', reason = ?, settled_at = ?, ref_value = '', statement = '',
        account = '', parts = '' WHERE id = ?""",
        (fault, stamp(now), attempt_id),
    )


def standing(connection: Connection, currency: str) -> Standing:
    """What may have moved money and is not known to be at the hub: open attempts, and queued records of an attempt that has
    not ended without money. The total is of `currency`; count and oldest are of all.

    (The inner query names two states and then one of them because only so SQLite takes the small index of unresolved attempts.)
    """
    total, count, oldest = connection.execute(
        """SELECT coalesce(sum(CASE WHEN currency = ? THEN coalesce(taken, minor) END), 0), count(*), min(opened_at)
        FROM attempts WHERE state IN ('open', 'unknown', 'approved', 'captured') AND id IN (
            SELECT id FROM attempts WHERE state IN ('open', 'unknown') AND state = 'open'
            UNION SELECT attempt FROM waiting)""",
        (currency,),
    ).fetchone()
    return Standing(Money(total, currency), count, read_stamp(oldest) if oldest else None)

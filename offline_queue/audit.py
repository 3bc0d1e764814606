"""The audit: that nothing is lost and nothing is there twice, proved from the kiosk's own file alone.

What it can prove: every attempt that took money, or may have, has the one record that the hub must get, and no other; every
record's hash follows from the one before; what was carried into a later enrolment is there once; and limits are checked against
what these rows come to. What it cannot: the kiosk holds no key to what it has sealed, so that the sum inside a record is compared
at the hub. Of a record whose payload is forgotten (the hub holds it durably) only the stored hash is left. The next kept record
follows from it, so it cannot be changed unseen; where a whole run is forgotten, the last of the run is what is proved.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.money import Money
from domain.payment import receipt_code
from domain.progress import Rows, Told, nobody
from offline_queue import attempts
from offline_queue.sqlcipher import Connection
from offline_queue.stamps import stamp
from offline_queue.wire import chain

OPEN_AT_MOST = dt.timedelta(hours=1)
"""No sale takes longer, the terminal's silence and the asking after it included: one that is open longer needs a person."""


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the payments: how many, and what they come to by currency."""

    count: int
    sums: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """`difference` is the first thing that does not add up, in one sentence without its full stop, None when all does.

    `approvals` are the payments that took money, `shares` the same by where their record is: queued, accepted, posted, parked,
    declined. `records` counts all records, `forgotten` those of which only the hash is left, `unknown` the payments whose end
    is still being asked after. `heads` is the last record of each enrolment that the hub has taken: epoch, seq, hash.
    """

    difference: str | None
    approvals: Share
    shares: dict[str, Share]
    records: int
    forgotten: int
    unknown: int
    heads: tuple[tuple[int, int, str], ...]


SHARES = ("queued", "accepted", "posted", "parked", "declined")


def audit(connection: Connection, now: dt.datetime, told: Told = nobody) -> Audit:
    """Looks at everything; `connection` is in one transaction of a database in today's form. `told` hears how many rows were
    looked at one by one, records and then payments."""
    for statement in _BY_PAYMENT:
        connection.execute(statement)
    records = _count(connection, "by_payment")
    rows = Rows(told, records + _count(connection, "attempts"))
    chain_fault, limit_fault = partial(_chain_fault, rows=rows), partial(_limit_fault, rows=rows)
    difference = None
    for check in (_attempt_fault, chain_fault, _enrolment_fault, _carried_fault, _record_fault, _payment_fault, limit_fault):
        difference = check(connection)
        if difference is not None:
            break
    return Audit(
        difference=difference or _open_fault(connection, now),
        approvals=_share(connection, "1"),
        shares={state: _share(connection, f"{_STANDING} = '{state}'") for state in SHARES},
        records=records,
        forgotten=_count(connection, "outbox WHERE sealed IS NULL"),
        unknown=_count(connection, "attempts WHERE state = 'unknown'"),
        heads=_heads(connection),
    )


_STANDING = """(SELECT by_payment.state FROM by_payment WHERE attempt = attempts.id AND outcome = attempts.state
    ORDER BY epoch DESC LIMIT 1)"""
"""Where the record of an attempt's own outcome is: the newest enrolment's, since that is the one that is sent."""

_BY_PAYMENT = (
    "DROP TABLE IF EXISTS temp.by_payment",
    """CREATE TEMP TABLE by_payment (attempt TEXT, outcome TEXT, epoch INTEGER, seq INTEGER, state TEXT,
    PRIMARY KEY (attempt, outcome, epoch, seq)) WITHOUT ROWID""",
    "INSERT INTO by_payment SELECT attempt, outcome, epoch, seq, state FROM outbox",
)
"""The records by their payment, for this look alone: in the file there is no such index of those that wait."""


def _share(connection: Connection, where: str) -> Share:
    rows = connection.execute(
        f"""SELECT currency, count(*), sum(taken) FROM attempts
        WHERE attempts.state IN ('approved', 'captured') AND {where} GROUP BY currency ORDER BY currency"""
    ).fetchall()
    return Share(sum(row[1] for row in rows), tuple(Money(row[2], row[0]) for row in rows))


def _count(connection: Connection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


def _heads(connection: Connection) -> tuple[tuple[int, int, str], ...]:
    """Records are taken in order, so that the last one before the first that waits is the hub's head."""
    rows = connection.execute(
        """SELECT enrolments.epoch, seq, hash FROM enrolments JOIN outbox ON place = (
            SELECT max(place) FROM outbox AS mine WHERE mine.place BETWEEN enrolments.epoch << 32 AND coalesce(
                (SELECT min(place) FROM waiting WHERE waiting.epoch = enrolments.epoch), (enrolments.epoch + 1) << 32)
            AND state NOT IN ('queued', 'carried')) ORDER BY enrolments.epoch"""
    ).fetchall()
    return tuple((epoch, seq, hash_) for epoch, seq, hash_ in rows)


def _reference(attempt: str) -> str:
    """What people call a payment."""
    code = receipt_code(attempt)
    return f"{code[-8:-4]}-{code[-4:]}"


def _first(connection: Connection, sql: str) -> tuple[Any, ...] | None:
    row = connection.execute(f"{sql} LIMIT 1").fetchone()
    return tuple(row) if row else None


def _attempt_fault(connection: Connection) -> str | None:
    """Attempts are numbered as they are opened, from 1, and none is ever taken away; each took what it was opened for."""
    row = connection.execute("SELECT count(*), coalesce(max(number), 0) FROM attempts").fetchone()
    if row[0] != row[1]:
        return f"of {row[1]} payments that were begun only {row[0]} are there"
    odd = _first(connection, "SELECT id FROM attempts WHERE (state IN ('approved', 'captured')) <> (taken IS NOT NULL)")
    if odd:
        return f"payment {_reference(odd[0])} does not say how it ended"
    odd = _first(connection, "SELECT id FROM attempts WHERE taken <> minor")
    if odd:
        return f"payment {_reference(odd[0])} took another amount than it was opened for"
    return None


def _chain_fault(connection: Connection, rows: Rows) -> str | None:
    """Each enrolment's records run from 1 without a gap, and each hash follows from the one before."""
    at, seq, previous = 0, 0, chain.FIRST_HASH
    records = connection.execute("SELECT epoch, seq, attempt, sealed, hash, state FROM outbox ORDER BY place")
    for row in rows.each(records):
        epoch, number, attempt, sealed, hash_, state = row
        if epoch != at:
            at, seq, previous = epoch, 0, chain.FIRST_HASH
        if number != seq + 1:
            return f"record {seq + 1} of enrolment {epoch} is missing"
        if sealed is None and state == "queued":
            return f"record {number} of enrolment {epoch} waits for the hub and its payload is gone"
        if sealed is not None and chain.link(previous, epoch, number, attempt, sealed) != hash_:
            return f"record {number} of enrolment {epoch} is not the one that was sealed"
        seq, previous = number, hash_
    return None


def _enrolment_fault(connection: Connection) -> str | None:
    """Records belong to an enrolment; only the newest one's can wait; no hub holds more than there is, and only what it holds
    durably is forgotten."""
    odd = _first(connection, "SELECT epoch FROM outbox WHERE epoch NOT IN (SELECT epoch FROM enrolments) ORDER BY epoch")
    if odd:
        return f"enrolment {odd[0]} has records and is not there"
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox WHERE state = 'queued' AND epoch < (SELECT max(epoch) FROM enrolments)
        ORDER BY epoch, seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} waits, and that enrolment has ended"
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox JOIN enrolments USING (epoch) WHERE state = 'queued' AND seq < waits_from
        ORDER BY epoch, seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} waits where nobody looks for it"
    odd = _first(
        connection,
        """SELECT epoch, durable_seq FROM enrolments
        WHERE durable_seq > coalesce((SELECT max(place) FROM outbox
            WHERE place BETWEEN enrolments.epoch << 32 AND (enrolments.epoch + 1) << 32) - (enrolments.epoch << 32), 0)
        ORDER BY epoch""",
    )
    if odd:
        return f"the hub is said to hold {odd[1]} records of enrolment {odd[0]}, which has fewer"
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox JOIN enrolments USING (epoch)
        WHERE sealed IS NULL AND state <> 'carried' AND seq > durable_seq ORDER BY epoch, seq""",
    )
    if odd:
        return f"the payload of record {odd[0]} of enrolment {odd[1]} is gone before the hub held it durably"
    return None


def _carried_fault(connection: Connection) -> str | None:
    """What an enrolment did not finish is in a later one, once, and is the same record."""
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox AS mine WHERE state = 'carried' AND NOT EXISTS (
            SELECT 1 FROM by_payment WHERE attempt = mine.attempt AND outcome = mine.outcome AND epoch > mine.epoch)
        ORDER BY epoch, seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} was carried over and did not arrive"
    odd = _first(
        connection,
        """SELECT mine.seq, mine.epoch FROM outbox AS mine
        LEFT JOIN outbox AS old ON old.place = (mine.origin_epoch << 32) + mine.origin_seq
        WHERE mine.origin_epoch IS NOT NULL AND (old.epoch IS NULL OR old.epoch >= mine.epoch OR old.state <> 'carried'
            OR (old.attempt, old.outcome, old.kid) <> (mine.attempt, mine.outcome, mine.kid) OR old.sealed <> mine.sealed)
        ORDER BY mine.epoch, mine.seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} is not the one that it was carried over from"
    odd = _first(
        connection,
        """SELECT later.attempt FROM outbox AS later JOIN by_payment AS earlier ON earlier.attempt = later.attempt
            AND earlier.outcome = later.outcome AND (earlier.epoch, earlier.seq) < (later.epoch, later.seq)
        WHERE earlier.state <> 'carried' OR earlier.epoch = later.epoch OR later.origin_epoch IS NULL
        ORDER BY later.epoch, later.seq""",
    )
    if odd:
        return f"payment {_reference(odd[0])} has two records of one outcome"
    return None


def _record_fault(connection: Connection) -> str | None:
    """A record says what became of an attempt that is there; and where it says that it was answered, the answer is there."""
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox LEFT JOIN attempts ON id = attempt
        WHERE id IS NULL OR outcome <> attempts.state AND outcome <> 'unknown' ORDER BY epoch, seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} tells of an outcome that no payment here had"
    odd = _first(
        connection,
        """SELECT seq, epoch FROM outbox WHERE state IN ('accepted', 'posted', 'parked', 'declined') AND delivered_at IS NULL
            OR state = 'posted' AND posting = '' OR state = 'parked' AND code = '' ORDER BY epoch, seq""",
    )
    if odd:
        return f"record {odd[0]} of enrolment {odd[1]} is called delivered, and the hub's answer is not there"
    return None


def _payment_fault(connection: Connection) -> str | None:
    """Every payment that took money, or may have, has its record; one that ended without, after it was unknown, too."""
    odd = _first(
        connection,
        """SELECT id, state FROM attempts WHERE state IN ('approved', 'captured', 'unknown') AND NOT EXISTS (
            SELECT 1 FROM by_payment WHERE attempt = id AND outcome = attempts.state) ORDER BY number""",
    )
    if odd:
        return f"payment {_reference(odd[0])} is {odd[1]} and has no record"
    odd = _first(
        connection,
        """SELECT id, state FROM attempts WHERE state IN ('declined', 'cancelled')
            AND EXISTS (SELECT 1 FROM by_payment WHERE attempt = id AND outcome = 'unknown')
            AND NOT EXISTS (SELECT 1 FROM by_payment WHERE attempt = id AND outcome = attempts.state) ORDER BY number""",
    )
    if odd:
        return f"payment {_reference(odd[0])} was unknown, is {odd[1]}, and the hub was never told"
    return None


def _limit_fault(connection: Connection, rows: Rows) -> str | None:
    """The limits' own reckoning, which takes small indexes, against one that looks at every row."""
    money: dict[str, int] = {}
    count = 0
    queued = {row[0] for row in connection.execute("SELECT attempt FROM outbox NOT INDEXED WHERE state = 'queued'")}
    begun = connection.execute("SELECT id, state, coalesce(taken, minor), currency FROM attempts NOT INDEXED")
    for attempt, state, minor, currency in rows.each(begun):
        if state == "open" or (state in ("unknown", "approved", "captured") and attempt in queued):
            money[currency] = money.get(currency, 0) + minor
            count += 1
    for currency, minor in sorted(money.items()):
        standing = attempts.standing(connection, currency)
        if (standing.total, standing.count) != (Money(minor, currency), count):
            return f"the limits reckon with {standing.count} payments not yet delivered, and {count} are there"
    return None


def _open_fault(connection: Connection, now: dt.datetime) -> str | None:
    row = connection.execute(
        "SELECT id FROM attempts WHERE state = 'open' AND opened_at < ? ORDER BY number LIMIT 1", (stamp(now - OPEN_AT_MOST),)
    ).fetchone()
    return f"payment {_reference(row[0])} was begun more than an hour ago and has no end" if row else None

"""News of records that the hub has: posted after all, or declined when the bank was asked. Numbered by the hub, read in order.

A record is named by its place as the hub knows it. Where it has since been carried into a later enrolment, its newest row is the
one that people see, so that row is the one that learns it.
"""

from __future__ import annotations

from dataclasses import dataclass

from offline_queue.identity import Identity
from offline_queue.schema import place
from offline_queue.sqlcipher import Connection
from offline_queue.wire.messages import Outcomes, RecordOutcome, RecordStatus

_FROM = {
    RecordStatus.POSTED: ("accepted", "parked", "posted"),
    RecordStatus.ACCEPTED: ("accepted", "parked"),
    RecordStatus.PARKED: ("accepted", "parked"),
    RecordStatus.DECLINED: ("accepted", "parked", "posted", "declined"),
}
"""Which states may become it: news that is read again, after a restore, never takes back what came later."""


@dataclass(frozen=True, slots=True)
class News:
    """How many outcomes were taken, and the payments among them that the bank declined, as (pid, code)."""

    count: int
    declined: tuple[tuple[str, str], ...]


def newest(connection: Connection, identity: Identity) -> int:
    """The number of the newest outcome that was read in this enrolment, 0 before the first."""
    return int(connection.execute("SELECT news FROM enrolments WHERE epoch = ?", (identity.epoch,)).fetchone()[0])


def take(connection: Connection, identity: Identity, answer: Outcomes) -> News:
    """Takes the outcomes of `answer`, which continue ours without a gap. It stops before one of a record that is queued (again):
    that record's own answer comes first. Of a record that is not here, a disk that was lost had it: there is nothing to tell."""
    gen, number = connection.execute("SELECT gen, news FROM enrolments WHERE epoch = ?", (identity.epoch,)).fetchone()
    before, declined = number, []
    for outcome in answer.outcomes if answer.gen == gen else ():
        row = _row(connection, outcome)
        if row is not None and row[2] == "queued":
            break
        if row is not None and row[2] in _FROM[outcome.status]:
            connection.execute(
                "UPDATE outbox SET state = ?, posting = ?, code = ? WHERE place = ?",
                (outcome.status, outcome.posting, outcome.code, place(row[0], row[1])),
            )
            if outcome.status is RecordStatus.DECLINED:
                declined.append((outcome.pid, outcome.code))
        number = outcome.number
    connection.execute("UPDATE enrolments SET news = ? WHERE epoch = ?", (number, identity.epoch))
    return News(number - before, tuple(declined))


def _row(connection: Connection, outcome: RecordOutcome) -> tuple[int, int, str] | None:
    """The newest row of the record that the hub means: (epoch, seq, state).

    (The two `+` keep SQLite from making an index of the whole outbox to look through what waits.)"""
    row: tuple[int, int, str] | None = connection.execute(
        """WITH meant AS (SELECT attempt, outcome FROM outbox WHERE place = ? AND attempt = ?)
        SELECT epoch, seq, state FROM outbox WHERE (attempt, outcome) = (SELECT * FROM meant) AND state <> 'queued'
        UNION ALL SELECT epoch, seq, state FROM waiting WHERE (+attempt, +outcome) = (SELECT * FROM meant)
        ORDER BY epoch DESC LIMIT 1""",
        (place(outcome.epoch, outcome.seq), outcome.pid),
    ).fetchone()
    return row

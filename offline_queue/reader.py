"""Reading the memory from another process: what is queued and what became of each attempt, while the kiosk runs or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.money import Money
from domain.progress import Told, nobody
from domain.statement_codes import LinkProfile
from offline_queue import attempts, identity, sync_state
from offline_queue.attempts import State
from offline_queue.audit import Audit, audit
from offline_queue.database import known_errors, refuse_foreign
from offline_queue.errors import DatabaseMissing, DatabaseOlder
from offline_queue.export import export
from offline_queue.folder import database_file, has_database
from offline_queue.keeping import read_key
from offline_queue.schema import STEPS, taken
from offline_queue.sqlcipher import Connection, connect
from offline_queue.stamps import read_stamp
from offline_queue.sync_state import SyncState


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for the hub: `depth` records, the `oldest` queued then, and by currency the money of attempts among them that
    moved some or may have. `parked` counts records that the hub has and that wait there for a person, `declined` those that we
    took on trust and the bank refused."""

    depth: int
    totals: tuple[Money, ...]
    oldest: dt.datetime | None
    parked: int
    declined: int


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """A record that waits or that somebody must look at, with nothing of its patient: `amount` is what was taken, or asked for
    while that is not known; `state` "queued", "parked" or "declined"; `code` is the hub's reason."""

    epoch: int
    seq: int
    queued_at: dt.datetime
    pid: str
    amount: Money
    last4: str
    outcome: str
    state: str
    posting: str
    code: str


@dataclass(frozen=True, slots=True)
class AttemptSeen:
    """An attempt, with nothing of its patient. `receipt` is the terminal's own number, None where it gave none; `reason` a code,
    as in its result; `delivery` is the state of its newest record ("queued", "accepted", "posted", "parked"; empty when the hub
    need not know), `posting` the hub's own id of the ledger entry, empty when there is none."""

    id: str
    state: State
    amount: Money
    offline: bool
    opened_at: dt.datetime
    receipt: int | None
    reason: str
    delivery: str
    posting: str


class JournalReader:
    """A read-only view of the memory in `folder`: use it as a context manager, on one thread.

    Raises DatabaseMissing, DatabaseForeign, DatabaseNewer, KeyExposed, KeyRefused, KeyAway, DatabaseDamaged or DiskFailing.
    """

    def __init__(self, folder: Path) -> None:
        key = read_key(folder)
        if not has_database(folder):
            raise DatabaseMissing("no database")
        with known_errors():
            self._connection = connect(database_file(folder), key, read_only=True)
        with self._reading() as connection:
            refuse_foreign(connection)

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def queue(self) -> Queue:
        """What waits for the hub at this moment."""
        with self._reading() as connection:
            waiting = _waiting(connection)
            depth, oldest = connection.execute(f"SELECT count(*), min(queued_at) FROM {waiting}").fetchone()
            parked, declined = connection.execute(
                """SELECT coalesce(sum(state = 'parked'), 0), coalesce(sum(state = 'declined'), 0) FROM outbox
                WHERE state IN ('parked', 'declined')"""
            ).fetchone()
            totals = connection.execute(
                f"""SELECT sum(coalesce(taken, minor)), currency FROM attempts
                WHERE state IN ('unknown', 'approved', 'captured') AND id IN (SELECT attempt FROM {waiting})
                GROUP BY currency ORDER BY currency"""
            ).fetchall()
        return Queue(depth, tuple(Money(*row) for row in totals), read_stamp(oldest) if oldest else None, parked, declined)

    def who(self) -> tuple[str, int] | None:
        """This kiosk's name and the number of its newest enrolment, None before the first."""
        with self._reading() as connection:
            row = connection.execute("SELECT kiosk, epoch FROM enrolments ORDER BY epoch DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def links(self) -> LinkProfile | None:
        """The signed links that this kiosk believes, as its hub has said; None before its first enrolment."""
        with self._reading() as connection:
            known = identity.load(connection)
            return None if known is None else known.links

    def records(self) -> tuple[RecordSeen, ...]:
        """What waits, and what the hub has parked or declined, in the order in which it was queued."""
        with self._reading() as connection:
            rows = connection.execute(
                f"""SELECT epoch, seq, queued_at, attempt, coalesce(taken, minor), currency, last4, outcome, record.state,
                    posting, code
                FROM (SELECT * FROM {_waiting(connection)}
                    UNION ALL SELECT * FROM outbox WHERE state IN ('parked', 'declined')) AS record
                JOIN attempts ON id = attempt ORDER BY epoch, seq"""
            ).fetchall()
        return tuple(RecordSeen(row[0], row[1], read_stamp(row[2]), row[3], Money(row[4], row[5]), *row[6:]) for row in rows)

    def audit(self, now: dt.datetime, told: Told = nobody) -> Audit:
        """Whether everything adds up at this moment (`now`, aware); `told` hears how far it is. Raises DatabaseOlder for an
        earlier release's form."""
        with self._reading() as connection:
            _refuse_older(connection)
            return audit(connection, now, told)

    def export(self, target: Path, told: Told) -> int:
        """Writes what waits at this moment to the new file `target`, for its hub to import: how many records; where none wait,
        there is no file. Raises NotEnrolled, ExportExists, ExportUnwritable, and DatabaseOlder for an earlier release's form."""
        with self._reading() as connection:
            _refuse_older(connection)
            return export(connection, target, told)

    def sync(self) -> SyncState | None:
        """How sync's last try went, None before the first (and in a database that this release has not yet opened)."""
        with self._reading() as connection:
            return sync_state.load(connection) if _has_table(connection, "sync_state") else None

    def taken_under(self, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]:
        """How many of the terminal's newest approvals have such receipt numbers, first to last, and what they come to."""
        with self._reading() as connection:
            return attempts.taken_under(connection, terminal_id, receipts, currency)

    def attempts(self) -> tuple[AttemptSeen, ...]:
        """Every attempt, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                """SELECT id, attempts.state, minor, currency, offline, opened_at, receipt, reason,
                    coalesce(outbox.state, ''), coalesce(outbox.posting, '')
                FROM attempts LEFT JOIN outbox
                    ON outbox.attempt = id AND outbox.outcome = attempts.state AND outbox.state <> 'carried'
                ORDER BY number"""
            ).fetchall()
        return tuple(
            AttemptSeen(row[0], State(row[1]), Money(row[2], row[3]), bool(row[4]), read_stamp(row[5]), *row[6:]) for row in rows
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One moment of the database, whatever the kiosk writes meanwhile."""
        with known_errors():
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")


def _waiting(connection: Connection) -> str:
    """What waits for the hub, as a table of SQL; an earlier release's form, which this one has not yet opened, lacks the view."""
    return "waiting" if _has_table(connection, "waiting") else "(SELECT * FROM outbox WHERE state = 'queued')"


def _refuse_older(connection: Connection) -> None:
    if taken(connection) != STEPS.keys():
        raise DatabaseOlder


def _has_table(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None

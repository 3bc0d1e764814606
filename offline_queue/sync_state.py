"""How sync stands, kept in one row for whoever looks at the queue: when it last tried, when it tries next, what went wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from offline_queue.sqlcipher import Connection
from offline_queue.stamps import read_stamp, stamp


@dataclass(frozen=True, slots=True)
class SyncState:
    """`next_at` is None while a person must act first; `failures` counts those in a row; `error` is the code of the last try's
    failure, empty when it went well; `attention` the code of what a person must see to, empty when there is nothing."""

    tried_at: dt.datetime
    next_at: dt.datetime | None
    failures: int
    error: str
    attention: str


def keep(connection: Connection, state: SyncState) -> None:
    """Writes `state` over the one before."""
    connection.execute(
        """INSERT INTO sync_state (one, tried_at, next_at, failures, error, attention) VALUES (1, ?, ?, ?, ?, ?)
        ON CONFLICT (one) DO UPDATE SET tried_at = excluded.tried_at, next_at = excluded.next_at,
            failures = excluded.failures, error = excluded.error, attention = excluded.attention""",
        (
            stamp(state.tried_at),
            stamp(state.next_at) if state.next_at else None,
            state.failures,
            state.error,
            state.attention,
        ),
    )


def forget(connection: Connection) -> None:
    """A new enrolment has not tried yet, and has no trouble."""
    connection.execute("DELETE FROM sync_state")


def load(connection: Connection) -> SyncState | None:
    """The newest, None before the first try."""
    row = connection.execute("SELECT tried_at, next_at, failures, error, attention FROM sync_state").fetchone()
    if row is None:
        return None
    return SyncState(read_stamp(row[0]), read_stamp(row[1]) if row[1] else None, *row[2:])

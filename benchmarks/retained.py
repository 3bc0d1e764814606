"""A kiosk's memory after years: the shipped tables with as many rows as one asks for, without waiting years for them.

Rows go in by SQL, at about 100,000 a second; the triggers that make them begin open and queued are put back as they were. What is
older than a week has lost its payload, as the outbox leaves it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.payments import RECORD_BYTES, open_memory
from offline_queue.identity import Identity
from offline_queue.sqlcipher import Connection

WITH_PAYLOAD = 1_000
"""A week of a busy kiosk."""
SEALED_BYTES = RECORD_BYTES + 48
IN_ONE_TRANSACTION = 50_000

_ATTEMPTS = """
WITH RECURSIVE row (n) AS (VALUES (:first) UNION ALL SELECT n + 1 FROM row WHERE n < :last)
INSERT INTO attempts (id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline, opened_at, settled_at,
    taken, brand, last4, receipt, trace, terminal_id, authorization)
SELECT printf('018f0000-%04x-7000-8000-%012x', n >> 16, n), 'approved', 'number', '', '', '', 100, 'USD', 'card', 0,
    '2025-01-01T09:00:00.000000+00:00', '2025-01-01T09:01:00.000000+00:00', 100, 'VISA', '4242', n % 9999, n % 999999,
    '52523535', '123456'
FROM row"""

_OUTBOX = """
WITH RECURSIVE row (n) AS (VALUES (:first) UNION ALL SELECT n + 1 FROM row WHERE n < :last)
INSERT INTO outbox (place, epoch, seq, attempt, outcome, kid, sealed, hash, state, posting, queued_at, delivered_at)
SELECT (:epoch << 32) + n, :epoch, n, printf('018f0000-%04x-7000-8000-%012x', n >> 16, n), 'approved', :kid,
    CASE WHEN n > :payload THEN randomblob(:sealed) END, lower(hex(randomblob(32))), 'posted', printf('P%08d', n),
    '2025-01-01T09:01:00.000000+00:00', '2025-01-01T09:01:01.000000+00:00'
FROM row"""


def fill(folder: Path, rows: int, progress: Callable[[str], None]) -> None:
    """Puts `rows` delivered payments into the enrolled, still empty memory in `folder`; no journal may be open."""
    database, who = open_memory(folder)
    guards = database.transact(_without_guards)
    for first in range(1, rows + 1, IN_ONE_TRANSACTION):
        progress(f"{first - 1} of {rows} rows retained")
        last = min(rows, first + IN_ONE_TRANSACTION - 1)
        database.transact(partial(_insert, who=who, first=first, last=last, rows=rows))
    database.transact(partial(_guarded, guards=guards, rows=rows))
    database.close()


def _without_guards(connection: Connection) -> list[str]:
    """Drops every trigger; how to make them again."""
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in guards]


def _guarded(connection: Connection, guards: list[str], rows: int) -> None:
    for sql in guards:
        connection.execute(sql)
    connection.execute("UPDATE enrolments SET durable_seq = ?, waits_from = ?", (rows, rows + 1))


def _insert(connection: Connection, who: Identity, first: int, last: int, rows: int) -> None:
    span = {"first": first, "last": last}
    connection.execute(_ATTEMPTS, span)
    connection.execute(
        _OUTBOX, {**span, "epoch": who.epoch, "kid": who.hub_kid, "payload": rows - WITH_PAYLOAD, "sealed": SEALED_BYTES}
    )

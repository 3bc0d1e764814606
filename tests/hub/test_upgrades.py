"""Databases of earlier releases open in this one: their rows stand as they did, and the schema is the one in the code."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select

from domain.payment import receipt_code
from hub import migrations
from hub import store as hub_store
from hub.audit import first_difference
from hub.folder import Folder, HubError
from hub.hub import Hub, open_hub
from hub.schema import metadata, tasks
from hub.store import open_store
from hub.views import payments_named

AT = "'2026-11-21 15:00:00.000000'"
PID = "019aa6d1-0000-7000-8000-000000000001"
OTHER = "019aa6d1-0000-7000-8000-000000000002"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"

FIRST = (
    """INSERT INTO accounts (number, guarantor_name, guarantor_birth_date, currency)
        VALUES ('A1', 'Maria Alvarez', '1984-03-17', 'USD')""",
    "INSERT INTO statements (number, opaque, account, issued) VALUES ('3342139474', 'V2CQRHVS2JJKFBSJ', 'A1', '2026-10-06')",
    "INSERT INTO visits VALUES (1, '3342139474', 'V1', '2026-10-06', 'Riverside Clinic', 'Maria Alvarez')",
    "INSERT INTO lines (id, visit, kind, date, description, minor) VALUES (1, 1, 'charge', '2026-10-06', 'Visit', 12550)",
    f"INSERT INTO kiosks (id, name, added_at, epoch, head_seq, head_hash) VALUES ('lobby', 'Lobby', {AT}, 0, 0, '{'0' * 64}')",
    f"""INSERT INTO payments (pid, kiosk, state, account, statement, tender, minor, currency, offline, approved_offline, brand,
        last4, terminal_id, "authorization", reason, opened_at, settled_at, received_at)
        VALUES ('{PID}', 'lobby', 'approved', 'A1', '3342139474', 'card', 2550, 'USD', 0, 1, '', '', '', '', '',
        {AT}, {AT}, {AT})""",
    "INSERT INTO journal_lines VALUES (1, 1, 'receivable', 'A1', '3342139474', 12550, 'USD')",
    "INSERT INTO journal_lines VALUES (1, 2, 'billing', NULL, NULL, -12550, 'USD')",
    f"INSERT INTO journal_entries (number, made_at, kind, payment, reverses) VALUES (1, {AT}, 'statement', NULL, NULL)",
    "INSERT INTO journal_lines VALUES (2, 1, 'card-clearing', NULL, NULL, 2550, 'USD')",
    "INSERT INTO journal_lines VALUES (2, 2, 'receivable', 'A1', '3342139474', -2550, 'USD')",
    f"INSERT INTO journal_entries (number, made_at, kind, payment, reverses) VALUES (2, {AT}, 'payment', '{PID}', NULL)",
)
"""A statement, and a payment on it, as the first release wrote them."""

PARKED = f"""INSERT INTO records (kiosk, epoch, seq, pid, kid, sealed, hash, received_at, status, posting, code)
    VALUES ('lobby', 1, 1, '{OTHER}', 'k', x'00', '{"1" * 64}', {AT}, 'parked', '', 'unknown-key')"""

REVERSED = (
    "INSERT INTO journal_lines VALUES (3, 1, 'card-clearing', NULL, NULL, -2550, 'USD')",
    "INSERT INTO journal_lines VALUES (3, 2, 'receivable', 'A1', '3342139474', 2550, 'USD')",
    f"INSERT INTO journal_entries (number, made_at, kind, payment, reverses) VALUES (3, {AT}, 'reversal', NULL, 2)",
    f"INSERT INTO outcomes VALUES ('lobby', 1, 1, 1, '{OTHER}', 'parked', '', 'unknown-key', {AT})",
    f"INSERT INTO tasks (number, kind, kiosk, pid, code, opened_at) VALUES (7, 'declined', 'lobby', '{PID}', 'other', {AT})",
)
"""What later releases added."""


def written_by(revision: str, folder: Folder, monkeypatch: pytest.MonkeyPatch, *rows: str) -> None:
    """Leaves the database that the release of `revision` would have made, holding `rows`."""
    for path in folder.path.glob("hub.db*"):
        path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "REVISION", revision)
        patch.setattr(hub_store, "REVISION", revision)
        store = open_store(folder)
    with store.writing() as connection:
        for row in rows:
            connection.exec_driver_sql(row)
    store.close()


@pytest.mark.parametrize(
    ("revision", "rows"),
    [
        ("0001", FIRST),
        ("0002", (*FIRST, PARKED)),
        ("0003", (*FIRST, *REVERSED)),
        ("0004", (*FIRST, PARKED, *REVERSED)),
        ("0005", (*FIRST, PARKED, *REVERSED)),
        ("0006", (*FIRST, PARKED, *REVERSED)),
        ("0007", (*FIRST, PARKED, *REVERSED)),
        ("0008", (*FIRST, PARKED, *REVERSED)),
        ("0009", (*FIRST, PARKED, *REVERSED)),
        ("0010", (*FIRST, PARKED, *REVERSED)),
        ("0011", (*FIRST, PARKED, *REVERSED)),
        ("0012", (*FIRST, PARKED, *REVERSED)),
    ],
)
def test_a_database_of_an_earlier_release_opens_and_keeps_its_rows(
    hub: Hub, tmp_path: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch, revision: str, rows: tuple[str, ...]
) -> None:
    with hub.store.reading() as connection:
        triggers = connection.exec_driver_sql(TRIGGERS).all()
    hub.store.close()
    written_by(revision, folder, monkeypatch, *rows)
    again = open_hub(folder)
    with again.store.reading() as connection:
        assert connection.exec_driver_sql(TRIGGERS).all() == triggers
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        count = connection.exec_driver_sql("SELECT count(*) FROM journal_entries").scalar()
        assert count == sum("INTO journal_entries" in row for row in rows)
        found = [(row.kind, row.pid, row.code, row.closed_at, row.note) for row in connection.execute(select(tasks))]
        parked = [("parked", OTHER, "unknown-key", None, None)] if revision == "0002" else []
        declined = [("declined", PID, "other", None, None)] if revision >= "0003" else []
        assert found == parked + declined
        if revision == "0001":
            assert [line.pid for line in payments_named(connection, receipt_code(PID)[-8:])] == [PID]
            assert first_difference(connection) is None
    again.store.close()


def test_a_database_whose_tables_do_not_fit_together_is_not_upgraded(
    hub: Hub, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.store.close()
    written_by("0004", folder, monkeypatch, *FIRST)
    connection = sqlcipher.connect(str(folder.database), isolation_level=None)
    connection.execute(f"""PRAGMA key = "x'{folder.database_key.read_text().strip()}'\"""")
    connection.execute("DELETE FROM accounts")
    connection.close()
    with pytest.raises(HubError, match="lacks what it names"):
        open_store(folder)

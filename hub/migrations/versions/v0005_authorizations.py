"""What the hub's gateway was asked, and what follows: entries that move a deferred payment on, records without their card data.

Three CHECKs grow. SQLite changes those of a table only with the whole table (sqlite.org/lang_altertable.html, the twelve steps):
hub.store runs migrations with foreign keys off, and looks at all of them before it commits.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.schema import UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _authorizations()
    op.add_column("records", sa.Column("digest", sa.LargeBinary))
    op.execute("DROP TRIGGER records_update_refused")
    op.execute(_RESEALED_ONCE)
    _journal_entries()
    _tasks()


def _authorizations() -> None:
    op.create_table(
        "authorizations",
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("deferred", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("authorization", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("response", sa.LargeBinary, nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("answered_at", UtcTime),
        sa.PrimaryKeyConstraint("pid", name="pk_authorizations"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_authorizations_kiosk"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_authorizations_account"),
        sa.CheckConstraint(
            "state IN ('waiting', 'asked', 'approved', 'declined', 'voided', 'closed')", name="ck_authorizations_state"
        ),
        sa.CheckConstraint("minor > 0 OR state = 'closed'", name="ck_authorizations_amount"),
    )
    op.create_index("ix_authorizations_account", "authorizations", ["account"])
    op.create_index("ix_authorizations_state", "authorizations", ["state"])
    op.execute(_never("DELETE", "authorizations", "authorizations are kept"))
    op.execute(_ANSWERED_ONCE)


def _journal_entries() -> None:
    op.create_table(
        "journal_entries_new",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("payment", sa.String(36)),
        sa.Column("reverses", sa.Integer),
        sa.Column("authorizes", sa.Integer),
        sa.PrimaryKeyConstraint("number", name="pk_journal_entries"),
        sa.UniqueConstraint("payment", name="uq_journal_entries_payment"),
        sa.UniqueConstraint("reverses", name="uq_journal_entries_reverses"),
        sa.UniqueConstraint("authorizes", name="uq_journal_entries_authorizes"),
        sa.ForeignKeyConstraint(["payment"], ["payments.pid"], name="fk_journal_entries_payment"),
        sa.ForeignKeyConstraint(["reverses"], ["journal_entries.number"], name="fk_journal_entries_reverses"),
        sa.ForeignKeyConstraint(["authorizes"], ["journal_entries.number"], name="fk_journal_entries_authorizes"),
        sa.CheckConstraint("kind IN ('statement', 'payment', 'reversal', 'authorization')", name="ck_journal_entries_kind"),
        sa.CheckConstraint("(kind = 'payment') = (payment IS NOT NULL)", name="ck_journal_entries_payment"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="ck_journal_entries_reverses"),
        sa.CheckConstraint("(kind = 'authorization') = (authorizes IS NOT NULL)", name="ck_journal_entries_authorizes"),
    )
    _put_in_place("journal_entries", "number, made_at, kind, payment, reverses")
    for trigger in (
        _never("UPDATE", "journal_entries", "journal_entries is append only"),
        _never("DELETE", "journal_entries", "journal_entries is append only"),
        *_ENTRIES,
    ):
        op.execute(trigger)


def _tasks() -> None:
    op.create_table(
        "tasks_new",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("opened_by", sa.String(64)),
        sa.Column("closed_at", UtcTime),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("note", sa.String(500)),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_tasks_kiosk"),
        sa.ForeignKeyConstraint(["opened_by"], ["users.name"], name="fk_tasks_opened_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["users.name"], name="fk_tasks_closed_by"),
        sa.CheckConstraint("kind IN ('parked', 'declined', 'authorization')", name="ck_tasks_kind"),
    )
    _put_in_place("tasks", "number, kind, kiosk, pid, code, opened_at, opened_by, closed_at, closed_by, note")
    op.create_index("ix_tasks_pid", "tasks", ["pid"])
    op.create_index("ix_tasks_closed_at", "tasks", ["closed_at"])
    op.execute(_never("DELETE", "tasks", "tasks are kept"))


def _put_in_place(table: str, columns: str) -> None:
    """`table`_new, which is empty, becomes `table`; its triggers and indexes go with the old one."""
    op.execute(f"INSERT INTO {table}_new ({columns}) SELECT {columns} FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_new RENAME TO {table}")


def _never(event: str, table: str, why: str) -> str:
    name = f"{table}_{event.lower()}_refused"
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END"


_RESEALED_ONCE = """CREATE TRIGGER records_update_refused BEFORE UPDATE ON records WHEN NOT (
       OLD.digest IS NULL AND NEW.digest IS NOT NULL AND (
           NEW.kiosk, NEW.epoch, NEW.seq, NEW.pid, NEW.kid, NEW.hash, NEW.received_at, NEW.status, NEW.posting, NEW.code,
           NEW.outcome, NEW.origin_epoch, NEW.origin_seq) IS (
           OLD.kiosk, OLD.epoch, OLD.seq, OLD.pid, OLD.kid, OLD.hash, OLD.received_at, OLD.status, OLD.posting, OLD.code,
           OLD.outcome, OLD.origin_epoch, OLD.origin_seq))
   BEGIN SELECT RAISE(ABORT, 'records is append only'); END"""
"""But for one thing, once: what held card data is sealed again without it, and what it was is kept as a digest."""

_ANSWERED_ONCE = """CREATE TRIGGER authorizations_answered_once BEFORE UPDATE ON authorizations WHEN NOT (
       (NEW.pid, NEW.kiosk, NEW.account, NEW.minor, NEW.currency, NEW.deferred, NEW.opened_at) IS (
           OLD.pid, OLD.kiosk, OLD.account, OLD.minor, OLD.currency, OLD.deferred, OLD.opened_at)
       AND ((OLD.state = 'waiting' AND NEW.state IN ('asked', 'closed'))
           OR (OLD.state = 'asked' AND NEW.state IN ('approved', 'declined', 'closed'))
           OR (OLD.state = 'approved' AND NEW.state = 'voided')))
   BEGIN SELECT RAISE(ABORT, 'an authorization is answered once'); END"""

_ENTRIES = (
    """CREATE TRIGGER journal_entries_numbered BEFORE INSERT ON journal_entries
       WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM journal_entries)
       BEGIN SELECT RAISE(ABORT, 'entry numbers have no gaps'); END""",
    """CREATE TRIGGER journal_entries_balanced BEFORE INSERT ON journal_entries
       WHEN (SELECT count(*) FROM journal_lines WHERE entry = NEW.number) < 2 OR EXISTS (
           SELECT 1 FROM journal_lines WHERE entry = NEW.number GROUP BY currency HAVING sum(minor) <> 0)
       BEGIN SELECT RAISE(ABORT, 'the entry does not balance'); END""",
)
"""As the first migration made them."""

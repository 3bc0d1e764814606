"""The first schema: accounts and statements, kiosks and their records, payments, the journal, staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.schema import UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    _billing()
    _kiosks()
    _money()
    _staff()
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE_TRIGGERS:
            op.execute(statement)


def _billing() -> None:
    op.create_table(
        "accounts",
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("guarantor_name", sa.String(200), nullable=False),
        sa.Column("guarantor_birth_date", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("closed_at", UtcTime),
        sa.PrimaryKeyConstraint("number", name="pk_accounts"),
    )
    op.create_table(
        "statements",
        sa.Column("number", sa.String(10), nullable=False),
        sa.Column("opaque", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("issued", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_statements"),
        sa.UniqueConstraint("opaque", name="uq_statements_opaque"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_statements_account"),
    )
    op.create_index("ix_statements_account", "statements", ["account"])
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("statement", sa.String(10), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("patient", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.ForeignKeyConstraint(["statement"], ["statements.number"], name="fk_visits_statement"),
    )
    op.create_index("ix_visits_statement", "visits", ["statement"])
    op.create_table(
        "lines",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lines"),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"], name="fk_lines_visit"),
        sa.CheckConstraint("kind IN ('charge', 'adjustment', 'insurance', 'patient')", name="ck_lines_kind"),
        sa.CheckConstraint("minor >= 0", name="ck_lines_not_negative"),
    )
    op.create_index("ix_lines_visit", "lines", ["visit"])


def _kiosks() -> None:
    op.create_table(
        "kiosks",
        sa.Column("id", sa.String(63), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("machine", sa.String(64)),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("sign_pub", sa.LargeBinary),
        sa.Column("head_seq", sa.BigInteger, nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.Column("last_heard_at", UtcTime),
        sa.PrimaryKeyConstraint("id", name="pk_kiosks"),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("selector", sa.String(4), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("selector", name="pk_enrolment_codes"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_enrolment_codes_kiosk"),
    )
    op.create_table(
        "records",
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("posting", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(9)),
        sa.PrimaryKeyConstraint("kiosk", "epoch", "seq", name="pk_records"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_records_kiosk"),
        sa.CheckConstraint("status IN ('posted', 'accepted', 'parked')", name="ck_records_status"),
    )
    op.create_index("ix_records_pid", "records", ["pid"])


def _money() -> None:
    op.create_table(
        "payments",
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("statement", sa.String(10)),
        sa.Column("tender", sa.String(8), nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("offline", sa.Boolean, nullable=False),
        sa.Column("approved_offline", sa.Boolean, nullable=False),
        sa.Column("brand", sa.String(64), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("terminal_id", sa.String(64), nullable=False),
        sa.Column("receipt", sa.Integer),
        sa.Column("trace", sa.Integer),
        sa.Column("authorization", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("settled_at", UtcTime, nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("pid", name="pk_payments"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_payments_kiosk"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_payments_account"),
        sa.ForeignKeyConstraint(["statement"], ["statements.number"], name="fk_payments_statement"),
        sa.CheckConstraint("minor > 0", name="ck_payments_positive"),
        sa.CheckConstraint("state IN ('approved', 'captured', 'unknown', 'declined', 'cancelled')", name="ck_payments_state"),
    )
    for column in ("state", "account", "statement", "received_at"):
        op.create_index(f"ix_payments_{column}", "payments", [column])
    op.create_table(
        "journal_entries",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("payment", sa.String(36)),
        sa.Column("reverses", sa.Integer),
        sa.PrimaryKeyConstraint("number", name="pk_journal_entries"),
        sa.UniqueConstraint("payment", name="uq_journal_entries_payment"),
        sa.UniqueConstraint("reverses", name="uq_journal_entries_reverses"),
        sa.ForeignKeyConstraint(["payment"], ["payments.pid"], name="fk_journal_entries_payment"),
        sa.ForeignKeyConstraint(["reverses"], ["journal_entries.number"], name="fk_journal_entries_reverses"),
        sa.CheckConstraint("kind IN ('statement', 'payment', 'reversal')", name="ck_journal_entries_kind"),
        sa.CheckConstraint("(kind = 'payment') = (payment IS NOT NULL)", name="ck_journal_entries_payment"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name="ck_journal_entries_reverses"),
    )
    op.create_table(
        "journal_lines",
        sa.Column("entry", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("book", sa.String(16), nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("statement", sa.String(10)),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("entry", "position", name="pk_journal_lines"),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["journal_entries.number"],
            name="fk_journal_lines_entry",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_journal_lines_account"),
        sa.ForeignKeyConstraint(["statement"], ["statements.number"], name="fk_journal_lines_statement"),
        sa.CheckConstraint("minor <> 0", name="ck_journal_lines_not_zero"),
        sa.CheckConstraint(
            "book IN ('receivable', 'unapplied', 'card-clearing', 'card-deferred', 'billing')", name="ck_journal_lines_book"
        ),
        sa.CheckConstraint("(book IN ('receivable', 'unapplied')) = (account IS NOT NULL)", name="ck_journal_lines_account"),
    )
    op.create_index("ix_journal_lines_statement", "journal_lines", ["statement"])
    op.create_index("ix_journal_lines_account_book", "journal_lines", ["account", "book"])


def _staff() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user"),
    )


def _never(event: str, table: str) -> str:
    name = f"{table}_{event.split()[0].lower()}_refused"
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"


_SQLITE_TRIGGERS = (
    _never("UPDATE", "journal_entries"),
    _never("DELETE", "journal_entries"),
    _never("UPDATE", "journal_lines"),
    _never("DELETE", "journal_lines"),
    _never("UPDATE", "records"),
    _never("DELETE", "records"),
    _never("DELETE", "payments"),
    _never("UPDATE OF pid, kiosk, tender, minor, currency, opened_at, received_at", "payments"),
    """CREATE TRIGGER journal_lines_closed BEFORE INSERT ON journal_lines
       WHEN EXISTS (SELECT 1 FROM journal_entries WHERE number = NEW.entry)
       BEGIN SELECT RAISE(ABORT, 'the entry is closed'); END""",
    """CREATE TRIGGER journal_entries_numbered BEFORE INSERT ON journal_entries
       WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM journal_entries)
       BEGIN SELECT RAISE(ABORT, 'entry numbers have no gaps'); END""",
    """CREATE TRIGGER journal_entries_balanced BEFORE INSERT ON journal_entries
       WHEN (SELECT count(*) FROM journal_lines WHERE entry = NEW.number) < 2 OR EXISTS (
           SELECT 1 FROM journal_lines WHERE entry = NEW.number GROUP BY currency HAVING sum(minor) <> 0)
       BEGIN SELECT RAISE(ABORT, 'the entry does not balance'); END""",
    """CREATE TRIGGER payments_settled_once BEFORE UPDATE ON payments WHEN OLD.state <> 'unknown'
       BEGIN SELECT RAISE(ABORT, 'a settled payment does not change'); END""",
)

"""Deferred outcomes, staff tasks, revoked kiosks, what the newest backup holds, and records carried into a later enrolment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.schema import UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for column in ("durable_seq", "news"):
        op.add_column("kiosks", sa.Column(column, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("kiosks", sa.Column("revoked_at", UtcTime))
    op.add_column("enrolment_codes", sa.Column("answer", sa.Text))
    op.add_column("kiosks", sa.Column("limits", sa.String(200)))
    op.add_column("records", sa.Column("origin_epoch", sa.Integer))
    op.add_column("records", sa.Column("origin_seq", sa.BigInteger))
    _outcomes()
    _tasks()
    if op.get_bind().dialect.name == "sqlite":
        for statement in _TRIGGERS:
            op.execute(statement)


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("posting", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("kiosk", "number", name="pk_outcomes"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_outcomes_kiosk"),
        sa.CheckConstraint("status IN ('posted', 'accepted', 'parked', 'declined')", name="ck_outcomes_status"),
    )
    op.create_index("ix_outcomes_pid", "outcomes", ["pid"])


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("opened_by", sa.String(64)),
        sa.Column("closed_at", UtcTime),
        sa.Column("closed_by", sa.String(64)),
        sa.PrimaryKeyConstraint("number", name="pk_tasks"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_tasks_kiosk"),
        sa.ForeignKeyConstraint(["opened_by"], ["users.name"], name="fk_tasks_opened_by"),
        sa.ForeignKeyConstraint(["closed_by"], ["users.name"], name="fk_tasks_closed_by"),
        sa.CheckConstraint("kind IN ('parked', 'declined')", name="ck_tasks_kind"),
    )
    op.create_index("ix_tasks_pid", "tasks", ["pid"])
    op.create_index("ix_tasks_closed_at", "tasks", ["closed_at"])
    # what was parked by an earlier release waits for a person too
    op.execute("""INSERT INTO tasks (kind, kiosk, pid, code, opened_at)
        SELECT 'parked', kiosk, pid, min(code), min(received_at) FROM records WHERE status = 'parked' GROUP BY kiosk, pid""")


def _never(event: str, table: str) -> str:
    name = f"{table}_{event.lower()}_refused"
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{table} are kept'); END"


_TRIGGERS = (
    _never("UPDATE", "outcomes"),
    _never("DELETE", "outcomes"),
    _never("DELETE", "tasks"),
    """CREATE TRIGGER outcomes_numbered BEFORE INSERT ON outcomes
       WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM outcomes WHERE kiosk = NEW.kiosk)
       BEGIN SELECT RAISE(ABORT, 'outcome numbers have no gaps'); END""",
    # a settled payment does not change, but for the account that a person found for a parked one
    "DROP TRIGGER payments_settled_once",
    """CREATE TRIGGER payments_settled_once BEFORE UPDATE ON payments WHEN OLD.state <> 'unknown' AND NOT (
           NEW.account IS NOT NULL AND OLD.account IS NULL AND NEW.state = OLD.state)
       BEGIN SELECT RAISE(ABORT, 'a settled payment does not change'); END""",
)

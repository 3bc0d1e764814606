"""Calls from kiosks for a member of staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.String(64)),
        sa.PrimaryKeyConstraint("number", name="pk_calls"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_calls_kiosk"),
        sa.ForeignKeyConstraint(["answered_by"], ["users.name"], name="fk_calls_answered_by"),
        sa.CheckConstraint("why IN ('too-many-tries', 'help')", name="ck_calls_why"),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="ck_calls_answered"),
    )
    op.create_index("ix_calls_called_at", "calls", ["called_at"])

"""Receipts that wait to be sent, and what became of those that did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("kiosk", sa.String(63), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(200)),
        sa.Column("body", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("pid", "channel", name="pk_receipts"),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_receipts_kiosk"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'given-up')", name="ck_receipts_state"),
        sa.CheckConstraint("(state = 'waiting') = (address IS NOT NULL)", name="ck_receipts_address"),
    )
    op.create_index("ix_receipts_state", "receipts", ["state"])

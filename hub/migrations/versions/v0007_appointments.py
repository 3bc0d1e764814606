"""Appointments, and accounts by their guarantor's birth date: how a person without a bill is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_accounts_guarantor_birth_date", "accounts", ["guarantor_birth_date"])
    op.create_table(
        "appointments",
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_appointments"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_appointments_account"),
    )
    op.create_index("ix_appointments_account", "appointments", ["account"])

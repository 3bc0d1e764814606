"""What a bill says: its good-faith estimate, the categories of its charges; and who was screened in the emergency department."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("statements", sa.Column("estimate", sa.BigInteger()))
    op.add_column("lines", sa.Column("category", sa.String(16)))
    op.create_table(
        "screenings",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_screenings"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_screenings_account"),
    )

"""The accounts that a payment which is unknown may be for, where it has no place in the books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "held_accounts",
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("pid", "account", name="pk_held_accounts"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_held_accounts_account"),
    )
    op.create_index("ix_held_accounts_account", "held_accounts", ["account"])

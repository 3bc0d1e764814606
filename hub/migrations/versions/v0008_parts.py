"""One guarantor of several accounts, and payments of several bills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("guarantor", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_accounts_guarantor", "accounts", ["guarantor"])
    op.create_table(
        "payment_parts",
        sa.Column("pid", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("statement", sa.String(10), nullable=False),
        sa.Column("visit", sa.String(64), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pid", "position", name="pk_payment_parts"),
        sa.ForeignKeyConstraint(["account"], ["accounts.number"], name="fk_payment_parts_account"),
        sa.ForeignKeyConstraint(["statement"], ["statements.number"], name="fk_payment_parts_statement"),
        sa.CheckConstraint("minor > 0", name="ck_payment_parts_positive"),
    )
    op.create_index("ix_payment_parts_account", "payment_parts", ["account"])
    op.create_index("ix_payment_parts_statement", "payment_parts", ["statement"])

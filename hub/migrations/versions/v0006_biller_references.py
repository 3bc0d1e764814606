"""Statements by the reference under which another biller's system knows them: what its own printed codes say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "biller_references",
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("statement", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("value", name="pk_biller_references"),
        sa.ForeignKeyConstraint(["statement"], ["statements.number"], name="fk_biller_references_statement"),
    )
    op.create_index("ix_biller_references_statement", "biller_references", ["statement"])

"""Payments by the short reference that a kiosk shows and prints: the last eight letters of the receipt code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from domain.payment import receipt_code

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("payments", sa.Column("reference", sa.String(8), nullable=False, server_default=""))
    triggers = op.get_bind().dialect.name == "sqlite"
    if triggers:
        op.execute("DROP TRIGGER payments_settled_once")
    _fill()
    if triggers:
        op.execute(_SETTLED_ONCE)
    op.create_index("ix_payments_reference", "payments", ["reference"])


def _fill() -> None:
    payments = sa.table("payments", sa.column("pid", sa.String), sa.column("reference", sa.String))
    connection = op.get_bind()
    for pid in connection.scalars(sa.select(payments.c.pid)).all():
        named = payments.update().where(payments.c.pid == pid)
        connection.execute(named.values(reference=receipt_code(pid)[-8:]))


_SETTLED_ONCE = """CREATE TRIGGER payments_settled_once BEFORE UPDATE ON payments WHEN OLD.state <> 'unknown'
       BEGIN SELECT RAISE(ABORT, 'a settled payment does not change'); END"""
"""As the first migration made it."""

"""What was done about a parked record that cannot be posted here, in the words of the person who closed its task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("note", sa.String(500)))

"""How the schema came to be: Alembic revisions, run in one transaction when the hub starts."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from hub.schema import REVISION


def upgrade(connection: Connection) -> None:
    """Brings the database behind `connection` to REVISION."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISION)

"""SQLCipher, and sqlite-utils over it: the one place that decides which SQLite the memory speaks to.

What keeps money speaks SQL to the driver; sqlite-utils takes the schema's steps. It takes `pysqlite3` where that is installed and
catches that module's errors. Under that name it gets sqlcipher3, before its own first import; without this it would catch the
errors of another library and leave a savepoint open, and what was inserted later would be gone after a restart (reference:
queue, reproduced: 11 rows became 1).

It imports numpy and pandas where they are installed, for types of columns that nothing here has: 11 MB of the engine's memory.
They are kept from it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3
import sqlcipher3.dbapi2

sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2

_kept_out = {"numpy", "pandas"} - sys.modules.keys()
_none: Any = None
sys.modules.update(dict.fromkeys(_kept_out, _none))  # whoever imports one of them is told that there is no such module

from sqlite_utils import Database as Tables  # noqa: E402
from sqlite_utils.migrations import Migrations  # noqa: E402

for _name in _kept_out:
    del sys.modules[_name]

if TYPE_CHECKING:
    from sqlite3 import Connection as _Driver  # the same driver over another library; this one has no types
else:
    from sqlcipher3.dbapi2 import Connection as _Driver

SqlError = sqlcipher3.dbapi2.DatabaseError
"""What SQLite raises; `sqlite_errorcode` is its extended result code."""

__all__ = ["Connection", "Migrations", "SqlError", "Tables", "connect"]


class Connection(_Driver):
    """The driver's own. No statement of it begins or ends a transaction but BEGIN, COMMIT and ROLLBACK."""


def connect(path: Path, key: bytes, *, read_only: bool) -> Connection:
    """A connection of this thread with the raw 256-bit `key` set. Nothing has been read yet: a wrong key shows at the first read.

    Transactions are ours to begin and end (no implicit ones: isolation_level None).
    """
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    connection: Connection = sqlcipher3.connect(uri, uri=True, isolation_level=None, timeout=5, factory=Connection)
    connection.execute("PRAGMA cipher_log_level = NONE")  # it writes to stderr; what went wrong comes back as an error too
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA recursive_triggers = ON")  # so that INSERT OR REPLACE runs the triggers against deletion too
    return connection

"""SQLCipher under sqlite-utils: the one place that decides which SQLite the memory speaks to.

sqlite-utils takes `pysqlite3` where it is installed and catches that module's errors. Under that name it gets sqlcipher3, before
its own first import; without this it would catch the errors of another library and leave a savepoint open, and what was
inserted later would be gone after a restart (reference: queue, reproduced: 11 rows became 1).
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlcipher3
import sqlcipher3.dbapi2

sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2

from sqlite_utils import Database as Connection  # noqa: E402
from sqlite_utils.migrations import Migrations  # noqa: E402

SqlError = sqlcipher3.dbapi2.DatabaseError
"""What SQLite raises; `sqlite_errorcode` is its extended result code."""

__all__ = ["Connection", "Migrations", "SqlError", "connect"]


def connect(path: Path, key: bytes, *, read_only: bool) -> Connection:
    """A connection of this thread with the raw 256-bit `key` set. Nothing has been read yet: a wrong key shows at the first read.

    Transactions are ours to begin and end (no implicit ones: isolation_level None).
    """
    mode = "ro" if read_only else "rwc"
    raw = sqlcipher3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=5)
    raw.execute("PRAGMA cipher_log_level = NONE")  # it writes to stderr; what went wrong comes back as an error too
    raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    # recursive_triggers (on by default here) makes INSERT OR REPLACE run the triggers against deletion too
    return Connection(raw, execute_plugins=False)

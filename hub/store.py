"""The hub's database: one SQLCipher file, opened with WAL and synchronous=FULL, one writer at a time, migrated at start."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from hub.folder import DISK_FULL, Folder, HubError, NotNow, write_private
from hub.schema import REVISION

OLDEST_SQLITE = (3, 51, 3)
"""Before this, a WAL with two connections can be corrupted (reference: queue, the WAL-reset bug)."""

_BUSY_MS = 10_000
_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_CORRUPT, _SQLITE_FULL, _SQLITE_NOTADB = 5, 6, 11, 13, 26
"""Result codes (sqlite.org/rescode.html): a page is not what it was; the first page does not open."""

_NOT_NOW = {
    _SQLITE_BUSY: ("database-busy", "The hub's database is busy. Try again in a moment.", 5),
    _SQLITE_LOCKED: ("database-busy", "The hub's database is busy. Try again in a moment.", 5),
    _SQLITE_FULL: DISK_FULL,
}


class Store:
    """Transactions on the hub's database. Safe to share between threads. Each raises HubError when it meets damage."""

    def __init__(self, engine: Engine, in_use: int) -> None:
        """`in_use` is the folder's lock, held until `close`."""
        self._engine = engine
        self._in_use: int | None = in_use
        self._one_writer = threading.Lock()
        self._to_fold = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view; what is written in it is thrown away."""
        with _damage_named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: durable when the block ends, gone when it raises."""
        with (
            _damage_named(),
            self._one_writer,
            self._engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
        ):
            yield connection

    def fold_soon(self) -> None:
        """What the transaction that is under way overwrites shall not stay in the log either: the next `fold` sees to it."""
        self._to_fold = True

    def fold(self) -> None:
        """Brings what is in the log into the database and empties it, where something there is to go (and once after each start:
        it may have been left behind). While somebody reads that cannot be; the next call tries again."""
        if not self._to_fold:
            return
        with _damage_named(), self._one_writer:
            raw = self._engine.raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            try:
                driver.execute("PRAGMA busy_timeout = 0")  # nobody is kept from writing while it waits for a reader
                ((busy, _, _),) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._to_fold = bool(busy)
            except sqlcipher.DatabaseError as error:
                raise DatabaseError("wal_checkpoint", None, error) from error
            finally:
                driver.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
                raw.close()

    def close(self) -> None:
        self._engine.dispose()
        if self._in_use is not None:
            os.close(self._in_use)
            self._in_use = None


def open_store(folder: Folder) -> Store:
    """The database in `folder`, made and migrated as needed.

    Raises HubError when its key is missing or does not open it, when SQLite is too old to be trusted with it, or while it is
    being restored.
    """
    if sqlcipher.sqlite_version_info < OLDEST_SQLITE:
        raise HubError("sqlite-too-old", f"SQLite {sqlcipher.sqlite_version} can damage the database; install sqlcipher3 again.")
    in_use = folder.in_use()
    try:
        return Store(_opened(folder), in_use)
    except BaseException:
        os.close(in_use)
        raise


def _opened(folder: Folder) -> Engine:
    key = _key(folder)
    folder.database.touch(mode=0o600)  # SQLite gives its -wal and -shm the same mode
    engine = _engine(folder.database, key)
    try:
        with _damage_named():
            _migrate(engine)
    except DatabaseError as error:
        engine.dispose()
        if _result_code(error) != _SQLITE_NOTADB:
            raise
        said = f"{folder.database} does not open with {folder.database_key}: restore both from one backup."
        raise HubError("database-unreadable", said) from error
    except HubError:
        engine.dispose()
        raise
    return engine


def copy_database(source: Folder, target: Folder) -> None:
    """Copies the database as it is at one moment, whoever writes meanwhile; the copy is sealed with the same key, and synced.

    Raises HubError when the disk is full or fails.
    """
    key = _key(source)
    target.database.touch(mode=0o600)
    here, there = _connection(source.database, key), sqlcipher.connect(str(target.database))
    try:
        there.execute(f"""PRAGMA key = "x'{key}'\"""")
        here.backup(there)
    except sqlcipher.DatabaseError as error:
        raise HubError("copy-failed", "The database could not be copied: is the disk full?") from error
    finally:
        there.close()
        here.close()


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        code = _result_code(error)
        if code in _NOT_NOW:
            raise NotNow(*_NOT_NOW[code]) from error
        if code != _SQLITE_CORRUPT:
            raise
        raise HubError("database-damaged", "The hub's database is damaged. Restore it from a backup.") from error


def _result_code(error: DatabaseError) -> int | None:
    """SQLite's primary result code, None where the error is not SQLite's own."""
    extended = getattr(error.orig, "sqlite_errorcode", None)
    return None if extended is None else int(extended) & 0xFF


def _key(folder: Folder) -> str:
    try:
        return folder.database_key.read_text("ascii").strip()
    except FileNotFoundError as error:
        if folder.database.exists():
            raise HubError("database-key-missing", f"{folder.database_key} is missing; restore it from a backup.") from error
        key = secrets.token_hex(32)
        write_private(folder.database_key, key.encode("ascii"))
        return key


def _connection(path: Path, key: str) -> Any:
    connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
    for pragma in (
        "cipher_log_level = NONE",  # what it would write to stderr, we say in one sentence
        f"""key = "x'{key}'\"""",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # so that REPLACE meets the triggers against deletion
        "secure_delete = ON",
    ):
        try:
            # to its end: the change to WAL is committed only after its answer was read, and that commit can fail
            connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlcipher.DatabaseError:
            connection.close()
            raise
    return connection


def _engine(path: Path, key: str) -> Engine:
    def connect() -> Any:
        return _connection(path, key)

    # hide_parameters: an error's text never carries a patient's data into a log (law 10)
    # pool_use_lifo: what another connection writes makes a connection's pages stale; the one used last has the newest at hand
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        module=sqlcipher,
        poolclass=QueuePool,
        pool_size=4,
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        if known and connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == REVISION:
            return
    from hub.migrations import upgrade  # here, because Alembic takes a third of a second that most starts need not spend

    with engine.connect().execution_options(immediate=True) as connection:
        # A table whose constraints change is made anew under its name. Both are possible outside of a transaction only.
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA legacy_alter_table = ON")
        try:
            with connection.begin():
                upgrade(connection)
                loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if loose is not None:
                    raise HubError(
                        "database-damaged", f"The hub's database is damaged: its table {loose[0]} lacks what it names."
                    )
        finally:
            raw.execute("PRAGMA legacy_alter_table = OFF")
            raw.execute("PRAGMA foreign_keys = ON")

"""The database file: opened with every promise checked, one transaction at a time, and its failures by name.

Everything here runs on the one thread that owns the connection. After any failure the connection is closed, because whether the
transaction was kept is not known; the next call opens it afresh and can look (reference: queue, requirement 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import structlog

from offline_queue.ballast import Ballast
from offline_queue.errors import (
    DatabaseDamaged,
    DatabaseForeign,
    DatabaseInUse,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnsafe,
    DiskFailing,
    DiskFull,
    QueueError,
)
from offline_queue.folder import database_file, has_database, is_full, known_disk_errors, log_file
from offline_queue.keeping import left_file, read_key
from offline_queue.log_check import check_log
from offline_queue.schema import APPLICATION_ID, STEPS, taken, upgrade
from offline_queue.sqlcipher import Connection, SqlError, connect

OLDEST_SQLITE = (3, 51, 3)
"""3.7.0 to 3.51.2 can corrupt a WAL that two connections write (reference: queue)."""

MOST_PAGES = 524_288
"""Of 4 KiB: 2 GiB, some two million payments. The database never grows past it, whatever room the disk has."""

PAGES_FOR_RESULTS = 4_096
"""The last of these pages (16 MiB) are for what has already happened: no new payment begins in them."""

_KNOWN: dict[int, type[QueueError]] = {
    3: DiskFailing,  # SQLITE_PERM
    5: DatabaseInUse,  # SQLITE_BUSY
    8: DiskFailing,  # SQLITE_READONLY
    10: DiskFailing,  # SQLITE_IOERR
    11: DatabaseDamaged,  # SQLITE_CORRUPT
    13: DiskFull,  # SQLITE_FULL
    14: DiskFailing,  # SQLITE_CANTOPEN
    26: DatabaseForeign,  # SQLITE_NOTADB
    10 | 19 << 8: DiskFull,  # SQLITE_IOERR_SHMSIZE: the log's index could not be made longer
}

_T = TypeVar("_T")
_log = structlog.get_logger()


@contextmanager
def known_errors() -> Iterator[None]:
    """SQLite's failures that come from the world, as known errors. The rest (a constraint, a typo) are bugs and pass."""
    try:
        yield
    except SqlError as error:
        _raise_by_name(error)


def _raise_by_name(error: SqlError) -> NoReturn:
    code = error.sqlite_errorcode
    kind = _KNOWN.get(code) or _KNOWN.get(code & 0xFF)
    if kind is None:
        raise error
    raise kind(error.sqlite_errorname) from error


class Database:
    """The kiosk's own connection, the only one that writes. Opened by its first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = Ballast(folder)
        self._connection: Connection | None = None
        self._key = b""
        self._distrusted = ""

    @property
    def key(self) -> bytes:
        """The key of the database, read once: after a fault the file is opened afresh without asking the TPM again."""
        self._key = self._key or read_key(self._folder)
        return self._key

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        """`work` between BEGIN IMMEDIATE and COMMIT: durable when this returns. Any exception leaves nothing of it behind, except
        a DatabaseFault, after which one has to look."""
        try:
            return self._committed(work)
        except QueueError as error:
            if isinstance(error.__cause__, SqlError):
                self.close()
            if isinstance(error, DiskFailing) and error.__cause__ is not None:
                self._distrusted = error.detail
                _log.error("queue.disk", reason=error.code, detail=error.detail)
            raise
        finally:
            self._roll_back()

    def _committed(self, work: Callable[[Connection], _T]) -> _T:
        connection = self._opened()
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except SqlError as error:  # as in known_errors, but that a payment does not pay for a generator
            _raise_by_name(error)
        return result

    def record(self, work: Callable[[Connection], _T]) -> _T:
        """`work` in a transaction, for what has already happened. Where the disk is full the ballast is given up and it is tried
        once more, afresh: `work` looks first at what is there, because a commit that failed may have been kept."""
        try:
            return self.transact(work)
        except DiskFull:
            self._ballast.give_up()
        return self.transact(work)

    def hold_room(self) -> bool:
        """Makes the ballast where it is missing and there is room. Returns whether it is whole. Raises DiskFailing."""
        return self._ballast.make()

    def check_room(self, connection: Connection) -> None:
        """Asked inside the transaction that opens a payment: whether all that may come of it can be kept.

        Raises DiskFull without the ballast, or in the database's last pages. Raises DiskFailing from the first time that the disk
        failed until the next start, which checks every page: a failed sync may have dropped what a later one calls safe
        (reference: queue, requirement 7).
        """
        if self._distrusted:
            raise DiskFailing(self._distrusted)
        pages, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        if pages - free > MOST_PAGES - PAGES_FOR_RESULTS:
            raise DiskFull("pages")
        if not self.hold_room():
            raise DiskFull("ballast")

    def _opened(self) -> Connection:
        """The connection. Opening folds the log in and makes its index, which may need the ballast's room."""
        if self._connection is None:
            try:
                self._connection = _open(self._folder, self.key)
            except DiskFull:
                self._ballast.give_up()
                self._connection = _open(self._folder, self.key)
        return self._connection

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _open(folder: Path, key: bytes) -> Connection:
    try:
        with known_errors(), known_disk_errors():
            _look_before_opening(folder, key)
            if not database_file(folder).exists():
                database_file(folder).touch(mode=0o600)  # SQLite gives its log the same mode
            connection = connect(database_file(folder), key, read_only=False)
            try:
                _set_up(connection)
            except (QueueError, SqlError):
                connection.close()
                raise
            return connection
    except DiskFailing as error:
        # SQLite says only "disk I/O error" where the log's index finds no room (seen on a full tmpfs).
        if is_full(folder):
            raise DiskFull(error.detail) from error.__cause__
        raise
    except DatabaseForeign:
        # SQLCipher says "not a database" where it could not read the first page, too: can it be read at all?
        with known_disk_errors():
            database_file(folder).read_bytes()
        raise


def _look_before_opening(folder: Path, key: bytes) -> None:
    """What the opening would hide or make worse is told first, and everything stays as it is: a database that is gone, a log that
    has lost promised transactions, and a log that is not this database's, as after restoring last week's next to today's."""
    logged = log_file(folder).exists()
    if (logged or left_file(folder).exists()) and not has_database(folder):
        raise DatabaseMissing("journal.db")
    check_log(log_file(folder), database_file(folder))
    # A rollback journal is there only where the very first start was cut off, before anything was promised: SQLite undoes that,
    # and must be able to write for it.
    if logged and not (folder / "journal.db-journal").exists():
        reading = connect(database_file(folder), key, read_only=True)  # one that cannot write folds nothing in when it closes
        try:
            refuse_foreign(reading)
            if _value(reading, "quick_check") != "ok":
                raise DatabaseDamaged("database and log")
        finally:
            reading.close()


def _set_up(connection: Connection) -> None:
    refuse_foreign(connection)
    for setting in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        # to its end: the change to WAL is committed only after its answer was read, and that commit can fail
        connection.execute(f"PRAGMA {setting}").fetchall()
    _check_promises(connection)
    # The log is folded in first: a power cut in the middle of that leaves torn pages which only the log can mend.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for fault in connection.execute("PRAGMA cipher_integrity_check").fetchall():
        raise DatabaseDamaged(str(fault[0])[:60])
    if _value(connection, "quick_check") != "ok":
        raise DatabaseDamaged("quick_check")
    upgrade(connection)
    # last, for a step may write a table anew beside the old one
    connection.execute(f"PRAGMA max_page_count = {MOST_PAGES}").fetchall()


def refuse_foreign(connection: Connection) -> None:
    """Raises DatabaseForeign for a wrong key (SQLITE_NOTADB) or another product's file, DatabaseNewer for a later release's."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT GLOB '*sqlite_*'").fetchone()[0]
    if _value(connection, "application_id") != (APPLICATION_ID if tables else 0):
        raise DatabaseForeign("application id")
    if taken(connection) - STEPS.keys():
        raise DatabaseNewer


def _check_promises(connection: Connection) -> None:
    found = (_value(connection, "journal_mode"), _value(connection, "synchronous"), _value(connection, "foreign_keys"))
    version = connection.execute("SELECT sqlite_version()").fetchone()[0]
    if found != ("wal", 2, 1) or tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        raise DatabaseUnsafe(version)


def _value(connection: Connection, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]

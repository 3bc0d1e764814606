"""The database file: who may open it, what is refused by name, what cannot be changed, and what a failing disk leaves behind."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils.db

from domain.payment import Outcome
from offline_queue import outbox, sqlcipher
from offline_queue.attempts import State
from offline_queue.database import Database
from offline_queue.errors import (
    DatabaseDamaged,
    DatabaseForeign,
    DatabaseInUse,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnsafe,
    DiskFailing,
    DiskFull,
    KeyExposed,
    QueueError,
)
from offline_queue.folder import database_file, key_file
from offline_queue.journal import Journal
from offline_queue.keeping import read_key
from offline_queue.reader import JournalReader
from offline_queue.sqlcipher import Connection, SqlError, connect
from tests.log_watch import LogWatch
from tests.offline_queue.world import World, approved, ended


def raw(folder: Path) -> Connection:
    """A connection past all our rules."""
    return connect(database_file(folder), read_key(folder), read_only=False)


async def closed(world: World, folder: Path) -> bytes:
    """A memory that has been opened once and closed; its database as bytes."""
    await (await world.journal(folder)).close()
    return database_file(folder).read_bytes()


async def refused(world: World, folder: Path, error: type[QueueError]) -> None:
    """It does not open, twice: nothing stays locked by the first try."""
    for _ in range(2):
        with pytest.raises(error) as caught:
            await world.journal(folder)
        assert type(caught.value) is error


def test_sqlite_utils_speaks_sqlcipher() -> None:
    assert vars(sqlite_utils.db)["sqlite3"].__name__ == "sqlcipher3"
    assert sqlcipher.SqlError.__module__ == "sqlcipher3.dbapi2"


async def test_the_folder_and_its_key_are_ours_alone(world: World, folder: Path) -> None:
    content = await closed(world, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert b"SQLite format 3" not in content
    assert b"attempts" not in content
    before = read_key(folder)
    await closed(world, folder)
    assert read_key(folder) == before
    for path, mode in ((key_file(folder), 0o640), (key_file(folder), 0o604), (folder, 0o750)):
        kept = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        await refused(world, folder, KeyExposed)
        path.chmod(kept)
    await closed(world, folder)


async def test_the_database_promises_what_money_needs(journal: Journal) -> None:
    def ask(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "recursive_triggers")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await journal._transact(ask) == ["wal", 2, 1, 1, 1]


async def test_wrong_keys_and_other_files_are_foreign(world: World, folder: Path) -> None:
    content = await closed(world, folder)
    key = read_key(folder)
    key_file(folder).write_bytes(bytes(32))
    await refused(world, folder, DatabaseForeign)
    key_file(folder).write_bytes(key[:31])
    await refused(world, folder, DatabaseForeign)
    key_file(folder).unlink()
    await refused(world, folder, DatabaseForeign)
    key_file(folder).write_bytes(key)
    key_file(folder).chmod(0o600)
    database_file(folder).write_bytes(b"SQLite format 3\0" + bytes(4080))
    await refused(world, folder, DatabaseForeign)
    database_file(folder).unlink()
    other = raw(folder)
    other.execute("CREATE TABLE somebody_elses (a INTEGER) STRICT")
    other.close()
    await refused(world, folder, DatabaseForeign)
    database_file(folder).write_bytes(content)
    await closed(world, folder)


async def test_damage_is_found_at_the_start(world: World, folder: Path) -> None:
    content = await closed(world, folder)
    for at in (4096 + 7, len(content) // 2, len(content) - 9):
        database_file(folder).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        await refused(world, folder, DatabaseDamaged)
    database_file(folder).write_bytes(content[: len(content) // 2])
    await refused(world, folder, DatabaseDamaged)


async def test_damage_where_nothing_lives_yet_is_found_too(world: World, folder: Path) -> None:
    """A page on the free list: no query would read it, but a disk that changes bytes is not one to keep money on."""
    await closed(world, folder)
    other = raw(folder)
    other.execute("CREATE TABLE gone (a BLOB) STRICT")
    other.execute("INSERT INTO gone VALUES (zeroblob(20000))")
    other.execute("DROP TABLE gone")
    other.close()
    content = await closed(world, folder)
    at = len(content) - 4096 + 100
    database_file(folder).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    await refused(world, folder, DatabaseDamaged)


async def test_a_structure_that_does_not_hold_is_damage(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await closed(world, folder)
    monkeypatch.setattr("offline_queue.database._value", answering("quick_check", "row 1 missing from index"))
    await refused(world, folder, DatabaseDamaged)


@pytest.mark.parametrize(("pragma", "answer"), [("journal_mode", "delete"), ("synchronous", 1), ("foreign_keys", 0)])
async def test_without_its_promises_it_does_not_open(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, answer: object
) -> None:
    monkeypatch.setattr("offline_queue.database._value", answering(pragma, answer))
    await refused(world, folder, DatabaseUnsafe)


def answering(pragma: str, answer: object) -> Callable[[Connection, str], object]:
    from offline_queue.database import _value

    return lambda connection, name: answer if name == pragma else _value(connection, name)


async def test_an_sqlite_with_the_wal_fault_is_refused(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline_queue.database.OLDEST_SQLITE", (99,))
    await refused(world, folder, DatabaseUnsafe)


async def test_what_cannot_be_opened_is_a_failing_disk(world: World, folder: Path, log_watch: LogWatch) -> None:
    log_watch.expect("queue.disk")
    await closed(world, folder)
    database_file(folder).unlink()
    database_file(folder).mkdir()
    await refused(world, folder, DiskFailing)


async def test_a_later_release_is_not_touched(world: World, folder: Path) -> None:
    await closed(world, folder)
    later = raw(folder)
    later.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('kiosk', '99 later', '')")
    later.close()
    await refused(world, folder, DatabaseNewer)
    with pytest.raises(DatabaseNewer):
        JournalReader(folder)


async def test_there_must_be_something_to_read(world: World, folder: Path) -> None:
    with pytest.raises(DatabaseMissing):
        JournalReader(folder)
    folder.mkdir(mode=0o700)
    with pytest.raises(DatabaseMissing):
        JournalReader(folder)
    await closed(world, folder)
    database_file(folder).unlink()
    with pytest.raises(DatabaseMissing):
        JournalReader(folder)


async def test_the_reader_cannot_write(world: World, folder: Path) -> None:
    await closed(world, folder)
    with JournalReader(folder) as reader, pytest.raises(DiskFailing), reader._reading() as connection:
        connection.execute("INSERT INTO signing_keys (private) VALUES (zeroblob(32))")


async def test_a_second_kiosk_on_the_same_folder_is_refused(journal: Journal, world: World, folder: Path) -> None:
    with pytest.raises(DatabaseInUse):
        await world.journal(folder)
    script = (
        "import asyncio, datetime, os, pathlib, sys\n"
        "from offline_queue.errors import DatabaseInUse\n"
        "from offline_queue.journal import Journal\n"
        "try:\n"
        "    asyncio.run(Journal.open(pathlib.Path(sys.argv[1]), clock=datetime.datetime.now, random=os.urandom))\n"
        "except DatabaseInUse as error:\n"
        "    print(error.code)\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(folder), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    out, _ = await child.communicate()
    assert out == b"queue-in-use\n"
    await world.paid(journal)


@pytest.mark.parametrize(("error", "known"), [(errno.ENOSPC, DiskFull), (errno.EROFS, DiskFailing), (errno.EIO, DiskFailing)])
async def test_a_disk_that_takes_no_key_is_named(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, error: int, known: type[QueueError]
) -> None:
    def fails(_: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("os.fsync", fails)
    await refused(world, folder, known)
    monkeypatch.undo()
    await closed(world, folder)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM attempts",
        "DELETE FROM outbox",
        "DELETE FROM enrolments",
        "DELETE FROM signing_keys",
        "INSERT OR REPLACE INTO signing_keys (number, private) VALUES (1, zeroblob(32))",
        "UPDATE signing_keys SET private = zeroblob(32)",
        "UPDATE enrolments SET kiosk = 'other'",
        "UPDATE attempts SET minor = 1",
        "UPDATE attempts SET currency = 'EUR'",
        "UPDATE attempts SET id = 'x'",
        "UPDATE attempts SET opened_at = ''",
        "UPDATE attempts SET newest_receipt = 99",
        "UPDATE attempts SET taken = 1 WHERE state = 'approved'",
        "UPDATE attempts SET state = 'open'",
        "UPDATE attempts SET state = 'declined', taken = NULL WHERE state = 'approved'",
        "UPDATE attempts SET state = 'not-started' WHERE state = 'unknown'",
        "UPDATE attempts SET state = 'approved' WHERE state = 'unknown'",
        "INSERT INTO attempts (id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline, opened_at,"
        " settled_at) VALUES ('x', 'declined', '', '', '', '', 1, 'USD', 'card', 0, '', '')",
        "INSERT INTO attempts (id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline, opened_at)"
        " VALUES ('x', 'open', '', '', '', '', 0, 'USD', 'card', 0, '')",
        "INSERT INTO attempts (id, state, ref_kind, ref_value, statement, account, minor, currency, tender, offline, opened_at)"
        " VALUES ('x', 'open', '', '', '', '', 12.5, 'USD', 'card', 0, '')",
        "UPDATE outbox SET sealed = NULL",
        "UPDATE outbox SET sealed = x'00'",
        "UPDATE outbox SET hash = 'x'",
        "UPDATE outbox SET seq = 9",
        "UPDATE outbox SET state = 'lost'",
        "UPDATE outbox SET origin_epoch = 1, origin_seq = 1",
        "INSERT INTO outbox SELECT (1 << 32) + 9, 1, 9, attempt, 'captured', kid, sealed, hash, 'queued', '', '', '', NULL, NULL,"
        " NULL FROM outbox LIMIT 1",
        "INSERT INTO outbox SELECT (1 << 32) + 3, 1, 3, attempt, 'captured', kid, sealed, hash, 'posted', '', '', '', NULL, NULL,"
        " NULL FROM outbox LIMIT 1",
        "INSERT INTO outbox SELECT (1 << 32) + 3, 1, 3, attempt, 'captured', kid, NULL, hash, 'queued', '', '', '', NULL, NULL,"
        " NULL FROM outbox LIMIT 1",
        "INSERT INTO outbox SELECT (1 << 32) + 3, 1, 3, attempt, outcome, kid, sealed, hash, 'queued', '', '', '', NULL, NULL,"
        " NULL FROM outbox WHERE seq = 2",
        "INSERT INTO outbox SELECT (2 << 32) + 3, 1, 3, attempt, 'captured', kid, sealed, hash, 'queued', '', '', '', NULL, NULL,"
        " NULL FROM outbox LIMIT 1",
        "INSERT OR REPLACE INTO outbox SELECT (1 << 32) + 2, 1, 2, attempt, 'captured', kid, sealed, hash, 'queued', '', '', '',"
        " NULL, NULL, NULL FROM outbox LIMIT 1",
        "UPDATE outbox SET place = place + 9",
        "UPDATE enrolments SET waits_from = 2",
        "UPDATE enrolments SET waits_from = 4",
        "UPDATE enrolments SET waits_from = 0",
        "INSERT INTO outbox SELECT (2 << 32) + 1, 2, 1, attempt, 'captured', kid, sealed, hash, 'queued', '', '', '', NULL, NULL,"
        " NULL FROM outbox LIMIT 1",
    ],
)
async def test_the_laws_are_in_the_database_itself(journal: Journal, world: World, folder: Path, sql: str) -> None:
    await world.paid(journal)
    await world.paid(journal, result=ended(Outcome.UNKNOWN))
    await journal.close()
    database = Database(folder)
    with pytest.raises(SqlError) as caught:
        database.transact(lambda connection: connection.execute(sql))
    assert caught.value.sqlite_errorcode & 0xFF == 19  # SQLITE_CONSTRAINT
    counts = "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM outbox)"
    assert database.transact(lambda connection: connection.execute(counts).fetchone()) == (2, 2)
    database.close()


async def test_a_payment_has_one_answered_record_of_an_outcome(journal: Journal, world: World) -> None:
    await world.paid(journal, 3)

    def doubled(connection: Connection) -> None:
        connection.execute("DROP TRIGGER outbox_fixed")
        connection.execute("UPDATE outbox SET attempt = (SELECT attempt FROM outbox WHERE seq = 1) WHERE seq = 3")
        connection.execute("UPDATE outbox SET state = 'posted'")

    with pytest.raises(SqlError, match="UNIQUE"):
        await journal._transact(doubled)


async def test_what_waits_is_found_where_it_waits(journal: Journal, world: World) -> None:
    """Also behind records that were answered before it, as by a hub that had it by another way."""
    await world.paid(journal, 5)

    def seen(connection: Connection) -> list[list[int]]:
        looks = []
        for change in ("seq IN (1, 2)", "seq = 4", "seq = 3", "seq = 5"):
            connection.execute(f"UPDATE outbox SET state = 'posted' WHERE {change}")
            outbox._move_on(connection, 1)
            looks.append([row[0] for row in connection.execute("SELECT seq FROM waiting ORDER BY seq").fetchall()])
        connection.execute("UPDATE outbox SET state = 'queued' WHERE seq IN (2, 4)")
        looks.append([row[0] for row in connection.execute("SELECT seq FROM waiting ORDER BY seq").fetchall()])
        return looks

    assert await journal._transact(seen) == [[3, 4, 5], [3, 5], [5], [], [2, 4]]


async def test_a_posted_record_cannot_become_parked(journal: Journal, world: World) -> None:
    await world.paid(journal)

    def moves(connection: Connection) -> None:
        connection.execute("UPDATE outbox SET state = 'posted'")
        connection.execute("UPDATE outbox SET state = 'parked'")

    with pytest.raises(SqlError, match="cannot move so"):
        await journal._transact(moves)


def failing(statement: str, *, after: bool) -> Callable[[Connection, str, object], object]:
    """Connection.execute with the disk failing once at `statement`: before it was done, or after."""
    true = Connection.execute
    left = [statement]

    def execute(self: Connection, sql: str, parameters: object = ()) -> object:
        fails = sql in left
        if fails:
            left.remove(sql)
        if not fails or after:
            done = true(self, sql, parameters)  # type: ignore[arg-type]
        if fails:
            error = SqlError("disk I/O error")
            error.sqlite_errorcode, error.sqlite_errorname = 10 | 4 << 8, "SQLITE_IOERR_FSYNC"
            raise error
        return done

    return execute


async def after_a_restart(journal: Journal, world: World, folder: Path) -> Journal:
    """The disk has failed once, so no new payment begins until a start has checked every page."""
    with pytest.raises(DiskFailing, match="SQLITE_IOERR_FSYNC"):
        await journal.open_attempt(world.attempt(), None)
    await journal.close()
    return await world.journal(folder)


async def test_a_commit_that_failed_after_it_was_kept_is_found(
    journal: Journal, world: World, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.disk")
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    monkeypatch.setattr(Connection, "execute", failing("COMMIT", after=True))
    await journal.settle(attempt.id, approved(attempt))
    batch = await journal.undelivered(10)
    assert batch is not None
    assert [record.pid for record in batch.records] == [attempt.id]


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
async def test_a_commit_that_was_not_kept_is_told(
    journal: Journal, world: World, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, statement: str
) -> None:
    log_watch.expect("queue.disk")
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    monkeypatch.setattr(Connection, "execute", failing(statement, after=False))
    with pytest.raises(DiskFailing, match="SQLITE_IOERR_FSYNC"):
        await journal.settle(attempt.id, approved(attempt))
    found = await journal.find(attempt.id)
    assert found is not None
    assert found.state is State.OPEN
    await journal.settle(attempt.id, approved(attempt))


async def test_an_attempt_whose_commit_failed_after_it_was_kept_does_not_block_its_bill(
    journal: Journal, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.disk")
    attempt, again = world.attempt(number="7700000001"), world.attempt(number="7700000001")
    monkeypatch.setattr(Connection, "execute", failing("COMMIT", after=True))
    with pytest.raises(DiskFailing, match="SQLITE_IOERR_FSYNC"):
        await journal.open_attempt(attempt, None)
    found = await journal.find(attempt.id)
    assert found is not None
    assert (found.state, found.fault) == (State.NOT_STARTED, "queue-disk-failing")
    journal = await after_a_restart(journal, world, folder)
    await journal.open_attempt(again, None)
    assert await journal.unresolved() == (again,)
    await journal.close()


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
async def test_an_attempt_whose_commit_was_not_kept_can_be_opened_again(
    journal: Journal, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, statement: str
) -> None:
    log_watch.expect("queue.disk")
    attempt = world.attempt()
    monkeypatch.setattr(Connection, "execute", failing(statement, after=False))
    with pytest.raises(DiskFailing):
        await journal.open_attempt(attempt, None)
    assert await journal.find(attempt.id) is None
    journal = await after_a_restart(journal, world, folder)
    await journal.open_attempt(attempt, None)
    await journal.close()


async def test_an_attempt_that_was_open_before_the_fault_stays_open(
    journal: Journal, world: World, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    """The first call succeeded, so the terminal may be at work on it: only its own word closes it."""
    log_watch.expect("queue.disk")
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    monkeypatch.setattr(Connection, "execute", failing("COMMIT", after=True))
    with pytest.raises(DiskFailing):
        await journal.open_attempt(attempt, None)
    assert await journal.unresolved() == (attempt,)


async def test_where_the_file_cannot_be_opened_afresh_the_first_fault_is_told(
    journal: Journal, world: World, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.disk")

    def broken(*_: object) -> Connection:
        raise DatabaseForeign("application id")

    attempt = world.attempt()
    monkeypatch.setattr(Connection, "execute", failing("COMMIT", after=True))
    monkeypatch.setattr("offline_queue.database._open", broken)
    with pytest.raises(DiskFailing, match="SQLITE_IOERR_FSYNC"):
        await journal.open_attempt(attempt, None)
    monkeypatch.undo()
    assert await journal.unresolved() == (attempt,)


async def test_closing_twice_is_closing_once(world: World, folder: Path) -> None:
    journal = await world.journal(folder)
    await journal.close()
    await journal.close()

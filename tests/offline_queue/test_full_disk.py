"""A full disk: no new payment begins, and all that has happened already is still kept, on a real file system that has no room."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.payment import Outcome
from offline_queue.attempts import State
from offline_queue.ballast import BALLAST_BYTES, Ballast
from offline_queue.client import HubClient
from offline_queue.database import known_errors
from offline_queue.errors import DiskFailing, DiskFull
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sqlcipher import Connection, SqlError
from offline_queue.sync import Sync
from tests.log_watch import LogWatch
from tests.offline_queue.world import World, approved, ended, enrolled


def ballast_file(folder: Path) -> Path:
    return folder / "journal.ballast"


MOST_FILES = 50


class Disk:
    """A small disk of its own, with the memory's folder on it."""

    def __init__(self, mount: Path) -> None:
        self.folder = mount / "memory"
        self._filler = mount / "filler"

    def fill(self) -> None:
        """Somebody else writes until there is not one byte left."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (65_536, 4_096, 1):
                write_until_full(file, size)

    def make_room(self) -> None:
        self._filler.unlink()


def write_until_full(file: io.RawIOBase, size: int) -> None:
    try:
        while True:
            file.write(bytes(size))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def touch_until_full(folder: Path) -> None:
    folder.mkdir()
    for number in range(MOST_FILES):
        (folder / f"{number}").touch()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={3 * BALLAST_BYTES},nr_inodes={MOST_FILES},mode=700", "lobbypay-test", str(mount)],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        pytest.skip(f"a small disk is mounted by root alone: {done.stderr.strip()}")
    yield Disk(mount)
    subprocess.run(["umount", "--lazy", str(mount)], check=True)  # also where a failed test left a file open


async def test_the_ballast_is_real_and_ours_alone(journal: Journal, folder: Path) -> None:
    seen = ballast_file(folder).stat()
    assert seen.st_size == BALLAST_BYTES
    assert seen.st_blocks * 512 >= BALLAST_BYTES
    assert stat.S_IMODE(seen.st_mode) == 0o600


async def test_a_full_disk_takes_every_result_and_no_payment(disk: Disk, world: World, log_watch: LogWatch) -> None:
    log_watch.expect("queue.ballast")
    journal, client, hub = await enrolled(world, disk.folder)
    approval, cancellation, unstarted, unclear = [world.attempt() for _ in range(4)]
    for attempt in (approval, cancellation, unstarted, unclear):
        await journal.open_attempt(attempt, None)
    disk.fill()
    await journal.settle(approval.id, approved(approval))
    assert not ballast_file(disk.folder).exists()
    await journal.settle(cancellation.id, ended(Outcome.CANCELLED))
    await journal.not_started(unstarted.id, "terminal-away")
    await journal.settle(unclear.id, ended(Outcome.UNKNOWN))
    refused = world.attempt()
    with pytest.raises(DiskFull, match="ballast"):
        await journal.open_attempt(refused, None)
    assert await journal.find(refused.id) is None
    with JournalReader(disk.folder) as reader:
        states = [attempt.state for attempt in reader.attempts()]
    assert states == [State.APPROVED, State.CANCELLED, State.NOT_STARTED, State.UNKNOWN]
    await Sync(journal, client, on_reachability=lambda _: None).once()
    assert [pid for pid, _, _ in hub.stored] == [approval.id, unclear.id]
    assert await journal.undelivered(1) is None
    disk.make_room()
    await journal.open_attempt(refused, None)
    assert ballast_file(disk.folder).stat().st_size == BALLAST_BYTES
    await journal.close()
    await client.close()


async def test_it_starts_on_a_full_disk(disk: Disk, world: World, log_watch: LogWatch) -> None:
    """The log and its index are new files at each start, and have no room either."""
    log_watch.expect("queue.ballast")
    journal, client, _ = await enrolled(world, disk.folder)
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    await journal.close()
    disk.fill()
    journal = await world.journal(disk.folder)
    assert not ballast_file(disk.folder).exists()
    assert await journal.unresolved() == (attempt,)
    await journal.settle(attempt.id, approved(attempt))
    with pytest.raises(DiskFull, match="ballast"):
        await journal.open_attempt(world.attempt(), None)
    await journal.close()
    await client.close()


async def test_a_disk_that_takes_no_more_files_is_full_and_not_failing(disk: Disk, world: World, log_watch: LogWatch) -> None:
    log_watch.expect("queue.ballast")
    await (await world.journal(disk.folder)).close()
    crowd = disk.folder.parent / "crowd"
    with pytest.raises(OSError, match="No space left"):
        touch_until_full(crowd)
    with pytest.raises(DiskFull):
        await world.journal(disk.folder)
    shutil.rmtree(crowd)
    await (await world.journal(disk.folder)).close()


async def test_where_not_even_the_ballast_is_left_it_is_told(disk: Disk, world: World) -> None:
    journal, client, _ = await enrolled(world, disk.folder)
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    ballast_file(disk.folder).unlink()
    disk.fill()
    with pytest.raises(DiskFull):
        await journal.settle(attempt.id, approved(attempt))
    disk.make_room()
    assert await journal.unresolved() == (attempt,)
    await journal.settle(attempt.id, approved(attempt))
    await journal.close()
    await client.close()


async def test_a_delivery_makes_the_ballast_again(journal: Journal, client: HubClient, world: World, folder: Path) -> None:
    await world.paid(journal)
    for spend in (1, 0):
        os.truncate(ballast_file(folder), BALLAST_BYTES - spend)
        await Sync(journal, client, on_reachability=lambda _: None).once()  # a batch, and then a heartbeat
        assert ballast_file(folder).stat().st_size == BALLAST_BYTES


async def test_a_short_ballast_refuses_payments_and_nothing_else(
    journal: Journal, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.ballast")
    attempt, cancelled = world.attempt(), world.attempt()
    await journal.open_attempt(attempt, None)
    await journal.open_attempt(cancelled, None)
    os.truncate(ballast_file(folder), BALLAST_BYTES - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 2 * BALLAST_BYTES - 1))
    with pytest.raises(DiskFull, match="ballast"):
        await journal.open_attempt(world.attempt(), None)
    await journal.open_attempt(attempt, None)  # nothing new: it is open already
    await journal.settle(attempt.id, approved(attempt))
    await journal.not_started(cancelled.id, "cancelled")
    assert await journal.undelivered(1) is not None
    monkeypatch.undo()
    await journal.open_attempt(world.attempt(), None)


@pytest.mark.parametrize("call", ["os.posix_fallocate", "os.pwrite", "os.fsync"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_room_that_is_gone_meanwhile_leaves_no_half_ballast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, call: str, error: int
) -> None:
    log_watch.expect("queue.ballast")
    monkeypatch.setattr(call, failing_call(error))
    assert not Ballast(tmp_path).make()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert Ballast(tmp_path).make()
    assert Ballast(tmp_path).whole()


def test_a_ballast_is_given_up_once(tmp_path: Path, log_watch: LogWatch) -> None:
    log_watch.expect("queue.ballast")
    ballast = Ballast(tmp_path)
    assert ballast.make()
    for _ in range(2):
        ballast.give_up()
        assert not ballast.whole()
    assert ballast.make()
    assert [line["state"] for line in log_watch.events] == ["given-up", "made-again"]


def test_a_short_write_is_no_ballast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch) -> None:
    log_watch.expect("queue.ballast")
    monkeypatch.setattr("os.pwrite", lambda _file, piece, _at: len(piece) - 1)
    assert not Ballast(tmp_path).make()
    assert list(tmp_path.iterdir()) == []


def test_a_failing_disk_is_not_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", failing_call(errno.EIO))
    with pytest.raises(DiskFailing, match="EIO"):
        Ballast(tmp_path).make()


def failing_call(error: int) -> Callable[..., int]:
    def fails(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    return fails


async def test_the_last_pages_are_for_what_has_happened(
    journal: Journal, client: HubClient, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of the file itself, made small: payments end first, and what is open is settled and delivered."""

    def pages(connection: Connection) -> int:
        return int(str(connection.execute("PRAGMA page_count").fetchone()[0]))

    most = await journal._transact(pages) + 40
    monkeypatch.setattr("offline_queue.database.MOST_PAGES", most)
    monkeypatch.setattr("offline_queue.database.PAGES_FOR_RESULTS", 20)
    await journal.close()
    journal = await world.journal(folder)
    opened = []

    async def open_for_ever() -> None:
        while True:
            attempt = world.attempt()
            await journal.open_attempt(attempt, None)
            opened.append(attempt)

    with pytest.raises(DiskFull, match="pages"):
        await open_for_ever()
    assert list(await journal.unresolved()) == opened
    for attempt in opened[:30]:
        await journal.settle(attempt.id, approved(attempt))
    await journal.not_started(opened[30].id, "cancelled")
    assert len(opened) > 31
    await Sync(journal, client, on_reachability=lambda _: None).once()
    assert await journal.undelivered(1) is None
    assert await journal._transact(pages) <= most
    await journal.close()


async def test_the_file_does_not_grow_past_its_limit(journal: Journal, world: World, folder: Path) -> None:
    def bloat(connection: Connection) -> None:
        connection.execute("CREATE TABLE bloat (a BLOB) STRICT")
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        connection.execute("INSERT INTO bloat VALUES (zeroblob(100000))")

    with pytest.raises(DiskFull, match="SQLITE_FULL"):
        await journal._transact(bloat)
    await world.paid(journal)


@pytest.mark.parametrize("kept", [False, True])
async def test_a_commit_that_finds_no_room_is_tried_again_with_the_ballast_s(
    journal: Journal, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, kept: bool
) -> None:
    """Whether the first try was kept or not: it is looked for by its id, and is there once."""
    log_watch.expect("queue.ballast")
    attempt = world.attempt()
    await journal.open_attempt(attempt, None)
    true = Connection.execute
    full = ["COMMIT"]

    def execute(self: Connection, sql: str, parameters: object = ()) -> object:
        if sql not in full:
            return true(self, sql, parameters)  # type: ignore[arg-type]
        full.remove(sql)
        if kept:
            true(self, sql)
        error = SqlError("database or disk is full")
        error.sqlite_errorcode, error.sqlite_errorname = 13, "SQLITE_FULL"
        raise error

    monkeypatch.setattr(Connection, "execute", execute)
    await journal.settle(attempt.id, approved(attempt))
    assert not ballast_file(folder).exists()
    assert await journal.unresolved() == ()
    batch = await journal.undelivered(10)
    assert batch is not None
    assert [record.pid for record in batch.records] == [attempt.id]


async def test_an_opening_that_finds_no_room_is_tried_again_with_the_ballast_s(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    """SQLite's own word for it is that it cannot open the file, or an I/O error."""
    log_watch.expect("queue.ballast")
    await (await world.journal(folder)).close()
    monkeypatch.setattr("offline_queue.database.is_full", lambda _: True)
    monkeypatch.setattr("offline_queue.database.database_file", lambda folder: folder)
    with pytest.raises(DiskFull, match="SQLITE_CANTOPEN"):
        await world.journal(folder)
    assert not ballast_file(folder).exists()
    monkeypatch.undo()
    await (await world.journal(folder)).close()


def test_an_index_that_has_no_room_is_a_full_disk() -> None:
    error = SqlError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = 10 | 19 << 8, "SQLITE_IOERR_SHMSIZE"
    with pytest.raises(DiskFull, match="SQLITE_IOERR_SHMSIZE"), known_errors():
        raise error

"""Files that are not what we left: cut short, foreign, flipped, old. Each is refused by name and left as it is."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from offline_queue.errors import DatabaseDamaged, DatabaseForeign, DatabaseMissing, DiskFailing, QueueError
from offline_queue.folder import database_file, log_file
from offline_queue.log_check import check_log
from offline_queue.reader import JournalReader
from tests.offline_queue.test_full_disk import Disk, disk
from tests.offline_queue.world import World, enrolled

__all__ = ["disk"]

PAGE = 4096
FRAME = PAGE + 24
LOG_HEADER = 32


@pytest.fixture
async def crashed(world: World, tmp_path: Path) -> AsyncIterator[Path]:
    """The folder of a kiosk that died with 20 payments, five of them still in the log."""
    alive, dead = tmp_path / "alive", tmp_path / "dead"
    journal, client, _ = await enrolled(world, alive)
    await world.paid(journal, 15)
    await journal.close()
    journal = await world.journal(alive)
    await world.paid(journal, 5)
    shutil.copytree(alive, dead)
    (dead / "journal.db-shm").unlink()
    yield dead
    await journal.close()
    await client.close()


async def paid(world: World, folder: Path) -> int:
    """How many payments a start finds."""
    journal = await world.journal(folder)
    batch = await journal.undelivered(100)
    await journal.close()
    return len(batch.records) if batch else 0


async def refused(world: World, folder: Path, error: type[QueueError]) -> None:
    """It is refused each time, and database, log and key stay as they are."""
    before = contents(folder)
    for _ in range(2):
        with pytest.raises(error) as caught:
            await world.journal(folder)
        assert type(caught.value) is error
        assert contents(folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name not in ("journal.db-shm", "journal.lock")}


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]


async def test_what_a_crash_leaves_is_whole(world: World, crashed: Path) -> None:
    assert log_file(crashed).stat().st_size > 5 * FRAME
    assert await paid(world, crashed) == 20


async def test_a_bit_that_flips_in_any_page_is_found(world: World, crashed: Path) -> None:
    await paid(world, crashed)  # the log is folded in
    content = database_file(crashed).read_bytes()
    places = [page * PAGE + random.Random(page).randrange(PAGE) for page in range(1, len(content) // PAGE)]
    assert len(places) > 10
    for at in places:
        database_file(crashed).write_bytes(flipped(content, at))
        await refused(world, crashed, DatabaseDamaged)
    for at in (0, 15, 16, 100, PAGE - 1):  # the salt, the first page, its checksum
        database_file(crashed).write_bytes(flipped(content, at))
        await refused(world, crashed, DatabaseForeign)
    database_file(crashed).write_bytes(content)
    assert await paid(world, crashed) == 20


async def test_a_file_that_is_cut_short_is_refused(world: World, crashed: Path) -> None:
    await paid(world, crashed)
    content = database_file(crashed).read_bytes()
    kinds = {
        DatabaseMissing: (0, 1, 511),
        DatabaseForeign: (512, PAGE - 1),
        DatabaseDamaged: (PAGE, PAGE + 1, len(content) - PAGE),
    }
    for error, sizes in kinds.items():
        for size in sizes:
            database_file(crashed).write_bytes(content[:size])
            await refused(world, crashed, error)
    database_file(crashed).unlink()
    await refused(world, crashed, DatabaseMissing)
    assert not database_file(crashed).exists()
    for size in (0, 511):
        database_file(crashed).write_bytes(content[:size])
        with pytest.raises(DatabaseMissing):
            JournalReader(crashed)


async def test_a_log_without_its_database_is_not_thrown_away(world: World, crashed: Path) -> None:
    """Before the enrolment too: SQLite would make a new database, and delete the log for an old one's."""
    (crashed / "journal.key.hub").unlink()
    database_file(crashed).unlink()
    await refused(world, crashed, DatabaseMissing)


async def test_a_bit_that_flips_in_the_log_does_not_take_what_came_after(world: World, crashed: Path) -> None:
    """SQLite itself would open it with fewer payments, and say nothing."""
    content = log_file(crashed).read_bytes()
    frames = (len(content) - LOG_HEADER) // FRAME
    last = next(number for number in reversed(range(frames - 1)) if commits(content, number))
    chance = random.Random(1)
    places = [0, 3, 9, 17, 31]
    for number in range(last + 1):
        at = LOG_HEADER + number * FRAME
        places += [at + chance.randrange(24), at + chance.randrange(24, FRAME)]
    for place in places:
        log_file(crashed).write_bytes(flipped(content, place))
        with pytest.raises(DatabaseDamaged, match="log"):
            check_log(log_file(crashed), database_file(crashed))
    await refused(world, crashed, DatabaseDamaged)
    log_file(crashed).write_bytes(content)
    assert await paid(world, crashed) == 20


RUBBISH = bytes.fromhex("6b 19 d2 4e 9f 37 5a c3")
"""What lay on the disk: to a frame's head a page's number, and how many pages the database has."""


async def test_the_tail_of_a_power_cut_is_no_damage(world: World, crashed: Path) -> None:
    """The last transaction was promised to nobody yet: torn anywhere, it is as if it had not begun."""
    content = log_file(crashed).read_bytes()
    frames = (len(content) - LOG_HEADER) // FRAME
    last = next(number for number in reversed(range(frames - 1)) if commits(content, number))
    assert frames - last > 2
    for number in range(last + 1, frames):
        at = LOG_HEADER + number * FRAME
        half = content[:at] + RUBBISH + content[at + len(RUBBISH) :]  # a sector ends within the head of this frame
        for torn in (flipped(content, at + 9), flipped(content, at + 300), half, content[: at + 700], content[:at]):
            log_file(crashed).write_bytes(torn)
            check_log(log_file(crashed), database_file(crashed))
    log_file(crashed).write_bytes(content[:-1])
    assert await paid(world, crashed) == 19


def test_a_log_that_holds_nothing_is_none(tmp_path: Path) -> None:
    for content in (b"", bytes(31)):
        (tmp_path / "log").write_bytes(content)
        check_log(tmp_path / "log", tmp_path / "database")
    check_log(tmp_path / "none", tmp_path / "database")


async def test_what_an_older_generation_left_in_the_log_is_no_damage(world: World, tmp_path: Path) -> None:
    """After a checkpoint the log begins anew over its old frames, which stay beyond the new ones."""
    alive, dead = tmp_path / "alive", tmp_path / "dead"
    journal, client, _ = await enrolled(world, alive)
    await world.paid(journal, 10)
    await journal._run(lambda: journal._database._opened().execute("PRAGMA wal_checkpoint(RESTART)").fetchall())
    await world.paid(journal, 2)
    shutil.copytree(alive, dead)
    await journal.close()
    await client.close()
    content = log_file(dead).read_bytes()
    salts = {content[at + 8 : at + 16] for at in range(LOG_HEADER, len(content), FRAME)}
    assert len(salts) == 2
    assert await paid(world, dead) == 12


def commits(log: bytes, frame: int) -> bool:
    at = LOG_HEADER + frame * FRAME + 4
    return log[at : at + 4] != bytes(4)


async def test_last_weeks_database_beside_todays_log_is_refused(world: World, tmp_path: Path) -> None:
    """A technician restores the database and forgets the log. Folding today's pages into it would spoil both."""
    alive, dead, week = tmp_path / "alive", tmp_path / "dead", tmp_path / "week"
    journal, client, _ = await enrolled(world, alive)
    await world.paid(journal, 5)
    await journal.close()
    shutil.copy(database_file(alive), week)
    for count in (30, 4):
        journal = await world.journal(alive)
        await world.paid(journal, count)
        if count == 4:
            shutil.copytree(alive, dead)
        await journal.close()
    await client.close()
    today = database_file(dead).read_bytes()
    shutil.copy(week, database_file(dead))
    await refused(world, dead, DatabaseDamaged)
    database_file(dead).write_bytes(today)
    assert await paid(world, dead) == 39


@pytest.mark.parametrize(
    "other", [lambda size: bytes(size), lambda size: b"%PDF-1.7\n" * (size // 9), random.Random(0).randbytes]
)
async def test_another_file_in_its_place_is_foreign(world: World, crashed: Path, other: Callable[[int], bytes]) -> None:
    await paid(world, crashed)
    database_file(crashed).write_bytes(other(20 * PAGE))
    await refused(world, crashed, DatabaseForeign)


async def test_another_kiosks_log_is_not_folded_in(world: World, crashed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    journal, client, _ = await enrolled(world, other)
    await world.paid(journal, 3)
    shutil.copy(log_file(other), log_file(crashed))
    await journal.close()
    await client.close()
    before = contents(crashed)
    with pytest.raises(QueueError):
        await world.journal(crashed)
    assert contents(crashed) == before


async def test_a_read_only_disk_is_told_and_loses_nothing(disk: Disk, world: World) -> None:
    journal, client, _ = await enrolled(world, disk.folder)
    await world.paid(journal)
    await journal.close()
    await client.close()
    remount(disk, "ro")
    await refused(world, disk.folder, DiskFailing)
    remount(disk, "rw")
    assert await paid(world, disk.folder) == 1


def remount(disk: Disk, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk.folder.parent)], check=True)

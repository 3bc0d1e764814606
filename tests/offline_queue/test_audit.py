"""The audit finds what was changed behind the kiosk's back, and names it; and says how it adds up when nothing was."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from domain import progress
from domain.money import Money
from domain.payment import Outcome
from offline_queue import outbox
from offline_queue.audit import Audit, Share
from offline_queue.client import HubClient
from offline_queue.errors import DatabaseOlder
from offline_queue.folder import database_file
from offline_queue.journal import Journal
from offline_queue.keeping import read_key
from offline_queue.outbox import KEPT_AFTER_DELIVERY
from offline_queue.reader import JournalReader
from offline_queue.schema import place
from offline_queue.sqlcipher import Connection, connect
from offline_queue.sync import Sync
from offline_queue.wire import chain
from tests.log_watch import LogWatch
from tests.offline_queue.test_upgrade import FIXTURES
from tests.offline_queue.world import FakeHub, World, approved, ended

NONE = Share(0, ())


def usd(count: int) -> Share:
    """That many payments of the usual amount."""
    return Share(count, (Money(12_550 * count, "USD"),))


@pytest.fixture
async def books(
    world: World, folder: Path, trio: tuple[Journal, HubClient, FakeHub], log_watch: LogWatch
) -> tuple[Path, dt.datetime]:
    """A kiosk's folder after some days, in two enrolments, and the time at which one looks. In enrolment 1: record 1 posted and
    forgotten, 2 parked, 3 unknown and 4 how it ended, both posted; 5 waited and was carried over. In enrolment 2: 1 is that
    record, 2 a payment that is still unknown, 3 one that was approved. Besides: one declined, one not begun, one just open."""
    log_watch.expect("queue.parked")
    journal, client, hub = trio
    sync = Sync(journal, client, on_reachability=lambda _: None)
    _, second = await world.paid(journal, 2)
    hub.park, hub.durable = {second.id}, 1
    doubtful = world.attempt()
    await journal.open_attempt(doubtful, None)
    await journal.settle(doubtful.id, ended(Outcome.UNKNOWN))
    await journal.settle(doubtful.id, approved(doubtful))
    await sync.once()
    world.clock.now += KEPT_AFTER_DELIVERY + dt.timedelta(minutes=1)
    await sync.once()
    await world.paid(journal)
    await world.paid(journal, result=ended(Outcome.DECLINED, "zvt-6c"))
    not_begun, just_open = world.attempt(), world.attempt()
    await journal.open_attempt(not_begun, None)
    await journal.not_started(not_begun.id, "terminal-away")
    await world.paid(journal, result=ended(Outcome.UNKNOWN))
    await world.paid(journal)
    await journal.open_attempt(just_open, None)
    await journal.close()
    enrolled_again(folder)
    return folder, world.clock()


def enrolled_again(folder: Path) -> None:
    """What waits from record 5 on becomes enrolment 2's: the first of it with its origin, as a new enrolment carries it over, and
    the rest as if it had been paid there."""
    connection = connect(database_file(folder), read_key(folder), read_only=False)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO signing_keys (private) VALUES (?)", (bytes(32),))
    connection.execute(
        "INSERT INTO enrolments (epoch, kiosk, signing_key, answer) SELECT 2, kiosk, 2, answer FROM enrolments WHERE epoch = 1"
    )
    waiting = connection.execute(
        "SELECT seq, attempt, outcome, kid, sealed, queued_at FROM outbox WHERE state = 'queued' ORDER BY seq"
    ).fetchall()
    assert [row[0] for row in waiting] == [5, 6, 7]
    connection.execute("UPDATE outbox SET state = 'carried' WHERE seq = 5")
    connection.execute("DROP TRIGGER outbox_stay")
    connection.execute("DELETE FROM outbox WHERE seq > 5")
    previous = chain.FIRST_HASH
    for seq, (old, attempt, outcome, kid, sealed, queued_at) in enumerate(waiting, start=1):
        previous = chain.link(previous, 2, seq, attempt, sealed)
        connection.execute(
            """INSERT INTO outbox
            (place, epoch, seq, attempt, outcome, kid, sealed, hash, state, queued_at, origin_epoch, origin_seq)
            VALUES (?, 2, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)""",
            (place(2, seq), seq, attempt, outcome, kid, sealed, previous, queued_at, *((1, old) if old == 5 else (None, None))),
        )
    connection.execute("COMMIT")
    connection.close()


def look(folder: Path, now: dt.datetime) -> Audit:
    with JournalReader(folder) as reader:
        return reader.audit(now)


def tamper(folder: Path, change: str) -> None:
    """Does `change` to the file as somebody would who has its key: without triggers, without checks."""
    connection = connect(database_file(folder), read_key(folder), read_only=False)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    changed = connection.execute(change)
    assert changed.rowcount != 0, "nothing was changed"
    connection.close()


def test_when_nothing_is_wrong_it_says_how_everything_adds_up(books: tuple[Path, dt.datetime]) -> None:
    found = look(*books)
    assert found.difference is None
    assert found.approvals == usd(5)
    assert found.shares == {"queued": usd(2), "accepted": NONE, "posted": usd(2), "parked": usd(1), "declined": NONE}
    assert (found.records, found.forgotten, found.unknown) == (8, 1, 1)
    assert [(epoch, seq) for epoch, seq, _ in found.heads] == [(1, 4)]


DAMAGE = {
    "DELETE FROM attempts WHERE number = 5": "of 9 payments that were begun only 8 are there",
    "UPDATE attempts SET taken = NULL WHERE number = 1": "does not say how it ended",
    "UPDATE attempts SET taken = 1 WHERE number = 1": "took another amount than it was opened for",
    "DELETE FROM outbox WHERE epoch = 1 AND seq = 3": "record 3 of enrolment 1 is missing",
    "DELETE FROM outbox WHERE epoch = 1 AND seq = 1": "record 1 of enrolment 1 is missing",
    "UPDATE outbox SET sealed = x'00' WHERE epoch = 1 AND seq = 2": "record 2 of enrolment 1 is not the one that was sealed",
    "UPDATE outbox SET sealed = NULL WHERE epoch = 2 AND seq = 2": "record 2 of enrolment 2 waits for the hub and its payload",
    "UPDATE outbox SET hash = hex(zeroblob(32)) WHERE epoch = 1 AND seq = 1": "record 2 of enrolment 1 is not the one",
    "UPDATE outbox SET attempt = (SELECT id FROM attempts WHERE number = 9) WHERE seq = 2": "record 2 of enrolment 1",
    "DELETE FROM enrolments WHERE epoch = 2": "enrolment 2 has records and is not there",
    "UPDATE outbox SET state = 'queued' WHERE epoch = 1 AND seq = 4": "record 4 of enrolment 1 waits, and that enrolment",
    "UPDATE enrolments SET waits_from = 3 WHERE epoch = 2": "record 1 of enrolment 2 waits where nobody looks for it",
    "UPDATE enrolments SET durable_seq = 9 WHERE epoch = 1": "the hub is said to hold 9 records of enrolment 1, which has fewer",
    "UPDATE outbox SET sealed = NULL WHERE epoch = 1 AND seq = 4": "the payload of record 4 of enrolment 1 is gone before",
    "DELETE FROM outbox WHERE epoch = 2": "record 5 of enrolment 1 was carried over and did not arrive",
    "UPDATE outbox SET origin_seq = 4 WHERE epoch = 2 AND seq = 1": "record 1 of enrolment 2 is not the one that it was carried",
    "UPDATE outbox SET state = 'posted' WHERE state = 'carried'": "record 1 of enrolment 2 is not the one that it was carried",
    "UPDATE outbox SET origin_epoch = NULL, origin_seq = NULL WHERE epoch = 2": "has two records of one outcome",
    "UPDATE outbox SET outcome = 'captured' WHERE epoch = 1 AND seq = 2": "record 2 of enrolment 1 tells of an outcome that no",
    "UPDATE outbox SET posting = '' WHERE epoch = 1 AND seq = 4": "record 4 of enrolment 1 is called delivered, and",
    "UPDATE outbox SET state = 'posted' WHERE epoch = 2 AND seq = 3": "record 3 of enrolment 2 is called delivered",
    "UPDATE outbox SET code = '' WHERE state = 'parked'": "record 2 of enrolment 1 is called delivered",
    "DELETE FROM outbox WHERE epoch = 2 AND seq = 3": "is approved and has no record",
    "UPDATE outbox SET outcome = 'unknown' WHERE epoch = 1 AND seq = 2": "is approved and has no record",
    "UPDATE attempts SET state = 'declined', taken = NULL WHERE number = 7": "was unknown, is declined, and the hub was",
    "UPDATE attempts SET opened_at = '2026-11-20T09:00:00.000000+00:00' WHERE state = 'open'": "was begun more than an hour ago",
}


@pytest.mark.parametrize("change", DAMAGE)
def test_the_first_difference_is_named(books: tuple[Path, dt.datetime], change: str) -> None:
    tamper(books[0], change)
    found = look(*books)
    assert found.difference is not None
    assert DAMAGE[change] in found.difference


def test_limits_that_reckon_with_an_index_gone_wrong_are_found(books: tuple[Path, dt.datetime]) -> None:
    """An index that has lost an entry: the limits' own query takes it, and would let more be paid than they allow."""
    folder, now = books
    connection = connect(database_file(folder), read_key(folder), read_only=False)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, 'state IN (''open'', ''unknown'')', 'state IN (''unknown'')')"
        " WHERE name = 'attempts_unresolved'"
    )
    connection.close()
    tamper(folder, "REINDEX attempts_unresolved")
    connection = connect(database_file(folder), read_key(folder), read_only=False)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, 'state IN (''unknown'')', 'state IN (''open'', ''unknown'')')"
        " WHERE name = 'attempts_unresolved'"
    )
    connection.close()
    difference = look(folder, now).difference
    assert difference is not None
    assert "the limits reckon with" in difference


async def test_a_kiosk_that_never_sold_anything_is_whole(journal: Journal, world: World, folder: Path) -> None:
    found = look(folder, world.clock())
    assert found == Audit(None, NONE, dict.fromkeys(found.shares, NONE), 0, 0, 0, ())


async def test_what_a_new_enrolment_carries_over_adds_up(journal: Journal, world: World, folder: Path) -> None:
    await world.paid(journal, 3)

    def again(connection: Connection) -> None:
        connection.execute("INSERT INTO signing_keys (private) VALUES (?)", (bytes(32),))
        connection.execute("INSERT INTO enrolments (epoch, kiosk, signing_key, answer) VALUES (2, 'lobby-1', 2, '')")
        outbox.carry(connection, 2)

    await journal._transact(again)
    found = look(folder, world.clock())
    assert (found.difference, found.shares["queued"], found.records, found.forgotten) == (None, usd(3), 6, 3)


async def test_it_looks_while_the_kiosk_writes(journal: Journal, world: World, folder: Path) -> None:
    await world.paid(journal, 3)
    assert look(folder, world.clock()).shares["queued"] == usd(3)


def test_an_earlier_releases_form_is_told_apart(tmp_path: Path, world: World) -> None:
    folder = tmp_path / "old"
    shutil.copytree(FIXTURES / "first_form", folder)
    folder.chmod(0o700)
    (folder / "journal.key").chmod(0o600)
    with pytest.raises(DatabaseOlder):
        look(folder, world.clock())


async def test_whoever_waits_hears_how_far_it_is(
    journal: Journal, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records, then payments: 3 and 2 here."""
    monkeypatch.setattr(progress, "EVERY", 1)
    await world.paid(journal)
    (unknown,) = await world.paid(journal, result=ended(Outcome.UNKNOWN))
    await journal.settle(unknown.id, approved(unknown))
    told = list[tuple[int, int]]()
    with JournalReader(folder) as reader:
        reader.audit(world.clock(), lambda done, of: told.append((done, of)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]

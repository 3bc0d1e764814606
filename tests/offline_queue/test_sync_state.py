"""How sync stands, as the staff see it: kept by the shipped Sync after each try, on disk, for other processes to read."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from offline_queue.client import HubClient
from offline_queue.errors import DiskFull
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sqlcipher import Connection
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.sync_state import SyncState
from tests.log_watch import LogWatch
from tests.offline_queue.test_upgrade import FIXTURES
from tests.offline_queue.world import FakeHub, World, away, status


@pytest.fixture
def sync(journal: Journal, client: HubClient) -> Sync:
    return Sync(journal, client, on_reachability=lambda _: None, random=lambda: 1.0)


def seen(folder: Path) -> SyncState:
    with JournalReader(folder) as reader:
        state = reader.sync()
    assert state is not None
    return state


async def test_before_the_first_try_there_is_nothing_to_say(journal: Journal, folder: Path) -> None:
    with JournalReader(folder) as reader:
        assert reader.sync() is None


async def test_failures_are_counted_by_name_and_forgotten_when_it_goes_well(
    sync: Sync, hub: FakeHub, folder: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    hub.faults = [away, status(503, "")]
    await sync.once()
    first = seen(folder)
    assert (first.failures, first.error, first.attention) == (1, "hub-away", "")
    assert first.next_at == first.tried_at + dt.timedelta(seconds=1)
    await sync.once()
    second = seen(folder)
    assert (second.failures, second.next_at) == (2, second.tried_at + dt.timedelta(seconds=2))
    assert second.error.startswith("hub-")
    await sync.once()
    well = seen(folder)
    assert (well.failures, well.error) == (0, "")
    assert well.next_at == well.tried_at + dt.timedelta(seconds=HEARTBEAT)


async def test_after_a_fork_no_next_try_is_promised(
    journal: Journal, sync: Sync, world: World, hub: FakeHub, folder: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.fork")
    await world.paid(journal)
    hub.stored = [("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "ab" * 32, None)]
    await sync.once()
    assert (seen(folder).attention, seen(folder).next_at) == ("queue-fork", None)


async def test_on_a_full_disk_the_note_waits_and_sync_goes_on(
    sync: Sync, hub: FakeHub, folder: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.unnoted")

    def full(_connection: Connection, _state: SyncState) -> None:
        raise DiskFull("SQLITE_FULL")

    with monkeypatch.context() as patch:
        patch.setattr("offline_queue.sync_state.keep", full)
        assert await sync.once() == HEARTBEAT
    with JournalReader(folder) as reader:
        assert reader.sync() is None
    await sync.once()
    assert seen(folder).failures == 0


async def test_a_database_of_the_first_form_has_no_such_row_and_is_read_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(FIXTURES / "first_form", folder)
    folder.chmod(0o700)
    (folder / "journal.key").chmod(0o600)
    with JournalReader(folder) as reader:
        assert reader.sync() is None
        assert reader.queue().depth == 2

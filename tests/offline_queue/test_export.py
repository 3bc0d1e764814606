"""What waits is written to a file beside a kiosk that runs, and nothing changes for that; then it goes the whole way by hand."""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path

import pytest

from domain.money import Money
from hub import ledger
from hub.app import make_app
from hub.audit import first_difference
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import World as HubWorld
from hub.hub import open_hub
from hub.imports import import_export
from hub.passwords import Cost
from offline_queue.audit import Audit
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.errors import DatabaseOlder, ExportExists, ExportUnwritable, NotEnrolled
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader, RecordSeen
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire.export import ExportFile
from tests.hub.conftest import ACCOUNT, NUMBER, OPAQUE, bill, put
from tests.log_watch import LogWatch
from tests.offline_queue.world import URL, FakeHub, World, approved, standing
from tests.tls import Tls

FIRST_FORM = Path(__file__).parent / "fixtures" / "first_form"


def export(folder: Path, target: Path) -> int:
    with JournalReader(folder) as reader:
        return reader.export(target, lambda _done, _of: None)


def seen(world: World, folder: Path) -> tuple[tuple[RecordSeen, ...], Audit]:
    with JournalReader(folder) as reader:
        return reader.records(), reader.audit(world.clock())


async def test_all_that_waits_is_in_the_file_and_waits_on(
    journal: Journal, hub: FakeHub, client: HubClient, world: World, folder: Path, tmp_path: Path
) -> None:
    await world.paid(journal, 2)
    await Sync(journal, client, on_reachability=lambda _: None).once()
    await world.paid(journal, 203)
    before, limits = seen(world, folder), await standing(journal)
    target, told = tmp_path / "stick", list[tuple[int, int]]()
    with JournalReader(folder) as reader:
        assert reader.export(target, lambda done, of: told.append((done, of))) == 203
    assert told == [(100, 203), (200, 203), (203, 203)]
    assert target.stat().st_mode & 0o777 == 0o600
    assert (seen(world, folder), await standing(journal)) == (before, limits)
    batch = await journal.undelivered(100)
    assert batch is not None
    with target.open("rb") as raw:
        file = ExportFile(raw)
        assert (file.header.kiosk, file.header.epoch, file.header.count) == ("lobby-1", 1, 203)
        list(file.check(hub.keys["lobby-1:1"]))
        first, second, third = file.batches()
    assert first == batch
    assert [record.seq for record in (*second.records, *third.records)] == list(range(103, 206))
    assert (second.prev_hash, third.prev_hash) == (first.records[-1].hash, second.records[-1].hash)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["memory", "stick"]


async def test_where_nothing_waits_there_is_no_file(journal: Journal, folder: Path, tmp_path: Path) -> None:
    assert export(folder, tmp_path / "stick") == 0
    assert not (tmp_path / "stick").exists()


async def test_a_kiosk_before_its_enrolment_has_nobody_to_export_to(world: World, folder: Path, tmp_path: Path) -> None:
    await (await world.journal(folder)).close()
    with pytest.raises(NotEnrolled):
        export(folder, tmp_path / "stick")


def test_an_earlier_releases_memory_is_opened_by_the_kiosk_first(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FIRST_FORM, tmp_path / "memory"))
    folder.chmod(0o700)
    (folder / "journal.key").chmod(0o600)
    with pytest.raises(DatabaseOlder):
        export(folder, tmp_path / "stick")


async def test_another_file_is_never_overwritten(journal: Journal, world: World, folder: Path, tmp_path: Path) -> None:
    await world.paid(journal)
    (tmp_path / "stick").write_text("minutes of the meeting")
    with pytest.raises(ExportExists):
        export(folder, tmp_path / "stick")
    assert (tmp_path / "stick").read_text() == "minutes of the meeting"


@pytest.mark.parametrize("where", ["missing/stick", "file/stick"])
async def test_a_place_that_is_none_is_named(journal: Journal, world: World, folder: Path, tmp_path: Path, where: str) -> None:
    await world.paid(journal)
    (tmp_path / "file").touch()
    with pytest.raises(ExportUnwritable, match="ENO"):
        export(folder, tmp_path / where)


async def test_a_stick_that_fills_up_is_left_without_a_file(
    journal: Journal, world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.paid(journal)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("offline_queue.export.os.fsync", full)
        with pytest.raises(ExportUnwritable, match="ENOSPC"):
            export(folder, tmp_path / "stick")
    assert [path.name for path in tmp_path.iterdir()] == ["memory"]

    def failing(_folder: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("offline_queue.export.sync_folder", failing)
        with pytest.raises(ExportUnwritable, match="EIO"):
            export(folder, tmp_path / "stick")
    assert [path.name for path in tmp_path.iterdir()] == ["memory"]
    (tmp_path / ".stick.partial").write_text("an export that the power cut off")
    assert export(folder, tmp_path / "stick") == 1


async def test_carried_by_hand_and_later_asked_after_by_wire(
    tmp_path: Path, folder: Path, world: World, log_watch: LogWatch
) -> None:
    """The hub's first answers reach the kiosk when it can be reached again: nothing twice, nothing lost (law 7)."""
    log_watch.expect("hub.parked")
    log_watch.expect("queue.parked")
    hub = open_hub(Folder(tmp_path / "hub"), HubWorld(world.clock, time.monotonic, cost=Cost(16, 1, 1)))
    put(hub, ACCOUNT, (bill(NUMBER, ACCOUNT, 12_550), OPAQUE))
    wire = Tls(make_app(hub), lambda: client.identity.certificate if client.identity else None)
    client = HubClient(URL, None, None, clock=world.clock, transport=wire)
    journal = await world.journal(folder)
    await enrol(journal, client, add_kiosk(hub, "Lobby One")[1], "Lobby One")
    known = world.attempt(number=NUMBER, account=ACCOUNT)
    await journal.open_attempt(known, None)
    await journal.settle(known.id, approved(known))
    (strange,) = await world.paid(journal)
    export(folder, tmp_path / "stick")
    found = import_export(hub, tmp_path / "stick", lambda _done, _of: None)
    assert (found.count, found.before, found.new) == (2, 0, {"posted": 1, "accepted": 0, "parked": 1})
    assert found.waiting == ((strange.id, "unknown-statement"),)
    again = import_export(hub, tmp_path / "stick", lambda _done, _of: None)
    assert (again.count, again.before, again.new) == (2, 2, {"posted": 0, "accepted": 0, "parked": 0})
    with JournalReader(folder) as reader:
        assert reader.queue().depth == 2
    await world.paid(journal)
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    records, audited = seen(world, folder)
    assert audited.difference is None
    assert [record.state for record in records] == ["parked", "parked"]
    with JournalReader(folder) as reader:
        assert reader.queue().depth == 0
        assert [attempt.delivery for attempt in reader.attempts()] == ["posted", "parked", "parked"]
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        assert ledger.due(connection, NUMBER, "USD") == Money(0, "USD")
    assert export(folder, tmp_path / "nothing") == 0
    await client.close()
    await journal.close()
    hub.store.close()

"""Backup and restore: what is durable, what a restored hub answers, and that nothing that was there is deleted."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.app import make_app
from hub.audit import first_difference
from hub.backups import back_up, restore
from hub.folder import Folder, HubError, generation, heard_generation
from hub.hub import Hub, open_hub
from hub.signing_in import SESSION_COOKIE
from hub.store import open_store
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_audit import without_triggers
from tests.hub.test_intake import due
from tests.log_watch import LogWatch
from tests.tls import Tls


async def head(kiosk: ScriptedKiosk) -> dict[str, Any]:
    answer = await kiosk.request("GET", f"/v1/kiosks/{kiosk.id}/head")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_a_backup_holds_is_durable_and_no_more(hub: Hub, kiosk: ScriptedKiosk, tmp_path: Path) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()), payment(kiosk.new_pid()))
    assert (await head(kiosk))["durable_seq"] == 0
    assert back_up(hub, tmp_path / "night") == 2
    kiosk.queue(payment(kiosk.new_pid()))
    told = (await kiosk.send(kiosk.batch())).json()
    assert (told["head"]["seq"], told["durable_seq"], (await head(kiosk))["durable_seq"]) == (3, 2, 2)


async def test_a_backup_is_private_encrypted_and_whole(hub: Hub, kiosk: ScriptedKiosk, tmp_path: Path) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid))
    back_up(hub, tmp_path / "night")
    files = {path.name: path for path in (tmp_path / "night").iterdir()}
    assert {"hub.db", "database.key", "keys.json", "ca.key", "ca.pem", "generation"} <= set(files)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files.values())
    assert stat.S_IMODE((tmp_path / "night").stat().st_mode) == 0o700
    assert pid.encode() not in files["hub.db"].read_bytes()
    assert b"Alvarez" not in files["hub.db"].read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


async def test_a_backup_overwrites_nothing_and_counts_only_when_it_passes(hub: Hub, kiosk: ScriptedKiosk, tmp_path: Path) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    (tmp_path / "there").mkdir()
    with pytest.raises(HubError, match="there already"):
        back_up(hub, tmp_path / "there")
    with pytest.raises(HubError, match="cannot be made"):
        back_up(hub, tmp_path / "data" / "hub.db" / "night")
    with hub.store.writing() as connection:
        without_triggers(connection)
        connection.exec_driver_sql("UPDATE records SET posting = 'P00000009'")
    with pytest.raises(HubError, match=r"does not pass the audit: payment .* is not posted as P00000009"):
        back_up(hub, tmp_path / "night")
    assert not (tmp_path / "night").exists()
    assert (await head(kiosk))["durable_seq"] == 0


async def test_a_restored_hub_begins_a_generation_and_gets_again_what_it_lost(
    hub: Hub, kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.restored")
    await kiosk.deliver(payment(kiosk.new_pid()))
    back_up(hub, tmp_path / "night")
    await kiosk.deliver(payment(kiosk.new_pid()))
    hub.store.close()
    restored = restore(tmp_path / "night", folder)
    assert (restored.generation, generation(folder)) == (2, 2)
    assert restored.aside is not None
    old = open_store(Folder(restored.aside))
    with old.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM records").scalar() == 2
    old.close()
    assert not (folder.path / ".restoring").exists()
    again = open_hub(folder, hub.world)
    kiosk.client._transport = Tls(make_app(again))
    now = await head(kiosk)
    assert (now["gen"], now["head"]["seq"], now["durable_seq"]) == (2, 1, 1)
    assert (await kiosk.send(kiosk.batch(gen_seen=2))).json()["head"]["seq"] == 2
    assert due(again) == 12550 - 2 * 2550
    again.store.close()
    assert restore(tmp_path / "night", folder).generation == 3


async def test_a_hub_is_restored_onto_a_new_machine_and_above_anything_seen(
    hub: Hub, kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.restored")
    log_watch.expect("hub.behind")
    await kiosk.deliver(payment(kiosk.new_pid()))
    back_up(hub, tmp_path / "night")
    fresh = Folder(tmp_path / "new")
    restored = restore(tmp_path / "night", fresh)
    assert (restored.generation, restored.aside) == (2, None)
    store = open_store(fresh)
    with store.reading() as connection:
        assert first_difference(connection) is None
    store.close()
    kiosk.queue(payment(kiosk.new_pid()))
    for seen in (7, 6):
        answer = await kiosk.send(kiosk.batch(2, gen_seen=seen))
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "generation-behind", "300")
    assert ((await head(kiosk))["head"]["seq"], heard_generation(folder)) == (1, 7)
    assert (await kiosk.send(kiosk.batch(2))).status_code == 200
    hub.store.close()
    assert restore(tmp_path / "night", folder).generation == 8


def test_a_hub_that_runs_is_not_restored_and_one_that_is_restored_does_not_run(hub: Hub, folder: Folder, tmp_path: Path) -> None:
    back_up(hub, tmp_path / "night")
    with pytest.raises(HubError, match="A hub is running"):
        restore(tmp_path / "night", folder)
    hub.store.close()
    with folder.alone(), pytest.raises(HubError, match="being restored"):
        open_store(folder)
    assert generation(folder) == 1


def _nothing(backup: Path) -> None:
    shutil.rmtree(backup)


def _key_of_another(backup: Path) -> None:
    (backup / "database.key").write_text("ab" * 32)


def _cut(backup: Path) -> None:
    whole = (backup / "hub.db").read_bytes()
    (backup / "hub.db").write_bytes(whole[: len(whole) // 2])


def _torn(backup: Path) -> None:
    (backup / "generation").write_text("many")


@pytest.mark.parametrize("spoil", [_nothing, _key_of_another, _cut, _torn])
def test_what_is_no_good_backup_changes_nothing(hub: Hub, folder: Folder, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    back_up(hub, tmp_path / "night")
    spoil(tmp_path / "night")
    hub.store.close()
    before = folder.database.read_bytes()
    with pytest.raises(HubError):
        restore(tmp_path / "night", folder)
    assert (folder.database.read_bytes(), generation(folder)) == (before, 1)


def test_a_restore_that_was_interrupted_is_done_again(hub: Hub, folder: Folder, tmp_path: Path, log_watch: LogWatch) -> None:
    log_watch.expect("hub.restored")
    back_up(hub, tmp_path / "night")
    hub.store.close()
    (folder.path / ".restoring").mkdir()
    (folder.path / ".restoring" / "hub.db").write_bytes(b"half")
    restore(tmp_path / "night", folder)
    open_store(folder).close()


def test_a_disk_that_fails_is_said_so(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("hub.backups.os.fsync", full)
        with pytest.raises(HubError, match="No space left"):
            back_up(hub, tmp_path / "night")
    assert not (tmp_path / "night").exists()


def test_a_number_that_was_heard_and_is_torn_is_said_so(folder: Folder) -> None:
    folder.heard_generation.write_text("many")
    with pytest.raises(HubError, match="does not hold a number"):
        heard_generation(folder)


async def test_a_hub_whose_disk_is_full_or_database_busy_asks_for_patience(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.not_now")
    with hub.store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(60):
        kiosk.queue(payment(kiosk.new_pid(), minor=1))
    full = await kiosk.send(kiosk.batch())
    assert (full.status_code, full.json()["code"], full.headers["retry-after"]) == (503, "disk-full", "60")
    monkeypatch.setattr("hub.store._BUSY_MS", 1)
    other, here = open_hub(hub.folder, hub.world), open_hub(hub.folder, hub.world)
    kiosk.client._transport = Tls(make_app(here))
    with other.store.writing():
        busy = await kiosk.send(kiosk.batch())
        page = await kiosk.client.get("/", headers={"cookie": f"{SESSION_COOKIE}=x"})
    assert (page.status_code, "busy" in page.text) == (503, True)
    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "database-busy", "5")
    assert (await kiosk.send(kiosk.batch())).status_code == 200
    for each in (other, here):
        each.store.close()


@pytest.mark.parametrize(("fault", "code"), [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EIO, "")])
async def test_a_disk_that_fills_as_a_newer_hub_is_heard_of_asks_for_patience_too(
    hub: Hub, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch, fault: int, code: str
) -> None:
    """A disk that fails is another matter, and journalled as what it is."""
    log_watch.expect("hub.not_now" if code else "hub.bug")
    kiosk.queue(payment(kiosk.new_pid()))
    told = kiosk.batch(gen_seen=5)

    def full(_descriptor: int) -> None:
        raise OSError(fault, os.strerror(fault))

    with monkeypatch.context() as patch:
        patch.setattr("hub.folder.os.fsync", full)
        answer = await kiosk.send(told)
    if code:
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, code, "60")
    else:
        assert answer.status_code == 500
    assert (heard_generation(hub.folder), list(hub.folder.path.glob(".generation*"))) == (0, [])
    log_watch.expect("hub.behind")
    assert (await kiosk.send(told)).json()["code"] == "generation-behind"
    assert heard_generation(hub.folder) == 5


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_says_that_it_is_not_json_is_refused(hub: Hub, kiosk: ScriptedKiosk, kind: str) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    answer = await kiosk.send(kiosk.batch(), content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "not-json")
    assert (await kiosk.send(kiosk.batch(), content_type="application/json; charset=utf-8")).status_code == 200

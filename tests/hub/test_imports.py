"""Exports that are brought to a hub: taken like what comes by wire, refused by a name where they are not this hub's to take."""

from __future__ import annotations

import datetime as dt
import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from domain.errors import Known
from hub import command_line, commands, imports
from hub.audit import first_difference
from hub.enrolment import add_kiosk, revoke
from hub.folder import Folder, NotNow
from hub.hub import Hub
from hub.imports import ImportRefused, import_export
from hub.intake import take
from hub.schema import journal_entries, kiosks, records
from offline_queue.wire.chain import FIRST_HASH
from offline_queue.wire.export import header_of, written
from offline_queue.wire.messages import Batch, BatchAnswer
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_carried import carried
from tests.log_watch import LogWatch

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(command_line, "log_nowhere", lambda: None)
    return lambda *arguments: CliRunner().invoke(commands.app, ["import", *arguments, "--data", str(folder.path)])


def stick(folder: Folder, kiosk: ScriptedKiosk, *batches: dict[str, Any], key: Ed25519PrivateKey | None = None) -> Path:
    """What `kiosk` exports: all that it has queued, or just these batches."""
    these = [Batch.model_validate_json(json.dumps(batch)) for batch in batches or (kiosk.batch(),)]
    header = header_of(these[0], sum(len(batch.records) for batch in these), key or kiosk.key)
    path = folder.path.parent / "stick"
    path.write_bytes(b"".join(written(header, these, key or kiosk.key)))
    return path


def everything(hub: Hub) -> tuple[int, int, list[Any]]:
    """What must not change: records, journal entries, where each kiosk stands."""
    with hub.store.reading() as connection:
        return (
            connection.scalar(select(func.count()).select_from(records)) or 0,
            connection.scalar(select(func.count()).select_from(journal_entries)) or 0,
            list(connection.execute(select(kiosks.c.id, kiosks.c.epoch, kiosks.c.head_seq, kiosks.c.head_hash))),
        )


def reason(run: Run, path: Path) -> str:
    """Why it was refused, told for a machine; and a person gets one sentence."""
    told = run(str(path), "--json")
    assert (type(told.exception), told.exit_code) == (Known, 1), told.output
    line = json.loads(told.stdout)
    assert line.keys() == {"ok", "reason"}
    assert line["ok"] is False
    sentence = str(told.exception)
    assert sentence.endswith(".")
    assert "{" not in sentence
    shown = run(str(path))
    assert (str(shown.exception), shown.stdout) == (sentence, "")
    return str(line["reason"])


async def test_what_was_carried_here_is_posted_or_parked_and_said(
    run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    (first,) = await kiosk.deliver(payment(kiosk.new_pid()))
    strange = kiosk.new_pid()
    kiosk.queue(payment(kiosk.new_pid()))
    kiosk.queue(payment(strange, ref={"kind": "number", "value": "0000000000"}))
    kiosk.queue(payment(kiosk.new_pid(), "unknown"))
    shown = run(str(stick(folder, kiosk))).stdout.splitlines()
    assert shown == [
        "4 records of lobby, enrolment 1: 1 were here before.",
        "New: 1 posted, 1 accepted, 1 parked.",
        f"Parked for a person, under Tasks: payment {strange} (unknown-statement).",
    ]
    was = everything(hub)
    assert run(str(stick(folder, kiosk))).stdout.splitlines() == [
        "4 records of lobby, enrolment 1: 4 were here before.",
        "New: 0 posted, 0 accepted, 0 parked.",
        "Nothing has changed.",
    ]
    assert everything(hub) == was
    told = (await kiosk.send(kiosk.batch())).content
    answers = BatchAnswer.model_validate_json(told).results
    assert [answer.status.value for answer in answers] == ["posted", "posted", "parked", "accepted"]
    assert answers[0] == first
    with hub.store.reading() as connection:
        assert first_difference(connection) is None


async def test_a_machine_is_told_the_same(run: Run, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    kiosk.queue(payment(pid, currency="EUR"))
    kiosk.queue(payment(kiosk.new_pid()))
    told = run(str(stick(folder, kiosk)), "--json")
    (waiting,) = json.loads(told.stdout).pop("waiting")
    assert waiting["payment_id"] == pid
    assert json.loads(told.stdout) == {
        "ok": True, "reason": None, "kiosk": "lobby", "epoch": 1, "records": 2, "before": 0,
        "posted": 1, "accepted": 0, "parked": 1, "waiting": [waiting],
    }  # fmt: skip


async def test_a_person_is_shown_some_of_many_that_are_parked(
    run: Run, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    for _ in range(commands.MOST_SHOWN + 2):
        kiosk.queue(payment(kiosk.new_pid(), currency="EUR"))
    *_, last, more = run(str(stick(folder, kiosk))).stdout.splitlines()
    assert last.startswith("Parked for a person")
    assert more == "And 2 more; --json names them all."


async def test_progress_counts_what_is_proved_and_what_is_taken(hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    for _ in range(150):
        kiosk.queue(payment(kiosk.new_pid(), "unknown"))
    told = list[tuple[int, int]]()
    import_export(hub, stick(folder, kiosk, kiosk.batch(1, 100), kiosk.batch(101)), lambda done, of: told.append((done, of)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_a_file_that_was_spoiled_changes_nothing(run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    path, was = stick(folder, kiosk), everything(hub)
    whole = path.read_bytes()
    header = whole[: whole.index(b"\n") + 1]
    spoiled = {
        "export-truncated": (whole[:-1], whole[:-100], header),
        "export-altered": (whole.replace(b'"origin":null', b'"origin":nuLl'), whole + b"\n"),
        "export-too-large": (header + b" " * 3_000_000,),
        "not-an-export": (b"", b"%PDF-1.7\n", b"\0" * 1_000_000, header[:50]),
    }
    for code, contents in spoiled.items():
        for content in contents:
            path.write_bytes(content)
            assert reason(run, path) == code
    assert everything(hub) == was


async def test_a_file_that_cannot_be_read(run: Run, folder: Folder, kiosk: ScriptedKiosk) -> None:
    assert reason(run, folder.path / "nowhere") == "export-unreadable"
    assert reason(run, folder.path) == "export-unreadable"


async def test_a_stranger_is_not_taken(run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    """A kiosk that is not here, one that never enrolled, one of the same name at another hub."""
    kiosk.queue(payment(kiosk.new_pid()))
    was = everything(hub)
    assert reason(run, stick(folder, kiosk, key=Ed25519PrivateKey.generate())) == "another-key"
    assert reason(run, stick(folder, kiosk, kiosk.batch(kiosk="lobby-west"))) == "no-kiosk"
    assert everything(hub) == was
    add_kiosk(hub, "Lobby West")
    assert reason(run, stick(folder, kiosk, kiosk.batch(kiosk="lobby-west"))) == "no-kiosk"


async def test_another_key_in_the_header_does_not_help_a_forger(run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    forger = Ed25519PrivateKey.generate()
    batch = Batch.model_validate_json(json.dumps(kiosk.batch()))
    path = folder.path.parent / "forged"
    path.write_bytes(b"".join(written(header_of(batch, 1, kiosk.key), [batch], forger)))
    was = everything(hub)
    assert reason(run, path) == "export-altered"
    assert everything(hub) == was


async def test_a_revoked_kiosks_file_waits_for_its_next_enrolment(
    run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk
) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    revoke(hub, "lobby")
    was = everything(hub)
    assert reason(run, stick(folder, kiosk)) == "kiosk-revoked"
    assert everything(hub) == was


@pytest.mark.parametrize(("here", "code"), [(2, "epoch-stale"), (1, "epoch-unknown")])
async def test_a_file_of_another_enrolment(
    run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk, here: int, code: str
) -> None:
    kiosk.epoch = 3 - here
    kiosk.queue(payment(kiosk.new_pid()))
    with hub.store.writing() as connection:
        connection.execute(kiosks.update().values(epoch=here))
    assert reason(run, stick(folder, kiosk)) == code


async def test_a_gap_and_a_fork(run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    for _ in range(4):
        log_watch.expect("hub.refused")
    for _ in range(2):
        kiosk.queue(payment(kiosk.new_pid()))
    was = everything(hub)
    assert reason(run, stick(folder, kiosk, kiosk.batch(2))) == "gap"
    assert everything(hub) == was
    await kiosk.send(kiosk.batch())
    kiosk.records.clear()
    kiosk.queue(payment(kiosk.new_pid()))
    was = everything(hub)
    assert reason(run, stick(folder, kiosk)) == "fork"
    assert everything(hub) == was


async def test_a_hub_that_is_an_old_copy_takes_nothing(
    run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    for _ in range(2):
        log_watch.expect("hub.behind")
    kiosk.queue(payment(kiosk.new_pid()))
    assert reason(run, stick(folder, kiosk, kiosk.batch(gen_seen=2))) == "generation-behind"
    assert folder.heard_generation.read_text() == "2\n"


async def test_records_that_contradict_each_other(run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    """Its own kiosk has signed it, and still the intake looks at every hash."""
    for _ in range(3):
        kiosk.queue(payment(kiosk.new_pid()))
    first, _, third = kiosk.records
    was = everything(hub)
    assert reason(run, stick(folder, kiosk, kiosk.batch(records=[first, third]))) == "not-contiguous"
    wrong = {**first, "hash": "f" * 64}
    assert reason(run, stick(folder, kiosk, kiosk.batch(records=[wrong], prev_hash=FIRST_HASH))) == "chain-broken"
    assert everything(hub) == was


async def test_an_enrolment_that_ends_under_way_ends_the_import(
    hub: Hub, folder: Folder, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.queue(payment(kiosk.new_pid()))

    def enrolled_meanwhile(hub: Hub, header: Any) -> Any:
        with hub.store.writing() as connection:
            row = connection.execute(select(kiosks)).one()
            connection.execute(kiosks.update().values(epoch=2))
        return row

    monkeypatch.setattr(imports, "_enrolled", enrolled_meanwhile)
    with pytest.raises(ImportRefused) as refused:
        import_export(hub, stick(folder, kiosk), lambda _done, _of: None)
    assert refused.value.code == "epoch-stale"


def test_a_stick_that_fails_is_no_bug(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying:
        def __enter__(self) -> Dying:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def readline(self, _most: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda *_: Dying())
    with pytest.raises(ImportRefused, match="Input/output error"):
        import_export(hub, tmp_path / "stick", lambda _done, _of: None)


async def test_an_import_is_no_word_from_its_kiosk(hub: Hub, folder: Folder, kiosk: ScriptedKiosk, time: Time) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    kiosk.queue(payment(kiosk.new_pid()))
    heard, time.now = time.now, time.now + dt.timedelta(days=1)
    assert import_export(hub, stick(folder, kiosk), lambda _done, _of: None).new["posted"] == 1
    with hub.store.reading() as connection:
        assert connection.scalar(select(kiosks.c.last_heard_at)) == heard


async def test_what_was_here_in_an_earlier_enrolment_is_not_new(
    run: Run, hub: Hub, client: httpx2.AsyncClient, folder: Folder, kiosk: ScriptedKiosk, time: Time
) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()), payment(kiosk.new_pid(), "unknown"))
    kiosk.queue(payment(kiosk.new_pid()))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2), (1, 3)])
    assert run(str(stick(folder, again))).stdout.splitlines() == [
        "3 records of lobby, enrolment 2: 2 were here before.",
        "New: 1 posted, 0 accepted, 0 parked.",
    ]


async def test_a_disk_that_fills_up_says_how_far_it_came(
    run: Run, folder: Folder, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(150):
        kiosk.queue(payment(kiosk.new_pid(), "unknown"))
    path = stick(folder, kiosk, kiosk.batch(1, 100), kiosk.batch(101))

    def filling(hub: Hub, batch: Batch, *, by_hand: bool) -> Any:
        if batch.records[0].seq > 1:
            raise NotNow("disk-full", "The hub's disk is full.", 60)
        return take(hub, batch, by_hand=by_hand)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "take", filling)
        assert reason(run, path) == "disk-full"
        assert str(run(str(path)).exception).endswith("The hub's disk is full. Taken: 100 of 150 records. Import again then.")
    assert "150 records of lobby, enrolment 1: 100 were here before." in run(str(path)).stdout

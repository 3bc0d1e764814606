"""Where the database key is kept: the TPM, a file, on the way from one to the other, and what another machine is told."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from offline_queue import tpm
from offline_queue.errors import DatabaseForeign, DatabaseMissing, DiskFull, KeyAway, KeyExposed, KeyRefused, QueueError
from offline_queue.folder import database_file, key_file
from offline_queue.journal import Journal
from offline_queue.keeping import IN_FILE, InTpm, KeyKeeper, keeper_here, left_file, read_key, sealed_file
from offline_queue.reader import JournalReader
from offline_queue.wire.left_key import LeftKey, recover
from tests.log_watch import LogWatch
from tests.offline_queue.machines import Machine, plain_tools, swtpm
from tests.offline_queue.world import HUB_KEY, World, approved, enrolled

NewMachine = Callable[[], Machine]


@pytest.fixture(params=["plain", "swtpm"])
def new_machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewMachine]:
    """Makes machines, each with a TPM of its own."""
    path = plain_tools(tmp_path / "tools")
    with ExitStack() as stack:
        made = iter(range(100))

        def new() -> Machine:
            return Machine(f"plain:{next(made)}", path) if request.param == "plain" else stack.enter_context(swtpm())

        yield new


@pytest.fixture
def machine(new_machine: NewMachine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a TPM, on which we are."""
    machine = new_machine()
    machine.use(monkeypatch)
    return machine


async def started(world: World, folder: Path, keeper: KeyKeeper) -> Journal:
    return await Journal.open(folder, clock=world.clock, random=world.chance, keeper=keeper)


async def with_a_payment(world: World, folder: Path) -> bytes:
    """A memory whose key is in a file, with one payment under way. Returns the key."""
    journal, client, _ = await enrolled(world, folder)
    await journal.open_attempt(world.attempt(), None)
    await journal.close()
    await client.close()
    return key_file(folder).read_bytes()


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_a_new_key_is_sealed_and_never_a_file(world: World, folder: Path, machine: Machine) -> None:
    journal = await started(world, folder, InTpm())
    key = journal._database.key
    await journal.close()
    assert not key_file(folder).exists()
    assert stat.S_IMODE(sealed_file(folder).stat().st_mode) == 0o600
    assert [name for name, content in files(folder).items() if key in content] == []
    assert read_key(folder) == key
    await (await started(world, folder, InTpm())).close()
    with JournalReader(folder) as reader:
        assert reader.attempts() == ()


async def test_a_sealed_key_stays_sealed_whoever_opens_the_journal(world: World, folder: Path, machine: Machine) -> None:
    await (await started(world, folder, InTpm())).close()
    await (await started(world, folder, IN_FILE)).close()
    assert not key_file(folder).exists()


async def test_the_key_goes_from_the_file_into_the_tpm_once_it_has_opened_the_database(
    world: World, folder: Path, machine: Machine, log_watch: LogWatch
) -> None:
    key = await with_a_payment(world, folder)
    journal = await started(world, folder, InTpm())
    assert len(await journal.unresolved()) == 1
    await journal.close()
    assert not key_file(folder).exists()
    assert read_key(folder) == key
    assert "queue.key_sealed" in [line["event"] for line in log_watch.events]


async def test_another_key_is_never_sealed_over_the_right_one(world: World, folder: Path, machine: Machine) -> None:
    await (await started(world, folder, InTpm())).close()
    sealed = sealed_file(folder).read_bytes()
    key_file(folder).write_bytes(bytes(32))
    key_file(folder).chmod(0o600)
    with pytest.raises(DatabaseForeign):
        await started(world, folder, InTpm())
    assert sealed_file(folder).read_bytes() == sealed
    key_file(folder).unlink()
    await (await started(world, folder, InTpm())).close()


async def test_a_journal_that_has_its_key_asks_the_tpm_no_more(
    world: World, folder: Path, machine: Machine, new_machine: NewMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await started(world, folder, InTpm())
    await journal._run(journal._database.close)
    new_machine().use(monkeypatch)
    assert await journal.unresolved() == ()
    await journal.close()


async def test_a_stolen_disk_does_not_open_elsewhere_and_nothing_is_touched(
    world: World, folder: Path, machine: Machine, new_machine: NewMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_a_payment(world, folder)
    await (await started(world, folder, InTpm())).close()
    before = files(folder)
    new_machine().use(monkeypatch)
    for keeper in (InTpm(), IN_FILE):
        with pytest.raises(KeyRefused, match="0x1df"):
            await started(world, folder, keeper)
    with pytest.raises(KeyRefused, match="0x1df"):
        JournalReader(folder)
    assert files(folder) == before
    machine.use(monkeypatch)
    journal = await started(world, folder, InTpm())
    assert len(await journal.unresolved()) == 1
    await journal.close()


async def test_what_the_hub_recovers_opens_on_a_new_machine(
    world: World, folder: Path, machine: Machine, new_machine: NewMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await with_a_payment(world, folder)
    await (await started(world, folder, InTpm())).close()
    new_machine().use(monkeypatch)
    recovered = recover(LeftKey.model_validate_json(left_file(folder).read_bytes()), HUB_KEY)
    assert recovered == key
    key_file(folder).write_bytes(recovered)
    key_file(folder).chmod(0o600)
    journal = await started(world, folder, InTpm())
    (attempt,) = await journal.unresolved()
    await journal.settle(attempt.id, approved(attempt))
    await journal.close()
    assert not key_file(folder).exists()
    assert read_key(folder) == key


async def test_the_key_is_left_with_the_hub_once_and_anew_for_another_key_of_its(world: World, folder: Path) -> None:
    await with_a_payment(world, folder)
    first = left_file(folder).read_bytes()
    assert stat.S_IMODE(left_file(folder).stat().st_mode) == 0o600
    await (await started(world, folder, IN_FILE)).close()
    assert left_file(folder).read_bytes() == first
    for spoilt in (b"", first.replace(b'"k1"', b'"k0"')):
        left_file(folder).write_bytes(spoilt)
        await (await started(world, folder, IN_FILE)).close()
        left = LeftKey.model_validate_json(left_file(folder).read_bytes())
        assert (left.kid, recover(left, HUB_KEY)) == ("k1", read_key(folder))


async def test_the_plain_key_goes_only_after_it_was_left_with_the_hub(
    world: World, folder: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    """A full disk puts the move off; the kiosk starts all the same."""
    log_watch.expect("queue.key_waits")
    key = await with_a_payment(world, folder)
    left_file(folder).unlink()

    def full(path: Path, content: bytes) -> None:
        raise DiskFull("ENOSPC")

    monkeypatch.setattr("offline_queue.keeping.write_private", full)
    journal = await started(world, folder, InTpm())
    assert len(await journal.unresolved()) == 1
    await journal.close()
    assert key_file(folder).read_bytes() == key
    monkeypatch.undo()


async def test_a_tpm_that_cannot_be_used_leaves_a_file_and_a_warning(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.key_on_disk")
    path = plain_tools(tmp_path / "tools")
    Machine("busy", path).use(monkeypatch)
    journal = await started(world, folder, InTpm())
    key = journal._database.key
    await journal.close()
    assert key_file(folder).read_bytes() == key
    Machine("forgetful", path).use(monkeypatch)
    await (await started(world, folder, InTpm())).close()
    assert key_file(folder).read_bytes() == key
    assert not sealed_file(folder).exists()
    reasons = [line["reason"] for line in log_watch.events if line["event"] == "queue.key_on_disk"]
    assert reasons == ["tpm2_createprimary 0x922"] * 2 + ["unsealed another"]
    Machine("plain", path).use(monkeypatch)
    await (await started(world, folder, InTpm())).close()
    assert not key_file(folder).exists()


async def test_a_tpm_that_is_away_is_not_one_that_refuses(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain_tools(tmp_path / "tools")
    Machine("plain", path).use(monkeypatch)
    await (await started(world, folder, InTpm())).close()
    Machine("busy", path).use(monkeypatch)
    with pytest.raises(KeyAway, match="tpm2_createprimary 0x922"):
        read_key(folder)
    Machine("plain", str(tmp_path)).use(monkeypatch)
    with pytest.raises(KeyAway, match="tpm2_createprimary FileNotFoundError"):
        read_key(folder)
    monkeypatch.setattr(tpm, "ANSWERS_IN", 0.0)
    Machine("plain", path).use(monkeypatch)
    with pytest.raises(KeyAway, match="tpm2_createprimary TimeoutExpired"):
        read_key(folder)


def test_a_door_without_a_tpm_behind_it_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_machine: NewMachine) -> None:
    new_machine().use(monkeypatch)
    monkeypatch.setenv("TPM2TOOLS_TCTI", f"swtpm:path={tmp_path}/busy")
    with pytest.raises(KeyAway, match="tpm2_createprimary"):
        tpm.seal(bytes(32))


def test_a_damaged_blob_is_refused(machine: Machine) -> None:
    blob = tpm.seal(bytes(range(32)))
    assert tpm.unseal(blob) == bytes(range(32))
    for at in (len(blob) - 3, 5):
        with pytest.raises(KeyRefused, match="tpm2_load 0x"):
            tpm.unseal(blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :])
    for bad in (b"", blob[:1], blob[:20], blob[:-1], blob + b"x", bytes(200)):
        with pytest.raises(KeyRefused, match="not a sealed key"):
            tpm.unseal(bad)


def test_a_cleared_tpm_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with swtpm() as machine:
        machine.use(monkeypatch)
        blob = tpm.seal(bytes(32))
        subprocess.run(["tpm2_clear"], check=True, capture_output=True)
        with pytest.raises(KeyRefused, match="0x1df"):
            tpm.unseal(blob)


async def test_files_that_others_can_read_are_refused(world: World, folder: Path, machine: Machine) -> None:
    await (await started(world, folder, InTpm())).close()
    sealed_file(folder).chmod(0o640)
    with pytest.raises(KeyExposed, match=r"journal\.key\.tpm"):
        await started(world, folder, InTpm())


@pytest.mark.parametrize(("error", "there"), [(DatabaseMissing, False), (DatabaseForeign, True)])
def test_no_key_at_all(folder: Path, error: type[QueueError], there: bool) -> None:
    folder.mkdir(mode=0o700)
    if there:
        database_file(folder).touch()
    with pytest.raises(error):
        read_key(folder)


def test_the_machine_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch) -> None:
    log_watch.expect("queue.key_on_disk")
    device = tmp_path / "tpmrm0"
    monkeypatch.setattr(tpm, "DEVICE", device)
    monkeypatch.delenv("TPM2TOOLS_TCTI", raising=False)
    path = plain_tools(tmp_path / "tools")
    assert keeper_here() is IN_FILE
    device.touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert keeper_here() is IN_FILE
    monkeypatch.undo()
    monkeypatch.setattr(tpm, "DEVICE", device)
    monkeypatch.delenv("TPM2TOOLS_TCTI", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert keeper_here() is IN_FILE
    monkeypatch.setenv("PATH", path)
    assert isinstance(keeper_here(), InTpm)
    reasons = [line["reason"] for line in log_watch.events]
    assert reasons == ["no-tpm", "tpm-not-allowed", "no-tpm2-tools"]
    device.unlink()
    monkeypatch.setenv("TPM2TOOLS_TCTI", "tabrmd:")
    assert isinstance(keeper_here(), InTpm)

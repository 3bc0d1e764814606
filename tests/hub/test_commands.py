"""The hub's commands as a person or a script uses them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from domain.errors import Known
from hub.app import make_app
from hub.commands import app
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.passwords import matches
from hub.readers import posting_of
from hub.schema import users
from offline_queue.wire.left_key import leave
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch
from tests.tls import Tls

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder) -> Run:
    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, [*arguments, "--data", str(folder.path)], input=typed)

    return run


def test_a_kiosk_is_added_and_listed(run: Run) -> None:
    added = json.loads(run("kiosk", "add", "Lobby East", "--json").stdout)
    assert (added["kiosk"], len(added["code"])) == ("lobby-east", 20)
    assert "lobby-east" in run("kiosk", "add", "Lobby East").stdout
    assert json.loads(run("kiosk", "list", "--json").stdout) == {
        "kiosk": "lobby-east", "name": "Lobby East", "epoch": 0, "records": 0, "last_heard": "", "revoked": False,
    }  # fmt: skip
    assert "never heard" in run("kiosk", "list").stdout


async def test_a_kiosk_that_was_heard_is_listed_with_its_time(run: Run, kiosk: ScriptedKiosk) -> None:
    assert "2026-11-21T15:00:00+00:00" in run("kiosk", "list").stdout


def test_a_kiosk_is_revoked_and_taken_back_by_another_enrolment(run: Run) -> None:
    run("kiosk", "add", "Lobby East")
    assert "lobby-east is revoked" in run("kiosk", "revoke", "lobby-east").stdout
    assert json.loads(run("kiosk", "list", "--json").stdout)["revoked"] is True
    assert run("kiosk", "list").stdout.endswith("never heard  revoked\n")
    assert str(run("kiosk", "revoke", "lobby-west").exception) == "There is no kiosk lobby-west. `hub kiosk list` names them."


async def test_a_new_key_is_handed_out_first_and_the_old_one_still_opens(
    run: Run, hub: Hub, folder: Folder, kiosk: ScriptedKiosk
) -> None:
    kiosk.queue(payment(kiosk.new_pid()))
    (old,) = hub.keys.sealing
    new = run("key", "rotate").stdout.split("new key is ")[1].split(".")[0]
    again = open_hub(folder, hub.world)
    assert [key.kid for key in again.keys.to_seal_to] == [new, old]
    kiosk.client = httpx2.AsyncClient(transport=Tls(make_app(again)), base_url=kiosk.client.base_url)
    head = (await kiosk.request("GET", "/v1/kiosks/lobby/head")).json()
    assert [key["kid"] for key in head["hub_keys"]] == [new, old]
    assert (await kiosk.send(kiosk.batch())).json()["results"][0]["status"] == "posted"
    await kiosk.client.aclose()
    again.store.close()
    assert isinstance(CliRunner().invoke(app, ["key", "rotate", "--data", str(folder.path / "none")]).exception, Known)


def test_a_kiosk_without_a_name_is_a_known_failure(run: Run) -> None:
    assert isinstance(run("kiosk", "add", "!").exception, Known)


def test_a_user_gets_a_password_from_stdin(run: Run, hub: Hub) -> None:
    assert run("user", "add", "ana", typed="quiet-paper-desk\n").exit_code == 0
    with hub.store.reading() as connection:
        stored = connection.scalar(select(users.c.password_hash).where(users.c.name == "ana"))
    assert stored is not None
    assert matches("quiet-paper-desk", stored)
    assert isinstance(run("user", "add", "ana", typed="short\n").exception, Known)


def test_statements_are_listed_with_their_codes(run: Run) -> None:
    line = json.loads(run("statements", "--json").stdout)
    assert (line["number"], line["due_cents"], line["currency"]) == ("3342139474", 12550, "USD")
    assert line["numbered"] == "LP334213947462"
    assert line["link"].startswith("HTTPS://PAY.LOBBYPAY.EXAMPLE/S1/AV2CQRHVS2JJKFBSJ")
    assert "$125.50" in run("statements").stdout


async def test_the_audit_passes_and_fails(run: Run, hub: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    assert "1 posted, 0 accepted, 0 parked" in run("audit").stdout
    assert json.loads(run("audit", "--json").stdout) == {
        "ok": True, "difference": None, "posted": 1, "accepted": 0, "parked": 0, "declined": 0,
        "kiosks": {"lobby": {"posted": 1, "accepted": 0, "parked": 0, "declined": 0}},
    }  # fmt: skip
    with hub.store.writing() as connection:
        connection.exec_driver_sql("UPDATE kiosks SET head_seq = 2")
    assert "not at its head" in str(run("audit").exception)
    failed = run("audit", "--json")
    assert (json.loads(failed.stdout)["ok"], type(failed.exception)) == (False, Known)


async def test_a_payment_is_declined_by_its_id(run: Run, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    assert run("decline", pid, "--reason", "nonsense").exit_code == 2
    assert "Reversed as P00000003" in run("decline", pid, "--reason", "card-expired").stdout
    assert "declined before" in str(run("decline", pid, "--reason", "card-expired").exception)
    assert "0 posted, 0 accepted, 0 parked, 1 declined" in run("audit").stdout


async def test_a_parked_payment_is_declined_too(run: Run, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured", currency="EUR"))
    assert "never posted" in run("decline", pid, "--reason", "other").stdout


def test_migrating_what_is_up_to_date_is_fine(run: Run) -> None:
    assert run("migrate").exit_code == 0


COMMANDS = [["audit"], ["statements"], ["statement", "1"], ["kiosk", "list"], ["kiosk", "add", "Lobby"], ["user", "add", "ana"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_only_serve_and_migrate_make_a_hub(tmp_path: Path, command: list[str]) -> None:
    for data in (tmp_path, tmp_path / "mistyped"):
        failed = CliRunner().invoke(app, [*command, "--data", str(data)], input="quiet-paper-desk\n")
        assert (type(failed.exception), str(failed.exception)) == (Known, f"There is no hub in {data}.")
        assert (failed.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_an_emptied_database_is_no_hub_in_order(run: Run, hub: Hub, folder: Folder) -> None:
    hub.store.close()
    folder.database.write_bytes(b"")
    assert "There is no hub" in str(run("audit").exception)
    assert folder.database.stat().st_size == 0


def test_migrating_makes_a_hub_where_there_is_none(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["migrate", "--data", str(tmp_path / "new")]).exit_code == 0
    assert Folder(tmp_path / "new").holds_hub()


def test_a_hub_with_accounts_of_its_own_is_never_made_a_demo(run: Run, folder: Folder) -> None:
    """Its patients would be open to whoever knows the demo's password, and test cards would pay their bills."""
    failed = run("serve", "--demo", "--port", "0")
    assert (type(failed.exception), "it is no demo" in str(failed.exception)) == (Known, True)
    assert not folder.demo_password.exists()


def test_a_damaged_folder_is_a_known_failure(run: Run, folder: Folder) -> None:
    folder.generation.write_text("many")
    for command in ("audit", "statements", "migrate"):
        assert isinstance(run(command).exception, Known)


@pytest.mark.parametrize("command", [*COMMANDS, ["migrate"], ["serve", "--port", "0"]], ids=" ".join)
def test_a_damaged_database_is_named_in_one_sentence(
    run: Run, hub: Hub, folder: Folder, capfd: pytest.CaptureFixture[str], command: list[str]
) -> None:
    hub.store.close()
    content = folder.database.read_bytes()
    folder.database.write_bytes(content[:4096] + bytes(len(content) - 4096))
    failed = run(*command, typed="quiet-paper-desk\n")
    assert str(failed.exception) == "The hub's database is damaged. Restore it from a backup."
    assert (type(failed.exception), failed.exit_code, capfd.readouterr().err) == (Known, 1, "")


def test_damage_that_only_the_audit_meets_is_named_too(run: Run, hub: Hub, folder: Folder) -> None:
    with hub.store.reading() as connection:
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'records'").scalar_one()
    hub.store.close()
    content = bytearray(folder.database.read_bytes())
    content[4096 * (root - 1) : 4096 * root] = bytes(4096)
    folder.database.write_bytes(content)
    assert run("kiosk", "list").exit_code == 0
    assert str(run("audit").exception) == "The hub's database is damaged. Restore it from a backup."


async def test_a_posting_is_found_from_outside(folder: Folder, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    assert posting_of(folder.path, pid) is None
    (answer,) = await kiosk.deliver(payment(pid))
    assert posting_of(Path(folder.path), pid) == answer.posting == "P00000002"


def test_a_taken_port_is_a_known_failure(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        failed = run("serve", "--port", str(taken.getsockname()[1]))
    assert "Cannot listen" in str(failed.exception)


def test_a_kiosks_key_is_recovered_from_what_it_left(run: Run, hub: Hub, tmp_path: Path) -> None:
    kid, own = next(iter(hub.keys.sealing.items()))
    left, out = tmp_path / "journal.key.hub", tmp_path / "journal.key"
    left.write_text(leave(bytes(32), "lobby-1", 1, kid, own.public_key()).model_dump_json(), "ascii")
    assert "The key of lobby-1 is in" in run("kiosk", "recover-key", str(left), "--out", str(out)).stdout
    assert out.read_bytes() == bytes(32)
    assert isinstance(run("kiosk", "recover-key", str(left), "--out", str(out)).exception, Known)


async def test_a_backup_is_made_and_put_back(run: Run, hub: Hub, kiosk: ScriptedKiosk, tmp_path: Path) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    assert run("backup", str(tmp_path / "night")).stdout == f"Backed up to {tmp_path / 'night'}: 1 records, audited.\n"
    assert "there already" in str(run("backup", str(tmp_path / "night")).exception)
    assert "Stop it first" in str(run("restore", str(tmp_path / "night")).exception)
    hub.store.close()
    assert run("restore", str(tmp_path / "night")).stdout.startswith("Restored, as generation 2. What was there before is in")
    assert "no backup" in str(run("restore", str(tmp_path / "none")).exception)


async def test_limits_are_set_all_together_told_and_taken_back(run: Run, kiosk: ScriptedKiosk) -> None:
    async def told() -> object:
        return (await kiosk.request("GET", "/v1/kiosks/lobby/head")).json()["limits"]

    of = ("limits", "--kiosk", "lobby")
    assert "own settings alone" in run(*of).stdout
    amounts = ("--payment", "10000", "--total", "30000", "--count", "5")
    assert json.loads(run(*of, *amounts, "--age-hours", "24").stdout)["age_s"] == 86_400
    assert await told() == {"currency": "USD", "payment": 10_000, "total": 30_000, "count": 5, "age_s": 86_400}
    assert (run(*of, *amounts).exit_code, run(*of, *amounts, "--none").exit_code) == (2, 2)
    assert "payment cannot be" in str(run(*of, "--payment", str(10**15), *amounts[2:], "--age-hours", "1").exception)
    assert "own settings alone" in run(*of, "--none").stdout
    assert await told() is None
    for more in ((), ("--none",)):
        assert "no kiosk" in str(run("limits", "--kiosk", "nobody", *more).exception)

"""The audit across kiosks: a kiosk's own words against what the hub holds of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

from domain.errors import Known
from hub.commands import app
from hub.folder import Folder
from hub.hub import Hub
from hub.second_thoughts import DeclineReason, decline
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_audit import without_triggers
from tests.log_watch import LogWatch


def usd(*cents: int) -> dict[str, Any]:
    return {"count": len(cents), "totals": [{"amount_cents": sum(cents), "currency": "USD"}] if cents else []}


def told(kiosk: ScriptedKiosk, delivered: int, approvals: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What `queue audit --json` would print at `kiosk`, which has delivered that many records."""
    heads = [{"epoch": kiosk.epoch, "seq": delivered, "hash": kiosk.records[delivered - 1]["hash"]}] if delivered else []
    return {"ok": True, "kiosk": kiosk.id, "approvals": approvals, "queued": usd(), "heads": heads, "records": 9, **changes}


def audit(folder: Folder, tmp_path: Path, *kiosks: dict[str, Any]) -> Result:
    options = []
    for number, one in enumerate(kiosks):
        path = tmp_path / f"kiosk-{number}.json"
        path.write_text(json.dumps(one), encoding="utf-8")
        options += ["--kiosk", str(path)]
    return CliRunner().invoke(app, ["audit", "--json", "--data", str(folder.path), *options])


def difference(result: Result) -> str:
    assert isinstance(result.exception, Known), result.output
    assert json.loads(result.stdout)["ok"] is False
    return str(result.exception)


async def test_two_kiosks_agree_with_the_hub(
    hub: Hub, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time, folder: Folder, tmp_path: Path
) -> None:
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    doubtful = kiosk.new_pid()
    await kiosk.deliver(payment(kiosk.new_pid()), payment(doubtful, "unknown"))
    await other.deliver(payment(other.new_pid(), minor=100), payment(other.new_pid(), minor=200))
    one = told(kiosk, 2, usd(25_50, 99), queued=usd(99))
    result = audit(folder, tmp_path, one, told(other, 2, usd(100, 200)))
    assert result.exit_code == 0, result.output
    kiosks = json.loads(result.stdout)["kiosks"]
    assert kiosks["lobby"] == {"posted": 1, "accepted": 1, "parked": 0, "declined": 0}
    assert kiosks["other"] == {"posted": 2, "accepted": 0, "parked": 0, "declined": 0}
    later = told(other, 1, usd(100, 200, 300), queued=usd(200, 300))
    assert audit(folder, tmp_path, later).exit_code == 0, "the hub may know more than a kiosk had heard"
    shown = CliRunner().invoke(app, ["audit", "--data", str(folder.path)]).stdout
    assert "other: 2 posted, 0 accepted, 0 parked, 0 declined." in shown


async def test_each_kiosk_and_all_of_them_are_counted_as_they_stand_now(
    hub: Hub, kiosk: ScriptedKiosk, folder: Folder, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, outcome="captured", offline=True), payment(kiosk.new_pid()))
    decline(hub, pid, DeclineReason.INSUFFICIENT_FUNDS)
    shown = CliRunner().invoke(app, ["audit", "--data", str(folder.path)]).stdout
    standing = "1 posted, 0 accepted, 0 parked, 1 declined."
    assert shown == f"lobby: {standing}\nAll is well: 2 records, {standing}\n"


async def test_each_difference_is_named(kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()), payment(kiosk.new_pid(), minor=50))
    right = told(kiosk, 2, usd(25_50, 50))
    assert audit(folder, tmp_path, right).exit_code == 0
    assert "the audit of lobby found one of its own" in difference(audit(folder, tmp_path, right | {"ok": False}))
    ahead = right | {"heads": [{"epoch": 1, "seq": 3, "hash": "ab" * 32}]}
    assert "has delivered record 3 of enrolment 1, and it is not here" in difference(audit(folder, tmp_path, ahead))
    other = right | {"heads": [{"epoch": 1, "seq": 2, "hash": "ab" * 32}]}
    assert "record 2 of lobby, enrolment 1, is not the one" in difference(audit(folder, tmp_path, other))
    more = right | {"approvals": usd(25_50, 51)}
    assert "lobby has delivered payments of $26.01, and $26.00 of them are here" in difference(audit(folder, tmp_path, more))
    euros = right | {"approvals": {"totals": [*usd(26_00)["totals"], {"amount_cents": 1, "currency": "EUR"}]}}
    assert "payments of €0.01, and €0.00" in difference(audit(folder, tmp_path, euros))
    nothing = right | {"heads": [], "approvals": usd()}
    assert audit(folder, tmp_path, nothing).exit_code == 0


async def test_the_hubs_own_difference_comes_first(hub: Hub, kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path) -> None:
    await kiosk.deliver(payment(kiosk.new_pid()))
    with hub.store.writing() as connection:
        without_triggers(connection)
        connection.exec_driver_sql("UPDATE kiosks SET head_seq = 9")
    assert "not at its head" in difference(audit(folder, tmp_path, told(kiosk, 1, usd(99), ok=False)))


async def test_the_sum_of_what_does_not_open_is_not_compared(
    kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    kiosk.queue_bytes(kiosk.new_pid(), b"", sealed=b"nobody can open this at all, however long one looks at it, or tries")
    assert (await kiosk.send(kiosk.batch())).status_code == 200
    assert audit(folder, tmp_path, told(kiosk, 1, usd(77_00))).exit_code == 0


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"ok": true, "kiosk": null}', "\x00"])
def test_another_file_is_a_known_failure(hub: Hub, folder: Folder, tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    for file in (path, tmp_path / "none.json", tmp_path):
        result = CliRunner().invoke(app, ["audit", "--data", str(folder.path), "--kiosk", str(file)])
        assert isinstance(result.exception, Known)

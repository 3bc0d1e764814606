"""`hub appointments`: the hospital's list comes in whole or not at all, and codes go out for its reminders."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.appointments import import_appointments, listed_appointments
from hub.commands import app
from hub.folder import Folder, HubError
from hub.hub import Hub, utc_now
from hub.keys import open_keys
from hub.pins import appointment_code
from tests.hub.conftest import ACCOUNT, Time

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, folder: Folder) -> Run:
    return lambda *words: CliRunner().invoke(app, ["appointments", *words, "--data", str(folder.path)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "appointments.csv"


def rows(*lines: str) -> str:
    return "\n".join(("number,account,date", *lines)) + "\n"


def test_a_list_takes_the_place_of_the_one_before(hub: Hub, file: Path, time: Time) -> None:
    file.write_text(rows(f"T-1,{ACCOUNT},2026-11-21", f"T-2,{ACCOUNT},2026-11-22", f"T-0,{ACCOUNT},2026-11-20"))
    assert import_appointments(hub, file) == 2
    assert [(each.number, each.date.day) for each in listed_appointments(hub)] == [("T-1", 21), ("T-2", 22)]
    file.write_text("\ufeff" + rows(f'"T-3",{ACCOUNT},2026-11-21'), encoding="utf-8")
    assert import_appointments(hub, file) == 1
    time.pass_by(dt.timedelta(days=2))
    assert import_appointments(hub, file) == 0
    assert listed_appointments(hub) == ()


LINE_2 = "Line 2 is not number,account,YYYY-MM-DD."
TWICE = "the number is missing, too long, or there twice."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Its first line must be number,account,date."),
        ("who,when\n", "Its first line must be number,account,date."),
        (rows("T-1,A100001"), LINE_2),
        (rows("T-1,A100001,2026-02-30"), LINE_2),
        (rows("T-1,A100001,tomorrow"), LINE_2),
        (rows('T-1,"A100001'), LINE_2),
        (rows(",A100001,2026-11-21"), f"Line 2: {TWICE}"),
        (rows("\x1b[2J,A100001,2026-11-21"), f"Line 2: {TWICE}"),
        (rows("T" * 65 + ",A100001,2026-11-21"), f"Line 2: {TWICE}"),
        (rows("T-1,A100001,2026-11-21", "T-1,A100001,2026-11-22"), f"Line 3: {TWICE}"),
        (rows("T-1,A100001,2026-11-21", "T-2,'; DROP TABLE accounts,2026-11-22"), "Line 3: there is no such account here."),
    ],
)
def test_a_list_with_one_bad_line_changes_nothing(hub: Hub, file: Path, text: str, told: str) -> None:
    file.write_text(rows(f"T-9,{ACCOUNT},2026-11-21"))
    import_appointments(hub, file)
    file.write_text(text)
    with pytest.raises(HubError) as refused:
        import_appointments(hub, file)
    assert str(refused.value) == told
    assert [each.number for each in listed_appointments(hub)] == ["T-9"]


def test_what_cannot_be_read_is_said(hub: Hub, file: Path) -> None:
    with pytest.raises(HubError, match=r"cannot be read: No such file"):
        import_appointments(hub, file)
    file.write_bytes(b"number,account,date\n\xff\xfe")
    with pytest.raises(HubError, match=r"is not UTF-8 text"):
        import_appointments(hub, file)


def test_the_commands_take_a_list_and_give_its_codes(run: Run, hub: Hub, file: Path) -> None:
    day = utc_now().astimezone().date() + dt.timedelta(days=1)
    file.write_text(rows(f"T-1,{ACCOUNT},{day}"))
    assert run("import", str(file)).stdout == "1 appointments from today on.\n"
    code = appointment_code(hub.keys.pins, "T-1")
    assert run("list").stdout == f"{day}  T-1  {ACCOUNT}  {code}\n"
    line = {"number": "T-1", "account": ACCOUNT, "date": day.isoformat(), "code": code}
    assert json.loads(run("list", "--json").stdout) == line
    refused = run("import", "nowhere.csv")
    assert refused.exit_code == 1
    assert "nowhere.csv cannot be read" in str(refused.exception)


def test_a_hub_from_before_pins_gets_their_key_and_keeps_it(hub: Hub, folder: Folder) -> None:
    held = json.loads(folder.secrets.read_bytes())
    del held["pins"]
    folder.secrets.write_text(json.dumps(held))
    first = open_keys(folder, hub.world.clock())
    again = open_keys(folder, hub.world.clock())
    assert first.pins == again.pins != hub.keys.pins
    assert len(first.pins) == 32
    assert (first.links, first.hosts) == (hub.keys.links, hub.keys.hosts)

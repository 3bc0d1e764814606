"""A technician enrols a second kiosk at a running hub, with a one-time code that staff read out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.children import ROOT
from demo.world import World
from offline_queue.reader import JournalReader

pytestmark = pytest.mark.xdist_group("journeys")


def lobbypay(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "main.py", *arguments]
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=120, check=False)


def test_a_code_enrols_one_kiosk_once(world: World, tmp_path: Path) -> None:
    config = tmp_path / "second.toml"
    settings = world.settings.read_text(encoding="utf-8")
    config.write_text(settings.replace(str(world.kiosk_folder), str(tmp_path / "data")), encoding="utf-8")
    enrol = ("kiosk", "--config", str(config), "--enrol")

    wrong = lobbypay(*enrol, typed="ABCD-EFGH-IJKL-MNOP-QRST\n")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "lobbypay: The hub does not know this code. Compare it with what the hub printed.\n"

    added = json.loads(lobbypay("hub", "kiosk", "add", "Lobby west", "--data", str(world.hub_folder), "--json").stdout)
    typed = "-".join(added["code"][at : at + 4] for at in range(0, 20, 4)).lower()
    done = lobbypay(*enrol, typed=f" {typed} \n")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Enrolled as {added['kiosk']}" in done.stdout
    with JournalReader(tmp_path / "data") as reader:
        assert reader.attempts() == ()

    again = lobbypay(*enrol, typed=added["code"])
    assert again.returncode == 1
    assert again.stderr.startswith(f"This kiosk is enrolled as {added['kiosk']} already. A new code for")
    assert again.stderr.endswith("lobbypay: This code has been used or is more than 15 minutes old. Ask the hub for a new one.\n")

    other = json.loads(lobbypay("hub", "kiosk", "add", "Lobby north", "--data", str(world.hub_folder), "--json").stdout)
    refused = lobbypay(*enrol, typed=other["code"])
    assert "\nlobbypay: This code is for another kiosk." in refused.stderr

    anew = json.loads(lobbypay("hub", "kiosk", "add", "Lobby west", "--data", str(world.hub_folder), "--json").stdout)
    done = lobbypay(*enrol, typed=anew["code"])
    assert (done.returncode, done.stdout.startswith(f"Enrolled as {added['kiosk']}")) == (0, True)
    audit = lobbypay("queue", "audit", "--config", str(config))
    assert (audit.returncode, audit.stderr) == (0, "")

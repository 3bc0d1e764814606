"""The tree that a screen reader of the system sees, on a real bus: a stranger to our code finds its way by names and presses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from checks.tree import ROOT

Trees = tuple[list[list[tuple[str, str, list[str]]]], list[str]]
SYSTEM_PYTHON = "/usr/bin/python3"
NEEDED = ("xvfb-run", "dbus-run-session", SYSTEM_PYTHON)
WAY = ("Start in English", "Show my bill", "Pay 178.17 US dollars", "Go on with my payment")
BEHIND = '"$1" -m tests.ui.atspi.face > "$3" & "$2" tests/ui/atspi/reader.py && wait $! || kill $!'


def _missing() -> str:
    """What this test needs and the machine has not; empty when it has all."""
    for program in NEEDED:
        if shutil.which(program) is None:
            return program
    atspi = "import gi; gi.require_version('Atspi', '2.0')"
    has = subprocess.run([SYSTEM_PYTHON, "-c", atspi], check=False, capture_output=True).returncode == 0
    return "" if has else "python3-gi with gir1.2-atspi-2.0"


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    """Every screen on the way as (role, name, actions), and what was asked on it."""
    if missing := _missing():
        pytest.skip(f"needs {missing}; .ci/run installs it")
    folder = tmp_path_factory.mktemp("atspi")
    asked, told = folder / "asked", folder / "told"
    environment = os.environ | {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    command = ["xvfb-run", "-a", "dbus-run-session", "--", "sh", "-c", BEHIND, "sh", sys.executable, SYSTEM_PYTHON, str(asked)]
    (folder / "way").write_text("\n".join(WAY), encoding="utf-8")
    with (folder / "way").open() as way, told.open("w") as tells:  # no pipe: the bus's own servants would keep it open
        subprocess.run(command, check=False, cwd=ROOT, env=environment, stdin=way, stdout=tells, stderr=tells, timeout=120)
    lines = told.read_text(encoding="utf-8").splitlines()
    seen = [[(role, name, does) for role, name, does in json.loads(line)] for line in lines if line.startswith("[[")]
    return seen, asked.read_text(encoding="utf-8").split("\n")


def test_it_is_pressed_through_by_names(trees: Trees) -> None:
    seen, asked = trees
    assert len(seen) == len(WAY)
    assert [line.strip() for line in asked if line.strip()] == ["choose-language en", "next", "pay", "stay"]


def test_every_control_has_a_name_and_can_be_pressed(trees: Trees) -> None:
    for screen, least in zip(trees[0], (7, 7, 7, 2), strict=True):
        buttons = [(name, does) for role, name, does in screen if role in ("push button", "button")]
        assert len(buttons) >= least
        assert all(name and "Press" in does for name, does in buttons), buttons


def test_roles_say_what_things_are(trees: Trees) -> None:
    attract, birth, statement, help_ = trees[0]
    for screen, heading in (
        (attract, "Pay your hospital bill here"),
        (birth, "What is the date of birth?"),
        (statement, "178.17 US dollars is due"),
        (help_, "Someone can help you"),
    ):
        assert heading in [name for role, name, _ in screen if role == "heading"]
    assert "Tests and pictures 255.35 US dollars" in [name for role, name, _ in statement if role == "list item"]
    assert "Someone can help you" in [name for role, name, _ in help_ if role == "dialog"]


def test_what_lies_under_a_question_is_not_there(trees: Trees) -> None:
    """Neither to be read nor to be pressed: a finger cannot touch it either."""
    help_ = trees[0][-1]
    names = [name for role, name, _ in help_ if name and role not in ("application", "frame")]
    answers = ["Call a staff member", "Go on with my payment", "Move the keys lower"]
    assert [name for _, name, does in help_ if "Press" in does] == answers
    assert names[0] == "Someone can help you"
    assert not any("178.17" in name or name in ("Call for help", "English", "Listen") for name in names)


def test_what_is_typed_of_a_birth_date_is_not_told_to_the_room(
    trees: Trees,
) -> None:
    assert not any("0 3" in name or "03 /" in name for _, name, _ in trees[0][1])

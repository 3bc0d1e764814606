"""qmllint over all of our QML, with the types of our Python; and no words in it (law 15)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.qml_types import write_module
from ui.early import QML

FILES = sorted(QML.rglob("*.qml"))


@pytest.fixture
def lint(tmp_path: Path) -> list[str]:
    write_module(tmp_path / "types")
    program = Path(sys.executable).parent / "pyside6-qmllint"
    return [str(program), "-W", "0", "-I", str(tmp_path / "types"), "-I", str(QML)]


def test_qmllint_has_nothing_to_say(lint: list[str]) -> None:
    run = subprocess.run([*lint, *map(str, FILES)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_qmllint_knows_our_types(lint: list[str], tmp_path: Path) -> None:
    wrong = tmp_path / "Wrong.qml"
    wrong.write_text(
        "import QtQuick\nimport Lobbypay.Snapshots\nText {\n    required property Store store\n    text: store.amuont.text\n}\n"
    )
    run = subprocess.run([*lint, str(wrong)], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert 'Member "amuont" not found on type "Store"' in run.stderr


def test_the_module_lists_every_file() -> None:
    listed = re.findall(r"^(?:singleton )?(\w+) \1\.qml$", (QML / "Lobbypay" / "qmldir").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(file.stem for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_qml_holds_no_words(file: Path) -> None:
    """What a person reads comes from the snapshot: a literal for `text`, a title or a name in QML is a bug."""
    said = re.compile(r'\b(?:text|speech|title|placeholderText|Accessible\.(?:name|description)):\s*"[^"]')
    assert [line for line in file.read_text().splitlines() if said.search(line)] == []

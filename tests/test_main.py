"""The command line: help that is quick, exit codes, one plain sentence for a known failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import main
from domain.errors import Known

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"PySide6", "cv2", "numpy", "fastapi", "sqlalchemy", "pydantic", "PIL", "escpos", "cryptography", "sqlcipher3"}


def test_help_teaches_and_imports_no_room() -> None:
    timed = [sys.executable, "-X", "importtime", str(ROOT / "main.py"), "--help"]
    done = subprocess.run(timed, check=True, capture_output=True, text=True)
    for command in ("demo", "test", "kiosk", "hub", "queue", "terminal", "bench"):
        assert f" {command} " in done.stdout
    imported = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert not imported & (HEAVY | {"demo", "kiosk", "hub", "ui", "devices", "checks", "benchmarks"})


@pytest.mark.parametrize("arguments", [["--no-such"], ["nonsense"], ["kiosk"], ["kiosk", "--config", "x", "--part", "engin"]])
def test_wrong_usage_is_2(monkeypatch: pytest.MonkeyPatch, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["lobbypay", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_known_failure_is_one_sentence_and_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(prog_name: str) -> None:
        raise Known("the terminal is away")

    monkeypatch.setattr(main, "app", fails)
    assert main.main() == 1
    assert capsys.readouterr().err == "lobbypay: the terminal is away\n"


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(prog_name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main, "app", breaks)
    with pytest.raises(ZeroDivisionError):
        main.main()

"""The linters, the types and the floors, as configured here, refuse what our laws refuse."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks.gates import GATES, Gate, run_gate, run_gates
from checks.tree import ROOT

BIN = Path(sys.executable).parent


def lint(text: str, name: str) -> str:
    """What ruff says of `text` if it were the file `name` of ours."""
    command = [str(BIN / "ruff"), "check", "--no-cache", "--quiet", "--output-format", "concise", "--stdin-filename", name, "-"]
    return subprocess.run(command, input=text, cwd=ROOT, check=False, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("print('paid')\n", "kiosk/engine.py", "T201"),
        ("import datetime as dt\n\nnow = dt.datetime.now()\n", "kiosk/engine.py", "DTZ005"),
        ("import datetime as dt\n\nnow = dt.datetime.utcnow()\n", "hub/web.py", "DTZ003"),
        ("x: int = 'a'  # type: ignore\n", "hub/web.py", "PGH003"),
        ("x = 1  # noqa\n", "hub/web.py", "PGH004"),
        ("try:\n    x = 1\nexcept:\n    x = 2\n", "ui/app.py", "E722"),
        ("try:\n    x = 1\nexcept Exception:\n    x = 2\n", "ui/app.py", "BLE001"),
        ("x = 1  # TO" + "DO: later\n", "ui/app.py", "FIX002"),
        ("from .money import Money\n\n__all__ = ['Money']\n", "domain/fees.py", "TID252"),
    ],
)
def test_the_linter_knows_the_laws(text: str, name: str, code: str) -> None:
    assert code in lint(text, name)


@pytest.mark.parametrize("name", ["hub/commands.py", "devices/terminals/simulator/__main__.py", "demo/director.py", "main.py"])
def test_commands_and_simulators_may_print(name: str) -> None:
    assert lint('"""A file."""\n\nprint("ready")\n', name) == ""


def test_types_are_strict(tmp_path: Path) -> None:
    loose = tmp_path / "loose.py"
    loose.write_text("def f(x):\n    return x\n", "utf-8")
    command = [
        str(BIN / "mypy"),
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path / "cache"),
        str(loose),
    ]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no-untyped-def" in done.stdout


MODULES = [
    Path(name)
    for name in (
        "domain/money.py",
        "domain/dukpt.py",
        "devices/health.py",
        "devices/terminals/simulator/reader.py",
        "offline_queue/journal.py",
        "offline_queue/wire/chain.py",
        "offline_queue/simulation/day.py",
        "kiosk/engine.py",
        "kiosk/visit/screens.py",
        "kiosk/visit/visit.py",
        "ui/app.py",
        "hub/web.py",
        "hub/gateway/cards.py",
        "demo/director.py",
        "benchmarks/runner.py",
        "checks/run.py",
    )
]


def floors_hold(root: Path, importer: str, imported: str) -> bool:
    """Whether the contracts allow `importer` (a path) to import `imported` (a module) in a tree made like ours."""
    for module in MODULES:
        (root / module).parent.mkdir(parents=True, exist_ok=True)
        (root / module).touch()
        for package in module.parents[:-1]:
            (root / package / "__init__.py").touch()
    (root / importer).write_text(f"import {imported}\n", "utf-8")
    shutil.copy(ROOT / "pyproject.toml", root)
    command = [str(BIN / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("domain/x.py", "devices.health"),
        ("domain/x.py", "offline_queue.wire.chain"),
        ("devices/x.py", "offline_queue.journal"),
        ("offline_queue/x.py", "devices.health"),
        ("offline_queue/wire/x.py", "offline_queue.journal"),
        ("kiosk/x.py", "ui.app"),
        ("kiosk/x.py", "hub.web"),
        ("kiosk/visit/x.py", "devices.health"),
        ("kiosk/visit/x.py", "kiosk.engine"),
        ("ui/x.py", "domain.money"),
        ("ui/x.py", "kiosk.engine"),
        ("ui/x.py", "kiosk.visit.visit"),
        ("hub/x.py", "kiosk.engine"),
        ("hub/x.py", "devices.health"),
        ("hub/x.py", "offline_queue.journal"),
        ("kiosk/x.py", "demo.director"),
        ("kiosk/x.py", "domain.dukpt"),
        ("devices/x.py", "domain.dukpt"),
        ("hub/x.py", "domain.dukpt"),
    ],
)
def test_imports_only_go_down(tmp_path: Path, importer: str, imported: str) -> None:
    assert not floors_hold(tmp_path, importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("kiosk/x.py", "offline_queue.journal"),
        ("ui/x.py", "kiosk.visit.screens"),
        ("hub/x.py", "offline_queue.wire.chain"),
        ("demo/x.py", "ui.app"),
        ("hub/gateway/x.py", "domain.dukpt"),
        ("devices/terminals/simulator/x.py", "domain.dukpt"),
    ],
)
def test_and_down_they_may(tmp_path: Path, importer: str, imported: str) -> None:
    assert floors_hold(tmp_path, importer, imported)


def test_a_gate_that_exits_otherwise_does_not_hold() -> None:
    gate = Gate("never", (sys.executable, "-c", "print('a law is broken'); raise SystemExit(3)"))
    verdict = run_gate(gate)
    assert (verdict.held, verdict.words) == (False, "a law is broken")


def test_every_gate_is_heard() -> None:
    gates = tuple(Gate(name, (sys.executable, "-c", "")) for name in ("one", "two", "three"))
    assert {verdict.name for verdict in run_gates(gates) if verdict.held} == {"one", "two", "three"}


def test_all_of_them_are_run() -> None:
    assert [gate.name for gate in GATES] == ["types", "lint", "format", "floors", "bans", "tidiness"]

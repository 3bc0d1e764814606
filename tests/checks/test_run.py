"""`./lobbypay test`: what fails it, and the line it closes with."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import run as runner
from checks.gates import Verdict
from checks.run import Tally, run, tally_of
from checks.tree import ROOT

HELD = Verdict("lint", held=True, seconds=0.1, words="")
BROKEN = Verdict("types", held=False, seconds=0.1, words="x.py:1: wrong")


@pytest.mark.parametrize(
    ("gates", "tests", "coverage", "code", "closing"),
    [
        ([HELD], (Tally(5), True), HELD, 0, "7 passed, 0 failed"),
        ([HELD, BROKEN], (Tally(5), True), HELD, 1, "7 passed, 1 failed"),
        ([HELD], (Tally(4, 1), False), HELD, 1, "6 passed, 1 failed"),
        ([HELD], (Tally(5, 0, 2), True), BROKEN, 1, "6 passed, 1 failed, 2 skipped"),
    ],
)
def test_one_failure_anywhere_fails_it_all(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    gates: list[Verdict],
    tests: tuple[Tally, bool],
    coverage: Verdict,
    code: int,
    closing: str,
) -> None:
    monkeypatch.setattr(runner, "run_gates", lambda: iter(gates))
    monkeypatch.setattr(runner, "_run_tests", lambda _scratch, _extra: tests)
    monkeypatch.setattr(runner, "_coverage", lambda _scratch: coverage)
    assert run([], slow=False) == code
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == closing
    assert ("x.py:1: wrong" in printed) == (BROKEN in [*gates, coverage])


def test_counts_are_read_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "tests.xml"
    report.write_text('<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>', "utf-8")
    assert tally_of(report) == Tally(passed=4, failed=3, skipped=3)


SAMPLE = """
import logging, socket, warnings
import pytest
from PySide6.QtCore import qWarning

def test_well(): pass
def test_wrong(): assert False
def test_warns(): warnings.warn("old")
def test_logs(): logging.getLogger("a.library").warning("hm")
def test_qt_warns(qtbot): qWarning("a binding loop")
def test_calls_out(): socket.create_connection(("192.0.2.1", 80))
@pytest.mark.slow
def test_takes_minutes(): pass
@pytest.mark.xfail
def test_better_than_thought(): pass
async def test_on_a_loop(): pass
"""


@pytest.mark.parametrize(("slow", "counts"), [(False, Tally(2, 6, 1)), (True, Tally(3, 6, 0))])
def test_the_house_rules_of_pytest(tmp_path: Path, slow: bool, counts: Tally, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test_sample.py").write_text(SAMPLE, "utf-8")
    report = tmp_path / "tests.xml"
    # the sample lies outside the tree, so its conftest is named
    arguments = ["-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-q"]
    assert run([*arguments, f"--junit-xml={report}", str(tmp_path / "test_sample.py")], slow=slow) == 1
    assert tally_of(report) == counts, capfd.readouterr().out


@pytest.mark.parametrize(("arguments", "code"), [(["-k", "nothing_is_called_so"], 1), (["--no-such-option"], 2), (["-q"], 0)])
def test_exit_codes_are_ours(tmp_path: Path, arguments: list[str], code: int, capfd: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "test_sample.py"
    sample.write_text("def test_well(): pass\n", "utf-8")
    assert run([*arguments, "-c", str(ROOT / "pyproject.toml"), str(sample)], slow=False) == code, capfd.readouterr().out


def test_it_tests_our_tree_from_wherever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["--collect-only", "-q", "tests/checks/test_tidy.py"], slow=False) == 0
    assert "tests/checks/test_tidy.py::test_untidy_files_are_found" in capfd.readouterr().out

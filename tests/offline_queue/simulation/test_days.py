"""Simulated days: the same seed gives the same day, thousands of them break no law, and one that does is named."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from offline_queue.simulation import days
from offline_queue.simulation.day import simulate
from offline_queue.simulation.days import Broken, live, lived
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.template import Template

ROOT = Path(__file__).parents[3]
CHUNK = 200
"""Days of one test: none may last five minutes (faulthandler_timeout)."""
QUICK = range(1_000, 3_000, CHUNK)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "long" in metafunc.fixturenames:
        metafunc.parametrize("long", range(10_000, 10_000 + metafunc.config.getoption("--seeds"), CHUNK))


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_day(made: Template, seed: int) -> None:
    assert simulate(seed, made) == simulate(seed, made)


def test_another_seed_gives_another_day(made: Template) -> None:
    assert simulate(1, made) != simulate(2, made)


@pytest.mark.parametrize("first", range(0, 15, 5))
def test_days_break_no_law(made: Template, first: int) -> None:
    for seed in range(first, first + 5):
        simulate(seed, made)


def _live(first: int) -> None:
    """In a process of its own, which is not measured: coverage would double its time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "offline_queue.simulation", "--seeds", str(CHUNK), "--first", str(first)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, f"{CHUNK} of {CHUNK} days" in done.stderr) == (0, True), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("first", QUICK)
def test_thousands_of_days_break_no_law(first: int) -> None:
    _live(first)


@pytest.mark.slow
def test_many_more_days_break_no_law(long: int) -> None:
    _live(long)


def test_a_day_that_breaks_a_law_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(seed: int, _made: Template) -> str:
        if seed == 7:
            raise LawBroken("chain", "is broken")
        return ""

    monkeypatch.setattr(days, "simulate", broken)
    assert lived(range(6, 9)) == [Broken(7, "chain: is broken")]


def test_a_bug_says_on_which_day(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(_seed: int, _made: Template) -> str:
        raise KeyError("x")

    monkeypatch.setattr(days, "simulate", bug)
    with pytest.raises(KeyError) as caught:
        lived([5])
    assert caught.value.__notes__ == ["on the day of seed 5"]


def test_progress_says_how_fast_and_time_is_kept() -> None:
    heard = io.StringIO()
    assert live(0, 4 * days.CHUNK, seconds=0, console=Console(file=heard, width=200)) == []
    (line,) = heard.getvalue().splitlines()
    assert line.startswith(f"{days.CHUNK} of 100 days, ")
    assert line.endswith(" seeds/s, 0 broken")


def test_the_command_says_which_seeds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(days, "live", lambda *_, **__: [Broken(7, "chain: is broken")])
    assert days.main([]) == 1
    assert capsys.readouterr().err == "seed 7: chain: is broken\n"
    monkeypatch.setattr(days, "live", lambda *_, **__: [])
    assert days.main(["--seeds", "1"]) == 0

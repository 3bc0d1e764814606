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
from offline_queue.simulation.days import Asked, Broken, live, lived
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.template import Template

ROOT = Path(__file__).parents[3]
QUICK = range(1_000, 3_000, 200)
"""The first seed of each share of the quick days: the shares run side by side."""

SHARE = 200
"""Long days of one test: none may last five minutes (faulthandler_timeout)."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "long" in metafunc.fixturenames:
        metafunc.parametrize("long", range(10_000, 10_000 + metafunc.config.getoption("--seeds"), SHARE))


def test_the_same_seed_gives_the_same_day(made: Template) -> None:
    """Whatever was lived between."""
    assert [simulate(seed, made) for seed in range(4)] == [simulate(seed, made) for seed in range(3, -1, -1)][::-1]


def test_another_seed_gives_another_day(made: Template) -> None:
    assert simulate(1, made) != simulate(2, made)


@pytest.mark.parametrize("first", range(0, 10, 5))
def test_days_break_no_law(made: Template, first: int) -> None:
    for seed in range(first, first + 5):
        simulate(seed, made)


def _live(first: int, count: int, *more: str) -> None:
    """In a process of its own, which is not measured: coverage would double its time."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "offline_queue.simulation", "--seeds", str(count), "--first", str(first), *more]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, f"{count} of {count} days" in done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize("first", QUICK)
def test_two_thousand_days_break_no_law(first: int) -> None:
    _live(first, QUICK.step, "--acts", "1", "--processes", "1")


@pytest.mark.slow
def test_many_more_days_break_no_law(long: int) -> None:
    _live(long, SHARE)


def test_a_day_that_breaks_a_law_is_named(made: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(seed: int, _made: Template, _acts: int) -> str:
        if seed == 7:
            raise LawBroken("chain", "is broken")
        return ""

    monkeypatch.setattr(days, "simulate", broken)
    assert lived(range(6, 9), made, 1) == [Broken(7, "chain: is broken")]


def test_a_bug_says_on_which_day(made: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(_seed: int, _made: Template, _acts: int) -> str:
        raise KeyError("x")

    monkeypatch.setattr(days, "simulate", bug)
    with pytest.raises(KeyError) as caught:
        lived([5], made, 1)
    assert caught.value.__notes__ == ["on the day of seed 5"]


def test_progress_says_how_fast_and_time_is_kept() -> None:
    heard = io.StringIO()
    asked = Asked(seeds=4 * days.CHUNK, first=0, seconds=0, acts=1, processes=1)
    assert live(asked, Console(file=heard, width=200)) == []
    (line,) = heard.getvalue().splitlines()
    assert line.startswith(f"{days.CHUNK} of 100 days, ")
    assert line.endswith(" seeds/s, 0 broken")


def test_the_command_says_which_seeds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(days, "live", lambda *_: [Broken(7, "chain: is broken")])
    assert days.main([]) == 1
    assert capsys.readouterr().err == "seed 7: chain: is broken\n"
    monkeypatch.setattr(days, "live", lambda *_: [])
    assert days.main(["--seeds", "1"]) == 0

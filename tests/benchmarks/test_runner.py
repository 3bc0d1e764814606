"""A figure keeps its promise or does not, and the runner says which."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from benchmarks import runner
from benchmarks.figure import Figure
from benchmarks.runner import Progress, run
from domain.errors import Known


@pytest.mark.parametrize(
    ("better", "value", "ok"),
    [
        ("lower", 9.9, True),
        ("lower", 10.0, True),
        ("lower", 10.1, False),
        ("higher", 9.9, False),
        ("higher", 10.0, True),
        ("lower", math.nan, False),
        ("higher", math.nan, False),
    ],
)
def test_a_promise_is_kept_up_to_its_limit(better: Literal["lower", "higher"], value: float, ok: bool) -> None:
    assert Figure("card.p99_ms", value, 10.0, better, "").ok is ok


class Fake:
    """A benchmark that measures nothing."""

    def __init__(self, *found: Figure) -> None:
        self._found = found

    def figures(self, progress: Progress) -> Iterator[Figure]:
        progress("working")
        yield from self._found


FAST = Figure("start.ratio", 1.2, 1.5, "lower", "median of 7")
LATE = Figure("ui-tick.missed", 3.0, 0.0, "lower", "60 s")


@pytest.mark.parametrize(("found", "kept"), [((FAST,), True), ((FAST, LATE), False), ((), False)])
def test_one_broken_promise_fails_and_so_does_measuring_nothing(
    monkeypatch: pytest.MonkeyPatch, found: tuple[Figure, ...], kept: bool
) -> None:
    monkeypatch.setattr(runner, "measurement", lambda _name: Fake(*found))
    assert run(["start"], as_json=True) is kept


def test_json_is_one_line_a_figure_and_nothing_else(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(runner, "measurement", lambda _name: Fake(FAST, LATE))
    run(["start"], as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"figure": "start.ratio", "value": 1.2, "limit": 1.5, "better": "lower", "note": "median of 7", "ok": True},
        {"figure": "ui-tick.missed", "value": 3.0, "limit": 0.0, "better": "lower", "note": "60 s", "ok": False},
    ]


def test_what_is_measured_may_journal_and_stdout_stays_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Talking(Fake):
        def figures(self, progress: Progress) -> Iterator[Figure]:
            structlog.get_logger().error("queue.failed")
            yield from super().figures(progress)

    monkeypatch.setattr(runner, "measurement", lambda _name: Talking(FAST))
    run(["start"], as_json=True)
    assert [json.loads(line)["figure"] for line in capsys.readouterr().out.splitlines()] == ["start.ratio"]


def test_the_table_names_what_was_not_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(runner, "measurement", lambda _name: Fake(FAST, LATE))
    run([], as_json=False)
    rows = capsys.readouterr().out.splitlines()
    assert any("start.ratio" in row and " kept" in row and "not kept" not in row for row in rows)
    assert any("ui-tick.missed" in row and "not kept" in row for row in rows)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(Known, match="there are start, card, ui-tick, capture, drain, tlv, terminal"):
        run(["startup"], as_json=False)

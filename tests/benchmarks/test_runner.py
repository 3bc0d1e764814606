"""A figure keeps its promise or does not, and the runner says which."""

from __future__ import annotations

import json
import math
import re
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


def test_json_that_goes_to_a_file_does_not_go_to_the_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # stderr is a terminal, as rich sees it
    monkeypatch.setattr(runner, "measurement", lambda _name: Fake(FAST))
    run(["start"], as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out)["figure"] == "start.ratio"
    assert "start.ratio" not in told.err
    assert "start: working" in told.err


def test_the_bar_grows_with_the_part_that_is_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Halfway(Fake):
        def figures(self, progress: Progress) -> Iterator[Figure]:
            progress("many", 1.0)
            yield from super().figures(lambda *_: None)

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(runner, "measurement", lambda _name: Halfway(FAST))
    run(["start"], as_json=True)
    assert re.search(r"start: many .*0:00:00", capsys.readouterr().err)  # left of it


def test_a_part_is_measured_by_its_name_and_not_twice_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[tuple[str, dict[str, object]]]()

    class Asked(Fake):
        def __init__(self, name: str) -> None:
            super().__init__(FAST)
            self._name = name

        def figures(self, progress: Progress, **options: object) -> Iterator[Figure]:
            asked.append((self._name, options))
            return super().figures(progress)

    monkeypatch.setattr(runner, "measurement", Asked)
    run(["scan-wrong"], as_json=True, options={"scan-wrong": {"long": True}})
    assert asked == [("scan-wrong", {"long": True})]
    run([], as_json=True)
    assert [name for name, _ in asked[1:]] == list(runner.NAMES)


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

"""How late ticks are, and what becomes of them when the host takes the processor away."""

from __future__ import annotations

import time

import pytest

from benchmarks import ticks
from benchmarks.ticks import PERIOD_MS, Ticks, figures_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, and hundredths of a second that were stolen."""
    now = [0.0, 0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(ticks, "stolen", lambda: int(now[1]))
    return now


def test_lateness_is_what_is_more_than_the_period_and_a_stolen_tick_is_not_counted(clock: list[float]) -> None:
    seen = Ticks()
    clock[0] = 5.0  # the process starts: no tick yet
    seen.begin()
    for passed, taken in ((0.016, 0), (0.010, 0), (0.026, 0), (0.500, 3), (0.020, 0)):
        clock[0] += passed
        clock[1] += taken
        seen.tick()
    measured = seen.as_json()
    assert measured["late_ms"] == pytest.approx([0, 0, 10, 4])
    assert measured["disturbed_ms"] == pytest.approx([484])
    assert seen.enough(4 * PERIOD_MS / 1000)
    assert not seen.enough(5 * PERIOD_MS / 1000)


def test_the_figures_are_the_99th_of_a_hundred_and_the_whole_periods() -> None:
    late = [1.0] * 97 + [3.0, 15.9, 16.0]
    p99, missed = figures_of("ui-tick.scan_", {"late_ms": late, "disturbed_ms": [200.0]}, "10 pictures")
    assert (p99.figure, p99.value, p99.ok) == ("ui-tick.scan_p99_ms", 16.0, False)
    assert (missed.figure, missed.value, missed.ok) == ("ui-tick.scan_missed", 1, False)
    assert "100 ticks, 10 pictures; the latest tick 16.0 ms; the host disturbed 1 more, the latest 200.0 ms" in p99.note


def test_a_host_that_leaves_nothing_to_measure_is_said() -> None:
    with pytest.raises(RuntimeError, match="no place to measure"):
        list(figures_of("x", {"late_ms": [1.0], "disturbed_ms": [1.0]}, ""))

"""The drain's arithmetic: a rate by parts, the peer that counts, memory, and the bar."""

from __future__ import annotations

import mmap
import os

import pytest

from benchmarks.drain import bar, part_rate, ratio, resident_mb


def test_the_rate_is_that_of_the_middle_part() -> None:
    came = [(0.0, 100), (1.0, 200), (2.0, 300), (12.0, 400)]  # the last part was disturbed
    assert part_rate(came, 3) == pytest.approx(100)


def test_an_even_way_has_one_rate() -> None:
    assert part_rate([(number / 10, 100 * number) for number in range(1, 24)], 5) == pytest.approx(1000)


def test_only_a_peer_that_keeps_its_records_counts() -> None:
    rates = {("fast", "loses", False): 9000.0, ("sound", "keeps", True): 500.0, ("slow", "keeps", True): 100.0}
    figure = ratio(5000, rates)
    assert (figure.value, figure.ok) == (10.0, True)
    assert "fast (loses) 9000; sound (keeps) 500; slow (keeps) 100" in figure.note


def test_a_drain_that_is_too_slow_is_not_kept() -> None:
    assert not ratio(999, {("sound", "keeps", True): 100.0}).ok


def test_memory_that_is_taken_shows() -> None:
    """New pages: an allocator might give what it still has of an earlier test."""
    before = resident_mb(os.getpid())
    with mmap.mmap(-1, 64_000_000) as taken:
        taken.write(b"x" * len(taken))
        assert resident_mb(os.getpid()) - before > 50


def test_the_bar_fills() -> None:
    assert [bar(done, 4, width=4) for done in (0, 1, 4)] == ["╌╌╌╌", "━╌╌╌", "━━━━"]

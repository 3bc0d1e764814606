"""The visit benchmark counts what a hand does on the shipped screens, and shows every look that it names."""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from benchmarks.visit import shortest_visit
from benchmarks.visit_face import changes
from benchmarks.visit_memory import rss_mb
from benchmarks.visit_speech import figures as speech_figures
from demo.gallery import LANGUAGES
from kiosk.visit.screens import Theme


def test_a_bill_is_paid_with_few_touches_and_one_birth_date() -> None:
    touches, keys = shortest_visit()
    assert 2 < touches <= 5
    assert keys == 8


def test_each_change_is_from_another_screen_theme_or_language() -> None:
    before, counted = None, Counter[str]()
    for name, snapshot in changes():
        assert before is None or not name or snapshot != before, name
        before = snapshot
        counted[name] += 1
    assert counted["theme"] == 8 * 3 * len(Theme)
    assert counted["language"] == 8 * 3 * len(LANGUAGES)
    assert counted["switch"] > 50


def test_the_memory_of_a_process_is_some_megabytes() -> None:
    assert 10 < rss_mb(os.getpid()) < 10_000


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng, which speaks")
def test_the_voice_is_heard_and_falls_silent() -> None:
    found = {figure.figure: figure.value for figure in speech_figures(lambda _, __=None: None)}
    assert found.keys() == {"visit.speech_start_ms", "visit.speech_stop_ms"}
    assert all(ms > 0 for ms in found.values())

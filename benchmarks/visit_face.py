"""The face as a process of its own, measured from inside: how long until another screen, theme or language is on the glass.

`python -m benchmarks.visit_face SOCKET` shows the gallery's screens without an engine and prints a line of JSON: ms from
the snapshot to the swapped frame, by "switch", "theme" and "language".
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from demo.gallery import LANGUAGES, SITE, gallery
from kiosk.visit.present import present
from kiosk.visit.screens import Snapshot, Theme
from kiosk.visit.stages import Visit
from kiosk.words import FluentWords

if TYPE_CHECKING:
    from ui.app import Face

VISIT = (
    "attract",
    "language",
    "scan",
    "birth-date",
    "looking-up",
    "statement",
    "amount",
    "card insert-card",
    "paid",
    "thank-you printed",
)
"""What a visit comes by; each is shown once before anything counts, as the first visit of a day does."""
ROUNDS = 8
REST_MS = 50
SETTLING_MS = 2000

WORDS = {language: FluentWords(language, dt.UTC) for language in LANGUAGES}


def changes() -> Iterator[tuple[str, Snapshot]]:
    """What is shown in turn, and what each change is called; "" for one that does not count."""
    states = {language: gallery(language) for language in LANGUAGES}
    for name in VISIT:
        for theme in Theme:
            yield "", _shown(states["en"][name], theme)
        for language in LANGUAGES:
            yield "", _shown(states[language][name])
    for _ in range(ROUNDS):
        for name in VISIT:
            yield "switch", _shown(states["en"][name])
        for name in ("scan", "statement", "paid"):
            yield "", _shown(states["en"][name])
            for theme in (*list(Theme)[1:], Theme.DAY):
                yield "theme", _shown(states["en"][name], theme)
            for language in (*LANGUAGES[1:], "en"):
                yield "language", _shown(states[language][name])


def _shown(visit: Visit, theme: Theme = Theme.DAY) -> Snapshot:
    return replace(present(replace(visit, theme=theme), WORDS, SITE, serial=0), motion=True)


def measure(socket: str) -> None:
    """Runs the face, prints what it saw."""
    from ui.__main__ import main

    took: dict[str, list[float]] = {"switch": [], "theme": [], "language": []}
    running: list[_Changing] = []  # Qt holds no reference to whom it calls

    def opened(face: Face) -> None:
        running.append(_Changing(face, took))
        running[0].begin()

    main(["--socket", socket], opened)
    print(json.dumps(took), flush=True)


class _Changing:
    """Shows one snapshot after the other; each when the face has rested from the one before."""

    def __init__(self, face: Face, took: dict[str, list[float]]) -> None:
        self._face, self._took = face, took
        self._changes = changes()
        self._waiting: tuple[str, float] | None = None

    def begin(self) -> None:
        self._face.link.close()  # nobody else shows anything
        self._face.window.frameSwapped.connect(self._swapped)
        self._later(SETTLING_MS)

    def _later(self, ms: int) -> None:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(ms, self._face.window, self._next)

    def _next(self) -> None:
        from PySide6.QtCore import QCoreApplication

        change = next(self._changes, None)
        if change is None:
            QCoreApplication.quit()
            return
        name, snapshot = change
        self._waiting = name, time.perf_counter()
        self._face.store.show(snapshot)

    def _swapped(self) -> None:
        if self._waiting is None:
            return
        name, since = self._waiting
        self._waiting = None
        if name:
            self._took[name].append((time.perf_counter() - since) * 1000)
        self._later(REST_MS)


if __name__ == "__main__":
    measure(sys.argv[1])

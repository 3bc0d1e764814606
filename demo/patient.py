"""The patient who plays by himself: looks at the screen, does what a person would, keeps a picture of everything he saw."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from kiosk.visit.screens import Keypad, Picture, Preview, Snapshot
from ui.app import Face
from ui.hands import picture, touch

GLANCE_MS = 60
KEY_MS = 140
LOST_S = 60.0
"""Longer than any screen that waits for something other than a person."""


class Patient(QObject):
    """Plays one visit at `face`. `birth_digits` are the keys of his birth date in the visit's language; `show_bill` puts his
    bill under the camera; `before_paying` happens at the bill, before he touches "pay"."""

    done = Signal()
    """He is back where he began, and the screen is wiped."""
    lost = Signal()
    """The screen did not go on."""

    def __init__(
        self,
        face: Face,
        album: Path,
        language: str,
        birth_digits: str,
        show_bill: Callable[[], None],
        before_paying: Callable[[], None],
        leaving: Callable[[], None],
    ) -> None:
        super().__init__()
        self._face = face
        self._album = album
        self._language = language
        self._keys = list(birth_digits)
        self._show_bill = show_bill
        self._before_paying = before_paying
        self._leaving = leaving
        self._seen: set[str] = set()
        self._acted = ""
        self._since = time.monotonic()
        self.left = False
        self.pictures: list[Path] = []
        self.steps: list[dict[str, str | int]] = []
        self._timer = QTimer(self, interval=GLANCE_MS)
        self._timer.timeout.connect(self._look)
        face.store.changed.connect(self._look_soon)

    @property
    def screen(self) -> str:
        """What he looks at now."""
        return self._face.store.snapshot.screen

    def start(self) -> None:
        self._timer.start()

    def _look_soon(self) -> None:
        """A picture of what is there for a moment only."""
        QTimer.singleShot(0, self._take_picture)

    def _take_picture(self) -> None:
        name = _name(self._face.store.snapshot, self._face.store.seen)
        if name and name not in self._seen:
            self._seen.add(name)
            path = self._album / f"{len(self.pictures) + 1:02d}-{name}.png"
            picture(self._face.window, path)
            self.pictures.append(path)

    def _look(self) -> None:
        snapshot = self._face.store.snapshot
        if not snapshot.screen:
            return
        self._take_picture()
        if snapshot.screen == "attract" and "thank-you" in self._seen:
            self._timer.stop()
            self.left = True
            self.done.emit()
        elif time.monotonic() - self._since > LOST_S:
            self._timer.stop()
            self.lost.emit()
        elif snapshot.screen != self._acted and self._act(snapshot):
            self._turn(snapshot.screen)

    def _turn(self, screen: str) -> None:
        """He has done his part here; how long that took, waiting included."""
        now = time.monotonic()
        self.steps.append({"name": screen, "ms": round((now - self._since) * 1000)})
        self._acted, self._since = screen, now

    def _act(self, snapshot: Snapshot) -> bool:
        """True when this screen's part is done."""
        match snapshot.screen:
            case "attract":
                return self._touch(f"choice:{self._language}")
            case "scan":
                self._show_bill()
                return True
            case "birth-date":
                return self._type(snapshot)
            case "statement" | "choose-bills":
                self._before_paying()
                return self._touch("primary")
            case "thank-you":
                self._leaving()
                return self._touch("primary")
            case "consent" | "approved" | "accepted" | "unknown":
                return self._touch("primary")
            case "declined" | "cancelled" | "not-started":
                return self._touch("cancel")
            case _:
                return False

    def _type(self, snapshot: Snapshot) -> bool:
        """One key a look, then on."""
        if not isinstance(snapshot.middle, Keypad):
            return False
        if not self._keys:
            return self._touch("primary")
        if touch(self._face.window, f"key:{self._keys[0]}"):
            self._keys.pop(0)
            self._timer.start(KEY_MS)
        return False

    def _touch(self, name: str) -> bool:
        self._timer.start(GLANCE_MS)
        return not self._face.store.resting() and touch(self._face.window, name)


def _name(snapshot: Snapshot, seen: Preview) -> str:
    """What a picture of it is called: the screen, and where the screen shows steps, or what the camera sees, which."""
    if seen.pixels:
        return f"{snapshot.screen}-found" if seen.found else f"{snapshot.screen}-camera"
    if snapshot.screen == "card" and isinstance(snapshot.middle, Picture):
        return f"card-{snapshot.middle.name}"
    return snapshot.screen

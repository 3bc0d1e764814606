"""What every test of the face gets: a face without an engine behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtGui import QGuiApplication

from kiosk.visit.screens import Snapshot


class Shown:
    """A face and what was asked through it. `show` puts a snapshot on it and lets the layout settle."""

    def __init__(self, size: tuple[int, int]) -> None:
        from ui.app import Face

        self.face = Face("", windowed=True, size=size)
        self.face.link.close()
        self.asked: list[tuple[str, str]] = []
        self.face.store.asked.connect(lambda intent, value: self.asked.append((intent, value)))

    def show(self, snapshot: Snapshot) -> None:
        self.face.store.show(snapshot)
        if not self.face.window.isVisible():
            self.face.show()
            self.face.window.grabWindow()
            while not self.face.window.property("settled"):  # what is drawn before has not all of its fonts
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.face.window.grabWindow()  # polishes every item, as the next frame would
        QCoreApplication.processEvents()


@pytest.fixture
def face_of(qapp: QGuiApplication, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """Makes faces of a size; takes them away after the test."""
    made: list[Shown] = []

    def make(size: tuple[int, int] = (540, 960)) -> Shown:
        made.append(Shown(size))
        return made[-1]

    yield make
    for shown in made:
        shown.face.close()
        shown.face.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

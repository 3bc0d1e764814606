"""PySide6 6.12.0 aborts CPython 3.11 after some 550 emitted booleans (DESIGN section 5): ours must not."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot


class Bell(QObject):
    rung = Signal(bool)


def test_two_hundred_thousand_booleans(qtbot: QtBot) -> None:
    bell = Bell()
    heard: list[bool] = []
    bell.rung.connect(heard.append)
    for count in range(200_000):
        bell.rung.emit(count % 2 == 0)
    assert len(heard) == 200_000
    assert sum(heard) == 100_000

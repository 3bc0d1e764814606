"""Someone at the tactile keypad: presses keys of the real window, one after the other, no faster than people do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.journeys.visitor import PATIENCE_S
from ui.app import Face
from ui.store import KEY_REST_S
from ui.wedge import GAP_MS

KEYS = {
    "up": Qt.Key.Key_Up,
    "down": Qt.Key.Key_Down,
    "ok": Qt.Key.Key_Return,
    "*": Qt.Key.Key_Asterisk,
    "#": Qt.Key.Key_NumberSign,
    **{digit: Qt.Key(ord(digit)) for digit in "0123456789"},
}
PACE_MS = round(KEY_REST_S * 1000) + 2 * GAP_MS
"""Slower than a trembling finger, so that the 55 of 1955 is two keys."""
PATIENCE_MS = round(PATIENCE_S * 1000)


class Thumb:
    """`press` is one key, and the time that a person takes for it. The window must have the keyboard."""

    def __init__(self, face: Face, qtbot: QtBot) -> None:
        self._window = face.window
        self._qtbot = qtbot
        self._window.requestActivate()
        qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is self._window, timeout=PATIENCE_MS)

    def press(self, *names: str) -> None:
        for name in names:
            QTest.keyClick(self._window, KEYS[name])
            self._qtbot.wait(PACE_MS)

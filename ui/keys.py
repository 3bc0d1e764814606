"""The tactile keypad: arrows move, OK presses, digits type wherever the focus is, * erases, # goes on to the next.

Any keyboard is one: Enter and the space bar are OK, Backspace is *. Hears keys after ui.wedge_filter has taken a scanner's away.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtQuick import QQuickWindow

from kiosk.visit.screens import Keypad, Letters, Middle
from ui.focus import Focus
from ui.store import Store

STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Backtab: -1}
SIDEWAYS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
"""As people read: the other way round where lines run from right to left."""
OK = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select, Qt.Key.Key_Space)
ERASE = (Qt.Key.Key_Asterisk, Qt.Key.Key_Backspace)
NEXT = Qt.Key.Key_NumberSign
DIGITS = "0123456789"

TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin)


class Keys(QObject):
    """What keys do. `struck` is any of them, before it does anything; `touched` a finger on the glass,
    `spare(str)` a digit that the screen has no use for."""

    struck = Signal()
    touched = Signal()
    spare = Signal(str)

    def __init__(self, window: QQuickWindow, store: Store, focus: Focus) -> None:
        super().__init__(window)
        self._store = store
        self._focus = focus
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True for a key that was ours."""
        if event.type() in TOUCHES:
            self._focus.show(False)
            self.touched.emit()
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not event.isAutoRepeat():
            self.struck.emit()
        return self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in STEPS:
            self._focus.step(STEPS[key])
        elif key in SIDEWAYS:
            self._focus.step(-SIDEWAYS[key] if self._store.snapshot.right_to_left else SIDEWAYS[key])
        elif event.isAutoRepeat():
            return True  # a finger that stays on OK, or on a digit, means it once
        elif key in OK:
            self._focus.press()
        elif key is NEXT:
            self._focus.press_main()
        elif key in ERASE:
            self._type("erase", "")
        elif event.text() in DIGITS and event.text():
            self._type("key", event.text())
        else:
            return False
        return True

    def _type(self, intent: str, value: str) -> None:
        snapshot = self._store.snapshot
        if snapshot.overlay is None and _typed_on(snapshot.middle, value):
            self._store.act(intent, value)
        elif value:
            self.spare.emit(value)


def _typed_on(middle: Middle, value: str) -> bool:
    """Whether a screen has a use for that digit, or for taking one away: a name has no digits, an address may have some."""
    if isinstance(middle, Letters):
        return not value or any(key.value == value for key in middle.keys)
    return isinstance(middle, Keypad)

"""Keeps a scanner that types out of every field: its keys are held back at the window's door, and a person's go on in order."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtQuick import QQuickWindow

from ui.wedge import Judged, Wedge

ENTER = (int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter))


class WedgeFilter(QObject):
    """`scanned(str)` is what a scanner typed (ui.wedge.Judged). `clock` gives milliseconds, for keys without a time of their own.

    A key's own time is what counts: where the machine is busy, keys that a person typed apart arrive together.
    """

    scanned = Signal(str)

    def __init__(self, window: QQuickWindow, clock: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000) -> None:
        super().__init__(window)
        self._window = window
        self._clock = clock
        self._wedge = Wedge[QKeyEvent]()
        self._down: set[int] = set()
        """Keys that went down and were held back, or were a scanner's, and have not come up."""
        self._letting = False
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setTimerType(Qt.TimerType.PreciseTimer)
        self._silence.timeout.connect(self._look_again)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True for a key that is held back."""
        if self._letting or not isinstance(event, QKeyEvent):
            return False
        match event.type():
            case QEvent.Type.KeyPress:
                return self._press(event)
            case QEvent.Type.KeyRelease:
                return self._release(event)
            case _:
                return False

    def _press(self, event: QKeyEvent) -> bool:
        text = "\n" if event.key() in ENTER else event.text()
        if not text:
            return False  # Shift, an arrow: nothing that a field would show
        if event.isAutoRepeat():
            self._conclude(self._wedge.judge())  # a finger that stays on its key
            return False
        self._down.add(event.key())
        self._conclude(self._wedge.press(_copy(event), text, event.timestamp() or self._clock()))
        self._silence.start(self._wedge.patience)
        return True

    def _release(self, event: QKeyEvent) -> bool:
        if event.key() not in self._down or event.isAutoRepeat():
            return False
        self._down.discard(event.key())
        if self._wedge.holding:
            self._wedge.follow(_copy(event))
        return True

    def _look_again(self) -> None:
        """A busy machine's timer may run before the keys that came meanwhile: they get their turn first."""
        QTimer.singleShot(0, self, self._silent)

    def _silent(self) -> None:
        if not self._silence.isActive():
            self._conclude(self._wedge.judge())

    def _conclude(self, judged: Judged[QKeyEvent]) -> None:
        self._letting = True
        for key in judged.keys:
            QCoreApplication.sendEvent(self._window, key)
            if key.type() is QEvent.Type.KeyPress:
                self._down.discard(key.key())
        self._letting = False
        if judged.scan is not None:
            self.scanned.emit(judged.scan)


def _copy(event: QKeyEvent) -> QKeyEvent:
    """Qt's own ends with the filter's call."""
    copy = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
    copy.setTimestamp(event.timestamp())
    return copy

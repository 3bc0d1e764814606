"""Ctrl-C and SIGTERM while Qt's loop runs: it ends, and everything after it is put away in order."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication


@dataclass
class Signals:
    """Which was `heard`, None while none was; and the application that quits then, once there is one."""

    app: QGuiApplication | None = None
    heard: int | None = None


@contextlib.contextmanager
def quitting_on_signals(app: QGuiApplication | None = None) -> Iterator[Signals]:
    """Python hears a signal only between its own steps: some timer of ours must be running inside. Enter it before Qt is
    imported, for an exception that a signal raises in the middle of that may be swallowed there."""
    signals = Signals(app)

    def quit_(which: int, _: object) -> None:
        signals.heard = which
        if signals.app is not None:
            signals.app.quit()

    before = {which: signal.signal(which, quit_) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)

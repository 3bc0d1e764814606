"""Ctrl-C and SIGTERM while Qt's loop runs: it ends, and everything after it is put away in order."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication


@dataclass
class Signals:
    """Whether one was `heard`."""

    heard: bool = False


@contextlib.contextmanager
def quitting_on_signals(app: QGuiApplication) -> Iterator[Signals]:
    """Python hears a signal only between its own steps: some timer of ours must be running inside."""
    signals = Signals()

    def quit_(*_: object) -> None:
        signals.heard = True
        app.quit()

    before = {which: signal.signal(which, quit_) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)

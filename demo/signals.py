"""Ctrl-C and SIGTERM while Qt's loop runs: it ends, and everything after it is put away in order."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from PySide6.QtGui import QGuiApplication


@contextlib.contextmanager
def quitting_on_signals(app: QGuiApplication) -> Iterator[None]:
    """Python hears a signal only between its own steps: some timer of ours must be running inside."""
    before = {which: signal.signal(which, lambda *_: app.quit()) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)

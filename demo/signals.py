"""Ctrl-C and SIGTERM: while Qt's loop runs it ends, and what must not be cut in two is not."""

from __future__ import annotations

import contextlib
import signal
import threading
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


@contextlib.contextmanager
def held() -> Iterator[None]:
    """What is told to end in here ends after it: a child that has begun and is in nobody's list yet would never be put away."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    heard: list[int] = []
    before = {which: signal.signal(which, lambda which, _: heard.append(which)) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
    for number in heard:
        signal.raise_signal(number)

"""Waiting for something to become true, without naps of a guessed length."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Returns as soon as `true()`; fails the test when it has not become so in `seconds`."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, "it did not become true"
        pause.wait(0.05)

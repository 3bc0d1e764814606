"""Whether a camera's picture can be used: a frozen or a black one is a fault, though frames keep coming."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from devices.health import Condition, Health

FROZEN_S = 4.0
"""A sensor's noise makes no two frames equal; the same one for this long is a camera or driver that hangs."""
BLACK_S = 2.0
_STEP = 8  # every eighth pixel each way is enough for both
_BLACK_LEVEL = 16  # of 255; a covered lens gives 0..10, a dim lobby 30 and more
_BLACK_SPREAD = 6.0


class Picture:
    """Judges frame after frame. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._print: int | None = None
        self.repeats = False
        """Whether the newest frame is the one before once more: it bears witness to nothing that the first did not."""
        self._changed_at = 0.0
        self._lit_at: float | None = None

    def reopened(self) -> None:
        """The camera starts again: its first frames may be dark, while a picture that was frozen before still is."""
        self._lit_at = None

    def judge(self, frame: NDArray[np.uint8], now: float) -> Health:
        """READY; AWAY "camera-frozen" (opening it again may help); OUT "camera-black" (a covered lens, or no light)."""
        sample = np.ascontiguousarray(frame[::_STEP, ::_STEP])
        fingerprint = zlib.crc32(sample.data)
        self.repeats = fingerprint == self._print
        if not self.repeats:
            self._print, self._changed_at = fingerprint, now
        dark = sample.mean() < _BLACK_LEVEL and sample.std() < _BLACK_SPREAD
        if not dark or self._lit_at is None:
            self._lit_at = now
        if now - self._lit_at >= BLACK_S:
            return Health(Condition.OUT, "camera-black")
        if now - self._changed_at >= FROZEN_S:
            return Health(Condition.AWAY, "camera-frozen")
        return Health(Condition.READY)

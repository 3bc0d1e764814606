"""Why nothing can be read, as far as the picture tells: cheap measures of a frame, and a hint that does not flicker.

Looked at twice a second, and only while no code is in view: a code that reads needs no advice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.scanners.focus import Focus
from devices.scanners.opencv import cv2
from devices.scanners.port import Hint

Grey = NDArray[np.uint8]

LOOK_S = 0.5
"""Seconds between two looks at what hinders."""
FIRST_S = 1.5
"""With nothing read for this long, a person may need help; before, they are still bringing the paper."""
HOLD_S = 0.9
"""What hinders for this long is said."""
KEEP_S = 2.5
"""What was said stays for this long, to be read; a code that is read ends it at once."""

_DIM = 60  # of 255: paper in a lit lobby is 150 and more, and something in any view is paler than this
_SHINE = 253  # the mean of a small patch, so that noise on pale paper does not make it
_SHINE_PART = 0.12  # of the view
_PATCH = 16  # pixels
_CONTRAST = 60  # grey levels within a patch: print on paper, or the paper's own edge
_PATCHES = 60  # fewer with contrast: there is nothing to judge by
_SHARP = 0.38
"""The steepest step between two neighbours, as a part of the patch's contrast. Measured: 0.41 and more in sharp pictures, 0.34
at a blur of 1.5 pixels (standard deviation), 0.30 at 2."""
_BARS_PX = 200
"""The least width of bars: Code 128 wants 2 pixels a module (reference: scanning), and six letters are 101 modules."""
_SHEET_PART = 0.25  # of the view: at half the size that a page should have, a QR code's modules are too small
_SHEET_LEAST = 0.02
_SMALL = (240, 135)


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame tells. `sharp` is None where nothing in it has an edge to judge by."""

    hint: Hint | None
    sharp: bool | None


def look(frame: NDArray[np.uint8]) -> Look:
    """Judges one frame (BGR or grey), in which nothing was read. Some 30 ms at 1080p, most of it for the bars."""
    grey = frame if frame.ndim == 2 else np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    small = np.asarray(cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA), np.uint8)
    sharp = is_sharp(grey)
    if np.percentile(small, 99) < _DIM:
        return Look(Hint.TOO_DARK, sharp)
    if (small >= _SHINE).mean() > _SHINE_PART:
        return Look(Hint.GLARE, sharp)
    if sharp is False:
        return Look(Hint.BLURRED, sharp)
    return Look(Hint.TOO_FAR if _is_far(grey, small) else None, sharp)


class Guide:
    """Looks at what one watch sees. Times are seconds of one monotonic clock; `focus` learns whether edges were sharp."""

    def __init__(self, focus: Focus) -> None:
        self._focus = focus
        self._quiet_since: float | None = None
        self._looked_at = -math.inf
        self._cause: Hint | None = None
        self._cause_since = 0.0
        self._said: Hint | None = None
        self._said_at = -math.inf

    def see(self, frame: NDArray[np.uint8], read: bool, now: float) -> Hint | None:
        """What to say with this frame; `read` is whether a code was read in it, or has been a moment ago."""
        if read:
            self._focus.looked(sharp=True)
            self._quiet_since = self._cause = self._said = None
            self._said_at = -math.inf
            return None
        self._quiet_since = now if self._quiet_since is None else self._quiet_since
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._judge(look(frame), now)
        return self._said

    def _judge(self, seen: Look, now: float) -> None:
        assert self._quiet_since is not None
        if seen.sharp is not None:
            self._focus.looked(sharp=seen.sharp)
        if seen.hint is not self._cause:
            self._cause, self._cause_since = seen.hint, now
        held = now - max(self._cause_since, self._quiet_since) >= HOLD_S and now - self._quiet_since >= FIRST_S
        if self._cause is not self._said and held and now - self._said_at >= KEEP_S:
            self._said, self._said_at = self._cause, now


def is_sharp(grey: Grey) -> bool | None:
    """Whether edges are as steep as the lens can make them: half of the patches with contrast decide. None: too few of them."""
    if min(grey.shape) < _PATCH:
        return None
    patch = np.ones((_PATCH, _PATCH), np.uint8)
    every = (slice(_PATCH // 2, None, _PATCH),) * 2
    step = np.zeros_like(grey)
    step[:, 1:] = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    step[1:] = cv2.max(step[1:], cv2.absdiff(grey[1:], grey[:-1]))
    contrast = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, patch), np.uint8)[every]
    steepest = np.asarray(cv2.dilate(step, patch), np.uint8)[every]
    telling = contrast >= _CONTRAST
    if np.count_nonzero(telling) < _PATCHES:
        return None
    return bool(np.median(steepest[telling] / contrast[telling]) >= _SHARP)


def _is_far(grey: Grey, small: Grey) -> bool:
    """Bars that are too narrow to read, or a whole sheet that is small."""
    located, corners = cv2.barcode.BarcodeDetector().detect(grey)
    if located and corners is not None:
        boxes = [cv2.minAreaRect(box) for box in np.asarray(corners, np.float32).reshape(-1, 4, 2)]
        if all(max(size) < _BARS_PX for _, size, _ in boxes):
            return True
    if np.ptp(small) < _CONTRAST:
        return False
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    pale = small > level
    if small[pale].mean() - small[~pale].mean() < _CONTRAST:
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(pale.astype(np.uint8))
    largest = stats[1:, cv2.CC_STAT_AREA].max()
    return bool(_SHEET_LEAST < largest / small.size < _SHEET_PART)

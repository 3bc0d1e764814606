"""A frame made small for the person who holds the bill before the camera."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from devices.scanners.opencv import cv2
from devices.scanners.port import Corner, Glimpse, Sighting

LONGER_SIDE = 320
"""Pixels. One sees how the bill lies and where its codes are; its small print is a blur, for whoever stands behind."""


def glimpse(frame: NDArray[np.uint8], sightings: Iterable[Sighting], mirrored: bool) -> Glimpse:
    """`frame` is height x width x 3 (BGR) or height x width (grey); one that is small already stays as large as it is.

    `mirrored` is for a camera that faces the person: whoever moves a hand to the right must see it go to the right, or they move
    the bill out of the picture while they try to get it in. One that looks down on the bill shows it as the person sees it.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, LONGER_SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while max(frame.shape[:2]) >= 2 * LONGER_SIDE:  # halving is cheap: a third of what one step takes for 1080p
        half = (max(1, frame.shape[1] // 2), max(1, frame.shape[0] // 2))
        frame = np.asarray(cv2.resize(frame, half, interpolation=cv2.INTER_AREA), np.uint8)
    small = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
    coloured = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)

    def placed(corner: Corner) -> Corner:
        x, y = (min(max(round(place * scale), 0), most - 1) for place, most in zip(corner, size, strict=True))
        return (size[0] - 1 - x if mirrored else x), y

    found = tuple(
        (placed(first), placed(second), placed(third), placed(fourth))
        for first, second, third, fourth in (sighting.corners for sighting in sightings)
    )
    return Glimpse(*size, (cv2.flip(coloured, 1) if mirrored else coloured).tobytes(), found)

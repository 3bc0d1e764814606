"""Where in a frame codes may be that a reader of whole frames misses: bars on tilted paper, tilted blocks, doubtful finds.

Each region comes out upright, with what takes its points back to the frame. OpenCV's barcode locator finds bars at any tilt
(its decoder is never used: it invents codes; reference: scanning). Blocks (PDF417, and matrix codes that were not found) are
patches of dense contrast with straight edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from devices.scanners.opencv import cv2
from devices.scanners.port import Corner

Frame = NDArray[np.uint8]
"""Height x width x 3 (BGR), or height x width (grey)."""
Place = NDArray[np.float64]
"""2 x 3: takes x, y, 1 of a crop to x, y of the frame that it was cut from."""

WHOLE: Place = np.eye(2, 3)
MOST = 6
"""Regions of a kind that one frame is worth: more than that is a page of print, not codes."""

_BARS_WIDTH = 1.35  # the locator's box ends at the outer bars; a reader needs the quiet zone too
_BARS_HEIGHT = 1.2
_BLOCK_MARGIN = 1.2
_SIDE = 960  # longer frames are searched at this size: as many finds, a fraction of the time
_CELL = 8  # pixels of the shrunk frame
_MODULES = 16  # pixels of the frame in which there is some of every pattern, in a symbol of 2 to 4 pixels a module
_LINES = 0.6  # coherence of a cell that all bars cross alike; of text it is 0.2 to 0.5, of a matrix code 0.1
_STACKED = 0.38  # of a PDF417's cells 0.48 to 0.74
_WEAK = 600.0  # mean square of the gradient: noise of a sensor is below, bars of a fifth of the contrast are above
_DENSE = 0.4  # of the strongest cells' energy: a PDF417 has 0.7 to 0.8, text 0.3 to 0.45
_FILLED = 0.5  # of its box, for a patch to be a rectangle
_THICK, _LONG = 3.2, 6.0  # cells; a rule, a line of print or the edge of the paper is thinner, a word is shorter
_LARGEST = 0.5  # of the frame; what is larger is a pattern and no code


@dataclass(frozen=True, slots=True)
class Region:
    """`crop` is grey; `tilt` is how far it was turned, in degrees from the nearest of the frame's axes, 0 to 45; `length` is that
    of what was found in it, in pixels of the frame, 0 when that is not known."""

    crop: Frame
    place: Place
    tilt: float = 0.0
    length: float = 0.0

    def holds(self, corners: Sequence[Corner]) -> bool:
        """Whether the middle of these points of the frame is in the crop."""
        back = cv2.invertAffineTransform(self.place)
        x, y = back @ (*np.mean(corners, axis=0), 1.0)
        return bool(0 <= x < self.crop.shape[1] and 0 <= y < self.crop.shape[0])


class Search:
    """The places in one grey frame that are worth a closer look; what it takes is worked out once, when it is first asked for."""

    def __init__(self, grey: Frame) -> None:
        self._grey = grey
        self._small, self._scale = shrunk(grey, _SIDE)

    @cached_property
    def bars(self) -> list[Region]:
        """What OpenCV's locator takes for bars, the bars upright. It is asked only where there is a patch of parallel lines."""
        grain = self._grain
        if not grain.patches((grain.coherence > _LINES) & (grain.energy > _WEAK)):
            return []
        located, corners = cv2.barcode.BarcodeDetector().detect(self._small)
        if not located or corners is None:
            return []
        boxes = [cv2.minAreaRect(box) for box in np.asarray(corners, np.float32).reshape(-1, 4, 2)]
        return list(_cut(self._grey, boxes, self._scale, (_BARS_WIDTH, _BARS_HEIGHT)))

    def stacked(self, least: float) -> list[Region]:
        """Rectangles of dense contrast that lie more than `least` degrees askew, their rows level: PDF417, or a word in bold."""
        grain = self._coarse
        strongest = float(np.percentile(grain.energy, 99.5))
        boxes = []
        for patch in grain.patches(grain.energy > max(_WEAK, _DENSE * strongest)):
            angle = grain.direction(patch)
            if grain.is_block(patch) and abs((angle + 45) % 90 - 45) > least:
                boxes.append(_box_along(patch, angle, grain.cell))
        return list(_cut(self._grey, boxes, self._scale, (_BLOCK_MARGIN, _BLOCK_MARGIN)))

    @cached_property
    def _grain(self) -> _Grain:
        return _Grain(self._small, _CELL)

    @cached_property
    def _coarse(self) -> _Grain:
        cell = max(_CELL, round(_MODULES / self._scale))
        return self._grain if cell == _CELL else _Grain(self._small, cell)


class _Grain:
    """Where a frame has contrast, and in which direction: its structure tensor (Bigun, Granlund 1987), in cells of some pixels.

    `energy` is the mean square of the gradient; `coherence` is 1 where all of it points one way, 0 where every way alike.
    """

    def __init__(self, grey: Frame, cell: int) -> None:
        self.cell = cell
        size = (max(1, grey.shape[1] // cell), max(1, grey.shape[0] // cell))
        grey = grey[: size[1] * cell, : size[0] * cell]  # whole cells, which resize can add up four times as fast
        across, down = cv2.Sobel(grey, cv2.CV_16S, 1, 0), cv2.Sobel(grey, cv2.CV_16S, 0, 1)
        self._xx, self._yy, self._xy = (
            np.asarray(cv2.resize(cv2.multiply(one, other, dtype=cv2.CV_32F), size, interpolation=cv2.INTER_AREA), np.float32)
            for one, other in ((across, across), (down, down), (across, down))
        )
        self.energy = self._xx + self._yy
        self.coherence = np.hypot(self._xx - self._yy, 2 * self._xy) / np.maximum(self.energy, 1.0)

    def patches(self, cells: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
        """The outlines, in cells, of those patches of `cells` that are as thick and as long as a code."""
        mask = cells.astype(np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
        outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        return [each for each in (np.asarray(outline, np.int32) for outline in outlines) if _is_thick(each)]

    def is_block(self, outline: NDArray[np.int32]) -> bool:
        """Whether a patch is a filled rectangle with more contrast one way than the other."""
        inside = self._inside(outline)
        short, long = _sides(outline)
        filled = inside.sum() >= _FILLED * short * long and short * long <= _LARGEST * inside.size
        return bool(filled and np.median(self.coherence[inside]) > _STACKED)

    def direction(self, outline: NDArray[np.int32]) -> float:
        """Degrees, 0 to 180, of the direction in which a patch has the most contrast."""
        inside = self._inside(outline)
        xx, yy, xy = (float(part[inside].sum()) for part in (self._xx, self._yy, self._xy))
        return math.degrees(0.5 * math.atan2(2 * xy, xx - yy)) % 180

    def _inside(self, outline: NDArray[np.int32]) -> NDArray[np.bool_]:
        inside = np.zeros(self.energy.shape, np.uint8)
        cv2.drawContours(inside, [outline], -1, (1,), cv2.FILLED)
        return inside > 0


def _sides(outline: NDArray[np.int32]) -> tuple[float, float]:
    """The shorter and the longer side of the box around a patch, in cells: its outline goes through their middles."""
    short, long = sorted(cv2.minAreaRect(outline)[1])
    return short + 1, long + 1


def _is_thick(outline: NDArray[np.int32]) -> bool:
    short, long = _sides(outline)
    return short >= _THICK and long >= _LONG


def _box_along(outline: NDArray[np.int32], angle: float, cell: int) -> cv2.typing.RotatedRect:
    """The box at `angle` around a patch of cells of `cell` pixels, in pixels."""
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    axes = np.stack([along, [-along[1], along[0]]])
    points = (outline.reshape(-1, 2) + 0.5) * cell @ axes.T
    low, high = points.min(axis=0) - cell / 2, points.max(axis=0) + cell / 2
    x, y = (low + high) / 2 @ axes
    return (float(x), float(y)), (float(high[0] - low[0]), float(high[1] - low[1])), angle


def around(grey: Frame, corners: Sequence[Corner], least: int) -> Region | None:
    """The upright surroundings of a symbol whose `corners` are known roughly; None when it is narrower than `least` pixels."""
    (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
    if min(right - left, bottom - top) < least:
        return None
    margin = max(right - left, bottom - top) // 4
    left, top = max(0, left - margin), max(0, top - margin)
    crop = grey[top : bottom + margin, left : right + margin]
    return Region(crop, np.array([[1.0, 0.0, left], [0.0, 1.0, top]])) if crop.size else None


def enlarged(region: Region) -> Region:
    """The same in twice as many pixels each way."""
    crop = cv2.resize(region.crop, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return replace(region, crop=np.asarray(crop, np.uint8), place=region.place @ np.diag([0.5, 0.5, 1.0]))


def sharpened(region: Region) -> Region:
    """An enlarged region with what a blur of one or two pixels took given back. Of the sigmas from 1 to 6 and amounts from 1 to 4
    tried on bars of 2 pixels a module, blurred by 1.2 to 1.9 pixels, these read the most (39 of 42) and nothing wrong."""
    soft = cv2.GaussianBlur(region.crop, (0, 0), 3.0)
    return replace(region, crop=np.asarray(cv2.addWeighted(region.crop, 3.0, soft, -2.0, 0), np.uint8))


def shrunk(grey: Frame, side: int) -> tuple[Frame, float]:
    """A frame whose longer side is at most `side`, and how many of the old pixels make one of its."""
    scale = max(1.0, max(grey.shape[:2]) / side)
    if scale == 1.0:
        return grey, scale
    size = (max(1, round(grey.shape[1] / scale)), max(1, round(grey.shape[0] / scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _cut(grey: Frame, boxes: Sequence[cv2.typing.RotatedRect], scale: float, margin: tuple[float, float]) -> Iterator[Region]:
    """The largest of `boxes` (of a frame shrunk by `scale`), each turned level and cut from `grey` with its margin."""
    for box in sorted(boxes, key=lambda box: -box[1][0] * box[1][1])[:MOST]:
        x, y = box[0][0] * scale, box[0][1] * scale
        height, width = sorted(side * scale for side in box[1])
        angle = box[2] if box[1][0] >= box[1][1] else box[2] + 90
        if height < 2:
            continue
        turn = cv2.getRotationMatrix2D((x, y), angle, 1.0)
        size = (round(width * margin[0]), round(height * margin[1] + 2))
        turn[:, 2] += np.array([size[0] / 2 - x, size[1] / 2 - y])
        crop = cv2.warpAffine(grey, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        place = np.asarray(cv2.invertAffineTransform(turn), np.float64)
        yield Region(np.asarray(crop, np.uint8), place, abs((angle + 45) % 90 - 45), width)

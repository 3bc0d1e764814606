"""Where in a frame codes may be that a reader of whole frames misses: bars on tilted paper, tilted blocks, doubtful finds.

Each region comes out upright, with what takes its points back to the frame. OpenCV's barcode locator finds bars at any tilt
(its decoder is never used: it invents codes; reference: scanning). Blocks (PDF417, and matrix codes that were not found) are
patches of dense contrast with straight edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
_BLOCK_MARGIN = 1.25
_LOCATOR_SIDE = 960  # longer frames are located at this size: as many finds, a third of the time
_BLOCK_SIDE = 640
_BLOCK_LEAST = 18  # pixels of the shrunk frame; below that no reader has two pixels to a module
_BLOCK_FILL = 0.72
_LINE = 12  # gaps that close to one block, in pixels of the shrunk frame
_CONTRAST = 24


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


def located_bars(grey: Frame) -> Iterator[Region]:
    """What OpenCV's locator takes for bars, the bars upright."""
    small, scale = shrunk(grey, _LOCATOR_SIDE)
    located, corners = cv2.barcode.BarcodeDetector().detect(small)
    if not located or corners is None:
        return
    boxes = [cv2.minAreaRect(box) for box in np.asarray(corners, np.float32).reshape(-1, 4, 2)]
    yield from _cut(grey, boxes, scale, (_BARS_WIDTH, _BARS_HEIGHT))


def blocks(grey: Frame) -> Iterator[Region]:
    """Filled upright or tilted rectangles of dense contrast, the longer side level."""
    small, scale = shrunk(grey, _BLOCK_SIDE)
    edges = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    level = max(_CONTRAST, int(np.percentile(edges[::4, ::4], 99) * 0.4))
    dense = cv2.threshold(edges, level, 255, cv2.THRESH_BINARY)[1]
    dense = cv2.morphologyEx(dense, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (5, 5)))
    dense = cv2.morphologyEx(dense, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LINE, _LINE)))
    outlines = cv2.findContours(dense, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    boxes = []
    for outline in outlines:
        box = cv2.minAreaRect(outline)
        width, height = box[1]
        if min(width, height) >= _BLOCK_LEAST and cv2.contourArea(outline) >= _BLOCK_FILL * width * height:
            boxes.append(box)
    yield from _cut(grey, boxes, scale, (_BLOCK_MARGIN, _BLOCK_MARGIN))


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

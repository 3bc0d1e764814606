"""Frames to codes: zxing-cpp for the two symbologies that issue 2's statements carry, OpenCV to find bars on tilted paper.

A cheap pass for QR codes first (some 2 ms at 1080p), then Code 128 over the whole frame, then over each region in which
OpenCV's locator suspects bars, turned level. OpenCV's own bar decoder is never used: it invents codes (reference: scanning).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from devices.scanners.opencv import cv2
from devices.scanners.port import Code, Corner, Sighting

Frame = NDArray[np.uint8]
"""Height x width x 3 (BGR), or height x width (grey)."""

Place = NDArray[np.float64]
"""2 x 3: takes x, y, 1 of a crop to x, y of the frame that it was cut from."""

_WHOLE = np.eye(2, 3)
_NOT_TEXT = (zxingcpp.ContentType.Binary, zxingcpp.ContentType.Mixed, zxingcpp.ContentType.UnknownECI)
_CROP_WIDTH = 1.35  # the locator's box ends at the outer bars; a reader needs the quiet zone too
_CROP_HEIGHT = 1.2
_NAMES = {zxingcpp.BarcodeFormat.QRCode: "QRCode", zxingcpp.BarcodeFormat.Code128: "Code128"}


def decode(frame: Frame, known: Collection[Code] = ()) -> tuple[Sighting, ...]:
    """The QR codes in `frame`; where these are none, or all `known` already, the Code 128s too. Each code once, in no order.

    `known` keeps a stranger's QR code (an app store's, on our own statement) from hiding the bars beside it for ever.
    """
    grey = frame if frame.ndim == 2 else np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    found = {sighting.code: sighting for sighting in _read(grey, zxingcpp.BarcodeFormat.QRCode)}
    if found.keys() - set(known):
        return tuple(found.values())
    bars = list(_read(grey, zxingcpp.BarcodeFormat.Code128))
    if not bars:
        for crop, place in _level_crops(grey):
            bars += _read(crop, zxingcpp.BarcodeFormat.Code128, place)
    found |= {sighting.code: sighting for sighting in bars}
    return tuple(found.values())


def _read(grey: Frame, symbology: zxingcpp.BarcodeFormat, place: Place = _WHOLE) -> Iterator[Sighting]:
    """The codes of one symbology; `place` takes a point of `grey` to the frame. Two readings of one place that disagree are
    none: a Code 128 read askew can pass its own checksum with wrong letters, and which of the two is right cannot be told."""
    barcodes = zxingcpp.read_barcodes(grey, zxingcpp.BarcodeFormats(symbology), text_mode=zxingcpp.TextMode.Plain)
    for barcode in barcodes:
        if any(barcode.text != other.text and _overlap(barcode.position, other.position) for other in barcodes):
            continue
        text = "" if barcode.content_type in _NOT_TEXT else barcode.text
        at = barcode.position
        corners = [_placed(corner, place) for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
        yield Sighting(Code(_NAMES[symbology], text), (corners[0], corners[1], corners[2], corners[3]))


def _placed(point: zxingcpp.Point, place: Place) -> Corner:
    x, y = place @ (point.x, point.y, 1.0)
    return round(x), round(y)


def _overlap(one: zxingcpp.Position, other: zxingcpp.Position) -> bool:
    """Whether the upright boxes around two symbols share a place."""
    (left, top, right, bottom), (left2, top2, right2, bottom2) = _box(one), _box(other)
    return left <= right2 and left2 <= right and top <= bottom2 and top2 <= bottom


def _box(position: zxingcpp.Position) -> tuple[int, int, int, int]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _level_crops(grey: Frame) -> Iterator[tuple[Frame, Place]]:
    """Each region that looks like bars, with the bars upright, and what takes its points to the frame."""
    located, corners = cv2.barcode.BarcodeDetector().detect(grey)
    if not located or corners is None:
        return
    for box in np.asarray(corners, np.float32).reshape(-1, 4, 2):
        centre, (width, height), angle = cv2.minAreaRect(box)
        if width < height:
            width, height, angle = height, width, angle + 90
        if height < 2:
            continue
        turn = cv2.getRotationMatrix2D(centre, angle, 1.0)
        size = (math.ceil(width * _CROP_WIDTH), math.ceil(height * _CROP_HEIGHT))
        turn[:, 2] += np.array([size[0] / 2 - centre[0], size[1] / 2 - centre[1]])
        crop = cv2.warpAffine(grey, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(crop, np.uint8), np.asarray(cv2.invertAffineTransform(turn), np.float64)

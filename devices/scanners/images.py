"""Image files to frames, whoever made them: the size is read before a pixel is decoded, and what is wrong has a name.

OpenCV's imread is never used: it crashes on a file name that is not UTF-8 (reference: scanning). Bytes come in, from wherever.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

from devices.scanners.decoding import Frame
from devices.scanners.opencv import cv2

MOST_BYTES = 64 * 1024 * 1024
LEAST_SIDE = 16
"""Pixels; the smallest symbol there is has ten modules a side."""
MOST_PIXELS = 64_000_000
"""A phone's camera has 12 to 50 million; each costs a byte here."""

_FORMATS = ("PNG", "JPEG", "BMP", "WEBP")


class ImageError(Exception):
    """`code` is why the bytes are no image to look at: image-unknown, image-broken, image-truncated, image-too-small
    or image-too-large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_image(raw: bytes) -> Frame:
    """The picture in `raw` (PNG, JPEG, BMP, WebP), height x width, grey, the right way up. Raises ImageError."""
    if len(raw) > MOST_BYTES:
        raise ImageError("image-too-large")
    width, height = _size(raw)
    if min(width, height) < LEAST_SIDE:
        raise ImageError("image-too-small")
    if width * height > MOST_PIXELS:
        raise ImageError("image-too-large")
    if not _whole(raw):
        raise ImageError("image-truncated")
    try:
        frame = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise ImageError("image-broken") from error
    if frame is None:
        raise ImageError("image-broken")
    return np.asarray(frame, np.uint8)


def _size(raw: bytes) -> tuple[int, int]:
    """Width and height, as the first bytes say: no pixel is decoded."""
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(raw), formats=_FORMATS) as image,
        ):
            return image.size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ImageError("image-too-large") from error
    except (OSError, ValueError) as error:
        raise ImageError("image-unknown") from error


def _whole(raw: bytes) -> bool:
    """Whether the end is there: OpenCV fills up what is missing of a JPEG with grey and says nothing."""
    if raw.startswith(b"\xff\xd8"):
        return raw.find(b"\xff\xd9", raw.rfind(b"\xff\xda") + 1) > 0  # the scan itself never holds an end of image
    return not raw.startswith(b"\x89PNG") or b"IEND" in raw

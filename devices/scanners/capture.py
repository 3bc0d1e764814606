"""Opening a camera: where it is, what is asked of it, what it refused. The one place that knows VideoCapture's properties."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from devices.scanners.decoding import Frame
    from devices.scanners.opencv import cv2

OPEN_TIMEOUT_MS = 3000
READ_TIMEOUT_MS = 1500
LOCAL_TIMEOUT_S = 3
"""The longest that a camera at this machine may take for a frame, by OpenCV's clock of whole seconds; its own 10 s would outlast
the camera's being closed."""

WANTED = (1920, 1080)
"""Asked for unless the settings say otherwise: a 10-mil Code 128 reads at 1080p and does not at 720p (reference: scanning)."""
LEAST = (1280, 720)
"""Less than this is a fault: our own bill's bars are 2.5 pixels a module then, and other billers' are narrower."""

_STREAM = re.compile(r"(?:https?|rtsp)://.+")
_LOCAL = re.compile(r"([0-9]{1,3}|/[^?]+)(?:\?(.+))?")
_SIZE = re.compile(r"([1-9][0-9]{2,3})x([1-9][0-9]{2,3})")
_EXPOSURE = re.compile(r"auto|[1-9][0-9]{0,3}")
_AUTO, _MANUAL = 3, 1  # V4L2_EXPOSURE_APERTURE_PRIORITY, V4L2_EXPOSURE_MANUAL
_FORM = (
    "a camera is INDEX, /dev/PATH, http://..., https://... or rtsp://...; after INDEX or /dev/PATH may come "
    "?size=1920x1080&exposure=auto, or exposure in tenths of a millisecond, 1 to 9999"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A camera and what is asked of it. `exposure` is "auto", a number of 100 microseconds (V4L2's unit), or empty: as the camera
    has it. A stream has its own settings, at its sender."""

    place: str
    size: tuple[int, int] = WANTED
    exposure: str = ""

    @property
    def streams(self) -> bool:
        return "://" in self.place


def read_source(text: str) -> Source:
    """What stands behind `camera:` in a scanner's URI. Raises ValueError for anything that is no camera or no setting of one."""
    if _STREAM.fullmatch(text):
        return Source(text)
    local = _LOCAL.fullmatch(text)
    if local is None:
        raise ValueError(_FORM)
    source, given = Source(local[1]), local[2].split("&") if local[2] else []
    settings = dict(setting.partition("=")[::2] for setting in given)
    for name, value in settings.items():
        if name == "size" and (size := _SIZE.fullmatch(value)):
            source = replace(source, size=(int(size[1]), int(size[2])))
        elif name == "exposure" and _EXPOSURE.fullmatch(value):
            source = replace(source, exposure=value)
        else:
            raise ValueError(_FORM)
    if len(settings) < len(given):
        raise ValueError(_FORM)
    return source


def open_capture(source: Source) -> tuple[cv2.VideoCapture, str]:
    """The camera, and the name of the setting that it refused, empty when it took them all. What size it gives, its frames say.

    A hang ends after the time-outs above; a camera that is not there gives a capture that is not opened.
    """
    from devices.scanners.opencv import cv2

    if source.streams:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
        return cv2.VideoCapture(source.place, cv2.CAP_FFMPEG, limits), ""
    # Video4Linux knows no time-out of one capture: this one is read once, with the first frame, and so it stays there
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(LOCAL_TIMEOUT_S))
    place: int | str = int(source.place) if source.place.isdecimal() else source.place
    capture = cv2.VideoCapture(place, cv2.CAP_V4L2)
    # over USB 2 only MJPEG has room for 1080p at full rate
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, source.size[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, source.size[1])
    return capture, "" if not capture.isOpened() or _expose(capture, source.exposure) else "exposure"


def next_frame(capture: cv2.VideoCapture) -> Frame | None:
    """Waits for it. None when the camera is lost: it says so, or sends what OpenCV cannot take."""
    from devices.scanners.opencv import cv2

    try:
        read, image = capture.read()
    except cv2.error:
        return None
    return cast("Frame", image) if read else None


def _expose(capture: cv2.VideoCapture, exposure: str) -> bool:
    """Whether the camera took it: it is asked what it has now, since a driver may say yes and do nothing."""
    from devices.scanners.opencv import cv2

    if not exposure:
        return True
    mode = _AUTO if exposure == "auto" else _MANUAL
    taken = capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, mode) and capture.get(cv2.CAP_PROP_AUTO_EXPOSURE) == mode
    if not taken or exposure == "auto":
        return taken
    return capture.set(cv2.CAP_PROP_EXPOSURE, int(exposure)) and capture.get(cv2.CAP_PROP_EXPOSURE) == int(exposure)

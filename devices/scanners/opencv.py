"""The one door to OpenCV: import cv2 from here and nowhere else, and late: it costs some 300 ms.

The wheel edits the environment while it is imported, and every child process would inherit that (a library path that ends in
the current directory, a Qt 5 plug-in path); any of its window calls aborts or hangs a process that runs Qt 6. The environment
is put back and the window calls are refused (reference: scanning, "OpenCV beside Qt").
"""

from __future__ import annotations

import os
from importlib import metadata
from typing import NoReturn

_DISTRIBUTIONS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
_FFMPEG_LOG = "OPENCV_FFMPEG_LOGLEVEL"
_EDITED = ("LD_LIBRARY_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", _FFMPEG_LOG)
_WINDOWS = (
    "createTrackbar", "destroyAllWindows", "destroyWindow", "getWindowImageRect", "getWindowProperty", "imshow", "moveWindow",
    "namedWindow", "pollKey", "resizeWindow", "selectROI", "selectROIs", "setMouseCallback", "setWindowProperty",
    "setWindowTitle", "startWindowThread", "waitKey", "waitKeyEx",
)  # fmt: skip


class OpenCvError(Exception):
    """OpenCV is not installed as it must be: exactly one of its distributions, or they overwrite each other's files."""


def _check_installation() -> None:
    found = [name for name in _DISTRIBUTIONS if any(metadata.distributions(name=name))]
    if len(found) != 1:
        raise OpenCvError(f"exactly one OpenCV distribution is needed, found {found}")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("OpenCV's windows are blocked here: they abort or hang a process that runs Qt")


_check_installation()
_before = {name: os.environ.get(name) for name in _EDITED}
os.environ.setdefault(_FFMPEG_LOG, "-8")  # a camera that is away is our health report, not lines on stderr

import cv2  # noqa: E402

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what it cannot read, our callers name
cv2.VideoCapture("", cv2.CAP_FFMPEG).release()  # FFmpeg's log level is read now, while it stands in the environment
for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value
for _name in _WINDOWS:
    setattr(cv2, _name, _refuse)

__all__ = ["OpenCvError", "cv2"]

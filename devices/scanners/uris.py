"""Scanner URIs: `camera:0`, `camera:/dev/v4l/by-id/...`, `camera:http://127.0.0.1:8000/stream.mjpg` (also https, rtsp)."""

from __future__ import annotations

import re

from devices.scanners.camera import Camera
from devices.scanners.port import Scanner

_SOURCE = re.compile(r"[0-9]{1,3}|/.+|(?:https?|rtsp)://.+")


def open_scanner(uri: str) -> Scanner:
    """The scanner that `uri` names, not yet opened. Raises ValueError when it names none."""
    kind, _, source = uri.partition(":")
    if kind != "camera" or not _SOURCE.fullmatch(source):
        raise ValueError("a scanner is camera:INDEX, camera:/dev/PATH or camera:http://HOST:PORT/STREAM")
    return Camera(source)

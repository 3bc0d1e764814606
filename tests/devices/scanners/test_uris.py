"""What a scanner's URI may say, and what is refused."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.scanners.uris import open_scanner


@pytest.mark.parametrize(
    "uri", ["camera:0", "camera:/dev/v4l/by-id/usb-x-index0", "camera:http://127.0.0.1:8000/s.mjpg", "camera:rtsp://h/s"]
)
def test_names_a_camera(uri: str) -> None:
    assert open_scanner(uri).health().condition is Condition.AWAY


@pytest.mark.parametrize("uri", ["", "camera:", "camera:usb", "camera:-1", "http://127.0.0.1/", "laser:0", "camera:ftp://h/x"])
def test_names_nothing(uri: str) -> None:
    with pytest.raises(ValueError, match="a scanner is"):
        open_scanner(uri)

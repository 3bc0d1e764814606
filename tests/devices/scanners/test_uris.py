"""What a scanner's URI may say, and what is refused."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.scanners.camera import Camera
from devices.scanners.several import Several
from devices.scanners.uris import open_scanner, open_scanners


@pytest.mark.parametrize(
    "uri", ["camera:0", "camera:/dev/v4l/by-id/usb-x-index0", "camera:http://127.0.0.1:8000/s.mjpg", "camera:rtsp://h/s"]
)
def test_names_a_camera(uri: str) -> None:
    assert open_scanner(uri).health().condition is Condition.AWAY


@pytest.mark.parametrize("uri", ["", "camera:", "camera:usb", "camera:-1", "http://127.0.0.1/", "laser:0", "camera:ftp://h/x"])
def test_names_nothing(uri: str) -> None:
    with pytest.raises(ValueError, match=r"a (scanner|camera) is"):
        open_scanner(uri)


@pytest.mark.parametrize(
    "uri",
    ["serial:///dev/ttyACM0", "serial:///dev/serial/by-id/usb-x-if00?baud=115200", "wedge:/dev/input/by-id/usb-x-event-kbd"],
)
async def test_names_a_hand_held_scanner(uri: str) -> None:
    scanner = open_scanner(uri)
    await scanner.open()
    assert scanner.health().condition is Condition.AWAY
    await scanner.close()


@pytest.mark.parametrize(
    "uri",
    [
        "serial:",
        "serial:/x",
        "serial://dev/ttyACM0",
        "serial:///dev/x?baud=fast",
        "serial:///dev/x?baud=12345",
        "serial:///dev/x?a=1",
        "wedge:x",
    ],
)
def test_names_no_hand_held_scanner(uri: str) -> None:
    with pytest.raises(ValueError, match="a scanner is"):
        open_scanner(uri)


def test_several_are_one_and_the_one_that_types_is_said() -> None:
    camera, nothing = open_scanners(["camera:0"], lambda _: None, False)
    assert isinstance(camera, Camera)
    assert nothing is None
    both, wedge = open_scanners(["camera:0", "wedge:"], lambda _: None, False)
    assert isinstance(both, Several)
    assert wedge is not None
    alone, same = open_scanners(["wedge:"], lambda _: None, False)
    assert alone is same


@pytest.mark.parametrize("uris", [[], ["wedge:", "wedge:/dev/input/x"]])
def test_none_and_two_that_type_are_refused(uris: list[str]) -> None:
    with pytest.raises(ValueError, match="at most one that is wedge:"):
        open_scanners(uris, lambda _: None, False)

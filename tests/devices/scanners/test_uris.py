"""What a scanner's URI may say, and what is refused."""

from __future__ import annotations

import pytest

from devices.health import Condition
from devices.scanners.port import Scanner
from devices.scanners.serial_line import SerialScanner
from devices.scanners.several import Several
from devices.scanners.uris import open_scanner, open_scanners


class Cameras:
    """Opens none, and keeps what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, source: str, shown: bool) -> Scanner:
        self.asked.append((source, shown))
        return SerialScanner("/dev/nothing", 9600)


def nobody(source: str, shown: bool) -> Scanner:
    raise AssertionError("no camera is opened")


@pytest.mark.parametrize("source", ["0", "/dev/v4l/by-id/usb-x-index0", "http://127.0.0.1:8000/s.mjpg", "rtsp://h/s"])
def test_names_a_camera(source: str) -> None:
    cameras = Cameras()
    open_scanner(f"camera:{source}", cameras, shown=True)
    assert cameras.asked == [(source, True)]


@pytest.mark.parametrize("uri", ["", "camera:", "camera:usb", "camera:-1", "http://127.0.0.1/", "laser:0", "camera:ftp://h/x"])
def test_names_nothing(uri: str) -> None:
    with pytest.raises(ValueError, match=r"a (scanner|camera) is"):
        open_scanner(uri, nobody, shown=False)


@pytest.mark.parametrize(
    "uri",
    ["serial:///dev/ttyACM0", "serial:///dev/serial/by-id/usb-x-if00?baud=115200", "wedge:/dev/input/by-id/usb-x-event-kbd"],
)
async def test_names_a_hand_held_scanner(uri: str) -> None:
    scanner = open_scanner(uri, nobody, shown=False)
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
        open_scanner(uri, nobody, shown=False)


def test_several_are_one_and_the_one_that_types_is_said() -> None:
    line, nothing = open_scanners(["serial:///dev/x"], nobody)
    assert isinstance(line, SerialScanner)
    assert nothing is None
    both, wedge = open_scanners(["serial:///dev/x", "wedge:"], nobody)
    assert isinstance(both, Several)
    assert wedge is not None
    alone, same = open_scanners(["wedge:"], nobody)
    assert alone is same


def test_the_first_of_several_cameras_is_the_one_that_is_shown() -> None:
    cameras = Cameras()
    open_scanners(["serial:///dev/x", "camera:1", "camera:0"], cameras)
    assert cameras.asked == [("1", True), ("0", False)]


@pytest.mark.parametrize("uris", [[], ["wedge:", "wedge:/dev/input/x"]])
def test_none_and_two_that_type_are_refused(uris: list[str]) -> None:
    with pytest.raises(ValueError, match="at most one that is wedge:"):
        open_scanners(uris, nobody)

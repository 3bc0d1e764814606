"""Where a camera is, what may be asked of it, and what it is asked."""

from __future__ import annotations

import os

import pytest

from devices.scanners.camera import _JOIN_S
from devices.scanners.capture import LOCAL_TIMEOUT_S, OPEN_TIMEOUT_MS, READ_TIMEOUT_MS, Source, open_capture, read_source
from devices.scanners.opencv import cv2


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("0", Source("0")),
        ("12?size=1280x720", Source("12", (1280, 720))),
        ("/dev/v4l/by-id/usb-x-index0?exposure=auto", Source("/dev/v4l/by-id/usb-x-index0", exposure="auto")),
        ("0?exposure=156&size=3840x2160", Source("0", (3840, 2160), "156")),
        ("http://10.0.0.9/stream?size=huge&x=1", Source("http://10.0.0.9/stream?size=huge&x=1")),
        ("rtsp://10.0.0.9/1", Source("rtsp://10.0.0.9/1")),
    ],
)
def test_a_source_and_its_settings(text: str, source: Source) -> None:
    assert read_source(text) == source


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "usb",
            "-1",
            "1234",
            "ftp://h/x",
            "http://",
            "0?",
            "0?size",
            "0?size=",
            "0?size=big",
            "0?size=1920x0",
            "0?size=10x10",
        ),
        *("0?exposure=", "0?exposure=0", "0?exposure=-3", "0?exposure=10000", "0?exposure=1.5", "0?exposure=manual"),
        *("0?exposure=1&exposure=2", "0?zoom=2", "0?size=1920x1080&zoom=2", "/dev/video0?Size=1920x1080"),
    ],
)
def test_what_is_no_source_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a camera is INDEX"):
        read_source(text)


class Local:
    """A camera at this machine, as VideoCapture shows it. `deaf` does not do what it says yes to; `gone` cannot be opened."""

    deaf = gone = False

    def __init__(self, place: int | str, backend: int) -> None:
        self.place = place
        self.values: dict[int, float] = {}
        assert backend == cv2.CAP_V4L2

    def opened(self) -> bool:
        return not self.gone

    isOpened = opened  # noqa: N815 - as OpenCV spells it

    def set(self, name: int, value: float) -> bool:
        if not self.deaf:
            self.values[name] = value
        return True

    def get(self, name: int) -> float:
        return self.values.get(name, 0.0)


def opened(monkeypatch: pytest.MonkeyPatch, text: str, **traits: bool) -> tuple[Local, str]:
    monkeypatch.setattr(cv2, "VideoCapture", type("Camera", (Local,), traits))
    capture, refused = open_capture(read_source(text))
    assert isinstance(capture, Local)
    return capture, refused


def test_full_resolution_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    capture, refused = opened(monkeypatch, "2")
    assert (capture.place, refused) == (2, "")
    assert (capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (1920, 1080)
    assert capture.get(cv2.CAP_PROP_FOURCC) == cv2.VideoWriter.fourcc(*"MJPG")
    assert not {cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE} & capture.values.keys(), "its exposure is its own"


@pytest.mark.parametrize(("exposure", "mode", "value"), [("auto", 3, 0.0), ("156", 1, 156.0)])
def test_exposure_is_set_and_asked_back(monkeypatch: pytest.MonkeyPatch, exposure: str, mode: int, value: float) -> None:
    capture, refused = opened(monkeypatch, f"/dev/video7?exposure={exposure}&size=1280x720")
    assert (capture.place, refused) == ("/dev/video7", "")
    assert (capture.get(cv2.CAP_PROP_AUTO_EXPOSURE), capture.get(cv2.CAP_PROP_EXPOSURE)) == (mode, value)
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 1280


@pytest.mark.parametrize(("text", "refused"), [("0?exposure=156", "exposure"), ("0?exposure=auto", "exposure"), ("0", "")])
def test_a_camera_that_says_yes_and_does_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch, text: str, refused: str) -> None:
    assert opened(monkeypatch, text, deaf=True)[1] == refused


def test_a_camera_that_is_not_there_has_refused_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(monkeypatch, "0?exposure=156", deaf=True, gone=True)[1] == ""


def test_a_camera_at_this_machine_may_not_hang_for_longer_than_closing_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV reads it from the environment, where it is not its 10 s."""
    monkeypatch.delenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", raising=False)
    opened(monkeypatch, "0")
    assert os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] == "3"
    assert LOCAL_TIMEOUT_S < _JOIN_S


def test_a_stream_is_opened_with_both_time_outs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(cv2, "VideoCapture", lambda *arguments: asked.extend(arguments))
    open_capture(read_source("rtsp://10.0.0.9/1"))
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
    assert asked == ["rtsp://10.0.0.9/1", cv2.CAP_FFMPEG, limits]

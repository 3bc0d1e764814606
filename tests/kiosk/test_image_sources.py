"""Where `./lobbypay scan` has its images from: files, folders, and URLs that answer well, badly or not at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from devices.scanners.images import MOST_BYTES
from domain.errors import Known
from kiosk.image_sources import WHOLE_S, SourceError, expanded, read_source

URL = "http://camera.example/stream"


def refusal(source: str, transport: httpx2.BaseTransport | None = None, now: Callable[[], float] = lambda: 0.0) -> SourceError:
    with pytest.raises(SourceError) as refused:
        read_source(source, transport, now)
    return refused.value


def answering(status: int = 200, content: bytes | Iterator[bytes] = b"", kind: str = "image/png") -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(status, content=content, headers={"content-type": kind}))


def test_a_folder_is_its_images_and_those_below(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("2.PNG", "10.jpeg", "b/1.webp", "readme.md", "truth.json"):
        (tmp_path / name).write_bytes(b"x")
    inside = [str(tmp_path / name) for name in ("10.jpeg", "2.PNG", "b/1.webp")]
    assert expanded([URL, str(tmp_path), "none.png"]) == [URL, *inside, "none.png"]


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(Known, match="There is no image in "):
        expanded([str(tmp_path)])


def test_a_file_whatever_its_name(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(name, "wb") as file:
        file.write(b"pixels")
    assert expanded([str(tmp_path)]) == [os.fsdecode(name)]
    assert read_source(os.fsdecode(name)) == b"pixels"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(str(tmp_path / "none.png"))
    assert (error.code, error.detail) == ("file-unreadable", "No such file or directory")


def test_a_file_is_not_read_beyond_what_is_looked_at(tmp_path: Path) -> None:
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(MOST_BYTES * 2)
    assert len(read_source(str(tmp_path / "large.png"))) == MOST_BYTES + 1


def test_a_picture_at_a_url() -> None:
    assert read_source(URL, answering(content=b"pixels")) == b"pixels"


def test_the_first_picture_of_a_stream_that_never_ends() -> None:
    def film() -> Iterator[bytes]:
        for number in range(3):
            yield b"--frame\r\nContent-Type: image/jpeg\r\nContent-Le"
            yield b"ngth: 8\r\n\r\npict\r\n\r\n%d\r\n" % number
        raise AssertionError("nobody asked for more")

    assert read_source(URL, answering(content=film(), kind="multipart/x-mixed-replace; boundary=frame")) == b"pict\r\n\r\n0"
    quoted = 'Multipart/X-Mixed-Replace;boundary="--frame"; charset=x'
    assert read_source(URL, answering(content=film(), kind=quoted)) == b"pict\r\n\r\n0"


def test_a_stream_that_ends_too_soon() -> None:
    short = answering(content=b"--frame\r\n\r\npicture", kind="multipart/x-mixed-replace; boundary=frame")
    assert refusal(URL, short).code == "url-refused"


@pytest.mark.parametrize("status", [301, 302, 401, 404, 500])
def test_only_the_picture_itself_is_an_answer(status: int) -> None:
    """No redirection is followed: a camera has none."""
    error = refusal(URL, answering(status))
    assert (error.code, error.detail) == ("url-refused", f"HTTP {status}")


def test_more_than_a_picture_is_cut_short() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(2**20)

    assert refusal(URL, answering(content=endless())).code == "image-too-large"


def test_a_server_that_trickles_is_given_up() -> None:
    moments = iter([0.0, 1.0, WHOLE_S + 1])
    assert refusal(URL, answering(content=iter([b"a", b"b", b"c"])), lambda: next(moments)).code == "url-too-slow"


def raising(error: Exception) -> httpx2.MockTransport:
    def handler(_: httpx2.Request) -> httpx2.Response:
        raise error

    return httpx2.MockTransport(handler)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx2.ReadTimeout("slow"), "url-too-slow"),
        (httpx2.ConnectTimeout("slow"), "url-too-slow"),
        (httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "url-tls"),
        (httpx2.ConnectError("Connection refused"), "url-away"),
        (httpx2.RemoteProtocolError("no HTTP"), "url-away"),
        (UnicodeError("label too long"), "url-away"),
    ],
)
def test_what_can_go_wrong_on_the_way(error: Exception, code: str) -> None:
    assert refusal(URL, raising(error)).code == code


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        assert refusal(f"http://127.0.0.1:{port}/").code == "url-away"


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a\x00b/"])
def test_a_url_that_is_none(url: str) -> None:
    assert refusal(url).code == "url-away"

"""Where `./lobbypay scan` has its images from: files, folders, and URLs of a picture or of a camera's stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx2

from devices.scanners.images import MOST_BYTES
from domain.errors import Known

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
"""What is looked at in a folder."""

SILENCE_S = 5.0
WHOLE_S = 20.0
"""The longest that a URL may say nothing, and may take in all."""

_PARTS = "multipart/x-mixed-replace"


class SourceError(Exception):
    """`code` is why there are no bytes: file-unreadable, url-away, url-tls, url-refused, url-too-slow or image-too-large;
    `detail` is the system's or the server's word for it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def expanded(sources: Sequence[str]) -> list[str]:
    """`sources` with each folder replaced by the images in it and below it, in the order of their names. Raises Known."""
    found = list[str]()
    for source in sources:
        if _is_url(source) or not Path(source).is_dir():
            found.append(source)
            continue
        inside = sorted(str(path) for path in Path(source).rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not inside:
            raise Known(f"There is no image in {source} ({', '.join(sorted(SUFFIXES))}).")
        found += inside
    return found


def read_source(
    source: str, transport: httpx2.BaseTransport | None = None, monotonic: Callable[[], float] = time.monotonic
) -> bytes:
    """The bytes of a file, of the picture at a URL, or of the first one of a camera's stream (MJPEG). Raises SourceError."""
    if _is_url(source):
        return _fetched(source, transport, monotonic)
    try:
        with Path(source).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError("file-unreadable", error.strerror or "") from error


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _fetched(url: str, transport: httpx2.BaseTransport | None, monotonic: Callable[[], float]) -> bytes:
    try:
        with (
            httpx2.Client(timeout=SILENCE_S, trust_env=False, transport=transport) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise SourceError("url-refused", f"HTTP {answer.status_code}")
            chunks = _bounded(answer.iter_bytes(), monotonic)
            kind = answer.headers.get("content-type", "")
            return _first_part(chunks, kind) if kind.lower().startswith(_PARTS) else b"".join(chunks)
    except httpx2.TimeoutException as error:
        raise SourceError("url-too-slow") from error
    except httpx2.ConnectError as error:
        raise SourceError("url-tls" if "CERTIFICATE" in str(error) or "SSL" in str(error) else "url-away") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:  # a host's label of 64 letters is a UnicodeError
        raise SourceError("url-away") from error


def _bounded(chunks: Iterator[bytes], monotonic: Callable[[], float]) -> Iterator[bytes]:
    """No more bytes, and for no longer, than a picture has any need of."""
    begun, size = monotonic(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise SourceError("image-too-large")
        if monotonic() - begun > WHOLE_S:
            raise SourceError("url-too-slow")
        yield chunk


def _first_part(chunks: Iterator[bytes], kind: str) -> bytes:
    """The first body of a multipart stream (RFC 2046), which has no end: read until its next boundary."""
    _, _, word = kind.partition("boundary=")
    boundary = b"--" + word.partition(";")[0].strip().strip('"').removeprefix("--").encode("latin-1")
    read = bytearray()
    for chunk in chunks:
        read += chunk
        parts = read.split(boundary, 2)
        if len(parts) == 3:
            _, _, body = parts[1].partition(b"\r\n\r\n")
            return bytes(body).removesuffix(b"\r\n")
    raise SourceError("url-refused", "a stream that ended before its first picture")

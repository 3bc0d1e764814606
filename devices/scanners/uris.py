"""Scanner URIs: `camera:` and a source as devices.scanners.capture reads it (`0`, `/dev/v4l/by-id/...?exposure=auto`, `http://...`);
`serial:///dev/serial/by-id/...?baud=115200`; `wedge:`, `wedge:/dev/input/by-id/...`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

import serial

from devices.scanners.capture import read_source
from devices.scanners.port import Scanner
from devices.scanners.serial_line import SerialScanner
from devices.scanners.several import Several
from devices.scanners.wedge import Wedge

_WEDGE = re.compile(r"|/.+")
_BAUDS = frozenset(map(str, serial.Serial.BAUDRATES))

OpenCamera = Callable[[str, bool], Scanner]
"""The camera at a source, not yet opened, as devices.scanners.camera.Camera has it; and whether what it sees is to be shown."""


def open_scanners(uris: Sequence[str], open_camera: OpenCamera) -> tuple[Scanner, Wedge | None]:
    """The scanner that one or more URIs name together, not yet opened; and the one among them that types. What the first camera
    sees is to be shown. Raises ValueError."""
    first = next((uri for uri in uris if uri.startswith("camera:")), "")
    scanners = [open_scanner(uri, open_camera, shown=uri == first) for uri in uris]
    typing = [scanner for scanner in scanners if isinstance(scanner, Wedge)]
    if not scanners or len(typing) > 1:
        raise ValueError("a kiosk has a scanner, and at most one that is wedge:")
    return (scanners[0] if len(scanners) == 1 else Several(scanners)), (typing[0] if typing else None)


def open_scanner(uri: str, open_camera: OpenCamera, shown: bool) -> Scanner:
    """The scanner that `uri` names, not yet opened. Raises ValueError."""
    kind, _, source = uri.partition(":")
    if kind == "camera":
        read_source(source)  # what is no camera is told here, and not by a process that ends
        return open_camera(source, shown)
    if kind == "wedge" and _WEDGE.fullmatch(source):
        return Wedge(source)
    if kind == "serial" and (line := _serial(uri)) is not None:
        return line
    raise ValueError(
        "a scanner is camera:INDEX, camera:/dev/PATH, camera:http://HOST:PORT/STREAM, serial:///dev/PATH?baud=9600 or wedge:"
    )


def _serial(uri: str) -> SerialScanner | None:
    parts = urlsplit(uri)
    options = parse_qs(parts.query, keep_blank_values=True)
    baud = options.pop("baud", ["9600"])[-1]
    if parts.netloc or not parts.path.startswith("/dev/") or options or baud not in _BAUDS:
        return None
    return SerialScanner(parts.path, int(baud))

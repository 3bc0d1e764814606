"""Scanner URIs: `camera:` and a source as devices.scanners.capture reads it (`0`, `/dev/v4l/by-id/...?exposure=auto`, `http://...`);
`serial:///dev/serial/by-id/...?baud=115200`; `wedge:`, `wedge:/dev/input/by-id/...`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import serial

from devices.scanners.camera import Camera
from devices.scanners.port import Scanner
from devices.scanners.serial_line import SerialScanner
from devices.scanners.several import Several
from devices.scanners.wedge import Wedge

_WEDGE = re.compile(r"|/.+")
_BAUDS = frozenset(map(str, serial.Serial.BAUDRATES))


def open_scanners(uris: Sequence[str]) -> tuple[Scanner, Wedge | None]:
    """The scanner that one or more URIs name together, not yet opened; and the one among them that types. Raises ValueError."""
    scanners = [open_scanner(uri) for uri in uris]
    typing = [scanner for scanner in scanners if isinstance(scanner, Wedge)]
    if not scanners or len(typing) > 1:
        raise ValueError("a kiosk has a scanner, and at most one that is wedge:")
    return (scanners[0] if len(scanners) == 1 else Several(scanners)), (typing[0] if typing else None)


def open_scanner(uri: str) -> Scanner:
    """The scanner that `uri` names, not yet opened. Raises ValueError when it names none."""
    kind, _, source = uri.partition(":")
    if kind == "camera":
        return Camera(source)
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

"""Scanner URIs: `camera:` and a source as devices.scanners.capture reads it (`0`, `/dev/v4l/by-id/...?exposure=auto`, `http://...`);
`serial:///dev/serial/by-id/...?baud=115200`; `wedge:`, `wedge:/dev/input/by-id/...`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

import serial

from devices.scanners.camera import Camera
from devices.scanners.port import Glimpse, Scanner
from devices.scanners.serial_line import SerialScanner
from devices.scanners.several import Several
from devices.scanners.wedge import Wedge
from domain.biller_profiles import SYMBOLOGIES

_WEDGE = re.compile(r"|/.+")
_BAUDS = frozenset(map(str, serial.Serial.BAUDRATES))


Glimpsed = Callable[[Glimpse | None], None]


def open_scanners(
    uris: Sequence[str], glimpsed: Glimpsed, mirrored: bool, symbologies: frozenset[str] = SYMBOLOGIES
) -> tuple[Scanner, Wedge | None]:
    """The scanner that one or more URIs name together, not yet opened; and the one among them that types. `glimpsed` gets what
    the first camera sees, `mirrored` where it faces the person; cameras look for `symbologies`. Raises ValueError."""
    first = next((uri for uri in uris if uri.startswith("camera:")), "")
    scanners = [open_scanner(uri, glimpsed if uri == first else None, mirrored, symbologies) for uri in uris]
    typing = [scanner for scanner in scanners if isinstance(scanner, Wedge)]
    if not scanners or len(typing) > 1:
        raise ValueError("a kiosk has a scanner, and at most one that is wedge:")
    return (scanners[0] if len(scanners) == 1 else Several(scanners)), (typing[0] if typing else None)


def open_scanner(
    uri: str, glimpsed: Glimpsed | None = None, mirrored: bool = False, symbologies: frozenset[str] = SYMBOLOGIES
) -> Scanner:
    """The scanner that `uri` names, not yet opened; the others as in Camera. Raises ValueError."""
    kind, _, source = uri.partition(":")
    if kind == "camera":
        return Camera(source, glimpsed=glimpsed, mirrored=mirrored, symbologies=symbologies)
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

"""What a hand-held scanner sends: scans that begin with an AIM symbology identifier (ISO/IEC 15424) and end with CR or LF.

A scanner must be set to send the identifier: without it a number could be of any symbology, and a profile takes one only.
"""

from __future__ import annotations

import re

from devices.scanners.port import Code

MOST_BYTES = 8_000
"""A QR code holds 7,089 characters at most (ISO/IEC 18004); what is longer is no scan."""

UNNAMED = "unknown"
"""The symbology of a scan without an identifier, and of one that no statement has: no profile takes it."""

_ID = re.compile(rb"\]([A-Za-z])[0-9A-Za-z]")
_NEXT = re.compile(rb"(?<=[\r\n])(?=\][A-Za-z][0-9A-Za-z])")
_NAMES = {b"A": "Code39", b"C": "Code128", b"I": "ITF", b"L": "PDF417", b"Q": "QRCode", b"d": "DataMatrix"}
"""zxing-cpp's names for them, which a biller's profile uses."""


class Scans:
    """Bytes to scans. A scan is over when a terminator came and then silence: a code may have lines of its own (a Swiss QR-bill
    has 31), and what was cut off in the middle, by a pause or an unplugged cable, must not become the beginning of the next."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._flooded = False

    def feed(self, data: bytes) -> None:
        """Takes what came. More than MOST_BYTES without silence is dropped, and all that follows until then."""
        self._flooded = self._flooded or len(self._bytes) + len(data) > MOST_BYTES
        self._bytes = bytearray() if self._flooded else self._bytes + data

    def silence(self) -> list[Code]:
        """What came since the last silence: each scan that is whole; UNNAMED without text for one that is not, or has no name."""
        heard, self._bytes = bytes(self._bytes), bytearray()
        if self._flooded:
            self._flooded = False
            return [Code(UNNAMED, "")]
        return [read_scan(part) for part in _NEXT.split(heard) if part.strip(b"\r\n")]


def read_scan(scan: bytes) -> Code:
    """One scan, terminator included. The text is empty where it is not UTF-8; UNNAMED has none at all."""
    found = _ID.match(scan)
    name = _NAMES.get(found[1]) if found else None
    if found is None or name is None or not scan.endswith((b"\r", b"\n")):
        return Code(UNNAMED, "")
    body = scan[found.end() :]
    ending = b"\r\n" if body.endswith(b"\r\n") else body[-1:]
    try:
        return Code(name, body.removesuffix(ending).decode("utf-8"))
    except UnicodeDecodeError:
        return Code(name, "")

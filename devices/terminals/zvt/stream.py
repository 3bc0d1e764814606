"""ZVT over TCP: APDUs one after the other, cut anywhere, and the peers on that port that are no ZVT terminal."""

from __future__ import annotations

from collections.abc import Iterator

from devices.terminals.errors import LinkDown
from devices.terminals.zvt.apdu import apdu_size

CLASSES = frozenset({0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84})
"""First bytes of what a ZVT terminal says. There is no check sum here: another first byte is another protocol, or a place in the
stream that is not the beginning of anything."""


class ApduStream:
    """Takes bytes as they come and hands out whole APDUs; holds at most one that is not whole yet."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def quiet(self) -> bool:
        """True between APDUs: then a pause means nothing."""
        return not self._held

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The APDUs that are whole now; to be gone through to its end. Raises LinkDown for a peer that does not speak ZVT."""
        self._held += data
        at = 0
        while len(self._held) - at >= 3:
            if self._held[at] not in CLASSES:
                raise stranger(bytes(self._held[at : at + 3]))
            size = apdu_size(self._held, at)
            if size is None or len(self._held) - at < size:
                break
            yield bytes(self._held[at : at + size])
            at += size
        del self._held[:at]

    def gap(self) -> LinkDown:
        """What it means that an APDU was begun and does not go on."""
        return LinkDown("lost") if self._held[0] in CLASSES else stranger(bytes(self._held))


def stranger(first: bytes) -> LinkDown:
    """Who it may be that says `first`, for the technician: "ecr17" (an Italian terminal's NAK, Portalum.Zvt#42), "tls" (an alert
    of a port that wants TLS), "ascii" (length and text, such as Monri's, Portalum.Zvt#33), or "unknown"."""
    if first[:2] == b"\x15\x03":
        return LinkDown("garbage", "tls" if first[2:] < b"\x10" else "ecr17")
    text = all(byte == 0 or 0x20 <= byte < 0x7F for byte in first)
    return LinkDown("garbage", "ascii" if text else "unknown")

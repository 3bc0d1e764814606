"""A tag in a wristband: its UID, and the text that was written on it (NFC Forum type 2; NDEF 1.0; PC/SC part 3 commands)."""

from __future__ import annotations

from devices.smartcards.apdu import Command, Line, ask, wipe
from devices.smartcards.port import CardError, Refusal, Wristband

_UID = Command(0xFF, 0xCA, 0x00, 0x00)
LONGEST_UID = 10
"""ISO 14443-3: 4, 7 or 10 bytes; ISO 15693: 8."""
FIRST_PAGE, LAST_PAGE, PAGE_BYTES, PAGES_AT_ONCE = 4, 0xE0, 4, 4
"""The memory that may hold a text; NTAG216, the largest such tag, ends at page E0."""
LONGEST_TEXT = 200

_NULL, _MESSAGE, _END = 0x00, 0x03, 0xFE


def read_wristband(line: Line) -> Wristband:
    """Raises CardError."""
    uid = ask(line, _UID)
    if not uid.ok or not 4 <= len(uid.data) <= LONGEST_UID:
        raise CardError(Refusal.UNREADABLE, "no UID")
    memory = _Memory(line)
    try:
        return Wristband(uid.data.hex(), first_text(memory.message()))
    finally:
        memory.wipe()


class _Memory:
    """A tag's pages, read as they are wanted: most hold little, and the person waits."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._read = bytearray()
        self._page = FIRST_PAGE

    def message(self) -> bytes:
        """The first NDEF message (type 2 tag, 2.3): blocks of type, length, value. Empty where there is none."""
        at = 0
        while (kind := self._byte(at)) is not None and kind != _END:
            if kind == _NULL:
                at += 1
                continue
            size, head = self._byte(at + 1), 2
            if size == 0xFF:
                high, low = self._byte(at + 2), self._byte(at + 3)
                size, head = None if high is None or low is None else high << 8 | low, 4
            if size is None:
                return b""
            if kind == _MESSAGE:
                whole = self._byte(at + head + size - 1) is not None
                return bytes(self._read[at + head : at + head + size]) if whole else b""
            at += head + size
        return b""

    def wipe(self) -> None:
        wipe(self._read)

    def _byte(self, at: int) -> int | None:
        """None past the end: of what the tag has, or of what one may have."""
        while at >= len(self._read):
            said = ask(self._line, Command(0xFF, 0xB0, 0x00, self._page, expects=PAGES_AT_ONCE * PAGE_BYTES))
            if self._page > LAST_PAGE or not said.ok or not said.data:
                return None
            self._read += said.data[: PAGES_AT_ONCE * PAGE_BYTES]
            self._page += PAGES_AT_ONCE
        return self._read[at]


def first_text(message: bytes) -> str:
    """The text of an NDEF message's first record when that is a text (RTD-Text 1.0) in UTF-8, whole and printable; else empty."""
    if len(message) < 4:
        return ""
    head, type_size, size = message[0], message[1], message[2]
    well_known, short, has_id = head & 0x07 == 1, head & 0x10, head & 0x08
    if not well_known or not short or has_id or message[3 : 3 + type_size] != b"T" or size < 1:
        return ""
    payload = message[3 + type_size : 3 + type_size + size]
    if len(payload) != size or payload[0] & 0x80:  # the top bit says UTF-16
        return ""
    try:
        text = payload[1 + (payload[0] & 0x3F) :].decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() and len(text) <= LONGEST_TEXT else ""

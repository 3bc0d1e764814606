"""NEO 2 frames as rows: names, statuses, and of card data nothing but which objects there are, unless it is harmless."""

from __future__ import annotations

import contextlib
from typing import Any

from devices.terminals.captures.row import IN, MASK, OUT, Row
from devices.terminals.neo2.card import judged, read_card
from devices.terminals.neo2.errors import Unencrypted, Unreadable
from devices.terminals.neo2.framing import Frame
from devices.terminals.neo2.framing import encode as encode_frame
from devices.terminals.neo2.packets import BOOT, READER_ASKS, name_of
from devices.terminals.zvt.card_data import mask_text

_STATUSES = {
    0x00: "ok", 0x01: "wrong header", 0x02: "unknown command", 0x03: "unknown sub-command", 0x04: "wrong CRC",
    0x05: "wrong parameter", 0x06: "parameter not supported", 0x07: "malformed", 0x08: "timed out", 0x0A: "failed",
    0x0B: "not allowed", 0x0C: "sub-command not allowed", 0x0D: "too much data", 0x0E: "card seen",
    0x12: "secure interface", 0x1D: "tampered", 0x23: "go online", 0x60: "no data", 0x63: "accepted, more follows",
}  # fmt: skip

_BEFORE_DATA = 14
_PLAIN = frozenset({0x01, 0x05, 0x09, 0x12, 0x14, 0x18, 0x29})
"""Commands whose data is settings, versions and numbers of the reader's, in both directions."""


def neo2_row(frame: Frame, direction: str) -> Row:
    """The row of one frame; `direction` as the capture has it. Never raises."""
    if not direction:
        direction = IN if frame.response or frame.command in (BOOT, READER_ASKS) else OUT
    raw = encode_frame(frame)
    data = bytes(frame.data)
    readable = frame.command in _PLAIN or not data
    shown = mask_text(data.decode("latin-1")).encode("latin-1") if readable else bytes([MASK]) * len(data)
    said: dict[str, Any] = {"command": f"{frame.command:02x}"}
    if frame.response:
        said["status"] = f"{frame.code:02x}"
        said["means"] = _STATUSES.get(frame.code, "unknown status")
    else:
        said["sub-command"] = f"{frame.code:02x}"
    if readable:
        text = shown.rstrip(b"\0")
        if text and all(0x20 <= byte < 0x7F for byte in text):
            said["text"] = text.decode("ascii")
        elif data:
            said["data"] = shown.hex()
    elif frame.response:
        said |= _card(data)
    else:
        said["bytes"] = len(data)
    return Row(direction, name_of(frame), (raw[:_BEFORE_DATA] + shown + raw[-2:]).hex(), said)


def _card(data: bytes) -> dict[str, Any]:
    """What may be said of a card's answer: which objects it has, and whether the reader had encrypted it."""
    said: dict[str, Any] = {"bytes": len(data), "attribution": f"{data[0]:02x}"}
    try:
        said["objects"] = [f"{item.tag:02x} {item.how.name.lower()} {len(item.value)}" for item in judged(memoryview(data))]
    except Unencrypted:
        return said | {"error": "unencrypted"}
    except Unreadable as useless:
        return said | {"error": useless.reason}
    with contextlib.suppress(Unreadable):
        read = read_card(memoryview(data))
        said["card"] = {"brand": read.card.brand, "last4": read.card.last4}
        said["ksn"] = read.data.ksn.hex()
    return said

"""A ZVT packet's bytes with everything that the codec does not keep masked: what is shown is chosen, what is not is EE.

The codec says what may be kept (bmp.Keep, card_data); this walks the same layouts over the raw bytes, so that a technician sees
where in the packet things are. Where it cannot read on, it shows no more.
"""

from __future__ import annotations

import contextlib

from devices.terminals.captures.row import MASK
from devices.terminals.zvt.apdu import apdu_size
from devices.terminals.zvt.bmp import BITMAPS, CONTAINER, Keep, decode_llvar
from devices.terminals.zvt.card_data import SECRET_TLV, mask_pan, mask_printed
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.packets import LAYOUTS, Tail, before_bitmaps, decode, says_version
from devices.terminals.zvt.tlv import decode_length
from devices.tlv import DEFAULT_LIMITS, MOST_LENGTH_BYTES, MOST_TAG_BYTES

_LAYOUTS = {layout.control: layout for layout in LAYOUTS}
_REFUSED = 0x84


def masked(raw: bytes) -> bytes:
    """As many bytes as `raw` has. Never raises."""
    shown = _Shown(raw)
    size = apdu_size(raw)
    start = 5 if raw[2:3] == b"\xff" else 3
    shown.show(0, min(start, len(raw)))
    layout = _LAYOUTS.get(int.from_bytes(raw[:2], "big"))
    if layout is None or raw[0] == _REFUSED or size != len(raw):
        return shown.bytes()
    at = start
    for head in layout.head:
        if at + head.size > len(raw):
            break
        shown.show(at, at + head.size)
        at += head.size
    try:
        match layout.tail:
            case Tail.TEXT | Tail.SHOWN:
                bitmaps = at + before_bitmaps(layout.tail, raw[at:])
                shown.show(at, bitmaps)
                _bitmaps(shown, bitmaps)
            case Tail.BITMAPS:
                _bitmaps(shown, at)
            case Tail.VERSION:
                _bitmaps(shown, _version(shown, at))
    except CodecError:
        pass  # the row says why; what could be read so far is shown
    shown.hide(_unread(raw))
    return shown.bytes()


def _unread(raw: bytes) -> int:
    """How many bytes at the end the codec drops, because it cannot read them."""
    with contextlib.suppress(CodecError):
        return decode(raw).fields.unread
    return 0


class _Shown:
    """`raw`, and which of it may be shown."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._out = bytearray([MASK]) * len(raw)

    def show(self, start: int, end: int) -> None:
        """A part of the packet: the digit that begins the next one would make another number of a card's."""
        self._out[start:end] = mask_printed(self.raw[start:end])

    def put(self, start: int, value: bytes) -> None:
        self._out[start : start + len(value)] = value

    def hide(self, count: int) -> None:
        """The last `count`."""
        start = len(self._out) - count
        self._out[start:] = bytes([MASK]) * count

    def bytes(self) -> bytes:
        """A card number in readable characters is masked wherever it stands, across parts too."""
        return mask_printed(bytes(self._out))


def _version(shown: _Shown, at: int) -> int:
    """Shows the software version and status byte, where they are there; where the bitmaps begin. Raises CodecError."""
    if not says_version(shown.raw[at:]):
        return at
    _, status = decode_llvar(shown.raw, at, 3)
    shown.show(at, status + 1)
    return status + 1


def _bitmaps(shown: _Shown, at: int) -> None:
    raw = shown.raw
    while at < len(raw):
        shown.show(at, at + 1)
        bitmap = BITMAPS.get(raw[at])
        if bitmap is None:
            return
        value = at + 1
        size = bitmap.size
        if size == CONTAINER:
            size, value = decode_length(raw, value)
        elif size < 0:
            digits = raw[value : value - size]
            if len(digits) != -size or any(byte & 0x0F > 9 for byte in digits):
                return
            size, value = int("".join(str(byte & 0x0F) for byte in digits)), value + len(digits)
        shown.show(at, value)
        end = value + size
        if end > len(raw):
            return
        if bitmap.size == CONTAINER:
            _objects(shown, value, end, 0)
        elif bitmap.keep in (Keep.ALL, Keep.MASKED):  # all text is masked in the end
            shown.show(value, end)
        elif bitmap.keep is Keep.LAST_FOUR:
            shown.put(value, mask_pan(raw[value:end]))
        at = end


def _objects(shown: _Shown, at: int, end: int, depth: int) -> None:
    """The TLV objects between `at` and `end`; secret ones show their tag and length."""
    raw = shown.raw
    while at < end and depth <= DEFAULT_LIMITS.depth:
        start, first = at, raw[at]
        at += 1
        if not first:  # filler
            shown.show(start, at)
            continue
        if first & 0x1F == 0x1F:
            while at < end and at - start < MOST_TAG_BYTES and raw[at] & 0x80:
                at += 1
            at += 1
        tag = int.from_bytes(raw[start:at], "big")
        wide = raw[at] & 0x7F if at < end and raw[at] & 0x80 else 0
        if at + wide >= end or wide > MOST_LENGTH_BYTES:
            return
        size = int.from_bytes(raw[at + 1 : at + 1 + wide], "big") if wide else raw[at]
        value = at + 1 + wide
        at = value + size
        if at > end:
            return
        shown.show(start, value)
        if tag in SECRET_TLV:
            continue
        if first & 0x20:
            _objects(shown, value, at, depth + 1)
        else:
            shown.show(value, at)

"""ZVT packets as rows: names, directions, and fields with their values in words where they have some."""

from __future__ import annotations

from typing import Any

from devices.terminals.captures.row import IN, OUT, UNSAID, Row
from devices.terminals.captures.zvt_mask import masked
from devices.terminals.zvt.bmp import BITMAPS, CHARSET, Keep
from devices.terminals.zvt.card_data import mask_text
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.packets import LAYOUTS, Kind, Packet, decode
from devices.tlv import Tlv
from domain.money import CURRENCY_NUMBERS

_LAYOUTS = {layout.kind: layout for layout in LAYOUTS}
_NAMES = {layout.control: layout.kind.value for layout in LAYOUTS}
_FROM_TERMINAL = frozenset(
    {
        Kind.STATUS_INFORMATION,
        Kind.INTERMEDIATE_STATUS,
        Kind.PRINT_LINE,
        Kind.PRINT_TEXT_BLOCK,
        Kind.COMPLETION,
        Kind.ABORT,
        Kind.TILL_CLOCK,
        Kind.INPUT_REQUEST,
        Kind.MENU_REQUEST,
    }
)
_ANSWERS = frozenset({Kind.ACCEPTED, Kind.REFUSED})

_NUMBERS = frozenset({0x04, 0x0B, 0x37, 0x87, 0x88})
_DIGITS = frozenset({0x0C, 0x0D, 0x17, 0x29, 0x3D, 0x49, 0xAA})
_TEXTS = frozenset({0x2A, 0x3B, 0x3C, 0x8B, *range(0xE1, 0xE9), *range(0xF1, 0xF9)})
_TLV_TEXTS = frozenset({0x07, 0x1F17, 0x1F40, 0x1F41, 0x1F42})
_CURRENCIES = {f"{number:04d}": letters for letters, number in CURRENCY_NUMBERS.items()}


class ZvtRows:
    """The rows of one line, in the order of its packets: an answer goes the other way than what it answers."""

    def __init__(self) -> None:
        self._last = UNSAID

    def row(self, raw: bytes, direction: str) -> Row:
        """The row of one APDU; `direction` as the capture has it. Never raises."""
        try:
            packet = decode(raw)
        except CodecError as wrong:
            name = _NAMES.get(int.from_bytes(raw[:2], "big"), "other")
            return Row(direction, name, masked(raw).hex(), {"error": wrong.reason})
        direction = direction or self._guess(packet)
        if packet.kind not in _ANSWERS:
            self._last = direction
        name = packet.kind.value if packet.kind is not Kind.OTHER else f"other-{packet.control:04x}"
        return Row(direction, name, masked(raw).hex(), _fields(packet))

    def _guess(self, packet: Packet) -> str:
        if packet.kind in _ANSWERS:
            return {OUT: IN, IN: OUT}.get(self._last, UNSAID)
        if packet.kind is Kind.OTHER:
            return UNSAID
        return IN if packet.kind in _FROM_TERMINAL else OUT


def _fields(packet: Packet) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if packet.kind is Kind.REFUSED:
        said["code"] = f"{packet.code:02x}"
    layout = _LAYOUTS.get(packet.kind)
    if layout is not None:
        for head, value in zip(layout.head, packet.head, strict=False):
            said[head.name] = _CURRENCIES.get(value.hex(), value.hex()) if head.name == "currency" else value.hex()
    if packet.minutes:
        said["minutes"] = packet.minutes
    if packet.text:
        said["text"] = packet.text
    if packet.status is not None:
        said["version"] = mask_text(packet.version.decode(CHARSET)).rstrip("\0 ")
        said["terminal-status"] = f"{packet.status:02x}"
    for tag, _ in packet.fields.values:
        if tag == 0x06:
            said["tlv"] = _tlv(packet.fields.tlv)
        else:
            said[BITMAPS[tag].name] = _value(packet, tag)
    if packet.fields.unread:
        said["unread"] = packet.fields.unread
    return said


def _value(packet: Packet, tag: int) -> str | int | None:
    found = packet.fields
    if BITMAPS[tag].keep is Keep.NOTHING:
        return "not shown"
    if tag == 0x22:
        return found.digits(tag).removesuffix("f").replace("e", "*")
    if tag in _NUMBERS:
        number = found.number(tag)
        return found.digits(tag) if number is None else number
    if tag in _TEXTS:
        return found.text(tag)
    digits = found.digits(tag)
    return _CURRENCIES.get(digits, digits) if tag == 0x49 else digits


def _tlv(objects: tuple[Tlv, ...]) -> list[dict[str, Any]]:
    """A list, because order and repeats count."""
    shown: list[dict[str, Any]] = []
    for item in objects:
        if item.children:
            value: Any = _tlv(item.children)
        elif item.tag in _TLV_TEXTS:
            value = mask_text(item.value.decode(CHARSET))
        else:
            value = item.value.hex()
        shown.append({f"{item.tag:02x}": value})
    return shown

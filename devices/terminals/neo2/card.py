"""Law 8 at the reader's edge: card data is taken only where the reader says that it has encrypted it, and nothing else is in it.

A transaction's answer is an attribution byte and objects (guide, p212 and 232). ID TECH's objects are BER-TLV, but a length byte
of 81 may have two bits more: 20 says that the value is masked, 40 that it is encrypted (A1, C1; "Encrypted Data Output Formats").
A reader may also leave them out and put ciphertext into an object of plain length; then it must look like ciphertext.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from devices.terminals.neo2.errors import Unencrypted, Unreadable
from domain.payment import MOST_CARD_DATA, Card, CardData

BOTH_ENCRYPTED = 0xC0
"""Attribution bits 6 and 7: stripe and EMV data are encrypted. A reader that does only one of the two is not set up for us."""
_RESERVED = 0x24
"""Bits 2 and 5 mean nothing yet: a mode that we do not know is no proof of anything."""
_SOURCE = 0x19
"""Bits 4, 3 and 0: 0 is a contact card."""

KSN = 0xDFEE12
ERROR = 0xFFEE1F
"""Error code, SW1, SW2 and RF state, where a contactless card failed. Its tag says constructed; it is not."""
MASKED_NUMBER = 0xDFEF5B
"""The card's number with C for the digits that are left out, in an object of plain length."""
SENSITIVE = frozenset({0x56, 0x57, 0x5A, 0x5F24, 0x9F1F, 0x9F20, 0x9F6B, 0xDFEE23, 0xDFEF17, 0xDFEF18, 0xFFEE13, 0xFFEE14})
"""Tracks, their discretionary data, number and expiry: encrypted or masked, or not ours."""
_NOT_CONTAINERS = frozenset({ERROR, 0xFFEE13, 0xFFEE14})

_DEEPEST = 8
_BLOCK = 8
"""Ciphertext comes in blocks: eight bytes for TDES, sixteen for AES."""

_TRACK = re.compile(rb"%?[Bb][0-9]{12,19}\^|;?[0-9]{12,19}=[0-9]{4}")
_BRANDS = {
    "a000000003": "Visa",
    "a0000000043060": "Maestro",
    "a000000004": "Mastercard",
    "a000000025": "American Express",
    "a000000065": "JCB",
    "a000000152": "Discover",
    "a000000277": "Interac",
}
"""By the application's identifier or what it begins with; a longer one comes before a shorter."""


class How(Enum):
    """What an object's length says of its value."""

    PLAIN = auto()
    MASKED = auto()
    ENCRYPTED = auto()


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """One object; `value` is a look at the frame's own bytes, so that wiping those wipes this."""

    tag: int
    how: How
    value: memoryview


@dataclass(frozen=True, slots=True)
class CardRead:
    """A card as the reader handed it over. `contact`: it is in the slot; `minor`: the amount that it was told, None if it is not
    among the objects."""

    contact: bool
    minor: int | None
    card: Card
    data: CardData


def read_card(answer: memoryview, started: CardRead | None = None) -> CardRead:
    """The card in a transaction's answer. `started` is what a contact card's start brought: where this answer has no key serial
    number of its own, its objects belong to that.

    Raises Unencrypted, then nobody may keep `answer`; and Unreadable.
    """
    items = judged(answer)
    contact = answer[0] & _SOURCE == 0
    ksn = next((bytes(item.value) for item in items if item.tag == KSN), b"")
    objects = bytes(answer[1:])
    if started is not None and not ksn:
        ksn, objects = started.data.ksn, started.data.data + objects
    elif not any(item.tag in SENSITIVE and item.how is not How.MASKED for item in items):
        raise Unreadable("no-card")
    if len(ksn) not in (10, 12):
        raise Unreadable("no-ksn")
    if len(objects) > MOST_CARD_DATA:
        raise Unreadable("too-long")
    seen = Card(_brand(items), _last4(items))
    if started is not None:
        seen = Card(seen.brand or started.card.brand, seen.last4 or started.card.last4)
    return CardRead(contact, _amount(items), seen, CardData(ksn, objects))


def error_of(answer: memoryview) -> str:
    """Why a transaction failed, as a code ("20-6985-03": reader, card, radio); empty if it says nothing. Raises as `judged`."""
    if len(answer) == 0:
        return ""
    error = next((item.value.hex() for item in judged(answer) if item.tag == ERROR and len(item.value) == 4), "")
    return f"{error[:2]}-{error[2:6]}-{error[6:]}" if error else ""


def judged(answer: memoryview) -> list[Item]:
    """The objects behind the attribution byte, none of which shows a card. Raises Unencrypted and Unreadable."""
    if len(answer) == 0:
        raise Unreadable("no-card")
    if answer[0] & (BOTH_ENCRYPTED | _RESERVED) != BOTH_ENCRYPTED:
        raise Unencrypted
    if _TRACK.search(answer):
        raise Unencrypted
    items = list(_items(answer[1:], 0))
    if any(_exposed(item) for item in items):
        raise Unencrypted
    return items


def _exposed(item: Item) -> bool:
    """Whether the value shows what only the card's owner and bank may know."""
    if item.how is How.ENCRYPTED:
        return False
    if item.tag not in SENSITIVE:
        return _is_track2(item.value) or (item.tag == MASKED_NUMBER and _is_number(item.value))
    ciphertext = len(item.value) > 0 and len(item.value) % _BLOCK == 0 and not all(0x20 <= byte < 0x7F for byte in item.value)
    return _is_number(item.value) or _is_track2(item.value) or (item.how is How.PLAIN and not ciphertext)


def _is_number(value: memoryview) -> bool:
    """Whether these are the digits of a card's number: 12 to 19 that pass Luhn, F after an odd one."""
    digits = _nibbles(value)
    while digits and digits[-1] == 0xF:
        digits.pop()
    if not 12 <= len(digits) <= 19 or max(digits) > 9 or not any(digits):
        return False
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[::-2]) + doubled) % 10 == 0


def _is_track2(value: memoryview) -> bool:
    """Whether this is a second track as a chip has it: a number, D, expiry and service code."""
    digits = _nibbles(value)
    while digits and digits[-1] == 0xF:
        digits.pop()
    return (
        digits.count(0xD) == 1
        and max(set(digits) - {0xD}, default=0) <= 9
        and 12 <= digits.index(0xD) <= min(19, len(digits) - 5)
    )


def _nibbles(value: memoryview) -> list[int]:
    return [nibble for byte in value for nibble in (byte >> 4, byte & 0x0F)]


def _last4(items: list[Item]) -> str:
    """The last four digits of the number that the reader has masked, for whichever of its objects it has: 4761 CCCC CCCC 0010."""
    for item in items:
        if item.tag == MASKED_NUMBER or (item.how is How.MASKED and item.tag in (0x5A, 0x57)):
            number = item.value.hex().rstrip("f").split("d")[0]
            if re.fullmatch(r".*[0-9]{4}", number):
                return number[-4:]
    return ""


def _amount(items: list[Item]) -> int | None:
    digits = next((item.value.hex() for item in items if item.tag == 0x9F02), "")
    return int(digits) if re.fullmatch(r"[0-9]{12}", digits) else None


def _brand(items: list[Item]) -> str:
    names = (item.value.hex() for item in items if item.tag in (0x84, 0x4F, 0x9F06) and item.how is How.PLAIN)
    return next((brand for name in names for begin, brand in _BRANDS.items() if name.startswith(begin)), "")


def _items(view: memoryview, depth: int) -> Iterator[Item]:
    """All objects, those within containers in their place. Raises Unreadable."""
    if depth > _DEEPEST:
        raise Unreadable("tlv")
    at = 0
    while at < len(view):
        tag, at = _tag(view, at)
        how, size, at = _length(view, at)
        value, at = view[at : at + size], at + size
        if at > len(view):
            raise Unreadable("tlv")
        if how is How.PLAIN and _is_container(tag):
            yield from _items(value, depth + 1)
        else:
            yield Item(tag, how, value)


def _is_container(tag: int) -> bool:
    first = tag >> max(0, tag.bit_length() - 1) // 8 * 8
    return first & 0x20 != 0 and tag not in _NOT_CONTAINERS


def _tag(view: memoryview, at: int) -> tuple[int, int]:
    end = at + 1
    if view[at] & 0x1F == 0x1F:
        while end < len(view) and end - at < 3 and view[end] & 0x80:
            end += 1
        end += 1
    if end >= len(view) or end - at > 3:
        raise Unreadable("tlv")
    return int.from_bytes(view[at:end], "big"), end


def _length(view: memoryview, at: int) -> tuple[How, int, int]:
    first = view[at]
    if first < 0x80:
        return How.PLAIN, first, at + 1
    how = {0x00: How.PLAIN, 0x20: How.MASKED, 0x40: How.ENCRYPTED}.get(first & 0x60)
    wide = first & 0x1F
    if how is None or wide not in (1, 2) or at + 1 + wide > len(view):
        raise Unreadable("tlv")
    return how, int.from_bytes(view[at + 1 : at + 1 + wide], "big"), at + 1 + wide

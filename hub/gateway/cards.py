"""A card as a test reader encrypted it, opened with the test base derivation key: for the sandbox gateway and nobody else.

What is opened lives in one bytearray, for as long as it is looked at, and is wiped then: no number is kept, logged or returned.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.dukpt import decrypt, initial_key
from domain.payment import CardData

_TRACK2 = b"\x57"
_MASKED = 0xA0
"""Of a long length's first byte: what it says when its value is only what a receipt may show (ID TECH)."""

_SHORTEST, _LONGEST = 12, 19
"""Digits of a card's number (ISO/IEC 7812)."""


def is_card(bdk: bytes, card: CardData) -> bool:
    """Whether the track 2 data (57) of `card` opens under `bdk` to a number that passes its check digit."""
    plain = bytearray()
    try:
        sealed = next((value for tag, value in _objects(card.data) if tag == _TRACK2), b"")
        plain = decrypt(initial_key(bdk, card.ksn), card.ksn, sealed)
        # what was encrypted is the whole object: its tag and a length of one byte come before its value
        return plain[:1] == _TRACK2 and _has_number(memoryview(plain)[2:])
    except (IndexError, ValueError):  # not TLV; a counter that no reader uses, or not whole blocks
        return False
    finally:
        plain[:] = bytes(len(plain))


def _objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The outermost objects, tag and value, but for what is masked. Raises IndexError where `data` ends within one."""
    at = 0
    while at < len(data):
        start = at
        if data[at] & 0x1F == 0x1F:
            at += 1
            while data[at] & 0x80:
                at += 1
        at += 1
        tag, first, size = data[start:at], data[at], data[at]
        at += 1
        if first & 0x80:
            wide = first & 0x1F
            size = int.from_bytes(data[at : at + wide], "big")
            at += wide
        if at + size > len(data):
            raise IndexError
        if first & 0xE0 != _MASKED:
            yield tag, data[at : at + size]
        at += size


def _has_number(plain: memoryview) -> bool:
    """Whether `plain` begins with a card's number: two digits to a byte, to the first nibble that is no digit (D in track 2); the
    last one is the check digit (ISO/IEC 7812-1, annex B)."""
    count = total = other = 0
    for nibble in (half for byte in plain for half in (byte >> 4, byte & 0xF)):
        if nibble > 9:
            break
        # counted from the end, every second digit is doubled: which those are is known at the end only, so both sums are kept
        total, other = other + nibble, total + (nibble * 2 - 9 if nibble > 4 else nibble * 2)
        count += 1
    return _SHORTEST <= count <= _LONGEST and total % 10 == 0

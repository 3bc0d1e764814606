"""A card as a test reader encrypted it, opened with the test base derivation key: for the sandbox gateway and nobody else.

What is opened lives in one bytearray, for as long as it is looked at, and is wiped then: no number is kept, logged or returned.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.dukpt import decrypt, initial_key
from domain.payment import CardData

_TRACK2, _NUMBER = b"\x57", b"\x5a"
_SHORTEST, _LONGEST = 12, 19
"""Digits of a card's number (ISO/IEC 7812)."""


def is_card(bdk: bytes, card: CardData) -> bool:
    """Whether `card` opens under `bdk` to a number that passes its check digit. Track 2 data (57) is looked at first."""
    plain = bytearray()
    try:
        objects = {tag: card.data[start:end] for tag, start, end in _objects(card.data)}
        tag = _TRACK2 if _TRACK2 in objects else _NUMBER
        plain = decrypt(initial_key(bdk, card.ksn), card.ksn, objects.get(tag, b""))
        inner, start, end = next(_objects(plain), (b"", 0, 0))
        return inner == tag and _has_number(memoryview(plain)[start:end])
    except (IndexError, ValueError):  # not TLV; a counter that no reader uses, or not whole blocks
        return False
    finally:
        plain[:] = bytes(len(plain))


def _objects(data: bytes | bytearray) -> Iterator[tuple[bytes, int, int]]:
    """The outermost BER-TLV objects: tag, and where the value begins and ends. Raises IndexError where `data` ends within one."""
    at = 0
    while at < len(data):
        start = at
        if data[at] & 0x1F == 0x1F:
            at += 1
            while data[at] & 0x80:
                at += 1
        at += 1
        tag, size = bytes(data[start:at]), data[at]
        at += 1
        if size & 0x80:
            wide = size & 0x7F
            size = int.from_bytes(data[at : at + wide], "big")
            at += wide
        if at + size > len(data):
            raise IndexError
        yield tag, at, at + size
        at += size


def _has_number(plain: memoryview) -> bool:
    """Whether `plain` begins with a card's number: two digits to a byte, to its end or to the first nibble that is no digit; the
    last one is the check digit (ISO/IEC 7812-1, annex B)."""
    count = total = other = 0
    for nibble in (half for byte in plain for half in (byte >> 4, byte & 0xF)):
        if nibble > 9:
            break
        # counted from the end, every second digit is doubled: which those are is known at the end only, so both sums are kept
        total, other = other + nibble, total + (nibble * 2 - 9 if nibble > 4 else nibble * 2)
        count += 1
    return _SHORTEST <= count <= _LONGEST and total % 10 == 0

"""What a reader says of a card, made up for tests: public test numbers, and ciphertext that is none."""

from __future__ import annotations

from devices.terminals.neo2.framing import Frame, response
from devices.tlv import encode_tag

ATTRIBUTION_CONTACT, ATTRIBUTION_TAP = 0xC0, 0xC1
NUMBER = bytes.fromhex("4761739001010010")
TRACK2 = bytes.fromhex("4761739001010010D30122011143804400FF")[:17]
KSN = bytes.fromhex("FFFF9876543210E00001")
CIPHERTEXT = bytes.fromhex("9f3c66d1a0b7e8425571cc09de86fa13")


def item(tag: int, value: bytes, marked: int = 0) -> bytes:
    """`marked`: 20 for masked, 40 for encrypted, as ID TECH writes it into the length."""
    size = len(value)
    length = bytes([0x81 | marked, size]) if marked or size > 0x7F else bytes([size])
    return encode_tag(tag) + length + value


MASKED = item(0x5A, bytes.fromhex("4761CCCCCCCC0010"), 0x20)
ENCRYPTED = item(0x57, CIPHERTEXT * 2) + item(0x5A, CIPHERTEXT) + item(0x5F24, CIPHERTEXT)
MARKED = item(0x57, CIPHERTEXT, 0x40) + MASKED + item(0x5A, CIPHERTEXT, 0x40)
VISA = item(0x84, bytes.fromhex("A0000000031010"))
OBJECTS = (
    item(0xDFEE12, KSN) + ENCRYPTED + item(0xDFEF5B, bytes.fromhex("4761CCCCCCCC0010")) + VISA + item(0x9F26, CIPHERTEXT[:8])
)


def tapped(objects: bytes = OBJECTS, attribution: int = ATTRIBUTION_TAP, status: int = 0x23) -> Frame:
    """A contactless card wants to go online."""
    return response(0x02, status, bytes([attribution]) + objects)


def inserted(objects: bytes = OBJECTS, attribution: int = ATTRIBUTION_CONTACT) -> Frame:
    """A contact card was started."""
    return response(0x02, 0x00, bytes([attribution]) + objects)


def contact_word(code: int, objects: bytes = OBJECTS, attribution: int = ATTRIBUTION_CONTACT) -> Frame:
    """The last word of 60-11 and 60-12: a result code, and the card's objects."""
    return response(0x60, 0x00, code.to_bytes(2, "big") + bytes([attribution]) + objects)

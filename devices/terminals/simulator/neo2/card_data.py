"""Test cards, and how the reader hands one over: encrypted under a key of its own for each transaction, or not at all."""

from __future__ import annotations

import random
from dataclasses import dataclass

from devices.terminals.simulator.ber import tlv
from domain.dukpt import encrypt

CONTACTLESS, CONTACT = 0x01, 0x00
"""Where it was read: bits 4, 3 and 0 of the attribution byte."""
_AES = 0x02
_ENCRYPTED = 0xC0
"""Bits 6 and 7: stripes and EMV, both on. The guide writes them in that order; with both on it does not matter."""

KSN, READER_ERROR = 0xDFEE12, 0xFFEE1F
MASKED_PAN = 0xDFEF5B
_MASKED_LENGTH, _ENCRYPTED_LENGTH = 0xA1, 0xC1


@dataclass(frozen=True, slots=True)
class SampleCard:
    """A public test number: nobody's money is behind it."""

    brand: str
    aid: str
    pan: str

    @property
    def track2(self) -> bytes:
        text = f"{self.pan}D{EXPIRES[:4]}2011143804400"
        return bytes.fromhex(text + "F" * (len(text) % 2))

    @property
    def masked(self) -> bytes:
        """Its first and last four digits, C for each between; F fills it up."""
        text = self.pan[:4] + "C" * (len(self.pan) - 8) + self.pan[-4:]
        return bytes.fromhex(text + "F" * (len(text) % 2))


EXPIRES = "301231"

CARDS = (
    SampleCard("VISA", "A0000000031010", "4761739001010010"),
    SampleCard("MASTERCARD", "A0000000041010", "5413330089020011"),
    SampleCard("AMERICAN EXPRESS", "A000000025010801", "374245001751006"),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """`initial` is what was injected; `ksn` is of this transaction: ten bytes TDES, twelve AES."""

    initial: bytes
    ksn: bytes


def handed_over(
    card: SampleCard, source: int, keys: Keys | None, more: bytes = b"", *, tells_ksn: bool = True, marks: bool = False
) -> bytes:
    """Attribution byte, KSN, and the card's objects; of a sensitive one the value is the whole object encrypted, tag and length
    too, filled up with zeros. Without `keys` everything is in clear, and the attribution byte says so. `marks`: lengths say what
    is encrypted (C1) and what masked (A1), as ID TECH's "Encrypted Data Output Formats" has it; otherwise the masked number has a
    tag of its own."""
    pan = bytes.fromhex(card.pan + "F" * (len(card.pan) % 2))
    secrets = ((0x57, card.track2), (0x5A, pan), (0x5F24, bytes.fromhex(EXPIRES)), (0x5F20, b"TEST/CARD"))
    said = tlv(0x50, card.brand.encode("ascii")) + tlv(0x84, bytes.fromhex(card.aid)) + more
    masked = _marked(0x5A, _MASKED_LENGTH, card.masked) if marks else tlv(MASKED_PAN, card.masked)
    if keys is None:
        return bytes([source]) + b"".join(tlv(tag, value) for tag, value in secrets) + masked + said
    closed = [(tag, encrypt(keys.initial, keys.ksn, tlv(tag, value))) for tag, value in secrets]
    sealed = b"".join(_marked(tag, _ENCRYPTED_LENGTH, value) if marks else tlv(tag, value) for tag, value in closed)
    said = masked + said
    attribution = source | _ENCRYPTED | (_AES if len(keys.ksn) == 12 else 0)
    return bytes([attribution]) + (tlv(KSN, keys.ksn) if tells_ksn else b"") + sealed + said


def _marked(tag: int, mark: int, value: bytes) -> bytes:
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + bytes([mark, len(value)]) + value


def emv(amount: bytes, currency: bytes, chance: random.Random, cryptogram: int) -> bytes:
    """What the card and the terminal agreed on: `cryptogram` is 80 to ask online, 40 approved and 00 declined by the card."""
    return b"".join(
        (
            tlv(0x9F02, amount),
            tlv(0x5F2A, currency),
            tlv(0x9F26, chance.randbytes(8)),
            tlv(0x9F27, bytes([cryptogram])),
            tlv(0x9F10, bytes.fromhex("06010A03A0A800")),
            tlv(0x9F36, chance.randrange(1, 1000).to_bytes(2, "big")),
            tlv(0x9F37, chance.randbytes(4)),
            tlv(0x95, bytes(5)),
            tlv(0x82, b"\x20\x20"),
            tlv(0x5F34, b"\x01"),
        )
    )


def error(source: int, code: int, encrypted: bool) -> bytes:
    """Attribution byte, and why it failed: error code, the card's SW1 and SW2, where the radio was."""
    return bytes([source | (_ENCRYPTED if encrypted else 0)]) + tlv(READER_ERROR, bytes([code, 0, 0, 0]))

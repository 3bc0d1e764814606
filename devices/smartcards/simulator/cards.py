"""Virtual cards: each answers commands as its real model does, and remembers every command that it was sent."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from devices.smartcards.simulator import emv
from devices.tlv import Tlv, encode, find, parse

OK, NOT_FOUND, NO_SUCH_COMMAND, NO_RECORD, PIN_WANTED = b"\x90\x00", b"\x6a\x82", b"\x6d\x00", b"\x6a\x83", b"\x69\x82"

HUNG = None
"""An answer that never comes."""


class TornOut(Exception):
    """The card leaves its reader now, whatever it was asked."""


class Card(Protocol):
    """A card in a slot. `heard` is every command since it was made."""

    atr: bytes
    heard: list[bytes]

    def answer(self, command: bytes) -> bytes | None:
        """With its status; HUNG for none. Raises TornOut."""


def chip_atr(historical: bytes) -> bytes:
    """An answer to reset of a T=1 card with these historical bytes (ISO 7816-3, 8.2)."""
    body = bytes((0x80 | len(historical), 0x01)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


class _Chip:
    """A card with applications, one of which is selected: `_select` and `_obey` are its own."""

    def __init__(self, atr: bytes) -> None:
        self.atr = atr
        self.heard: list[bytes] = []

    def answer(self, command: bytes) -> bytes | None:
        self.heard.append(command)
        if command[1:3] == b"\xa4\x04":
            return self._select(command[5 : 5 + command[4]])
        return self._obey(command)

    def _select(self, application: bytes) -> bytes:
        raise NotImplementedError

    def _obey(self, command: bytes) -> bytes:
        raise NotImplementedError


class BadgeCard(_Chip):
    """A staff badge (PIV): one key in one slot, and its certificate. `sign` None: it wants a PIN first.

    It hands out at most 256 bytes at once and says 61xx while there are more, and takes long commands in a chain.
    """

    def __init__(
        self, certificate: bytes, sign: Callable[[bytes], bytes] | None, slot: tuple[int, int] = (0x9E, 0x5FC101)
    ) -> None:
        """`certificate` in DER; `sign` makes a signature of what GENERAL AUTHENTICATE carries."""
        super().__init__(chip_atr(b"Lobbypay badge"))
        self._sign = sign
        self._slot = slot
        self._object = encode((Tlv(0x53, encode((Tlv(0x70, certificate), Tlv(0x71, b"\x00"), Tlv(0xFE)))),))
        self._rest = b""
        self._chain = b""

    def _select(self, application: bytes) -> bytes:
        known = bytes.fromhex("A000000308000010000100")
        return encode((Tlv(0x61, children=(Tlv(0x4F, known[5:]),)),)) + OK if known.startswith(application) else NOT_FOUND

    def _obey(self, command: bytes) -> bytes:
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        match command[1]:
            case 0xC0:
                return self._hand_out(self._rest)
            case 0xCB:
                wanted = find(parse(data), 0x5C)
                found = wanted is not None and int.from_bytes(wanted.value, "big") == self._slot[1]
                return self._hand_out(self._object) if found else NOT_FOUND
            case 0x87:
                self._chain += data
                if command[0] & 0x10:
                    return OK
                data, self._chain = self._chain, b""
                return self._prove(command[3], data)
            case _:
                return NO_SUCH_COMMAND

    def _prove(self, reference: int, data: bytes) -> bytes:
        if reference != self._slot[0]:
            return NOT_FOUND
        if self._sign is None:
            return PIN_WANTED
        template = find(parse(data), 0x7C)
        block = template.find(0x81) if template else None
        if block is None:
            return b"\x6a\x80"
        return self._hand_out(encode((Tlv(0x7C, children=(Tlv(0x82, self._sign(block.value)),)),)))

    def _hand_out(self, data: bytes) -> bytes:
        now, self._rest = data[:256], data[256:]
        return now + (bytes((0x61, min(len(self._rest), 256) % 256)) if self._rest else OK)


def signs(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    """What a card does with a key: RSA as it is, the block being padded already; EC over a digest of 32 bytes."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda digest: key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    numbers = key.private_numbers()
    size = key.key_size // 8
    modulus = numbers.public_numbers.n
    return lambda block: pow(int.from_bytes(block, "big"), numbers.d, modulus).to_bytes(size, "big")


class HealthCard(_Chip):
    """A German health card. `files` by short identifier, as they lie on it."""

    def __init__(self, files: dict[int, bytes]) -> None:
        super().__init__(bytes.fromhex("3BD396FF81B1FE451F078081052D"))  # an eGK of generation 2
        self._files = files
        self._current = b""

    def _select(self, application: bytes) -> bytes:
        return OK if application == bytes.fromhex("D27600000102") else NOT_FOUND

    def _obey(self, command: bytes) -> bytes:
        if command[1] != 0xB0:
            return NO_SUCH_COMMAND
        at = int.from_bytes(command[2:4], "big")
        if command[2] & 0x80:
            self._current, at = self._files.get(command[2] & 0x1F, b""), command[3]
        if not self._current:
            return NOT_FOUND
        if at >= len(self._current):
            return b"\x6b\x00"
        return self._current[at : at + (command[4] or 256)] + OK


TEST_INSURANT = "T115774582"
"""No such person: a number of published sample data, with its check digit."""

_PERSON_XML = """<?xml version="1.0" encoding="ISO-8859-15" standalone="yes"?>\
<vsdp:UC_PersoenlicheVersichertendatenXML CDM_VERSION="5.2.0" xmlns:vsdp="http://ws.gematik.de/fa/vsdm/vsd/v5.2">\
<vsdp:Versicherter><vsdp:Versicherten_ID>{number}</vsdp:Versicherten_ID><vsdp:Person>\
<vsdp:Geburtsdatum>{born}</vsdp:Geburtsdatum><vsdp:Vorname>{first}</vsdp:Vorname><vsdp:Nachname>{last}</vsdp:Nachname>\
<vsdp:Geschlecht>X</vsdp:Geschlecht></vsdp:Person></vsdp:Versicherter></vsdp:UC_PersoenlicheVersichertendatenXML>"""

_INSURANCE_XML = """<?xml version="1.0" encoding="ISO-8859-15" standalone="yes"?>\
<vsdv:UC_AllgemeineVersicherungsdatenXML CDM_VERSION="5.2.0" xmlns:vsdv="http://ws.gematik.de/fa/vsdm/vsd/v5.2">\
<vsdv:Versicherter><vsdv:Versicherungsschutz><vsdv:Beginn>20200101</vsdv:Beginn><vsdv:Kostentraeger>\
<vsdv:Kostentraegerkennung>{insurer}</vsdv:Kostentraegerkennung><vsdv:Name>Test</vsdv:Name></vsdv:Kostentraeger>\
</vsdv:Versicherungsschutz></vsdv:Versicherter></vsdv:UC_AllgemeineVersicherungsdatenXML>"""


def person_file(packed: bytes) -> bytes:
    """EF.PD around what was packed, padded as cards are."""
    return len(packed).to_bytes(2, "big") + packed + bytes(850 - 2 - len(packed) if len(packed) < 848 else 0)


def insurance_file(packed: bytes) -> bytes:
    """EF.VD around what was packed, without protected data."""
    return (8).to_bytes(2, "big") + (7 + len(packed)).to_bytes(2, "big") + b"\xff\xff\xff\xff" + packed


def health_card(first: str, last: str, born: str, number: str = TEST_INSURANT, insurer: str = "109500969") -> HealthCard:
    """A card as an insurer issues it."""
    person = _PERSON_XML.format(number=number, born=born, first=first, last=last)
    files = {
        1: person_file(gzip.compress(person.encode("iso-8859-15"))),
        2: insurance_file(gzip.compress(_INSURANCE_XML.format(insurer=insurer).encode("iso-8859-15"))),
    }
    return HealthCard(files)


class Tag:
    """A wristband's tag of memory only, as a contactless reader shows it (PC/SC part 3): UID and pages of four bytes."""

    def __init__(self, uid: bytes, text: str) -> None:
        """`text` is written as one NDEF text record; none when empty."""
        self.atr = chip_atr(bytes.fromhex("804F0CA000000306030003") + bytes(4))  # NFC Forum type 2, as Mifare Ultralight
        self.heard: list[bytes] = []
        self._uid = uid
        words = b"\x02en" + text.encode("utf-8")
        record = bytes((0xD1, 0x01, len(words))) + b"T" + words
        block = bytes((0x03, len(record))) + record if text else b"\x03\x00"
        self._memory = bytes(16) + b"\x01\x03\xa0\x0c\x34" + block + b"\xfe" + bytes(64)

    def answer(self, command: bytes) -> bytes | None:
        self.heard.append(command)
        if command[:2] == b"\xff\xca":
            return self._uid + OK
        if command[:2] == b"\xff\xb0":
            at = 4 * command[3]
            return self._memory[at : at + command[4]] + OK if at < len(self._memory) else NOT_FOUND
        return NO_SUCH_COMMAND


class PaymentCard(_Chip):
    """A payment card, which would tell everything to whoever asks. `named`: its answer to reset names the scheme."""

    def __init__(self, named: bool = False) -> None:
        super().__init__(chip_atr(bytes.fromhex("804F07A0000000041010") if named else b"\x80\x31\x80\x65"))

    def _select(self, application: bytes) -> bytes:
        ours = (b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01", bytes.fromhex("A0000000041010"))
        return emv.SELECTED + OK if application in ours else NOT_FOUND

    def _obey(self, command: bytes) -> bytes:
        record = command[2] - 1
        if command[1] != 0xB2:
            return NO_SUCH_COMMAND
        return emv.RECORDS[record] + OK if 0 <= record < len(emv.RECORDS) else NO_RECORD


class Spoilt:
    """Another card until its `after`th command, whose answer is `instead`: bytes, HUNG, or TornOut raised."""

    def __init__(self, card: Card, after: int, instead: bytes | type[TornOut] | None) -> None:
        self.atr = card.atr
        self.heard = card.heard
        self._card = card
        self._after = after
        self._instead = instead

    def answer(self, command: bytes) -> bytes | None:
        said = self._card.answer(command)
        if len(self.heard) != self._after:
            return said
        if isinstance(self._instead, type):
            raise TornOut
        return self._instead

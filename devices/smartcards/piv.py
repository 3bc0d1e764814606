"""A staff badge with a PIV application (NIST SP 800-73-4): its certificate, and the proof that it holds the certificate's key.

The card-authentication key (9E) signs without a PIN of the card's own; 9A and 9C are tried for badges that were issued otherwise.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.asymmetric import rsa

from devices.smartcards.apdu import Answer, Command, Line, ask, select
from devices.smartcards.port import Badge, CardError, Refusal
from devices.smartcards.trust import Holder, Key, Trust, proves
from devices.tlv import Limits, Tlv, TlvError, encode, find, parse, parse_flat

APPLICATION = bytes.fromhex("A000000308000010000100")
SLOTS = ((0x9E, 0x5FC101), (0x9A, 0x5FC105), (0x9C, 0x5FC10A))
"""A key's reference and its certificate's object (part 1, table 3)."""

LONGEST_CERTIFICATE = 8_192
_LIMITS = Limits(size=LONGEST_CERTIFICATE, depth=4, count=32)

_P256, _RSA = 0x11, {2048: 0x07, 3072: 0x05}
"""Algorithm identifiers (SP 800-78-4, table 6-2)."""

_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 before its 32 bytes (RFC 8017, 9.2)."""

_PIN_WANTED = 0x6982


def select_piv(line: Line) -> Answer:
    """Whether the card is a badge."""
    return select(line, APPLICATION)


def read_badge(line: Line, trust: Trust, random: Callable[[int], bytes]) -> Badge:
    """Who holds it, proved, with the application selected. Raises CardError with what the last key came to."""
    refused = CardError(Refusal.BADGE_UNTRUSTED, "no certificate")
    for reference, certificate in _certificates(line):
        try:
            holder = trust.holder(certificate)
            _prove(line, reference, holder, random)
        except CardError as error:
            if error.reason in (Refusal.TAKEN_AWAY, Refusal.BADGE_FALSE):
                raise
            refused = error
            continue
        return Badge(holder.name, holder.serial)
    raise refused


def _certificates(line: Line) -> Iterator[tuple[int, bytes]]:
    """Each key that has one, in the order of SLOTS."""
    for reference, name in SLOTS:
        wanted = encode((Tlv(0x5C, name.to_bytes(3, "big")),))
        said = ask(line, Command(0x00, 0xCB, 0x3F, 0xFF, wanted))
        if said.ok:
            yield reference, _certificate(bytes(said.data))


def _certificate(said: bytes) -> bytes:
    """DER from a data object (part 1, table 11): 53 { 70 certificate, 71 whether it is gzip, FE }."""
    try:
        outer = find(parse_flat(said, limits=_LIMITS), 0x53)
        inner = parse_flat(outer.value if outer else b"", limits=_LIMITS)
    except TlvError as error:
        raise CardError(Refusal.UNREADABLE, "a certificate's object") from error
    found, how = find(inner, 0x70), find(inner, 0x71)
    if found is None:
        raise CardError(Refusal.BADGE_UNTRUSTED, "no certificate")
    if how is None or not how.value or not how.value[0] & 0x01:
        return found.value
    inflating = zlib.decompressobj(wbits=31)
    try:
        der = inflating.decompress(found.value, LONGEST_CERTIFICATE)
    except zlib.error as error:
        raise CardError(Refusal.UNREADABLE, "a certificate's gzip") from error
    if not inflating.eof:
        raise CardError(Refusal.UNREADABLE, "a certificate's gzip")
    return der


def _prove(line: Line, reference: int, holder: Holder, random: Callable[[int], bytes]) -> None:
    """GENERAL AUTHENTICATE with a challenge that nobody has seen before (part 2, 3.2.4). Raises CardError."""
    challenge = b"lobbypay staff badge" + random(32)  # what it signs says what for
    algorithm, block = _block(holder.key, hashlib.sha256(challenge).digest())
    template = encode((Tlv(0x7C, children=(Tlv(0x82), Tlv(0x81, block))),))
    said = ask(line, Command(0x00, 0x87, algorithm, reference, template))
    if said.status == _PIN_WANTED:
        raise CardError(Refusal.BADGE_LOCKED, "a key")
    try:
        answer = find(parse(said.data, limits=_LIMITS), 0x7C)
    except TlvError as error:
        raise CardError(Refusal.UNREADABLE, "a proof") from error
    signature = answer.find(0x82) if answer else None
    if not said.ok or signature is None or not proves(holder.key, challenge, signature.value):
        raise CardError(Refusal.BADGE_FALSE, "a proof")


def _block(key: Key, digest: bytes) -> tuple[int, bytes]:
    """The card's algorithm and what it is to sign: an EC key the digest, an RSA key the padded block (RFC 8017, 9.2)."""
    if not isinstance(key, rsa.RSAPublicKey):
        return _P256, digest
    size = key.key_size // 8
    info = _SHA256_PREFIX + digest
    return _RSA[key.key_size], b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info

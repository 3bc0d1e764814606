"""What a scanned or typed code can mean: the name of a statement, or one of the reasons why it means nothing to us.

A code means nothing until its form, its length and its check agree (law; reference: scanning, "Payment safety"). What a scanned
one must look like is a biller profile's to say (domain/biller_profiles.py); here is what ours look like on paper, and what is
typed.
QR        HTTPS://<host>/S1/<key id, 1><opaque id, 16><MAC, 12>   upper case, so that QR's alphanumeric mode holds
Code 128  LP<statement number, 10 digits><check, 2 digits>        ISO 7064 MOD 97-10
typed     <statement number, 10 digits><check, 2 digits>          spaces and hyphens are forgiven
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.check_digits import mod97_10

LONGEST = 1000
"""Characters of a code that are looked at (a Swiss QR-bill has up to 997); a longer one is refused unread."""


class RefKind(StrEnum):
    LINK = "link"
    NUMBER = "number"
    BILLER = "biller"


@dataclass(frozen=True, slots=True)
class StatementRef:
    """What names a statement at the hub: the opaque id of a link, the ten digits of its number, or the reference under which
    another biller's system knows it, as SCHEME/REFERENCE: "RF/RF18539007547034"."""

    kind: RefKind
    value: str


class Refusal(StrEnum):
    """Why a code means nothing to us. Each has words for the patient; the name is for the technician.

    In the order in which a code is looked at: of two profiles' reasons, the later one knows more about it.
    """

    TOO_LONG = "code-too-long"
    NOT_TEXT = "code-not-text"  # bytes that are no text, or control characters
    UNNAMED = "code-unnamed"  # from a scanner that does not say of what kind a barcode is
    SYMBOLOGY = "code-symbology"  # no biller prints this in a barcode of this kind
    UNKNOWN = "code-unknown"
    WEB_PAGE = "code-web-page"  # an app store's, a menu's
    OTHER_SCHEME = "code-other-scheme"  # a way to pay that this kiosk has no part in
    FRAGMENT = "code-fragment"  # begins like a bill's and has another length: half of the bars were read
    FORM = "code-form"
    OTHER_HOST = "code-other-host"  # a link like ours to somebody else
    OTHER_PAYEE = "code-other-payee"  # a bill that pays another account
    KEY_UNKNOWN = "code-key-unknown"
    KEY_EXPIRED = "code-key-expired"
    FORGED = "code-forged"
    MISREAD = "code-misread"  # a check digit does not fit
    AMBIGUOUS = "code-ambiguous"  # two profiles take it, for two statements
    LENGTH = "code-length"  # typed
    CHECK = "code-check-digits"  # typed


@dataclass(frozen=True, slots=True)
class MacKey:
    """A key of signed links, >= 16 bytes; `until` is the last day on which what it signed is believed, None for no such day."""

    secret: bytes
    until: dt.date | None = None

    def __repr__(self) -> str:
        return f"MacKey(until={self.until})"


@dataclass(frozen=True, slots=True)
class LinkProfile:
    """The links that are believed: host names in capitals, and the MAC keys by their one-character id."""

    hosts: frozenset[str]
    keys: Mapping[str, MacKey]


def read_typed(text: str) -> StatementRef | Refusal:
    """The statement that a typed number names."""
    if len(text) > LONGEST:
        return Refusal.TOO_LONG
    digits = re.sub(r"[ \-]", "", text)
    if not re.fullmatch(r"[0-9]{12}", digits):
        return Refusal.LENGTH
    if digits[10:] != mod97_10(digits[:10]):
        return Refusal.CHECK
    return StatementRef(RefKind.NUMBER, digits[:10])


def mac(secret: bytes, message: str, length: int) -> str:
    """The first `length` base32 characters (5 bits each) of HMAC-SHA256 over `message`."""
    digest = hmac.new(secret, message.encode("utf-8"), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:length]


def link_text(secret: bytes, host: str, key_id: str, opaque: str) -> str:
    """What the QR code on a statement says. `opaque` is sixteen base32 characters, `host` in capitals; twelve characters (60
    bits) vouch for version, host, key id and opaque id."""
    return f"HTTPS://{host}/S1/{key_id}{opaque}{mac(secret, f'S1|{host}|{key_id}|{opaque}', 12)}"


def numbered_text(number: str) -> str:
    """What the Code 128 on a statement says, for its ten-digit number."""
    return f"LP{number}{mod97_10(number)}"


def ending(number: str) -> str:
    """The four characters by which people know a statement: the last that are printed, check digits and all where it is ours."""
    return (numbered_text(number) if re.fullmatch(r"[0-9]{10}", number) else number)[-4:]

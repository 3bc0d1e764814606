"""What a scanned or typed code means: our signed link in a QR code, our numbered Code 128, or nothing.

A code means nothing until its form, its length and its check agree (law; reference: scanning, "Payment safety").
QR        HTTPS://<host>/S1/<key id, 1><opaque id, 16><MAC, 12>   upper case, so that QR's alphanumeric mode holds
Code 128  LP<statement number, 10 digits><check, 2 digits>        ISO 7064 MOD 97-10
typed     <statement number, 10 digits><check, 2 digits>          spaces and hyphens are forgiven
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 400
"""Characters of a code that are looked at; a longer one is refused unread."""


class RefKind(StrEnum):
    LINK = "link"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class StatementRef:
    """What names a statement at the hub: the opaque id of a link, or the ten digits of its number."""

    kind: RefKind
    value: str


class Refusal(StrEnum):
    """Why a code means nothing to us. Each has words for the patient; the name is for the technician."""

    UNKNOWN = "code-unknown"
    TOO_LONG = "code-too-long"
    NOT_TEXT = "code-not-text"
    OTHER_HOST = "code-other-host"
    FORGED = "code-forged"
    CHECK = "code-check-digits"
    LENGTH = "code-length"


@dataclass(frozen=True, slots=True)
class LinkProfile:
    """The links this kiosk accepts: host names in capitals, and the MAC keys (>= 16 bytes) by their one-character id."""

    hosts: frozenset[str]
    keys: Mapping[str, bytes]


_LINK = re.compile(r"HTTPS://([A-Z0-9.\-]{1,100})(?::[0-9]{1,5})?/S1/([A-Z2-7])([A-Z2-7]{16})([A-Z2-7]{12})")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://([^/?#:]*)")
_NUMBERED = re.compile(r"LP([0-9]{10})([0-9]{2})")


def read_code(symbology: str, text: str, profile: LinkProfile) -> StatementRef | Refusal:
    """The statement that a scanned code names. `symbology` is "QRCode" or "Code128"; any other means nothing to us."""
    if len(text) > LONGEST:
        return Refusal.TOO_LONG
    if not text.isascii() or not text.isprintable():
        return Refusal.NOT_TEXT
    match symbology:
        case "QRCode":
            return _read_link(text, profile)
        case "Code128":
            return _read_numbered(text)
        case _:
            return Refusal.UNKNOWN


def read_typed(text: str) -> StatementRef | Refusal:
    """The statement that a typed number names."""
    if len(text) > LONGEST:
        return Refusal.TOO_LONG
    digits = re.sub(r"[ \-]", "", text)
    if not re.fullmatch(r"[0-9]{12}", digits):
        return Refusal.LENGTH
    return _read_numbered("LP" + digits)


def _read_link(text: str, profile: LinkProfile) -> StatementRef | Refusal:
    found = _LINK.fullmatch(text)
    if not found:
        url = _URL.match(text)
        return Refusal.OTHER_HOST if url and url[1].upper() not in profile.hosts else Refusal.UNKNOWN
    host, key_id, opaque, mac = found.groups()
    if host not in profile.hosts:
        return Refusal.OTHER_HOST
    key = profile.keys.get(key_id)
    if key is None or not hmac.compare_digest(mac, link_mac(key, host, key_id, opaque)):
        return Refusal.FORGED
    return StatementRef(RefKind.LINK, opaque)


def _read_numbered(text: str) -> StatementRef | Refusal:
    found = _NUMBERED.fullmatch(text)
    if not found:
        return Refusal.LENGTH if text.startswith("LP") else Refusal.UNKNOWN
    number, check = found.groups()
    if check != check_digits(number):
        return Refusal.CHECK
    return StatementRef(RefKind.NUMBER, number)


def check_digits(number: str) -> str:
    """ISO 7064 MOD 97-10: the two digits that make number + digits leave 1 when divided by 97."""
    return f"{98 - int(number + '00') % 97:02d}"


def link_mac(key: bytes, host: str, key_id: str, opaque: str) -> str:
    """Twelve base32 characters (60 bits) of HMAC-SHA256 over version, host, key id and opaque id."""
    digest = hmac.new(key, f"S1|{host}|{key_id}|{opaque}".encode("ascii"), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:12]


def link_text(key: bytes, host: str, key_id: str, opaque: str) -> str:
    """What the QR code on a statement says. `opaque` is sixteen base32 characters, `host` in capitals."""
    return f"HTTPS://{host}/S1/{key_id}{opaque}{link_mac(key, host, key_id, opaque)}"


def numbered_text(number: str) -> str:
    """What the Code 128 on a statement says, for its ten-digit number."""
    return f"LP{number}{check_digits(number)}"

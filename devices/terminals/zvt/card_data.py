"""Law 8 at the codec's edge: of a card only its brand and last four digits are kept; the rest is masked before it is stored."""

from __future__ import annotations

import re

SECRET_TLV = frozenset({0x1F08, 0x1F09, 0x1F0A, 0x1F1A, 0x1F2A, 0x1F31, 0x1F3E, 0x1F45, 0x1F5E, 0x4C, 0x4E, 0x57, 0x5A, 0x5F20})
"""TLV objects dropped while decoding: tracks, PAN, holder, encrypted PIN and holder, ATS, IBAN, UID, PAR, EMV 57, 5A, 5F20."""

_RUN = re.compile(r"(?<![0-9])[0-9](?:[ \-]?[0-9]){12,18}(?![0-9])")


def mask_pan(packed: bytes) -> bytes:
    """BMP 22 with every digit but the last four masked (nibble E); an odd number's F at the end stays."""
    nibbles = packed.hex()
    digits, pad = (nibbles[:-1], "f") if nibbles.endswith("f") else (nibbles, "")
    return bytes.fromhex("e" * (len(digits) - 4) + digits[-4:] + pad) if len(digits) > 4 else packed


def last_four(packed: bytes) -> str:
    """The last four digits of BMP 22, empty when the terminal masked those too."""
    found = packed.hex().removesuffix("f")[-4:]
    return found if re.fullmatch(r"[0-9]{4}", found) else ""


def mask_text(text: str) -> str:
    """`text` with every digit of what may be a card number starred but the last four (13 to 19 digits that pass Luhn)."""
    return _RUN.sub(lambda found: _star(found[0]) if _luhn(found[0]) else found[0], text)


def mask_printed(text: bytes) -> bytes:
    """The same for text as it came: whatever its charset, its digits are ASCII."""
    return mask_text(text.decode("latin-1")).encode("latin-1")


def _star(run: str) -> str:
    return re.sub(r"[0-9](?=(?:[ \-]?[0-9]){4})", "*", run)


def _luhn(run: str) -> bool:
    digits = [int(char) for char in reversed(run) if char.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return any(digits) and (sum(digits[::2]) + doubled) % 10 == 0

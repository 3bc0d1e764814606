"""The six digits that prove a person who has no bill to show: a statement's PIN, and the code of an appointment.

Each is a keyed MAC of what it stands for, under a key that no kiosk has. Nothing is stored for them: neither a copy of the
database nor a look at its tables gives one away, every statement that was ever added has its PIN, and it can be printed again.
"""

from __future__ import annotations

import hashlib
import hmac

from domain.names import PIN_DIGITS


def statement_pin(key: bytes, number: str) -> str:
    """The PIN of the statement with this number."""
    return _digits(key, f"statement-pin|{number}")


def appointment_code(key: bytes, number: str) -> str:
    """The code of the appointment with this number."""
    return _digits(key, f"appointment|{number}")


def _digits(key: bytes, what: str) -> str:
    digest = hmac.digest(key, what.encode(), hashlib.sha256)
    return f"{int.from_bytes(digest) % 10**PIN_DIGITS:0{PIN_DIGITS}d}"

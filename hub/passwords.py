"""Staff passwords: scrypt (RFC 7914), the cost written beside each hash so that it can rise later."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

LEAST_LENGTH = 10
MOST_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's n, r and p. The default takes 32 MiB and about a quarter of a second (OWASP's password storage advice)."""

    n: int = 2**15
    r: int = 8
    p: int = 3


def hash_password(password: str, salt: bytes, cost: Cost) -> str:
    """What is stored: "scrypt$n$r$p$salt$hash", the last two in base64."""
    digest = _scrypt(password, salt, cost)
    parts = (str(cost.n), str(cost.r), str(cost.p), base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
    return "$".join(("scrypt", *parts))


def matches(password: str, stored: str) -> bool:
    """Whether `password` is the one behind `stored`; takes the time of one scrypt either way."""
    _, n, r, p, salt, digest = stored.split("$")
    found = _scrypt(password, base64.b64decode(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    room = 256 * cost.n * cost.r + 2**20
    return hashlib.scrypt(password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=room, dklen=32)

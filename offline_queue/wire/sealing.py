"""Sealing a record to the hub's key: HPKE base mode (RFC 9180), X25519 / HKDF-SHA256 / ChaCha20Poly1305.

The kiosk cannot open what it has sealed (law 9). The record's place in the world is bound in `info`, since the library's
public interface takes no further authenticated data (reference: queue, measured).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def context(kiosk: str, epoch: int, seq: int, pid: str, kid: str) -> bytes:
    """What a sealed record is bound to: moved to another place, it does not open."""
    return f"kiosk-pay/v1|{kiosk}|{epoch}|{seq}|{pid}|{kid}".encode("ascii")


def seal(plain: bytes, key: X25519PublicKey, info: bytes) -> bytes:
    """`plain` sealed: 48 bytes longer."""
    return _SUITE.encrypt(plain, key, info=info)


def unseal(sealed: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """The plain bytes. Raises cryptography.exceptions.InvalidTag when key, place or bytes are not those it was sealed with."""
    return _SUITE.decrypt(sealed, key, info=info)

"""Sealing a record to the hub's key: HPKE base mode (RFC 9180), X25519 / HKDF-SHA256 / ChaCha20Poly1305.

The kiosk cannot open what it has sealed (law 9). The record's place in the world is bound in `info`, since `cryptography`, which
opens, takes no further authenticated data (reference: queue, measured). pyhpke seals, because it can do so in two steps.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

_SEALS = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305)
_OPENS = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def context(kiosk: str, epoch: int, seq: int, pid: str, kid: str) -> bytes:
    """What a sealed record is bound to: moved to another place, it does not open."""
    return f"kiosk-pay/v1|{kiosk}|{epoch}|{seq}|{pid}|{kid}".encode("ascii")


def card_context(kiosk: str, epoch: int, pid: str, minor: int, currency: str, kid: str) -> bytes:
    """What the card of an authorization is bound to: nobody in between can ask for another amount, or under another id."""
    return f"kiosk-card/v1|{kiosk}|{epoch}|{pid}|{minor}|{currency}|{kid}".encode("ascii")


class Seal:
    """A seal for one record: agreeing on its key, which takes twenty times as long as using it, is done when it is made."""

    def __init__(self, key: X25519PublicKey, info: bytes) -> None:
        self.info = info
        self._agreed, self._context = _SEALS.create_sender_context(KEMKey.from_pyca_cryptography_key(key), info)

    def close(self, plain: bytes) -> bytes:
        """`plain` sealed: 48 bytes longer. Once: what it closed after that would not open."""
        return self._agreed + self._context.seal(plain)


def seal(plain: bytes, key: X25519PublicKey, info: bytes) -> bytes:
    """`plain` sealed: 48 bytes longer."""
    return Seal(key, info).close(plain)


def unseal(sealed: bytes, key: X25519PrivateKey, info: bytes) -> bytes:
    """The plain bytes. Raises cryptography.exceptions.InvalidTag when key, place or bytes are not those it was sealed with."""
    return _OPENS.decrypt(sealed, key, info=info)

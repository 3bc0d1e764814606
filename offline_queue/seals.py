"""The seal of the next record, made ready while nobody waits: before the terminal is armed, not after the card was read."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from offline_queue.wire.sealing import Seal


class Seals:
    """What belongs to one kiosk's database thread. At most one seal is ready, and only in memory."""

    def __init__(self) -> None:
        self._ready: Seal | None = None

    def make_ready(self, key: X25519PublicKey, info: bytes) -> None:
        self._ready = Seal(key, info)

    def seal(self, plain: bytes, key: X25519PublicKey, info: bytes) -> bytes:
        """`plain` sealed to `key` for the place `info`, which names the key: with the seal that is ready if it is for that place.
        No seal is used twice: what is tried again gets another."""
        ready, self._ready = self._ready, None
        if ready is None or ready.info != info:
            ready = Seal(key, info)
        return ready.close(plain)

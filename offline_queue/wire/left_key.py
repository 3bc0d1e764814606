"""A kiosk's database key, left with its hub: sealed to the hub's key like a record, so that the queue outlives the machine's TPM.

The kiosk keeps the file beside its database. It opens at the hub alone, and there only as the file of this kiosk and enrolment.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pydantic import Field

from offline_queue.wire import sealing
from offline_queue.wire.messages import Base64, KioskId, Message, Short


class LeftKey(Message):
    """`sealed` is the key (32 bytes; base64 here), sealed to the hub's key `kid`."""

    v: Literal[1]
    kiosk: KioskId
    epoch: Annotated[int, Field(ge=1)]
    kid: Short
    sealed: Base64


def leave(key: bytes, kiosk: str, epoch: int, kid: str, hub_key: X25519PublicKey) -> LeftKey:
    """`key`, for the hub to open."""
    sealed = sealing.seal(key, hub_key, _context(kiosk, epoch, kid))
    return LeftKey(v=1, kiosk=kiosk, epoch=epoch, kid=kid, sealed=base64.b64encode(sealed).decode("ascii"))


def recover(left: LeftKey, hub_key: X25519PrivateKey) -> bytes:
    """The key. Raises cryptography.exceptions.InvalidTag when the file was altered or is of another hub."""
    return sealing.unseal(base64.b64decode(left.sealed), hub_key, _context(left.kiosk, left.epoch, left.kid))


def _context(kiosk: str, epoch: int, kid: str) -> bytes:
    return f"kiosk-key/v1|{kiosk}|{epoch}|{kid}".encode("ascii")

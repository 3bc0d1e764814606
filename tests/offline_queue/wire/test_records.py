"""A record on the wire: its place in the chain and its seal."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline_queue.wire.chain import FIRST_HASH, link
from offline_queue.wire.sealing import context, seal, unseal

PID = "01932b4a-7c00-7000-8000-000000000001"
KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PLACE = ("lobby-1", 1, 7, PID, "k1")


def test_the_chain_is_what_the_page_says() -> None:
    sealed = b"sealed"
    by_hand = hashlib.sha256(
        bytes.fromhex("6b696f736b2d6f7574626f782f763100")  # "kiosk-outbox/v1" and a zero byte
        + bytes(32)
        + bytes([0, 0, 0, 1])
        + bytes([0, 0, 0, 0, 0, 0, 0, 7])
        + uuid.UUID(PID).bytes
        + hashlib.sha256(sealed).digest()
    )
    assert link(FIRST_HASH, 1, 7, PID, sealed) == by_hand.hexdigest()


def test_a_record_opens_only_whole_in_its_place_and_with_its_key() -> None:
    sealed = seal(b"money", KEY.public_key(), context(*PLACE))
    assert len(sealed) == 5 + 48
    assert unseal(sealed, KEY, context(*PLACE)) == b"money"
    for place in (("lobby-2", *PLACE[1:]), ("lobby-1", 2, *PLACE[2:]), ("lobby-1", 1, 8, PID, "k1"), (*PLACE[:4], "k2")):
        with pytest.raises(InvalidTag):
            unseal(sealed, KEY, context(*place))
    with pytest.raises(InvalidTag):
        unseal(sealed, X25519PrivateKey.generate(), context(*PLACE))
    for at in range(len(sealed)):
        with pytest.raises(InvalidTag):
            unseal(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], KEY, context(*PLACE))

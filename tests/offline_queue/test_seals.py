"""The seal that is ready before the sale: it closes one record in one place, and whatever is closed opens."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline_queue.seals import Seals
from offline_queue.wire.sealing import Seal, context, unseal

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
HERE = context("lobby-1", 1, 7, "01932b4a-7c00-7000-8000-000000000001", "k1")
THERE = context("lobby-1", 1, 8, "01932b4a-7c00-7000-8000-000000000001", "k1")


def test_the_seal_that_is_ready_closes_the_record_of_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    seals = Seals()
    seals.make_ready(KEY.public_key(), HERE)
    monkeypatch.delattr("offline_queue.seals.Seal")
    assert unseal(seals.seal(b"money", KEY.public_key(), HERE), KEY, HERE) == b"money"


def test_another_place_gets_a_seal_of_its_own() -> None:
    seals = Seals()
    seals.make_ready(KEY.public_key(), HERE)
    assert unseal(seals.seal(b"money", KEY.public_key(), THERE), KEY, THERE) == b"money"


def test_what_is_tried_again_gets_another_seal() -> None:
    seals = Seals()
    seals.make_ready(KEY.public_key(), HERE)
    first, second = (seals.seal(b"money", KEY.public_key(), HERE) for _ in range(2))
    assert first[:32] != second[:32]
    assert [unseal(sealed, KEY, HERE) for sealed in (first, second)] == [b"money", b"money"]


def test_a_seal_closes_once() -> None:
    seal = Seal(KEY.public_key(), HERE)
    seal.close(b"money")
    with pytest.raises(InvalidTag):
        unseal(seal.close(b"money"), KEY, HERE)

"""Encrypted card data: bounded, and never shown."""

from __future__ import annotations

import pytest

from domain.payment import MOST_CARD_DATA, CardData


@pytest.mark.parametrize(
    ("ksn", "data"),
    [(b"", b"x"), (b"k" * 9, b"x"), (b"k" * 11, b"x"), (b"k" * 10, b""), (b"k" * 12, b"x" * (MOST_CARD_DATA + 1))],
)
def test_refused(ksn: bytes, data: bytes) -> None:
    with pytest.raises(ValueError):
        CardData(ksn, data)


@pytest.mark.parametrize("ksn", [b"k" * 10, b"k" * 12])
def test_it_says_its_length_and_nothing_else(ksn: bytes) -> None:
    data = CardData(ksn, b"secret" * 50)
    assert repr(data) == str(data) == "CardData(300 bytes)"

"""What a card says of itself before it is asked."""

from __future__ import annotations

import pytest

from devices.smartcards.atr import PAYMENT_SCHEMES, historical, is_storage, says_payment
from devices.smartcards.simulator.cards import PaymentCard, Tag, chip_atr

ULTRALIGHT = "3B8F8001804F0CA0000003060300030000000068"
"""From PC/SC part 3 and every reader that follows it."""


@pytest.mark.parametrize(
    ("atr", "said"),
    [
        ("3B00", ""),
        ("3B021450", "1450"),
        ("3BD396FF81B1FE451F078081052D", "808105"),  # a German health card
        (ULTRALIGHT, "804F0CA00000030603000300000000"),
        ("3F65250052096A9000", "52096A9000"),  # TB1 and TC1, no TD1
        ("3B051450", ""),  # cut off
        ("3B80", ""),
        ("3B8080", ""),
        ("3B", ""),
        ("", ""),
    ],
)
def test_historical_bytes(atr: str, said: str) -> None:
    assert historical(bytes.fromhex(atr)) == bytes.fromhex(said)


def test_only_a_tag_of_memory_is_storage() -> None:
    assert is_storage(bytes.fromhex(ULTRALIGHT))
    assert is_storage(Tag(b"1234", "").atr)
    assert not is_storage(PaymentCard().atr)
    assert not is_storage(PaymentCard(named=True).atr)


@pytest.mark.parametrize("scheme", PAYMENT_SCHEMES)
def test_a_scheme_in_it_is_payment(scheme: bytes) -> None:
    assert says_payment(chip_atr(b"\x80\x4f\x07" + scheme + b"\x10\x10"))


def test_no_scheme_in_it_says_nothing() -> None:
    assert not says_payment(PaymentCard().atr)
    assert not says_payment(bytes.fromhex(ULTRALIGHT))

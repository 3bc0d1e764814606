"""What our own codes say on paper, and what a typed number means."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.statement_codes import (
    LONGEST,
    MacKey,
    RefKind,
    Refusal,
    StatementRef,
    ending,
    link_text,
    mac,
    numbered_text,
    read_typed,
)

KEY = b"sixteen bytes or more"
HOST = "PAY.HOSPITAL.EXAMPLE"
OPAQUE = "ABCDEFGHIJKLMNOP"
LINK = link_text(KEY, HOST, "A", OPAQUE)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

numbers = make.text(string.digits, min_size=10, max_size=10)


@given(numbers)
def test_a_number_comes_back_typed(number: str) -> None:
    code = numbered_text(number)
    assert int(code[2:]) % 97 == 1
    digits = code.removeprefix("LP")
    assert read_typed(digits) == read_typed(f"{digits[:4]} {digits[4:8]}-{digits[8:]} ") == StatementRef(RefKind.NUMBER, number)


@given(numbers, make.integers(0, 11), make.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: str, at: int, off: int) -> None:
    digits = numbered_text(number).removeprefix("LP")
    wrong = digits[:at] + str((int(digits[at]) + off) % 10) + digits[at + 1 :]
    assert read_typed(wrong) is Refusal.CHECK


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", Refusal.LENGTH),
        ("00012345677", Refusal.LENGTH),
        ("0001234567890", Refusal.LENGTH),
        ("LP0001234567", Refusal.LENGTH),
        ("\N{ARABIC-INDIC DIGIT ONE}" * 12, Refusal.LENGTH),
        ("000123456700", Refusal.CHECK),
        ("9" * 4000, Refusal.TOO_LONG),
        (numbered_text("0001234567").removeprefix("LP") + " " * (LONGEST - 12) + "9", Refusal.TOO_LONG),
    ],
)
def test_a_typed_number_that_names_nothing_is_refused(text: str, refusal: Refusal) -> None:
    assert read_typed(text) is refusal


def test_a_link_fits_a_small_code() -> None:
    """QR's alphanumeric mode (ISO/IEC 18004, table 5) and no more than version 4 at level M: 90 characters."""
    assert set(LINK) <= set(string.digits + string.ascii_uppercase + " $%*+-./:")
    assert len(LINK) <= 90


def test_a_mac_covers_all_that_it_vouches_for() -> None:
    links = {
        LINK,
        link_text(KEY, HOST, "B", OPAQUE),
        link_text(KEY, "OTHER.EXAMPLE", "A", OPAQUE),
        link_text(KEY, HOST, "A", "B" + OPAQUE[1:]),
        link_text(KEY + b"x", HOST, "A", OPAQUE),
    }
    macs = {link[-12:] for link in links}
    assert len(macs) == 5
    assert all(set(found) <= set(BASE32) for found in macs)


def test_a_mac_is_that_of_the_standard() -> None:
    """RFC 4231, test case 2: HMAC-SHA-256 of "what do ya want for nothing?" with the key "Jefe" begins 5bdcc146bf60754e6a04."""
    first = int.from_bytes(bytes.fromhex("5bdcc146bf60754e6a04")) >> (80 - 60)
    expected = "".join(BASE32[first >> shift & 31] for shift in range(55, -5, -5))
    assert mac(b"Jefe", "what do ya want for nothing?", 12) == expected


def test_a_key_does_not_show_itself() -> None:
    assert repr(MacKey(KEY)) == "MacKey(until=None)"


@pytest.mark.parametrize(("number", "known_by"), [("3342139474", "7462"), ("INV-20417", "0417"), ("42", "42")])
def test_a_statement_is_known_by_the_end_of_what_is_printed(number: str, known_by: str) -> None:
    assert ending(number) == known_by

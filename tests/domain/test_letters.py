"""Addresses: what people have is taken, what cannot be right is told by what is wrong with it."""

from __future__ import annotations

import pytest

from domain.letters import MOST_ADDRESS, MOST_LOCAL, Channel, Letter, address_fault, address_of, is_address

GOOD = [
    "a@b.co",
    "margaret.whitfield@example.org",
    "m-w_1962+bills@mail.st-brigid.example.museum",
    "x@xn--mnchen-3ya.example",
    f"{'a' * MOST_LOCAL}@example.org",
    f"a@{'b' * 63}.{'c' * 63}.example.org",
]
BAD = {
    "": "email-missing",
    "margaret": "email-at",
    "@example.org": "email-at",
    "margaret@": "email-at",
    "margaret@localhost": "email-dot",
    "margaret@.org": "email-dot",
    "margaret@example.": "email-dot",
    "mar..garet@example.org": "email-form",
    ".margaret@example.org": "email-form",
    "margaret.@example.org": "email-form",
    "margaret@example..org": "email-form",
    "margaret@-example.org": "email-form",
    "margaret@example-.org": "email-form",
    "margaret@example.o": "email-form",
    "margaret@example.123": "email-form",
    "margaret@ex_ample.org": "email-form",
    "a@b@example.org": "email-form",
    "margaret@example.org\nbcc:x@example.org": "email-form",
    "margaret@example.org\r\n": "email-form",
    "Margaret@example.org": "email-form",  # the keys have small letters only
    "márgaret@example.org": "email-form",
    f"{'a' * (MOST_LOCAL + 1)}@example.org": "email-form",
    f"a@{'b.' * 126}org": "email-form",
}


@pytest.mark.parametrize("typed", GOOD)
def test_an_address_that_people_have_is_taken_as_it_is(typed: str) -> None:
    assert address_fault(Channel.EMAIL, typed) == ""
    assert address_of(Channel.EMAIL, typed) == typed
    assert is_address(Channel.EMAIL, typed)
    assert not is_address(Channel.TEXT, typed)


@pytest.mark.parametrize(("typed", "fault"), BAD.items())
def test_what_is_wrong_with_an_address_is_told(typed: str, fault: str) -> None:
    assert address_fault(Channel.EMAIL, typed) == fault
    assert not is_address(Channel.EMAIL, typed)


def test_the_longest_path_of_rfc_5321_is_the_longest_address() -> None:
    longest = f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 56}.org"
    assert len(longest) == MOST_ADDRESS
    assert address_fault(Channel.EMAIL, longest) == ""
    assert address_fault(Channel.EMAIL, "a" + longest) == "email-form"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("3125550142", ""),
        ("", "phone-short"),
        ("312555014", "phone-short"),
        ("1125550142", "phone-form"),
        ("0125550142", "phone-form"),
        ("3121550142", "phone-form"),
    ],
)
def test_a_mobile_number_is_one_of_the_north_american_plan(typed: str, fault: str) -> None:
    assert address_fault(Channel.TEXT, typed) == fault
    assert is_address(Channel.TEXT, address_of(Channel.TEXT, typed)) == (not fault)


def test_a_number_is_dialled_as_e164_and_nothing_else_is_one() -> None:
    assert address_of(Channel.TEXT, "3125550142") == "+13125550142"
    for other in ("3125550142", "+443125550142", "+1312555014", "+1+13125550142", "+1\u0663125550142"):
        assert not is_address(Channel.TEXT, other)


def test_whoever_prints_a_letter_sees_nobody() -> None:
    letter = Letter(Channel.EMAIL, "margaret@example.org", "en", "St. Brendan: Receipt", "Amount: $2.50")
    assert repr(letter) == "Letter(channel=<Channel.EMAIL: 'email'>, language='en')"

"""What a code means: published check digits, our own links, and a typed refusal for everything else there is."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as make

from domain.statement_codes import (
    LONGEST,
    LinkProfile,
    RefKind,
    Refusal,
    StatementRef,
    check_digits,
    link_mac,
    link_text,
    numbered_text,
    read_code,
    read_typed,
)

KEY = b"sixteen bytes or more"
HOST = "PAY.HOSPITAL.EXAMPLE"
PROFILE = LinkProfile(frozenset({HOST}), {"A": KEY, "B": b"the next key, in use already"})
OPAQUE = "ABCDEFGHIJKLMNOP"
LINK = link_text(KEY, HOST, "A", OPAQUE)
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def as_digits(text: str) -> str:
    """Letters as ISO 7064's users write them: A is 10, Z is 35."""
    return "".join(str(int(letter, 36)) for letter in text)


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("794", "44"),  # ISO/IEC 7064:2003, the example of MOD 97-10
        (as_digits("539007547034RF"), "18"),  # ISO 11649: RF18 5390 0754 7034
        (as_digits("WEST12345698765432GB"), "82"),  # ISO 13616: GB82 WEST 1234 5698 7654 32
        (as_digits("370400440532013000DE"), "89"),  # ISO 13616: DE89 3704 0044 0532 0130 00
        (as_digits("5493001KJTIIGC8Y1R"), "12"),  # ISO 17442: a legal entity identifier, 5493001KJTIIGC8Y1R12
    ],
)
def test_check_digits_are_those_of_the_standards(number: str, digits: str) -> None:
    assert check_digits(number) == digits


numbers = make.text(string.digits, min_size=10, max_size=10)


@given(numbers)
def test_a_number_comes_back_scanned_and_typed(number: str) -> None:
    ref = StatementRef(RefKind.NUMBER, number)
    code = numbered_text(number)
    assert int(code[2:]) % 97 == 1
    assert read_code("Code128", code, PROFILE) == ref
    digits = code.removeprefix("LP")
    assert read_typed(digits) == read_typed(f"{digits[:4]} {digits[4:8]}-{digits[8:]} ") == ref


@given(numbers, make.integers(0, 11), make.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: str, at: int, off: int) -> None:
    """MOD 97-10 finds every single substitution."""
    digits = numbered_text(number).removeprefix("LP")
    wrong = digits[:at] + str((int(digits[at]) + off) % 10) + digits[at + 1 :]
    assert read_typed(wrong) is Refusal.CHECK
    assert read_code("Code128", "LP" + wrong, PROFILE) is Refusal.CHECK


@given(numbers, make.integers(0, 10))
def test_two_digits_changed_round_are_always_found(number: str, at: int) -> None:
    digits = numbered_text(number).removeprefix("LP")
    if digits[at] != digits[at + 1]:
        wrong = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        assert read_typed(wrong) is Refusal.CHECK


@given(make.text(BASE32, min_size=16, max_size=16), make.sampled_from("AB"))
def test_a_link_comes_back(opaque: str, key_id: str) -> None:
    text = link_text(PROFILE.keys[key_id], HOST, key_id, opaque)
    assert read_code("QRCode", text, PROFILE) == StatementRef(RefKind.LINK, opaque)
    with_port = text.replace(HOST, HOST + ":8443")
    assert read_code("QRCode", with_port, PROFILE) == StatementRef(RefKind.LINK, opaque)


def test_a_link_fits_a_small_code() -> None:
    """QR's alphanumeric mode (ISO/IEC 18004, table 5) and no more than version 4 at level M: 90 characters."""
    assert set(LINK) <= set(string.digits + string.ascii_uppercase + " $%*+-./:")
    assert len(LINK) <= 90


@given(make.integers(0, len(LINK) - 1), make.sampled_from(BASE32 + "/:.-0189"))
def test_a_link_with_one_character_changed_is_no_link(at: int, other: str) -> None:
    wrong = LINK[:at] + other + LINK[at + 1 :]
    if wrong != LINK:
        assert isinstance(read_code("QRCode", wrong, PROFILE), Refusal)


OTHER = link_text(KEY, "EVIL.EXAMPLE", "A", OPAQUE)

REFUSED = {
    "unknown code": ("QRCode", "WIFI:S:lobby;P:secret;;", Refusal.UNKNOWN),
    "nothing": ("QRCode", "", Refusal.UNKNOWN),
    "another kind of code": ("EAN13", "4006381333931", Refusal.UNKNOWN),
    "a link in the wrong kind of code": ("Code128", LINK, Refusal.UNKNOWN),
    "a number in the wrong kind of code": ("QRCode", numbered_text("0001234567"), Refusal.UNKNOWN),
    "wrong check digit": ("Code128", "LP000123456700", Refusal.CHECK),
    "a digit short": ("Code128", "LP00012345677", Refusal.LENGTH),
    "a digit long": ("Code128", numbered_text("0001234567") + "0", Refusal.LENGTH),
    "no prefix": ("Code128", numbered_text("0001234567").removeprefix("LP"), Refusal.UNKNOWN),
    "prefix in lower case": ("Code128", numbered_text("0001234567").lower(), Refusal.UNKNOWN),
    "URL of another host": ("QRCode", "https://evil.example/S1/", Refusal.OTHER_HOST),
    "our own form at another host": ("QRCode", OTHER, Refusal.OTHER_HOST),
    "our host as a user name": ("QRCode", LINK.replace(HOST, HOST + "@EVIL.EXAMPLE"), Refusal.OTHER_HOST),
    "our host as a path": ("QRCode", LINK.replace(HOST, "EVIL.EXAMPLE/" + HOST), Refusal.OTHER_HOST),
    "our host as a beginning": ("QRCode", LINK.replace(HOST, HOST + ".EVIL.EXAMPLE"), Refusal.OTHER_HOST),
    "a script": ("QRCode", "javascript://alert(1)", Refusal.OTHER_HOST),
    "lower case": ("QRCode", LINK.lower(), Refusal.UNKNOWN),
    "another version": ("QRCode", LINK.replace("/S1/", "/S2/"), Refusal.UNKNOWN),
    "not encrypted": ("QRCode", LINK.replace("HTTPS", "HTTP"), Refusal.UNKNOWN),
    "something after it": ("QRCode", LINK + "?a=1", Refusal.UNKNOWN),
    "forged MAC": ("QRCode", LINK[:-1] + ("A" if LINK[-1] != "A" else "B"), Refusal.FORGED),
    "unknown key": ("QRCode", link_text(KEY, HOST, "C", OPAQUE), Refusal.FORGED),
    "one key's MAC under another's name": ("QRCode", link_text(KEY, HOST, "B", OPAQUE), Refusal.FORGED),
    "another host's MAC": ("QRCode", OTHER.replace("EVIL.EXAMPLE", HOST), Refusal.FORGED),
    "4,000 characters": ("QRCode", "A" * 4000, Refusal.TOO_LONG),
    "one character too many": ("QRCode", "A" * (LONGEST + 1), Refusal.TOO_LONG),
    "as long as can be": ("QRCode", "A" * LONGEST, Refusal.UNKNOWN),
    "binary": ("QRCode", bytes(range(256)).decode("latin-1"), Refusal.NOT_TEXT),
    "a control character": ("QRCode", LINK[:-1] + "\x00", Refusal.NOT_TEXT),
    "a line's end": ("QRCode", LINK + "\n", Refusal.NOT_TEXT),
    "a letter that only looks like ours": ("QRCode", LINK.replace("A", "\N{CYRILLIC CAPITAL LETTER A}"), Refusal.NOT_TEXT),
    "digits of another script": ("Code128", "LP" + "\N{ARABIC-INDIC DIGIT ONE}" * 12, Refusal.NOT_TEXT),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_scanned_code_that_means_nothing_is_refused_by_name(name: str) -> None:
    symbology, text, refusal = REFUSED[name]
    assert read_code(symbology, text, PROFILE) is refusal


def test_every_refusal_has_its_test() -> None:
    assert {refusal for _, _, refusal in REFUSED.values()} == set(Refusal)


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
        (numbered_text("0001234567").removeprefix("LP") + " " * 388 + "9", Refusal.TOO_LONG),
    ],
)
def test_a_typed_number_that_names_nothing_is_refused(text: str, refusal: Refusal) -> None:
    assert read_typed(text) is refusal


@given(make.sampled_from(["QRCode", "Code128", "DataMatrix", ""]), make.text(max_size=LONGEST + 50))
@example("QRCode", LINK)
@example("Code128", numbered_text("0001234567"))
def test_any_text_gets_a_typed_answer(symbology: str, text: str) -> None:
    for answer in (read_code(symbology, text, PROFILE), read_typed(text)):
        assert isinstance(answer, StatementRef | Refusal)


@given(make.from_regex(r"HTTPS://[A-Z.]{0,25}(:[0-9]{1,6})?/S[0-9]/[A-Z2-7]{0,40}", fullmatch=True))
def test_no_made_up_link_is_believed(text: str) -> None:
    assert isinstance(read_code("QRCode", text, PROFILE), Refusal)


def test_a_mac_covers_all_that_it_vouches_for() -> None:
    macs = {
        link_mac(KEY, HOST, "A", OPAQUE),
        link_mac(KEY, HOST, "B", OPAQUE),
        link_mac(KEY, "OTHER.EXAMPLE", "A", OPAQUE),
        link_mac(KEY, HOST, "A", "B" + OPAQUE[1:]),
        link_mac(KEY + b"x", HOST, "A", OPAQUE),
    }
    assert len(macs) == 5
    assert all(len(mac) == 12 and set(mac) <= set(BASE32) for mac in macs)

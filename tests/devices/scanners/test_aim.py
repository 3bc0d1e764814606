"""What a hand-held scanner's bytes mean, and what becomes of those that mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from devices.scanners.aim import MOST_BYTES, UNNAMED, Scans, read_scan
from devices.scanners.port import Code

LINK = "HTTPS://PAY.EXAMPLE/S1/AABCDEFGHIJKLMNOP234567ABCDEF"
NOTHING = Code(UNNAMED, "")


def heard(*parts: bytes) -> list[Code]:
    """What scans come of bytes that arrive in these parts and then end."""
    scans = Scans()
    for part in parts:
        scans.feed(part)
    return scans.silence()


@pytest.mark.parametrize(
    ("identifier", "symbology"),
    [
        (b"]Q1", "QRCode"),
        (b"]Q3", "QRCode"),
        (b"]C0", "Code128"),
        (b"]C1", "Code128"),
        (b"]A0", "Code39"),
        (b"]I1", "ITF"),
        (b"]d2", "DataMatrix"),
        (b"]L0", "PDF417"),
    ],
)
def test_the_aim_identifier_names_the_symbology(identifier: bytes, symbology: str) -> None:
    assert heard(identifier + b"LP000000000198\r") == [Code(symbology, "LP000000000198")]


@pytest.mark.parametrize("terminator", [b"\r", b"\n", b"\r\n"])
def test_each_terminator_is_taken_off_once(terminator: bytes) -> None:
    assert heard(b"]Q1" + LINK.encode() + terminator) == [Code("QRCode", LINK)]


def test_the_lines_of_a_code_stay_together() -> None:
    """A Swiss QR-bill has lines (SIX, Implementation Guidelines QR-bill 2.3, 4.2.3: CR LF or LF)."""
    bill = "SPC\r\n0200\r\n1\r\nCH4431999123000889012\r\n\r\nEPD"
    assert heard(b"]Q1" + bill.encode() + b"\r\n") == [Code("QRCode", bill)]


def test_two_scans_that_came_in_one_heap_are_two() -> None:
    assert heard(b"]C0LP1\r\n]Q1two\r", b"]I0003\r") == [Code("Code128", "LP1"), Code("QRCode", "two"), Code("ITF", "003")]


@pytest.mark.parametrize(
    "bare", [b"7891234\r", b"]", b"]Q\r", b"]1Q7\r", b"x]Q1text\r", b"\xff\xfe\r", b"]E04006381333931\r", b"]F0A123A\r"]
)
def test_what_has_no_name_that_a_statement_has_is_unnamed(bare: bytes) -> None:
    assert heard(bare) == [NOTHING]


def test_what_is_not_whole_is_no_scan_and_no_beginning_of_the_next() -> None:
    scans = Scans()
    scans.feed(b"]C0LP00000")
    assert scans.silence() == [NOTHING]
    scans.feed(b"00198\r")
    assert scans.silence() == [NOTHING]
    scans.feed(b"]C0LP000000000198\r")
    assert scans.silence() == [Code("Code128", "LP000000000198")]


def test_bytes_that_are_no_text_are_an_empty_code() -> None:
    assert heard(b"]Q1\xff\xfe\x80\r") == [Code("QRCode", "")]
    assert heard("]Q1Zoë\r".encode()) == [Code("QRCode", "Zoë")]


def test_a_flood_is_one_thing_that_means_nothing_and_costs_no_memory() -> None:
    scans = Scans()
    for _ in range(100):
        scans.feed(b"]Q1" + b"7" * 4000 + b"\r")
        assert len(scans._bytes) <= MOST_BYTES
    assert scans.silence() == [NOTHING]
    scans.feed(b"]Q1after\r")
    assert scans.silence() == [Code("QRCode", "after")]


def test_silence_and_bare_terminators_are_nothing() -> None:
    assert heard() == heard(b"\r\n", b"\r") == []


@given(some.binary(max_size=200), some.integers(1, 50))
def test_any_bytes_in_any_parts_give_the_same_codes(data: bytes, size: int) -> None:
    whole = heard(data)
    assert heard(*(data[at : at + size] for at in range(0, len(data), size))) == whole
    assert all(code.symbology != UNNAMED or code.text == "" for code in whole)


@given(some.text(some.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_a_named_text_is_read_as_it_was_written(text: str) -> None:
    assert read_scan(b"]Q1" + text.encode() + b"\r\n") == Code("QRCode", text)

"""Card data: what is taken, what is refused, and that nothing of a refused card is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.neo2.card import error_of, read_card
from devices.terminals.neo2.errors import Unencrypted, Unreadable
from devices.terminals.neo2.framing import response
from domain.payment import Card
from tests.devices.terminals.neo2.cards import CIPHERTEXT, ENCRYPTED, KSN, MARKED, MASKED, NUMBER, OBJECTS, TRACK2, VISA, item

TAP, CONTACT = b"\xc1", b"\xc0"


def answer(objects: bytes, attribution: bytes = TAP) -> memoryview:
    return memoryview(bytearray(attribution + objects))


def test_an_encrypted_card() -> None:
    read = read_card(answer(OBJECTS))
    assert read.card == Card("Visa", "0010")
    assert not read.contact
    assert (read.data.ksn, read.data.data) == (KSN, OBJECTS)
    assert read_card(answer(OBJECTS, CONTACT)).contact


@pytest.mark.parametrize("attribution", [0xC0, 0xC1, 0xC2, 0xC3, 0xD1, 0xD3, 0xC8, 0xD9])
def test_attributions_that_say_encrypted(attribution: int) -> None:
    assert read_card(answer(OBJECTS, bytes([attribution]))).data.ksn == KSN


@pytest.mark.parametrize("attribution", [0x00, 0x01, 0x40, 0x41, 0x80, 0x81, 0x9F, 0xC4, 0xC5, 0xDF, 0xE0, 0xFF])
def test_attributions_that_do_not(attribution: int) -> None:
    with pytest.raises(Unencrypted):
        read_card(answer(OBJECTS, bytes([attribution])))


def test_no_attribution_at_all() -> None:
    with pytest.raises(Unreadable, match="no-card"):
        read_card(memoryview(b""))


@pytest.mark.parametrize("ksn", [KSN, KSN + b"\0\x01"])
def test_marked_objects_and_both_lengths_of_ksn(ksn: bytes) -> None:
    read = read_card(answer(item(0xDFEE12, ksn) + MARKED))
    assert read.card == Card("", "0010")
    assert read.data.ksn == ksn


@pytest.mark.parametrize(
    "shown",
    [
        item(0x5A, NUMBER),
        item(0x5A, NUMBER, 0x20),
        item(0x57, TRACK2),
        item(0x57, TRACK2, 0x20),
        item(0x5A, bytes.fromhex("374245001751006F")),
        item(0x5A, b""),
        item(0x5F24, b"\x30\x12\x31"),
        item(0xDFEF18, b";4761739001010010=30122011143804400000?"),
        item(0xDFEF17, b"B4761739001010010^TEST/CARD^3012201"),
        item(0x9F7C, b"1;4761739001010010=3012"),
        item(0x9F7C, TRACK2),
        item(0x56, b"TEST CARD"),
        item(0xDFEE23, b"\x02" * 17),
        item(0xDFEF5B, NUMBER),
        item(0x70, item(0x5A, NUMBER)),
        item(0xFF8105, item(0x9F26, CIPHERTEXT[:8]) + item(0x57, TRACK2)),
        item(0xFFEE13, b"%B4761739001010010^TEST/CARD ^3012"),
    ],
)
def test_anything_that_shows_a_card_beside_encrypted_objects_is_refused(shown: bytes) -> None:
    for objects in (OBJECTS + shown, shown + OBJECTS):
        with pytest.raises(Unencrypted) as refused:
            read_card(answer(objects))
        assert "4761" not in repr(refused.value)


@pytest.mark.parametrize(
    "shown",
    [
        item(0x9F16, b"476173900101001"),
        item(0x9F1E, b"12345678"),
        item(0x5F20, b"TEST/CARD"),
        item(0x9F02, bytes(6)),
        item(0x5A, bytes(8), 0x40),
        item(0x57, bytes.fromhex("4761CCCCCCCC0010D3012CCCCCCCCCCCCC"), 0x20),
        item(0xDFEF18, b";4761********0010=3012*******?", 0x20),
        item(0xFFEE1F, b"\x20\x69\x85\x03"),
        item(0x57, bytes(8) + b"\xaa" * 8),
    ],
)
def test_what_shows_none_is_taken(shown: bytes) -> None:
    assert read_card(answer(OBJECTS + shown)).data.data == OBJECTS + shown


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        (ENCRYPTED, "no-ksn"),
        (item(0xDFEE12, KSN[:9]) + ENCRYPTED, "no-ksn"),
        (item(0xDFEE12, KSN) + VISA, "no-card"),
        (item(0xDFEE12, KSN) + MASKED, "no-card"),
        (OBJECTS + item(0x9F10, bytes(200)) * 11, "too-long"),
        (OBJECTS + b"\x9f", "tlv"),
        (OBJECTS + b"\x9f\x26", "tlv"),
        (OBJECTS + b"\x9f\x26\x08\x00", "tlv"),
        (OBJECTS + b"\x9f\x80\x80\x80\x01\x00", "tlv"),
        (OBJECTS + b"\x57\x80", "tlv"),
        (OBJECTS + b"\x57\xe1\x01\x00", "tlv"),
        (OBJECTS + b"\x57\x83\x00\x00\x01\x00", "tlv"),
        (OBJECTS + b"\x57\xc2\x01", "tlv"),
        (OBJECTS + b"\x70\x03\x9f\x26\x08", "tlv"),
        (b"\x70\x22" + b"\x70\x80" * 17, "tlv"),
    ],
)
def test_what_is_encrypted_and_no_use(objects: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_card(answer(objects))


def test_containers_within_containers_are_followed_so_far() -> None:
    nested = b""
    for _ in range(12):
        nested = item(0x70, nested)
    with pytest.raises(Unreadable, match="tlv"):
        read_card(answer(OBJECTS + nested))


def test_a_contact_cards_objects_of_two_answers() -> None:
    started = read_card(answer(OBJECTS, CONTACT))
    more = item(0x9F26, CIPHERTEXT[:8]) + item(0x9F27, b"\x80")
    both = read_card(answer(more, CONTACT), started)
    assert (both.data.ksn, both.data.data, both.card) == (KSN, OBJECTS + more, started.card)
    again = item(0xDFEE12, KSN[:9] + b"\x02") + ENCRYPTED + item(0x84, bytes.fromhex("A0000000041010"))
    newer = read_card(answer(again, CONTACT), started)
    assert (newer.data.ksn[-1], newer.data.data, newer.card) == (2, again, Card("Mastercard", "0010"))
    with pytest.raises(Unreadable, match="no-card"):
        read_card(answer(item(0xDFEE12, KSN) + more, CONTACT), started)


@pytest.mark.parametrize(
    ("aid", "brand"),
    [
        ("A0000000031010", "Visa"),
        ("A0000000041010", "Mastercard"),
        ("A0000000043060", "Maestro"),
        ("A000000025010801", "American Express"),
        ("A0000001523010", "Discover"),
        ("A0000009999999", ""),
    ],
)
def test_brands(aid: str, brand: str) -> None:
    read = read_card(answer(item(0xDFEE12, KSN) + ENCRYPTED + item(0x4F, bytes.fromhex(aid))))
    assert read.card == Card(brand, "")


@pytest.mark.parametrize("masked", ["CCCCCCCCCCCCCCCC", "", "4761CCCCCCCCC010", "00"])
def test_a_number_that_is_masked_to_its_end_has_no_last_four(masked: str) -> None:
    read = read_card(answer(item(0xDFEE12, KSN) + ENCRYPTED + item(0xDFEF5B, bytes.fromhex(masked))))
    assert read.card.last4 == ""


def test_why_a_card_failed() -> None:
    assert error_of(memoryview(b"")) == ""
    assert error_of(answer(b"")) == ""
    assert error_of(answer(item(0xFFEE1F, b"\x20\x69\x85\x03"))) == "20-6985-03"
    assert error_of(answer(item(0xFFEE1F, b"\x20"))) == ""
    with pytest.raises(Unencrypted):
        error_of(answer(item(0xFFEE1F, b"\x20\x69\x85\x03"), b"\x01"))


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    for attribution in (b"", TAP):
        try:
            read = read_card(memoryview(attribution + data))
        except (Unencrypted, Unreadable):
            continue
        assert read.data.data == (attribution + data)[1:]


def test_a_refused_card_can_be_wiped_where_it_lies() -> None:
    frame = response(0x02, 0x00, b"\x01" + item(0x5A, NUMBER))
    with pytest.raises(Unencrypted):
        read_card(memoryview(frame.data))
    frame.wipe()
    assert not any(frame.data)


@pytest.mark.parametrize(("value", "minor"), [("000000001234", 1234), ("00000000123A", None), ("1234", None)])
def test_the_amount_that_the_card_was_told(value: str, minor: int | None) -> None:
    assert read_card(answer(OBJECTS + item(0x9F02, bytes.fromhex(value)))).minor == minor

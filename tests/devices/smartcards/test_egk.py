"""A German health card says whose it is; what it unpacks to cannot hurt."""

from __future__ import annotations

import gzip
import zlib

import pytest

from devices.smartcards.egk import MOST_UNPACKED, is_insurant, read_egk, read_texts, select_egk, unpack
from devices.smartcards.port import CardError, Insured, Refusal
from devices.smartcards.simulator.cards import TEST_INSURANT, HealthCard, health_card, insurance_file, person_file
from tests.devices.smartcards.people import line_to, scripted

XML = (
    "<vsdp:UC_PersoenlicheVersichertendatenXML xmlns:vsdp='http://ws.gematik.de/fa/vsdm/vsd/v5.2'><vsdp:Versicherter>"
    "<vsdp:Versicherten_ID>T115774582</vsdp:Versicherten_ID><vsdp:Person><vsdp:Geburtsdatum>19800713</vsdp:Geburtsdatum>"
    "<vsdp:Vorname>Claudia</vsdp:Vorname><vsdp:Nachname>Burdack</vsdp:Nachname></vsdp:Person></vsdp:Versicherter>"
    "</vsdp:UC_PersoenlicheVersichertendatenXML>"
)


def read(card: HealthCard) -> Insured:
    assert select_egk(line_to(card)).ok
    return read_egk(line_to(card))


def card_with(person: bytes, insurance: bytes = insurance_file(b"")) -> HealthCard:
    return HealthCard({1: person, 2: insurance})


def test_a_card_says_whose_it_is_in_its_own_letters() -> None:
    card = health_card("Käthe", "Šimon-Müller €", "19580300")  # the last three letters are not in Latin-1
    assert read(card) == Insured(TEST_INSURANT, "Käthe", "Šimon-Müller €", "19580300", "109500969")


def test_published_sample_data_are_read() -> None:
    """Of an app that shows it when no card is there (shape and number as published)."""
    card = card_with(person_file(gzip.compress(XML.encode("iso-8859-15"))), b"\xff" * 8)
    assert read(card) == Insured("T115774582", "Claudia", "Burdack", "19800713", "")


def test_a_file_longer_than_one_reading() -> None:
    filling = "<!--" + "".join(f"{n * 7919 % 65_521:x}" for n in range(400)) + "-->"
    packed = gzip.compress((filling + XML).encode("ascii"))
    assert 600 < len(packed) < 4_000
    assert read(card_with(person_file(packed))).last_name == "Burdack"


@pytest.mark.parametrize("number", ["T115774582", "A123456780"])
def test_the_check_digit_of_an_insurants_number(number: str) -> None:
    assert is_insurant(number)
    assert not any(is_insurant(number[:9] + digit) for digit in "0123456789" if digit != number[9])


@pytest.mark.parametrize("number", ["", "T11577458", "t115774582", "T1157745822", "1115774582", "T11577458२"])
def test_what_is_no_insurants_number(number: str) -> None:
    assert not is_insurant(number)


def refusal(card: HealthCard) -> Refusal:
    with pytest.raises(CardError) as refused:
        read(card)
    return refused.value.reason


def packed(text: str) -> bytes:
    return person_file(gzip.compress(text.encode("iso-8859-15"), mtime=0))


@pytest.mark.parametrize(
    "person",
    [
        b"",
        b"\x00",
        b"\x00\x00",
        b"\x00\x05abcde",
        b"\x02\x00" + gzip.compress(XML.encode("ascii"), mtime=0)[:-30],  # cut off on the card
        b"\xff\xff" + bytes(100),
        packed("<open>"),
        packed("no XML"),
        packed(""),
        packed(XML.replace("T115774582", "T115774583")),
        packed(XML.replace("19800713", "13.7.1980")),
        packed(XML.replace("Burdack", "")),
        packed(XML.replace("Burdack", "B" * 101)),
        packed(XML.replace("Burdack", "B\u0085B")),
        packed(XML.replace("Versicherter>", "Anderer>")),
        packed("<a>" * 13 + "</a>" * 13),
        packed("<!DOCTYPE a>" + XML),
        packed('<!DOCTYPE a [<!ENTITY b "Burdack">]>' + XML.replace("Burdack", "&b;")),
        packed('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + XML),
    ],
)
def test_a_card_that_makes_no_sense_is_unreadable(person: bytes) -> None:
    assert refusal(card_with(person)) is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "insurance",
    [b"", b"\x00\x08\x00", b"\x00\x08\x7f\xff" + bytes(200), insurance_file(b"no gzip"), b"\x00\x08\x01\x00" + bytes(20)],
)
def test_an_insurance_file_that_makes_no_sense_makes_the_card_unreadable(insurance: bytes) -> None:
    assert refusal(card_with(packed(XML), insurance)) is Refusal.UNREADABLE


def test_an_insurer_that_is_no_number_is_not_passed_on() -> None:
    assert refusal(health_card("A", "B", "19800101", insurer="10950096")) is Refusal.UNREADABLE


def test_of_repeated_elements_the_first_counts() -> None:
    assert read_texts(bytearray(gzip.compress(b"<a><b>1</b><b>2</b><c><b>3</b></c></a>"))) == {
        "a": "",
        "a/b": "1",
        "a/c": "",
        "a/c/b": "3",
    }


def test_a_bomb_unpacks_to_the_limit_and_no_further() -> None:
    assert len(unpack(bytearray(gzip.compress(bytes(MOST_UNPACKED))))) == MOST_UNPACKED
    with pytest.raises(CardError):
        unpack(bytearray(gzip.compress(bytes(MOST_UNPACKED + 1))))
    with pytest.raises(CardError):
        unpack(bytearray(gzip.compress(bytes(50_000_000))))


def test_only_gzip_is_unpacked() -> None:
    with pytest.raises(CardError):
        unpack(bytearray(zlib.compress(b"x")))


def test_what_was_read_is_overwritten() -> None:
    data = bytearray(gzip.compress(XML.encode("ascii")))
    read_texts(data)
    assert data == bytes(len(data))


def test_a_file_that_stops_half_way_is_unreadable() -> None:
    line, _ = scripted("00649000", "AA6282")
    with pytest.raises(CardError) as refused:
        read_egk(line)
    assert refused.value.reason is Refusal.UNREADABLE


def test_a_card_that_gives_more_than_was_asked_is_unreadable() -> None:
    line, _ = scripted("00640000009000")
    with pytest.raises(CardError):
        read_egk(line)

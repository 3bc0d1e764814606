"""A wristband's UID and its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.smartcards.apdu import Line
from devices.smartcards.port import CardError, Refusal, Wristband
from devices.smartcards.simulator.cards import Tag
from devices.smartcards.wristband import first_text, read_wristband
from tests.devices.smartcards.people import line_to, scripted

UID = bytes.fromhex("04A2B3C4D5E680")


def test_uid_and_text() -> None:
    assert read_wristband(line_to(Tag(UID, "MRN 0042 Ä"))) == Wristband("04a2b3c4d5e680", "MRN 0042 Ä")


def test_a_uid_alone_is_enough() -> None:
    assert read_wristband(line_to(Tag(UID, ""))) == Wristband("04a2b3c4d5e680", "")


@pytest.mark.parametrize("said", ["6A81", "9000", "0102039000", "00" * 11 + "9000"])
def test_without_a_uid_it_is_unreadable(said: str) -> None:
    line, _ = scripted(said)
    with pytest.raises(CardError) as refused:
        read_wristband(line)
    assert refused.value.reason is Refusal.UNREADABLE


def tag_with(memory: bytes) -> tuple[Line, list[int]]:
    """A tag with these bytes from page 4 on, and which pages were read."""
    pages: list[int] = []

    def line(command: bytes) -> bytearray:
        if command[1] == 0xCA:
            return bytearray(UID + b"\x90\x00")
        pages.append(command[3])
        here = memory[4 * (command[3] - 4) :][:16]
        return bytearray(here + b"\x90\x00" if here else b"\x6a\x82")

    return line, pages


RECORD = b"\xd1\x01\x05T\x02enHi"


@pytest.mark.parametrize(
    "memory",
    [
        b"\x03\x09" + RECORD + b"\xfe",
        b"\x00\x00\x03\x09" + RECORD,
        b"\x01\x03\xa0\x0c\x34\x03\x09" + RECORD + b"\xfe",
        b"\xfd\x04abcd\x03\x09" + RECORD,
        b"\x03\xff\x00\x09" + RECORD,
    ],
)
def test_the_message_is_found_among_other_blocks(memory: bytes) -> None:
    line, _ = tag_with(memory)
    assert read_wristband(line).text == "Hi"


@pytest.mark.parametrize(
    "memory",
    [
        b"",
        b"\xfe\x03\x09" + RECORD,
        b"\x03",
        b"\x03\xff",
        b"\x03\xff\x00",
        b"\x03\x30" + RECORD,
        b"\x01\xff\xff\xff",
        b"\x03\x00",
    ],
)
def test_no_message_no_text(memory: bytes) -> None:
    line, _ = tag_with(memory)
    assert read_wristband(line).text == ""


def test_a_tag_that_goes_on_for_ever_is_read_to_where_tags_end() -> None:
    line, pages = tag_with(b"\x00" * 10_000)
    assert read_wristband(line).text == ""
    assert max(pages) <= 0xE4
    assert len(pages) < 60


@pytest.mark.parametrize(
    "message",
    [
        b"",
        RECORD[:-1],
        b"\xd2" + RECORD[1:],  # a media type
        b"\xc1" + RECORD[1:],  # a long record
        b"\xd9" + RECORD[1:],  # with an id
        b"\xd1\x01\x05U\x02enHi",  # a link
        b"\xd1\x01\x05T\x82enHi",  # UTF-16
        b"\xd1\x01\x05T\x02en\xff\xff",
        b"\xd1\x01\x05T\x02en\x1b[",
        b"\xd1\x01\x00T",
        b"\xd1\x01\xccT\x02en" + b"x" * 201,
    ],
)
def test_what_is_no_plain_text_is_none(message: bytes) -> None:
    assert first_text(message) == ""


def test_the_longest_text() -> None:
    assert first_text(b"\xd1\x01\xcbT\x02en" + b"x" * 200) == "x" * 200


@given(st.binary(max_size=300))
def test_whatever_is_on_a_tag_it_is_read(memory: bytes) -> None:
    line, pages = tag_with(memory)
    assert len(read_wristband(line).text) <= 200
    assert len(pages) <= 60

"""Packets, bitmaps and TLV: public frames read and written back, card data that does not get past the codec, any bytes at all."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.port import Step
from devices.terminals.zvt.apdu import Apdu, decode_apdu, encode_apdu
from devices.terminals.zvt.bmp import (
    BITMAPS,
    CONTAINER,
    Fields,
    Keep,
    bcd,
    decode_fields,
    decode_llvar,
    encode_fields,
    encode_llvar,
    fields,
)
from devices.terminals.zvt.card_data import SECRET_TLV, last_four, mask_pan, mask_text
from devices.terminals.zvt.codes import health_of, step_of
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.packets import (
    ACCEPTED,
    LAYOUTS,
    Kind,
    Packet,
    authorisation,
    command,
    decode,
    encode,
    for_patient,
    printed_lines,
    refused,
    registration,
)
from devices.terminals.zvt.tlv import decode_tlv
from devices.tlv import Tlv
from devices.tlv import encode as encode_tlv
from tests.devices.terminals.vectors import (
    APDUS,
    APPROVAL_WITHOUT_AMOUNT,
    EVEREST_APPROVAL,
    PORTALUM_APPROVAL,
    octets,
)


@pytest.mark.parametrize("text", APDUS.values(), ids=APDUS.keys())
def test_public_apdus_are_read_and_written_byte_for_byte(text: str) -> None:
    assert encode(decode(octets(text))) == octets(text)


def test_an_approval_gives_up_its_fields_and_not_its_card() -> None:
    packet = decode(octets(EVEREST_APPROVAL))
    said = packet.fields
    assert (packet.kind, packet.result) == (Kind.STATUS_INFORMATION, 0)
    assert (said.number(0x04), said.number(0x49), said.number(0x87), said.number(0x0B)) == (2500, 978, 231, 975)
    assert (said.digits(0x29), said.text(0x3B), said.text(0x8B), said.last4) == ("52523535", "750071", "MasterCard", "8074")
    written = encode(packet)
    assert b"\x55\x98\x83" not in written
    assert written == octets(EVEREST_APPROVAL.replace("559883EEEEEE8074", "EEEEEEEEEEEE8074").replace("0E 2405", "0E 0000"))


def test_other_terminals_approvals() -> None:
    hobex = decode(octets(PORTALUM_APPROVAL))
    assert (hobex.fields.number(0x04), hobex.fields.number(0x87), hobex.fields.last4) == (2040, 470, "4771")
    assert encode(hobex) == octets(PORTALUM_APPROVAL.replace("0E-25-12", "0E-00-00"))
    without = decode(octets(APPROVAL_WITHOUT_AMOUNT))
    assert without.fields.number(0x04) is None
    assert without.fields.raw(0x04) is None
    assert without.tlv(0x60) is not None


def test_texts_of_a_receipt() -> None:
    packet = decode(octets(APDUS["administration receipt (Portalum)"]))
    assert printed_lines(packet)[:3] == ("02.11.2021         17:05:02", "TID:AH000006", "Abschluss - keine TX")
    assert not for_patient(packet)
    line = Packet(Kind.PRINT_LINE, (b"\0",), text="Händlerbeleg")
    assert decode(encode(line)) == line
    assert printed_lines(line) == ("Händlerbeleg",)
    assert for_patient(line)
    assert printed_lines(Packet(Kind.PRINT_TEXT_BLOCK)) == ()


def test_answers() -> None:
    assert encode(ACCEPTED) == b"\x80\0\0"
    assert decode(b"\x84\0\0") == ACCEPTED
    assert encode(refused(0x66)) == b"\x84\x66\0"
    assert decode(octets("84 9D 07 04 000000000100")).code == 0x9D
    assert decode(octets("06 1E 01 6C")).code == 0x6C
    assert decode(octets("05 01 00")).head == ()
    assert decode(octets("04 0F 00")).result is None
    assert decode(octets("04 0F 02 27 FF")).result == 0xFF
    assert decode(octets("04 77 02 AA BB")) == Packet(Kind.OTHER, control=0x0477)
    assert encode(Packet(Kind.OTHER, control=0x0477)) == b"\x04\x77\0"


def test_commands_that_we_build() -> None:
    assert encode(registration("123456", 0xDE, 978)) == octets(APDUS["registration (EVerest)"])
    assert encode(authorisation(11000, 978)) == octets("06 01 10 04 000000011000 49 0978 19 40 01 3C 02 3C")
    assert encode(command(Kind.STATUS_ENQUIRY, password="123456")) == octets("05 01 03 123456")
    assert encode(command(Kind.REVERSAL, (0x87, bcd(231, 2)), password="123456")) == octets("06 30 06 123456 87 0231")
    assert encode(registration("123456", 0xBE, 978, blocks=True)) == octets("06 00 0E 123456 BE 0978 06 06 26 04 0A 02 06D3")
    with pytest.raises(CodecError, match="bcd-range"):
        authorisation(10**12, 978)


def test_long_lengths() -> None:
    for size in (0, 254, 255, 256, 0xFFFF):
        apdu = Apdu(0x06D3, b"x" * size)
        assert decode_apdu(encode_apdu(apdu)) == apdu
    assert encode_apdu(Apdu(0x06D3, b"x" * 255))[:5] == b"\x06\xd3\xff\xff\0"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("04 0F", "apdu-short"),
        ("04 0F FF 01", "apdu-short"),
        ("04 0F 06 00 01 02 03", "apdu-length"),
        ("04 0F 01 27", "bmp-short"),
        ("04 0F 03 04 00 00", "bmp-short"),
        ("04 0F 02 8B F1", "llvar-short"),
        ("04 0F 03 8B F1 FA", "llvar-digit"),
        ("04 0F 01 06", "tlv-short"),
        ("04 0F 02 06 83", "tlv-length"),
        ("04 0F 03 06 82 01", "tlv-short"),
        ("04 0F 03 06 01 1F", "tlv-short"),
        ("04 0F 04 06 02 07 82", "tlv-short"),
        ("04 0F 04 06 02 07 01", "tlv-short"),
        ("04 0F 06 06 04 1F 80 80 80", "tlv-tag"),
        ("06 1E 00", "head-short"),
        ("06 0F 03 F0 F0 F0", "status-short"),
        ("06 0F 03 F0 F0 F1", "llvar-short"),
        ("06 0F 04 F6 90 11 73", "llvar-short"),  # a version, not bitmap F6: the length is written with F in front
    ],
)
def test_what_is_wrong_has_a_name_and_no_bytes_in_it(text: str, reason: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(octets(text))
    assert str(caught.value) == caught.value.reason == reason


def test_what_cannot_be_written() -> None:
    for wrong, reason in (
        (Fields(((0x99, b""),)), "bmp-unknown"),
        (Fields(((0x04, b"\0"),)), "bmp-size"),
        (Fields(((0x8B, b"x" * 100),)), "llvar-range"),
    ):
        with pytest.raises(CodecError, match=reason):
            encode_fields(wrong)
    with pytest.raises(CodecError, match="bcd-range"):
        bcd(-1, 2)


def test_an_unknown_bitmap_costs_what_follows_it_and_no_more() -> None:
    read = decode_fields(octets("27 00 99 559883123456 8074"))
    assert read == Fields(((0x27, b"\0"),), unread=9)


@pytest.mark.parametrize("said", ["06 03 09 01 AA 06 03 09 01 BB", "06 00 06 06 09 01 AA 09 01 BB", "06 00 06 00"])
def test_two_containers_are_read_as_one(said: str) -> None:
    read = decode_fields(octets(said))
    assert [entry.value for entry in read.tlv] == [b"\xaa", b"\xbb"][: len(read.tlv)]
    assert read.values == ((0x06, b""),)
    assert decode_fields(encode_fields(read)) == read


def test_containers_too_deep_are_refused() -> None:
    raw = b""
    for _ in range(12):
        raw = b"\x20" + bytes([len(raw)]) + raw
    with pytest.raises(CodecError, match="tlv-depth"):
        decode_tlv(raw)


# What is printed and shown


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("06 D1 06 00 48656C6C6F", ("Hello",)),
        ("06 D1 01 00", ("",)),
        ("06 D1 01 81", ()),
        ("06 D1 03 81 4F4B", ("OK",)),
        ("06 D1 02 40 41", ("A",)),
        ("06 D1 02 FF 03", ("", "", "")),
        ("06 D1 02 FF 33", ("", "", "")),
        ("06 D1 02 FF 7F", ("",) * 9),
        ("06 D1 01 FF", ("",)),
        ("06 D1 09 00 4142 06 04 1F07 01 02", ("AB",)),
        ("06 D1 04 00 41 06 42", ("A\x06B",)),
        ("06 D1 05 00 41 06 01 42", ("A\x06\x01B",)),
        ("06 D1 04 00 41 06 00", ("A\x06\0",)),
    ],
)
def test_print_lines_have_attributes_and_with_some_makers_a_container(text: str, lines: tuple[str, ...]) -> None:
    raw = octets(text)
    packet = decode(raw)
    assert printed_lines(packet) == lines
    assert encode(packet) == raw


def test_a_line_may_say_whose_it_is() -> None:
    merchants = decode(octets("06 D1 09 00 4142 06 04 1F07 01 01"))
    assert printed_lines(merchants) == ("AB",)
    assert not for_patient(merchants)


def test_makers_print_in_letters_of_their_own() -> None:
    line = decode(octets("06 D1 05 00 C4 A4 31 30"))
    assert printed_lines(line, "iso8859-15") == ("Ä€10",)
    assert printed_lines(line) == ("─ñ10",)
    block = Packet(Kind.PRINT_TEXT_BLOCK, fields=fields(tlv=(Tlv(0x25, children=(Tlv(0x07, b"\xa4 5"), Tlv(0x09, b"\x81"))),)))
    assert printed_lines(decode(encode(block)), "iso8859-15") == ("€ 5",)


@pytest.mark.parametrize(
    ("text", "minutes", "shown"),
    [
        ("04 FF 01 17", 0, ()),
        ("04 FF 02 17 05", 5, ()),
        ("04 FF 02 17 06", 6, ()),
        ("04 FF 02 A3 FF", 0, ()),
        ("04 FF 0A 0A 01 06 06 24 04 07 02 4F4B", 1, ("OK",)),
        ("04 FF 09 0A 06 06 24 04 07 02 4F4B", 0, ("OK",)),
    ],
)
def test_signs_of_life(text: str, minutes: int, shown: tuple[str, ...]) -> None:
    packet = decode(octets(text))
    assert (packet.minutes, printed_lines(packet)) == (minutes, shown)
    assert encode(packet) == octets(text)


@pytest.mark.parametrize("text", ["04 FF 04 A0 01 06 05", "06 D3 02 06 05", "06 D3 03 04 00 00", "04 FF 03 0A 01 27"])
def test_what_cannot_be_read_of_a_print_or_a_sign_of_life_ends_nothing(text: str) -> None:
    packet = decode(octets(text))
    assert packet.fields.unread
    assert printed_lines(packet) == ()


def test_a_terminals_clock() -> None:
    clock = decode(octets("04 01 08 AA 261122 0C 123005"))
    assert (clock.kind, clock.fields.digits(0xAA), clock.fields.digits(0x0C)) == (Kind.TILL_CLOCK, "261122", "123005")


# Card data (law 8)

PAN = "4929123456789012"


PACKED = sorted(tag for tag, bitmap in BITMAPS.items() if bitmap.keep in (Keep.LAST_FOUR, Keep.NOTHING))


@given(st.sampled_from(PACKED), st.data())
def test_no_card_number_survives_in_any_bitmap(tag: int, data: st.DataObject) -> None:
    bitmap = BITMAPS[tag]
    secret = (
        bytes.fromhex(PAN)[: bitmap.size] if bitmap.size > 0 else bytes.fromhex(data.draw(st.sampled_from([PAN, PAN + "d2512f"])))
    )
    raw = bytes([tag]) + (secret if bitmap.size > 0 else encode_llvar(secret, -bitmap.size))
    kept = dict(decode_fields(raw).values)[tag]
    assert secret not in kept
    if bitmap.keep is Keep.NOTHING:
        assert not any(kept)


@given(st.text("0123456789", min_size=5, max_size=19))
def test_of_a_packed_number_the_last_four_stay(digits: str) -> None:
    packed = bytes.fromhex(digits + "f" * (len(digits) % 2))
    assert last_four(mask_pan(packed)) == digits[-4:]
    assert mask_pan(packed).hex().count("e") == len(digits) - 4


def test_short_and_masked_numbers() -> None:
    assert mask_pan(b"\x12") == b"\x12"
    assert last_four(bytes.fromhex("eeeeeeeeeeeeeeee")) == ""
    assert last_four(b"") == ""


@given(st.sampled_from(sorted(SECRET_TLV)), st.integers(0, 3))
def test_card_objects_are_dropped_however_deep(tag: int, depth: int) -> None:
    raw = encode_tlv((Tlv(tag, PAN.encode()), Tlv(0x09, b"\x01")))
    for _ in range(depth):
        raw = b"\x2f" + bytes([len(raw)]) + raw
    assert PAN.encode() not in encode_tlv(decode_tlv(raw))
    assert b"\x09\x01\x01" in encode_tlv(decode_tlv(raw))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("PAN 4111111111111111", "PAN ************1111"),
        ("4111 1111 1111 1111 ok", "**** **** **** 1111 ok"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("Trace 4111111111111112", "Trace 4111111111111112"),
        ("0000000000000000", "0000000000000000"),
        ("Total 12.34", "Total 12.34"),
    ],
)
def test_card_numbers_in_printed_text_are_starred(text: str, kept: str) -> None:
    assert mask_text(text) == kept
    line = encode(Packet(Kind.PRINT_LINE, (b"\0",), text=text))
    assert decode(line).text == kept
    assert Fields(((0x3C, text.encode()),)).text(0x3C) == kept
    for tag, digits in ((0x3C, 3), (0x8B, 2)):
        said = decode_fields(bytes([tag]) + encode_llvar(text.encode(), digits))
        assert said.raw(tag) == kept.encode(), "and no more is in memory"
    (block,) = decode_tlv(encode_tlv((Tlv(0x25, children=(Tlv(0x07, text.encode()),)),)))
    assert block.children[0].value == kept.encode()


# Any bytes


@given(st.binary(max_size=120))
def test_any_tlv_is_read_or_refused_and_written_back_the_same(raw: bytes) -> None:
    try:
        objects = decode_tlv(raw)
    except CodecError:
        return
    assert decode_tlv(encode_tlv(objects)) == objects


@given(st.sampled_from([layout.control for layout in LAYOUTS]), st.binary(max_size=120))
def test_any_packet_is_read_or_refused_and_reads_the_same_again(control: int, data: bytes) -> None:
    try:
        packet = decode(encode_apdu(Apdu(control, data)))
    except CodecError:
        return
    assert packet.result is None or packet.result in range(256)
    if not packet.fields.unread:
        assert decode(encode(packet)) == packet


@given(st.binary(max_size=60))
def test_any_apdu_is_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(CodecError):
        assert decode(raw).control <= 0xFFFF


@given(st.binary(max_size=99))
def test_llvar_and_back(value: bytes) -> None:
    assert decode_llvar(b"?" + encode_llvar(value, 2) + b"!", 1, 2) == (value, 3 + len(value))


def test_bitmaps_are_declared_once_and_sizes_are_known() -> None:
    assert all(bitmap.size > 0 or bitmap.size in (-2, -3, CONTAINER) for bitmap in BITMAPS.values())
    assert len({layout.control for layout in LAYOUTS}) == len({layout.kind for layout in LAYOUTS}) == len(LAYOUTS)
    assert fields((0x27, b"\0"), tlv=(Tlv(0x09, b"\1"),)).tlv[0].find(0x01) is None


@given(st.integers(0, 255))
def test_every_code_has_a_meaning(code: int) -> None:
    assert isinstance(step_of(code), Step)
    health = health_of(code)
    assert health.usable is (code == 0)
    assert bool(health.fault) is (code != 0)


def test_known_codes() -> None:
    assert [step_of(code) for code in (0x0A, 0x68, 0x15, 0x04, 0xA3, 0x0B, 0x4B)] == [
        Step.INSERT_CARD, Step.READING, Step.ENTER_PIN, Step.WAIT, Step.WAIT, Step.REMOVE_CARD, Step.REMOVE_CARD,
    ]  # fmt: skip
    assert health_of(0xDF).condition == "latched"
    assert health_of(0x9C).fault == "terminal-busy"
    assert health_of(0x77).fault == "terminal-needs-service"

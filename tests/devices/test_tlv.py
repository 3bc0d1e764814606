"""BER-TLV: what is right comes out whole and in order, what is wrong is refused by name, and nothing is unbounded."""

from __future__ import annotations

import itertools

import pyemv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.smartcards.simulator import emv
from devices.tlv import Limits, Tlv, TlvError, encode, encode_length, find, parse, parse_flat

CARD = Tlv(
    0x6F,
    children=(
        Tlv(0x84, bytes.fromhex("A0000000041010")),
        Tlv(0xA5, children=(Tlv(0x50, b"ONE"), Tlv(0x50, b"TWO"), Tlv(0x9F38), Tlv(0xBF0C))),
    ),
)


def test_a_selection_is_read_as_it_stands() -> None:
    raw = bytes.fromhex("6F1B 8407A0000000041010 A510 5003 4F4E45 5003 54574F 9F3800 BF0C00")
    assert parse(raw) == (CARD,)
    assert encode((CARD,)) == raw


def test_what_is_looked_for_is_found_at_its_level_only() -> None:
    assert find((CARD,), 0x84) is None
    proprietary = CARD.find(0xA5)
    assert proprietary is not None
    assert proprietary.find(0x50) == Tlv(0x50, b"ONE")
    assert [item.value for item in proprietary.children if item.tag == 0x50] == [b"ONE", b"TWO"]


@pytest.mark.parametrize("where", ["0000 5001AA 8701BB", "5001AA 00 8701BB", "5001AA 8701BB 000000"])
def test_zeros_between_objects_are_filler(where: str) -> None:
    assert parse(bytes.fromhex(where)) == (Tlv(0x50, b"\xaa"), Tlv(0x87, b"\xbb"))


def test_zeros_in_a_container_are_filler_and_in_a_value_they_are_its_own() -> None:
    assert parse(bytes.fromhex("7007 00 50020000 00 00")) == (Tlv(0x70, children=(Tlv(0x50, b"\x00\x00"),)),)


def test_nothing_is_nothing() -> None:
    assert parse(b"") == ()
    assert parse(b"\x00\x00") == ()


@pytest.mark.parametrize("size", [0, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF - 4, 0x10000, 0x20000])
def test_a_length_is_as_short_as_it_goes_and_read_back(size: int) -> None:
    wide = Limits(size=0x20010)
    raw = encode((Tlv(0x53, bytes(size)),))
    assert len(raw) == 1 + len(encode_length(size)) + size
    assert parse(raw, limits=wide) == (Tlv(0x53, bytes(size)),)


@pytest.mark.parametrize("written", ["5001AA", "508101AA", "50820001AA", "5083000001AA"])
def test_a_length_may_be_longer_than_it_need_be(written: str) -> None:
    """ISO 7816-4 5.2.2.2: 81 00 to 81 FF, 82 0000 to 82 FFFF; cards do write them."""
    assert parse(bytes.fromhex(written)) == (Tlv(0x50, b"\xaa"),)


@pytest.mark.parametrize("tag", [0x42, 0x5A, 0x9F02, 0x1F07, 0x7F49, 0xBF0C, 0xDF8129, 0xDFEE12, 0xFFEE1F])
def test_tags_of_one_to_three_bytes(tag: int) -> None:
    raw = encode((Tlv(tag),))
    assert raw == tag.to_bytes((tag.bit_length() + 7) // 8, "big") + b"\x00"
    assert parse(raw) == (Tlv(tag),)


@pytest.mark.parametrize("tag", [0, 0x1F, 0x5A00, 0x5A5A, 0x9F80, 0x9F8001, 0xDF81, 0xDF818181, 0x9F0202])
def test_what_is_no_tag_is_not_written(tag: int) -> None:
    with pytest.raises(TlvError) as refused:
        encode((Tlv(tag),))
    assert refused.value.reason == "tlv-tag"


def test_a_length_of_four_bytes_is_not_written() -> None:
    assert encode_length(0xFFFFFF) == b"\x83\xff\xff\xff"
    with pytest.raises(TlvError) as refused:
        encode_length(0x1000000)
    assert refused.value.reason == "tlv-length"


@pytest.mark.parametrize(
    ("wrong", "reason", "at"),
    [
        ("50", "tlv-short", 1),
        ("5005AABB", "tlv-short", 0),
        ("5001AA 9F", "tlv-short", 4),
        ("DF81", "tlv-short", 2),
        ("5082", "tlv-short", 0),
        ("508201", "tlv-short", 0),
        ("7004 5005AABB", "tlv-short", 2),
        ("7002 5001 AA", "tlv-short", 2),  # its value lies beyond its container
        ("7001 50 01AA", "tlv-short", 2),  # as does its length here
        ("7001 9F 0200", "tlv-short", 2),  # and half its tag
        ("7002 5081 01AA", "tlv-short", 2),
        ("7080 5001AA 0000", "tlv-length", 0),
        ("5001AA 508400000001AA", "tlv-length", 3),
        ("50FF", "tlv-length", 0),
        ("9F8001 01AA", "tlv-tag", 0),
        ("5001AA DF818181 01AA", "tlv-tag", 3),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(wrong: str, reason: str, at: int) -> None:
    with pytest.raises(TlvError) as refused:
        parse(bytes.fromhex(wrong))
    assert (refused.value.reason, refused.value.at) == (reason, at)


def test_a_refusal_says_nothing_of_what_it_read() -> None:
    with pytest.raises(TlvError) as refused:
        parse(bytes.fromhex("5A09") + bytes.fromhex(emv.TEST_NUMBER))
    assert str(refused.value) == "tlv-short at byte 0"


def _nest(levels: int) -> bytes:
    raw = bytes.fromhex("5A01AA")
    for _ in range(levels):
        raw = b"\x70" + encode_length(len(raw)) + raw
    return raw


def test_depth_is_bounded() -> None:
    assert parse(_nest(3), limits=Limits(depth=3))
    for raw in (_nest(4), _nest(10_000)):
        with pytest.raises(TlvError) as refused:
            parse(raw, limits=Limits(depth=3))
        assert refused.value.reason == "tlv-depth"


def test_size_is_bounded() -> None:
    assert parse(bytes(10), limits=Limits(size=10)) == ()
    with pytest.raises(TlvError) as refused:
        parse(bytes(11), limits=Limits(size=10))
    assert refused.value.reason == "tlv-size"


def test_the_number_of_objects_is_bounded_nested_ones_included() -> None:
    raw = bytes.fromhex("7004 5000 5000 5000")
    assert len(parse(raw, limits=Limits(count=4))) == 2
    with pytest.raises(TlvError) as refused:
        parse(raw, limits=Limits(count=3))
    assert refused.value.reason == "tlv-count"


def test_flat_opens_nothing_and_keeps_what_is_inside() -> None:
    """A PIV certificate object: DER in a constructed tag, and a constructed tag without anything."""
    raw = bytes.fromhex("7004 30800000 710100 FE00")
    assert parse_flat(raw) == (Tlv(0x70, bytes.fromhex("30800000")), Tlv(0x71, b"\x00"), Tlv(0xFE))
    assert encode(parse_flat(raw)) == raw


def test_any_buffer_will_do() -> None:
    raw = bytes.fromhex("5001AA")
    assert parse(bytearray(raw)) == parse(memoryview(raw)) == parse(raw)


def _container(tag: int, children: list[Tlv]) -> Tlv:
    return Tlv(tag, children=tuple(children))


TAGS = st.sampled_from([0x42, 0x50, 0x5A, 0x84, 0x9F02, 0x9F38, 0x5F2D, 0xDF8129, 0x1F07])
CONTAINERS = st.sampled_from([0x61, 0x6F, 0x70, 0xA5, 0xBF0C, 0x7F49, 0xFFEE1F])
PRIMITIVES = st.builds(Tlv, TAGS, st.binary(max_size=300), st.just(()))
OBJECTS = st.recursive(PRIMITIVES, lambda inner: st.builds(_container, CONTAINERS, st.lists(inner, max_size=4)), max_leaves=12)


@given(st.lists(OBJECTS, max_size=4).map(tuple))
def test_what_is_written_is_read_back(objects: tuple[Tlv, ...]) -> None:
    deep = Limits(depth=20)
    assert parse(encode(objects), limits=deep) == objects


@given(st.lists(OBJECTS, max_size=4).map(tuple), st.data())
def test_cut_anywhere_between_objects_it_ends_and_elsewhere_it_is_refused(objects: tuple[Tlv, ...], data: st.DataObject) -> None:
    raw = encode(objects)
    cut = data.draw(st.integers(0, len(raw)))
    between = list(itertools.accumulate((len(encode((item,))) for item in objects), initial=0))
    if cut in between:
        assert parse(raw[:cut], limits=Limits(depth=20)) == objects[: between.index(cut)]
    else:
        with pytest.raises(TlvError, match="tlv-short"):
            parse(raw[:cut], limits=Limits(depth=20))


@given(st.binary(max_size=200))
def test_whatever_comes_it_is_read_or_refused_by_name(raw: bytes) -> None:
    try:
        objects = parse(raw)
    except TlvError:
        return
    assert parse(encode(objects)) == objects
    assert len(encode(objects)) <= len(raw)


@given(st.lists(PRIMITIVES, max_size=6, unique_by=lambda item: item.tag).map(tuple), CONTAINERS)
def test_pyemv_reads_the_same_where_it_can(objects: tuple[Tlv, ...], tag: int) -> None:
    """It keeps one of each tag; so each is there once."""
    theirs = pyemv.tlv.decode(encode((Tlv(tag, children=objects),)))
    assert theirs == {f"{tag:X}": {f"{item.tag:X}": item.value for item in objects}}


def test_the_sample_card_has_the_sheets_sizes_and_pyemv_reads_it_as_we_do() -> None:
    assert (len(emv.SELECTED), sum(map(len, emv.RECORDS))) == (76, 726)
    for raw in (emv.SELECTED, *emv.RECORDS):
        assert pyemv.tlv.decode(raw) == _as_pyemv(parse(raw))


def _as_pyemv(objects: tuple[Tlv, ...]) -> dict[str, object]:
    return {f"{item.tag:X}": _as_pyemv(item.children) if item.children else item.value for item in objects}

"""The parsers under test: what each is fed with, and what must hold of whatever it makes of any bytes.

A `read` returns when all is well, raises one of the parser's own `errors` for input that is none, and AssertionError when it
broke its word. What else it raises is a bug.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from devices import tlv
from devices.smartcards.simulator import emv
from devices.terminals.captures.row import CaptureError
from devices.terminals.errors import LinkDown
from devices.terminals.neo2 import framing as neo2
from devices.terminals.neo2.card import error_of, read_card
from devices.terminals.neo2.errors import Unencrypted, Unreadable
from devices.terminals.neo2.packets import answer, name_of
from devices.terminals.neo2.reports import REPORT, ReportParser, reports
from devices.terminals.port import Sale
from devices.terminals.zvt import framing as zvt
from devices.terminals.zvt.apdu import Apdu, encode_apdu
from devices.terminals.zvt.bmp import BITMAPS, decode_fields
from devices.terminals.zvt.card_data import mask_text
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.packets import Kind, Packet, decode, encode, for_patient, printed_lines
from devices.terminals.zvt.recovery import judge
from devices.terminals.zvt.sale import is_for
from devices.terminals.zvt.stream import ApduStream
from devices.terminals.zvt.tlv import decode_tlv
from devices.tlv import encode as encode_tlv
from domain.money import Money
from domain.payment import MOST_CARD_DATA, Mark, Outcome
from tests.devices.terminals.fuzz import captures
from tests.devices.terminals.neo2 import vectors as neo2_vectors
from tests.devices.terminals.neo2.cards import MARKED, OBJECTS, contact_word, inserted, tapped
from tests.devices.terminals.vectors import (
    APDUS,
    APPROVAL_WITHOUT_AMOUNT,
    EVEREST_APPROVAL,
    PORTALUM_APPROVAL,
    SERIAL,
    octets,
)

SALE = Sale("attempt", Money(2500, "EUR"), Mark(230, 974), dt.datetime(2026, 4, 5, tzinfo=dt.UTC), offline=False)


T = TypeVar("T")


SMALL = 4_000
"""Bytes up to which a little more is still within every limit."""


@dataclass(frozen=True, slots=True)
class Parser:
    name: str
    corpus: Sequence[bytes]
    read: Callable[[bytes], object]
    errors: tuple[type[Exception], ...] = ()
    weight: int = 1
    """An input takes as long as so many of another parser's: it gets as many fewer."""


_APPROVALS = (EVEREST_APPROVAL, PORTALUM_APPROVAL, APPROVAL_WITHOUT_AMOUNT)
ZVT_FRAMES = [octets(frame) for frame in SERIAL.values()]
ZVT_APDUS = [octets(apdu) for apdu in (*APDUS.values(), *_APPROVALS)]
ZVT_TLV = [
    bytes.fromhex(text)
    for text in ("1f0701 02 25 0f 0705546f74616c 07 0532352e3030 0900", "e9 0e 1f6202 4143 1f6306 333834484832")
]
NEO2_FRAMES = [
    octets(neo2_vectors.HEADER + rest) for rest in (*neo2_vectors.COMMANDS.values(), *neo2_vectors.RESPONSES.values())
] + [neo2.encode(frame) for frame in (tapped(), inserted(), contact_word(3))]
NEO2_CARDS = [b"\xc1" + OBJECTS, b"\xc0" + OBJECTS, b"\xc1" + MARKED, b"\xc1" + bytes.fromhex("ffee1f04 20698503")]


def _zvt_frames(data: bytes) -> None:
    """However it is cut, the same is read; what is handed on was there; what was begun ends with a pause, and the frame after
    that is read."""
    parser = zvt.FrameParser()
    events = [*parser.feed(data), *parser.gap()]
    assert parser.quiet
    for event in events:
        if isinstance(event, zvt.Received):
            assert zvt.frame(event.apdu) in data
    if len(data) < 32:
        single = zvt.FrameParser()
        assert [*(event for byte in data for event in single.feed(bytes((byte,)))), *single.gap()] == events
    assert parser.feed(zvt.frame(data[:999])) == [zvt.Received(data[:999])]
    assert parser.quiet


def _zvt_stream(data: bytes) -> None:
    stream, found = ApduStream(), list[bytes]()
    half = len(data) // 2
    for part in (data[:half], data[half:]):
        for apdu in stream.feed(part):
            found.append(apdu)
    assert data.startswith(b"".join(found))


def _sure(read: Callable[[bytes], T], data: bytes) -> T:
    """What is read from input that must be right."""
    try:
        return read(data)
    except (CodecError, tlv.TlvError, Unencrypted, Unreadable) as error:
        raise AssertionError(f"refused: {data[:200].hex()}") from error


def _zvt_packets(data: bytes) -> None:
    """Whatever a terminal may say is read without surprise, by all that reads it; what is kept of it is written and read again
    as it was. One byte more is one too many."""
    packet = decode(data)
    with suppress(CodecError):
        raise AssertionError(f"{decode(data + bytes(1))} with a byte too many")
    said = packet.fields
    for tag in (0x04, 0x27, 0x3B, 0x3C, 0x87, 0x8B):
        said.number(tag), said.byte(tag), said.digits(tag), said.text(tag)
    assert len(said.last4) in (0, 4)
    printed_lines(packet)
    for_patient(packet)
    if packet.kind is Kind.STATUS_INFORMATION:
        _judged(packet)
    if packet.kind not in (Kind.OTHER, Kind.ACCEPTED) and not said.unread:
        # A text's digits are masked again: what is left of one number and the next may look like a third.
        assert _sure(decode, encode(packet)) == replace(packet, text=mask_text(packet.text))


def _zvt_packets_mended(data: bytes) -> None:
    """With a length that is right, so that what is inside is looked at."""
    _zvt_packets(encode_apdu(Apdu(int.from_bytes(data[:2], "big"), data[3 : 3 + 0xFFFF])))


def _judged(packet: Packet) -> None:
    result = judge(SALE, packet)
    if result.outcome is Outcome.APPROVED:
        assert packet.result == 0
        assert is_for(SALE, packet)
        assert result.amount == SALE.amount


def _zvt_fields(data: bytes) -> None:
    read = decode_fields(data)
    assert all(tag in BITMAPS for tag, _ in read.values)
    assert sum(len(value) for _, value in read.values) + read.unread <= len(data)
    if not read.unread:  # nothing of it was taken for a part of what is said next
        assert _sure(decode_fields, data + b"\x27\x05").values == (*read.values, (0x27, b"\x05"))


def _zvt_tlv(data: bytes) -> None:
    objects = decode_tlv(data)
    if len(data) > SMALL:
        return
    assert _sure(decode_tlv, encode_tlv(objects)) == objects
    assert [each.tag for each in _sure(decode_tlv, data + b"\x41\x00")] == [*(each.tag for each in objects), 0x41]


def _tlv(data: bytes) -> None:
    objects = tlv.parse(data)
    if len(data) <= SMALL and data[:1] != b"\0":
        assert _sure(tlv.parse, tlv.encode(objects)) == objects
        assert _sure(tlv.parse, data + b"\x50\x00") == (*objects, tlv.Tlv(0x50))
    tlv.parse_flat(data)


def _neo2_frames(data: bytes) -> None:
    parser = neo2.FrameParser()
    half = len(data) // 2
    events = [*parser.feed(data[:half]), *parser.feed(data[half:]), *parser.gap()]
    assert parser.quiet
    for event in events:
        if isinstance(event, neo2.Frame):
            head = neo2.HEADER + bytes((event.command, event.code)) + len(event.data).to_bytes(2, "big")
            assert head + event.data in data
            name_of(event)
            answer(event)
    (whole,) = parser.feed(neo2.encode(neo2.response(0x18, 0, data[:999])))
    assert isinstance(whole, neo2.Frame)
    assert whole.data == data[:999]
    assert parser.quiet


def _neo2_reports(data: bytes) -> None:
    """`data` in pieces as a device might hand them over, and as the reports of a frame that they may be."""
    parser = ReportParser()
    pieces = [data[at : at + REPORT] for at in range(0, len(data), REPORT)]
    for piece in (*reports(data or b"\0"), *pieces):
        parser.feed(piece)
    parser.gap()
    assert parser.quiet


def _look(data: bytes) -> memoryview:
    return memoryview(bytearray(data))


def _neo2_card(data: bytes) -> None:
    """What is handed on can be sealed, and neither it nor its names show a card's number."""
    read = read_card(_look(data))
    assert 0 < len(read.data.data) <= MOST_CARD_DATA
    assert len(read.card.last4) in (0, 4)
    assert data.endswith(read.data.data)
    if len(read.data.data) < MOST_CARD_DATA - 4:
        more = b"\x9f\x36\x01\x07"
        assert _sure(lambda longer: read_card(_look(longer)), data + more).data.data == read.data.data + more


def _neo2_card_mended(data: bytes) -> None:
    """From a reader that says that it has encrypted it."""
    _neo2_card(bytes((0xC1,)) + data[1:])


def _neo2_error(data: bytes) -> None:
    assert len(error_of(_look(data))) in (0, 10)


PARSERS = (
    Parser("zvt-frames", ZVT_FRAMES + [zvt.frame(apdu) for apdu in ZVT_APDUS], _zvt_frames),
    Parser("zvt-stream", ZVT_APDUS, _zvt_stream, (LinkDown,)),
    Parser("zvt-packets", ZVT_APDUS, _zvt_packets, (CodecError,)),
    Parser("zvt-packets-mended", ZVT_APDUS, _zvt_packets_mended, (CodecError,)),
    Parser("zvt-fields", [apdu[3:] for apdu in ZVT_APDUS], _zvt_fields, (CodecError,)),
    Parser("zvt-tlv", ZVT_TLV, _zvt_tlv, (CodecError,)),
    Parser("tlv", [emv.SELECTED, *emv.RECORDS], _tlv, (tlv.TlvError,)),
    Parser("neo2-frames", NEO2_FRAMES, _neo2_frames),
    Parser("neo2-reports", NEO2_FRAMES, _neo2_reports),
    Parser("neo2-card", NEO2_CARDS, _neo2_card, (Unencrypted, Unreadable)),
    Parser("neo2-card-mended", NEO2_CARDS, _neo2_card_mended, (Unencrypted, Unreadable)),
    Parser("captures", captures.CAPTURES, captures.read, (CaptureError,), weight=20),
    Parser("neo2-error", NEO2_CARDS, _neo2_error, (Unencrypted, Unreadable)),
)

"""Frames in USB HID reports: the guide's sample, every length, and reports out of order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.neo2.framing import Event, Garbled, Noise, command, encode, response
from devices.terminals.neo2.reports import REPORT, ReportParser, reports

PING = command(0x18, 1)
LONG = response(9, 0, bytes(range(1, 201)))


def fed(parser: ReportParser, parts: list[bytes]) -> list[Event]:
    return [event for part in parts for event in parser.feed(part)]


def test_the_guides_sample() -> None:
    report = bytes.fromhex("01 56 69 56 4F 74 65 63 68 32 00 18 01 00 00 B3 CD") + bytes(47)
    assert reports(encode(PING)) == [report]
    assert ReportParser().feed(report) == [PING]


@given(st.integers(0, 300))
def test_every_length_there_and_back(size: int) -> None:
    frame = response(9, 0, b"\xee" * size)
    parts = reports(encode(frame))
    assert all(len(part) == REPORT for part in parts)
    ids = [part[0] for part in parts]
    assert ids == [1] if size <= 47 else [2, *[3] * (len(ids) - 2), 4]
    parser = ReportParser()
    assert fed(parser, parts) == [frame]
    assert parser.quiet
    assert fed(parser, parts) == [frame]


def test_reports_out_of_order() -> None:
    first, second, third, last = reports(encode(LONG))
    parser = ReportParser()
    assert fed(parser, [second, last]) == [Noise(), Noise()]
    assert fed(parser, [first, second]) == []
    assert not parser.quiet
    assert fed(parser, reports(encode(PING))) == [Garbled("half-frame"), PING]
    assert fed(parser, [first, second, third, last]) == [LONG]


def test_one_that_ends_too_early() -> None:
    first, _, _, last = reports(encode(LONG))
    assert fed(ReportParser(), [first, last])[0] == Garbled("half-frame")


def test_what_is_no_report_of_ours() -> None:
    parser = ReportParser()
    assert parser.feed(b"\x05" + bytes(63)) == [Noise()]
    assert parser.feed(b"\x01ViVO") == [Noise()]
    assert parser.feed(b"\x01" + b"x" * 63) == [Noise()]
    assert parser.gap() == []


def test_a_pause_in_the_middle() -> None:
    parser = ReportParser()
    parser.feed(reports(encode(LONG))[0])
    assert parser.gap()[0] == Garbled("half-frame")
    assert parser.quiet

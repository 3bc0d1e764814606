"""Hex as people paste it: the same bytes and directions, however they are dressed."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.captures.hexdump import pieces, text_of

FRAME = bytes.fromhex("1002060006123456ba0978100324c3")


def read(text: str) -> list[tuple[str, str]]:
    return [(piece.direction, piece.why or piece.data.hex()) for piece in pieces(text)]


@pytest.mark.parametrize(
    "line",
    [
        "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3",
        "10-02-06-00-06-12-34-56-BA-09-78-10-03-24-C3",
        "10:02:06:00:06:12:34:56:ba:09:78:10:03:24:c3",
        "1002060006123456ba0978100324c3",
        "1002 06 00 06 123456 BA 0978 1003 24C3",
        "0x10, 0x02, 0x06, 0x00, 0x06, 0x12, 0x34, 0x56, 0xBA, 0x09, 0x78, 0x10, 0x03, 0x24, 0xC3",
        r"\x10\x02\x06\x00\x06\x12\x34\x56\xba\x09\x78\x10\x03\x24\xc3",
        '"10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3"',
        "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3   # registration",
        "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3 // registration",
        "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3 registration of the till",
        "12:00:01.123 10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3",
        "[2026-11-21 12:00:01] 10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3",
        "00000000: 1002 0600 0612 3456 ba09 7810 0324 c3    ......4V..x..$.",
        "00000000: 1002 0600 0612 3456 ba09 7810 0324 c3    ...>..4V..<-.$.",
        "00000000  10 02 06 00 06 12 34 56  ba 09 78 10 03 24 c3     |......4V..x..$.|",
        "\t0x0000:  1002 0600 0612 3456 ba09 7810 0324 c3",
        "0000   10 02 06 00 06 12 34 56 ba 09 78 10 03 24 c3",
    ],
)
def test_one_line(line: str) -> None:
    assert read(line) == [("", FRAME.hex())]


@pytest.mark.parametrize(
    ("line", "direction"),
    [
        ("-> 80 00 00", "out"),
        ("<- 80 00 00", "in"),
        ("> 80 00 00", "out"),
        ("< 80 00 00", "in"),
        (">> 80 00 00", "out"),
        ("<== 80 00 00", "in"),
        ("->80 00 00", "out"),
        ("12:00:01 -> 80 00 00", "out"),
        ("2026-11-21T12:00:01.5Z kiosk[77]: <- 80 00 00", "in"),
        ("TX: 80 00 00", "out"),
        ("RX 80 00 00", "in"),
        ("ECR -> PT: 80 00 00", "out"),
        ("ECR->PT|80-00-00", "out"),
        ("PT -> ECR: 80 00 00", "in"),
        ("ECR <- PT: 80 00 00", "in"),
        ("terminal <- till 80 00 00", "out"),
        ("-> 0000: 80 00 00", "out"),
        ("<- 00000000  80 00 00  |...|", "in"),
    ],
)
def test_whose_bytes_they_are(line: str, direction: str) -> None:
    assert read(line) == [(direction, "800000")]


def test_the_lines_of_a_dump_belong_to_its_first() -> None:
    assert read("<- 0000: 06 0f 0b\n   0010: f0 f0\n-> 0000: 80 00 00\n80 00 00") == [
        ("in", "060f0b"),
        ("in", "f0f0"),
        ("out", "800000"),
        ("", "800000"),
    ]


@pytest.mark.parametrize("line", ["be careful", "Sending registration now", "10 0", "xyz 10 02 06"])
def test_a_line_without_bytes_says_so_and_not_what_it_said(line: str) -> None:
    assert [(piece.why, piece.line, piece.data) for piece in pieces("\n" + line)] == [("not-hex", 2, b"")]


def test_lines_that_hexdump_left_out_are_missed() -> None:
    assert [why for _, why in read("00000000  00 00 00 00  |....|\n*\n00000040\n")] == ["00000000", "lines-left-out"]


def test_remarks_and_empty_lines_are_nothing() -> None:
    assert read("# a dialogue\n\n   ; of yesterday\n// 10 02\n") == []


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16"])
def test_texts_of_any_editor(form: str) -> None:
    text = text_of("06 0F 00 # größer".encode(form))
    assert text is not None
    assert read(text.lstrip("\ufeff")) == [("", "060f00")]


@pytest.mark.parametrize("data", [FRAME, b"\x80\x00\x00", b"ViVOtech2\0\x18\x01\x00\x00\xb3\xcd"])
def test_a_terminals_own_bytes_are_no_text(data: bytes) -> None:
    assert text_of(data) is None


@given(st.text())
def test_any_text_is_borne(text: str) -> None:
    for piece in pieces(text):
        assert bool(piece.data) != bool(piece.why)


@pytest.mark.parametrize("tool", [("xxd",), ("hexdump", "-Cv"), ("od", "-vAx", "-tx1"), ("od", "-vAx", "-tx1z")])
@pytest.mark.parametrize("data", [FRAME, bytes(range(256)), b"->10 02<- |# ;//" * 5])
def test_the_tools_that_people_use(tool: tuple[str, ...], data: bytes) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    dump = subprocess.run(tool, input=data, capture_output=True, check=True).stdout.decode()
    assert b"".join(piece.data for piece in pieces(dump)) == data

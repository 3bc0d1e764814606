"""pcap and pcapng, and TCP put together again: whatever order it came in, and whatever is missing."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.captures import network, pcap
from devices.terminals.captures.network import Connections
from devices.terminals.captures.pcap import Record, records
from devices.terminals.captures.row import Piece
from tests.devices.terminals.captures.wires import (
    PORT,
    block,
    classic,
    enhanced,
    ethernet,
    interface,
    ipv4,
    ipv6,
    next_generation,
    section,
    segment,
)

DATA = bytes.fromhex("060000")


def heard(packets: Iterable[bytes], link: int = 1, port: int = PORT) -> list[Piece]:
    return list(Connections(port).pieces(Record(link, packet) for packet in packets))


def said(pieces: list[Piece]) -> list[str]:
    return [piece.why or f"{piece.direction} {piece.data.hex()}" for piece in pieces]


# files


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_pcap_of_every_kind(order: str, nanoseconds: bool) -> None:
    file = classic([b"one", b"", b"three"], 147, order=order, nanoseconds=nanoseconds)
    assert pcap.is_pcap(file)
    assert [(record.link, record.data) for record in records(file)] == [(147, b"one"), (147, b""), (147, b"three")]


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(order: str) -> None:
    simple = block(3, struct.pack(f"{order}I", 5) + b"three", order)
    old = block(2, struct.pack(f"{order}HHIIII", 0, 0, 0, 0, 4, 4) + b"four", order)
    statistics = block(5, b"\0" * 16, order)
    file = (
        next_generation([b"one", b"two22"], 1, order)
        + statistics
        + simple
        + old
        + section(">")
        + interface(101, ">")
        + enhanced(b"!", ">")
    )
    assert pcap.is_pcap(file)
    assert [(record.link, record.data) for record in records(file)] == [
        (1, b"one"), (1, b"two22"), (1, b"three"), (1, b"four"), (101, b"!"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "file",
    [
        classic([b"one"], 1) + b"\0" * 7,
        classic([b"one"], 1)[:-1],
        classic([b"one"], 1) + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0),
        classic([b"one"], 1) + struct.pack("<IIII", 0, 0, 300_000, 0) + b"\0" * 300_000,
        next_generation([b"one"], 1) + b"\6\0\0\0\5\0\0\0",
        next_generation([b"one"], 1) + b"\6\0\0\0\xff\0\0\0",
        next_generation([b"one"], 1) + enhanced(b"two", number=1),
        next_generation([b"one"], 1) + block(6, b"\0" * 8),
        next_generation([b"one"], 1) + section()[:8] + b"\0" * 20,
        next_generation([b"one"], 1) + b"".join(interface(1) for _ in range(300)),
    ],
)
def test_a_file_that_is_cut_off_says_so_after_what_is_whole(file: bytes) -> None:
    found = list(records(file))
    assert found[-1].why == "file-damaged"
    assert [record.data for record in found[:-1]] == [b"one"] or file[-1:] != b"\0" or len(found) == 1


def test_a_header_alone_that_is_cut_off() -> None:
    assert [record.why for record in records(classic([], 1)[:10])] == ["file-damaged"]


@given(st.binary(max_size=300), st.sampled_from([classic([], 1), section() + interface(1)]))
def test_any_file_is_borne(tail: bytes, head: bytes) -> None:
    list(records(head + tail))
    heard([record.data for record in records(head + tail)])


# what carries it


@pytest.mark.parametrize(
    ("link", "packet"),
    [
        (1, ethernet(ipv4(segment(DATA, 5)))),
        (1, ethernet(ipv4(segment(DATA, 5)), vlan=True)),
        (1, ethernet(ipv4(segment(DATA, 5), padding=b"\0" * 6))),
        (1, ethernet(ipv4(segment(DATA, 5), options=b"\1" * 4))),
        (1, ethernet(ipv4(segment(DATA, 5, options=b"\1" * 12)))),
        (1, ethernet(ipv6(segment(DATA, 5)))),
        (1, ethernet(ipv6(segment(DATA, 5), extension=b"\6\0" + b"\0" * 6))),
        (101, ipv4(segment(DATA, 5))),
        (12, ipv6(segment(DATA, 5))),
        (0, b"\2\0\0\0" + ipv4(segment(DATA, 5))),
        (113, b"\0" * 16 + ipv4(segment(DATA, 5))),
        (276, b"\0" * 20 + ipv4(segment(DATA, 5))),
    ],
)
def test_what_carries_it(link: int, packet: bytes) -> None:
    assert said(heard([packet], link)) == ["out 060000"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\1" * 14,
        ethernet(ipv4(segment(DATA, 5), kind=17)),
        ethernet(ipv4(segment(DATA, 5), fragment=0x2000)),
        ethernet(ipv4(segment(DATA, 5), fragment=100)),
        ethernet(ipv4(segment(DATA, 5)))[:40],
        ethernet(ipv6(segment(DATA, 5)))[:50],
        ethernet(ipv6(segment(DATA, 5), extension=b"\x2c\0" + b"\0" * 6)),
        ethernet(b"\x41" + ipv4(segment(DATA, 5))[1:]),
        ethernet(ipv4(segment(DATA, 5)[:12] + b"\x10" + segment(DATA, 5)[13:])),
        ethernet(b"\x70" + ipv4(segment(DATA, 5))[1:]),
    ],
)
def test_what_is_no_segment_of_ours(packet: bytes) -> None:
    assert heard([packet]) == []


def test_an_unknown_link() -> None:
    assert heard([ipv4(segment(DATA, 5))], link=999) == []


def test_which_ports_it_went_to_instead() -> None:
    connections = Connections(PORT)
    packets = [ethernet(ipv4(segment(data, 5, port=22000))) for data in (b"", DATA, DATA)]
    assert list(connections.pieces(Record(1, packet) for packet in packets)) == []
    assert connections.others.most_common() == [(22000, 2)]


# putting together


def pieces_of(data: bytes, chance: random.Random, first: int) -> list[bytes]:
    """`data` as segments of random lengths, some of them sent again with more."""
    segments, at = [], 0
    while at < len(data):
        size = chance.randrange(1, 9)
        segments.append(segment(data[at : at + size], (first + at) % 2**32))
        if chance.random() < 0.3:
            start = max(0, at - chance.randrange(4))
            segments.append(segment(data[start : at + size + chance.randrange(3)], (first + start) % 2**32))
        at += size
    return segments


@pytest.mark.parametrize("first", [7, 2**32 - 20])
@given(seed=st.integers(0, 2**32))
def test_whatever_order_it_came_in(first: int, seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(range(60))
    segments = pieces_of(data, chance, first)
    for _ in range(5):  # nearby ones change places
        at = chance.randrange(len(segments))
        segments.insert(max(0, at - chance.randrange(4)), segments.pop(at))
    opening = segment(b"", first - 1, syn=True)
    found = heard(ethernet(ipv4(packet)) for packet in [opening, *segments])
    assert all(not piece.why for piece in found)
    assert b"".join(piece.data for piece in found) == data


def test_both_directions_and_other_connections_keep_apart() -> None:
    packets = [
        ethernet(ipv4(segment(b"\1", 5))),
        ethernet(ipv4(segment(b"\2", 900, out=False), out=False)),
        ethernet(ipv4(segment(b"\3", 5, till=51001))),
        ethernet(ipv4(segment(b"\4", 6))),
    ]
    found = heard(packets)
    assert said(found) == ["out 01", "in 02", "out 03", "out 04"]
    assert found[0].stream == found[1].stream == found[3].stream != found[2].stream


def test_what_is_missing_is_said_and_the_rest_goes_on() -> None:
    packets = [ethernet(ipv4(segment(data, at))) for at, data in ((5, b"\1"), (8, b"\4"), (9, b"\5"), (20, b"\6"))]
    assert said(heard(packets)) == ["out 01", "segment-missing", "out 04", "out 05", "segment-missing", "out 06"]


def test_a_gap_is_not_waited_for_for_ever() -> None:
    packets = [ethernet(ipv4(segment(b"\1", 5)))]
    packets += [ethernet(ipv4(segment(b"\2", at))) for at in range(8, 8 + network.MOST_HELD + 2)]
    found = list(Connections(PORT).pieces(Record(1, packet) for packet in packets))
    assert [piece.why for piece in found].count("segment-missing") == 1


def test_a_port_that_is_used_again_is_another_connection() -> None:
    packets = [segment(b"", 4, syn=True), segment(b"\1", 5), segment(b"\3", 7), segment(b"", 900, syn=True), segment(b"\4", 901)]
    assert said(heard(ethernet(ipv4(packet)) for packet in packets)) == ["out 01", "segment-missing", "out 03", "out 04"]


def test_no_more_connections_than_it_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MOST_STREAMS", 1)
    assert said(heard([ethernet(ipv4(segment(DATA, 5))), ethernet(ipv4(segment(DATA, 5, till=1)))])) == ["out 060000"]


@pytest.mark.skipif(shutil.which("text2pcap") is None, reason="text2pcap is not installed (apt-get install wireshark-common)")
@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_files_that_wireshark_wrote(tmp_path: Path, kind: str) -> None:
    (tmp_path / "dump").write_text("I 0000 06 00 00\nO 0000 80 00 00\n")
    subprocess.run(
        ["text2pcap", "-q", "-D", "-F", kind, "-T", f"{PORT},51000", str(tmp_path / "dump"), str(tmp_path / "file")],
        check=True, capture_output=True,
    )  # fmt: skip
    pieces = list(Connections(PORT).pieces(records((tmp_path / "file").read_bytes())))
    assert sorted(said(pieces)) == ["in 800000", "out 060000"] or sorted(said(pieces)) == ["in 060000", "out 800000"]

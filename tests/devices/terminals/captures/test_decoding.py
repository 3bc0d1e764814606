"""Captures to rows: every public frame, every way to keep them, and no card number whatever happens."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.captures import decoding
from devices.terminals.captures.decoding import Protocol, decode
from devices.terminals.captures.row import CaptureError, Row
from devices.terminals.captures.zvt_mask import masked
from devices.terminals.neo2.framing import command, encode, response
from devices.terminals.neo2.reports import reports
from devices.terminals.zvt.bmp import BITMAPS, CONTAINER, Keep, encode_llvar
from devices.terminals.zvt.card_data import SECRET_TLV
from devices.terminals.zvt.errors import CodecError
from devices.terminals.zvt.framing import crc, frame
from devices.terminals.zvt.packets import decode as decode_packet
from tests.devices.terminals.captures.wires import classic, ethernet, ipv4, next_generation, segment, talk
from tests.devices.terminals.vectors import APDUS, APPROVAL_WITHOUT_AMOUNT, EVEREST_APPROVAL, PORTALUM_APPROVAL, SERIAL

NUMBER = "4111111111111111"
PACKED = bytes.fromhex(NUMBER)


def raw_of(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", "").replace(" ", ""))


def rows(data: bytes, protocol: Protocol = Protocol.ZVT_TCP, port: int = 20007) -> list[Row]:
    return list(decode(data, protocol, port))


def told(found: list[Row]) -> list[tuple[str, str]]:
    return [(row.direction, row.name) for row in found]


# every public frame


@pytest.mark.parametrize("text", SERIAL.values(), ids=SERIAL.keys())
def test_serial_frames(text: str) -> None:
    (row,) = rows(text.encode(), Protocol.ZVT_SERIAL)
    (same,) = rows(raw_of(text), Protocol.ZVT_SERIAL)
    assert row == same
    assert frame(bytes.fromhex(row.hex)) == raw_of(text)
    assert row.name != "unreadable"
    json.dumps(row.fields)


@pytest.mark.parametrize("text", APDUS.values(), ids=APDUS.keys())
def test_apdus(text: str) -> None:
    (row,) = rows(raw_of(text))
    assert bytes.fromhex(row.hex) == raw_of(text)
    assert "error" not in row.fields
    assert not row.name.startswith("other")


def test_an_approval_and_what_is_left_of_its_card() -> None:
    (row,) = rows(EVEREST_APPROVAL.encode())
    fields: dict[str, Any] = row.fields
    assert (row.direction, row.name) == ("in", "status-information")
    assert (fields["amount"], fields["currency"], fields["receipt"], fields["trace"]) == (2500, "EUR", 231, 975)
    assert (fields["card-number"], fields["card-expiry"]) == ("************8074", "not shown")
    assert (fields["card-name"], fields["terminal-id"]) == ("MasterCard", "52523535")
    assert "559883" not in json.dumps(fields) + row.hex
    assert len(bytes.fromhex(row.hex)) == len(raw_of(EVEREST_APPROVAL))
    assert "eeeeeeeeeeee8074" in row.hex


@pytest.mark.parametrize("text", [EVEREST_APPROVAL, PORTALUM_APPROVAL, APPROVAL_WITHOUT_AMOUNT, *APDUS.values()])
def test_what_is_masked_says_the_same_and_masks_the_same(text: str) -> None:
    raw = raw_of(text)
    assert len(masked(raw)) == len(raw)
    assert decode_packet(masked(raw)) == decode_packet(raw)
    assert masked(masked(raw)) == masked(raw)


@given(st.sampled_from([raw_of(text) for text in (EVEREST_APPROVAL, PORTALUM_APPROVAL, *APDUS.values())]), st.integers(0, 2**32))
def test_so_does_any_damaged_one(raw: bytes, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    damaged = bytes(data)
    shown = masked(damaged)
    assert len(shown) == len(damaged)
    try:
        packet = decode_packet(damaged)
    except CodecError:
        return
    assert decode_packet(shown) == packet


# law 8


def test_the_next_bitmaps_tag_makes_no_other_number_of_a_printed_one() -> None:
    """BMP 37 is the digit 7 to who reads on."""
    text = b"\x3c" + encode_llvar(b"6799998900000060018", 3)
    (row,) = rows(_apdu(0x040F, b"\x27\0" + text + b"\x37\x12\x34\x56").hex(" ").encode("ascii"))
    assert b"6799998900000" not in bytes.fromhex(row.hex)
    assert b"***************0018" in bytes.fromhex(row.hex)
    assert row.name == "status-information"


@pytest.mark.parametrize("begun", ["F6", "F6 F0", "F6 FA F1 73"])
def test_a_version_that_cannot_be_read_shows_nothing(begun: str) -> None:
    data = _apdu(0x060F, raw_of(begun))
    assert masked(data) == data[:3] + b"\xee" * (len(data) - 3)


def _apdu(control: int, data: bytes) -> bytes:
    return control.to_bytes(2, "big") + bytes([len(data)]) + data


def _hiding() -> list[bytes]:
    """Packets with a card's number or track in every place that the codec knows of."""
    track = bytes.fromhex(f"{NUMBER}d2512101")
    found = [_apdu(0x040F, b"\x27\0\x22" + encode_llvar(PACKED, 2))]
    for bitmap in BITMAPS.values():
        if bitmap.keep is Keep.NOTHING and bitmap.size < 0 and bitmap.size != CONTAINER:
            found.append(_apdu(0x040F, b"\x27\0" + bytes([bitmap.tag]) + encode_llvar(track, -bitmap.size)))
    for tag in SECRET_TLV:
        item = tag.to_bytes(2 if tag > 0xFF else 1, "big") + bytes([len(track)]) + track
        found.append(_apdu(0x040F, b"\x27\0\x06" + bytes([len(item)]) + item))
        nested = b"\xe4" + bytes([len(item)]) + item
        found.append(_apdu(0x040F, b"\x27\0\x06" + bytes([len(nested)]) + nested))
    text = f"Card {NUMBER}".encode()
    found.append(_apdu(0x06D1, b"\0" + text))
    lines = b"\x07" + bytes([len(text)]) + text
    found.append(_apdu(0x06D3, b"\x06" + bytes([len(lines) + 2]) + b"\x25" + bytes([len(lines)]) + lines))
    found.append(_apdu(0x040F, b"\x3c" + encode_llvar(text, 3)))
    found.append(_apdu(0x040F, b"\x27\0\x99" + track))  # behind a bitmap that nobody knows
    found.append(_apdu(0x040D, track + text))  # a packet that nobody knows
    found.append(_apdu(0x849D, track))
    return found


@pytest.mark.parametrize("raw", _hiding(), ids=lambda raw: raw.hex()[:24])
@pytest.mark.parametrize("way", ["whole", "wrong CRC", "cut off", "text", "tcp"])
def test_no_card_number_however_it_came(raw: bytes, way: str) -> None:
    whole = frame(raw)
    found = {
        "whole": lambda: rows(whole, Protocol.ZVT_SERIAL),
        "wrong CRC": lambda: rows(whole[:-1] + bytes([whole[-1] ^ 1]), Protocol.ZVT_SERIAL),
        "cut off": lambda: rows(whole[:-3], Protocol.ZVT_SERIAL) + rows(raw[:-1]),
        "text": lambda: rows(f"-> {whole.hex()} what a card".encode(), Protocol.ZVT_SERIAL),
        "tcp": lambda: rows(classic(talk((False, raw[:9]), (False, raw[9:])), 1)),
    }[way]()
    assert found
    shown = json.dumps([[row.hex, row.fields] for row in found])
    for secret in (NUMBER, NUMBER.encode().hex(), NUMBER[:12], NUMBER[:12].encode().hex(), f"{NUMBER[-4:]}d2512"):
        assert secret not in shown


# what files there are


REGISTRATION, ACCEPTED, COMPLETION = raw_of(APDUS["registration (EVerest)"]), bytes.fromhex("800000"), bytes.fromhex("060f00")
DIALOGUE = ((True, REGISTRATION), (False, ACCEPTED), (False, COMPLETION), (True, ACCEPTED))
TOLD = [("out", "registration"), ("in", "accepted"), ("in", "completion"), ("out", "accepted")]


@pytest.mark.parametrize("write", [classic, next_generation])
def test_a_dialogue_over_tcp(write: Any) -> None:
    assert told(rows(write(talk(*DIALOGUE), 1))) == TOLD
    in_bytes = [(out, bytes([byte])) for out, data in DIALOGUE for byte in data]
    assert told(rows(write(talk(*in_bytes), 1))) == TOLD


def test_directions_are_guessed_where_nothing_says_them() -> None:
    assert told(rows(b"".join(data for _, data in DIALOGUE))) == TOLD
    assert told(rows(b"\n".join(data.hex().encode() for _, data in DIALOGUE))) == TOLD


def test_an_answer_to_nothing_and_a_stranger_have_no_direction() -> None:
    assert told(rows(ACCEPTED + bytes.fromhex("047700"))) == [("", "accepted"), ("", "other-0477")]


def test_what_the_file_says_of_directions_counts() -> None:
    assert told(rows(b"<- 06 0F 00\n-> 80 00 00\n<- 80 00 00")) == [("in", "completion"), ("out", "accepted"), ("in", "accepted")]


def test_a_serial_line_in_a_pcap() -> None:
    frames = [frame(data) for _, data in DIALOGUE]
    assert told(rows(classic([frames[0][:4], frames[0][4:], b"\x06", *frames[1:]], 147), Protocol.ZVT_SERIAL)) == [
        TOLD[0], ("", "ack"), *TOLD[1:],
    ]  # fmt: skip


def test_another_port() -> None:
    file = classic([ethernet(ipv4(segment(REGISTRATION, 5, port=22000)))], 1)
    with pytest.raises(CaptureError, match="other-port 22000"):
        decode(file, Protocol.ZVT_TCP, 20007)
    assert told(rows(file, port=22000)) == [("out", "registration")]


def test_nothing_and_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_BYTES", 10)
    for data, reason in ((b"", "empty"), (b"x" * 11, "too-large")):
        with pytest.raises(CaptureError, match=reason):
            decode(data, Protocol.ZVT_TCP, 20007)


# what cannot be read


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (frame(ACCEPTED)[:-1] + b"\0" + frame(COMPLETION), ["unreadable crc", "completion"]),
        (b"\x15\x06\x99\x99" + frame(COMPLETION), ["nak", "ack", "unreadable noise", "completion"]),
        (frame(COMPLETION)[:5], ["unreadable half-frame"]),
        (b"\x10\x02\x06\x10\x02" + frame(COMPLETION)[2:], ["unreadable restarted", "completion"]),
    ],
)
def test_serial_damage(data: bytes, names: list[str]) -> None:
    assert [f"{row.name} {row.fields.get('reason', '')}".strip() for row in rows(data, Protocol.ZVT_SERIAL)] == names


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"06 0F 00\n99 99 99 99\n06 0F 00", ["completion", "unreadable no-apdu", "completion"]),
        (b"06 0F 05 00", ["unreadable half-apdu"]),
        (b"06 0F 00 06", ["completion", "unreadable half-apdu"]),
        (b"nothing here\n06 0F 00", ["unreadable not-hex", "completion"]),
    ],
)
def test_tcp_damage(data: bytes, names: list[str]) -> None:
    assert [f"{row.name} {row.fields.get('reason', '')}".strip() for row in rows(data)] == names


def test_what_a_capture_lacks() -> None:
    packets = [ethernet(ipv4(segment(COMPLETION, at))) for at in (5, 100)]
    assert [row.name for row in rows(classic(packets, 1) + b"\0")] == ["completion", "unreadable", "unreadable", "completion"]


@pytest.mark.parametrize(
    ("text", "name", "error"),
    [
        ("04 0F 02 27 00 00", "unreadable", None),
        ("04 0F 03 27 00 04", "status-information", "bmp-short"),
        ("06 1E 00", "abort", "head-short"),
        ("06 0F 03 F0 F0 F0", "completion", "status-short"),
        ("06 0F 03 F0 F0 F9", "completion", "llvar-short"),
        ("04 0F 03 22 FF F0", "status-information", "llvar-digit"),
        ("06 D3 02 06 83", "print-text-block", None),
        ("06 D3 04 06 02 07 09", "print-text-block", None),
    ],
)
def test_a_packet_that_cannot_be_read_is_named(text: str, name: str, error: str | None) -> None:
    row = rows(raw_of(text))[-1]
    assert (row.name, row.fields.get("error")) == (name, error)


@pytest.mark.parametrize("protocol", Protocol)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_borne(protocol: Protocol, data: bytes) -> None:
    for whole in (data, classic([data], 147), classic([data], 1), next_generation([data], 101), data.hex().encode()):
        try:
            found = rows(whole, protocol)
        except CaptureError:
            continue
        for row in found:
            bytes.fromhex(row.hex)
            json.dumps(row.fields)


@given(st.sampled_from([0x040F, 0x06D3, 0x060F, 0x0600, 0x06D1, 0x04FF, 0x849C]), st.binary(max_size=120))
def test_any_packet_is_borne(control: int, data: bytes) -> None:
    raw = _apdu(control, data)
    (row,) = rows(frame(raw), Protocol.ZVT_SERIAL)
    assert len(bytes.fromhex(row.hex)) == len(raw)
    assert crc(raw) >= 0


# NEO 2


def neo2(*frames: bytes) -> list[Row]:
    return rows(b"".join(frames), Protocol.NEO2)


def test_a_dialogue_with_a_reader() -> None:
    found = neo2(
        encode(command(0x18, 0x01)), encode(response(0x18, 0x00)), encode(command(0x12, 0x01)),
        encode(response(0x12, 0x00, b"123T456789\0")), encode(command(0x14, 0x01, b"\1\2")), encode(response(0x02, 0x08)),
        encode(command(0x02, 0x40, b"\x0a\x9f\x02\x06\0\0\0\0\x12\x34")),
    )  # fmt: skip
    assert told(found) == [
        ("out", "ping"), ("in", "ping"), ("out", "serial-number"), ("in", "serial-number"), ("in", "boot-notification"),
        ("in", "02-answer"), ("out", "activate"),
    ]  # fmt: skip
    assert found[3].fields == {"command": "12", "status": "00", "means": "ok", "text": "123T456789"}
    assert found[4].fields["data"] == "0102"
    assert found[5].fields["means"] == "timed out"
    assert found[6].fields["bytes"] == 10


def test_public_vectors_of_a_reader() -> None:
    head = b"ViVOtech2\0".hex()
    found = rows(f"-> {head} 18 01 00 00 B3 CD\n<- {head} 18 00 00 00 FA 83".encode(), Protocol.NEO2)
    assert told(found) == [("out", "ping"), ("in", "ping")]
    assert found[0].hex == head + "18010000b3cd"


ENCRYPTED = b"\xc1" + bytes.fromhex("dfee120a") + bytes(range(10)) + bytes.fromhex("5ac110") + bytes(range(0x80, 0x90))


def test_a_card_that_the_reader_encrypted() -> None:
    (row,) = neo2(encode(response(0x02, 0x23, ENCRYPTED)))
    assert row.fields["ksn"] == bytes(range(10)).hex()
    assert row.fields["objects"] == ["dfee12 plain 10", "5a encrypted 16"]
    assert row.fields["card"] == {"brand": "", "last4": ""}
    assert bytes(range(0x80, 0x90)).hex() not in row.hex


@pytest.mark.parametrize(
    "data",
    [
        b"\x01" + b"\x5a\x08" + PACKED,
        b"\xc1" + b"\x5a\x08" + PACKED,
        b"\xc1" + b"\x57\x10" + bytes.fromhex(f"{NUMBER}d2512101000000"),
        b"\xc1" + b"\x5a\x09" + PACKED,
        f"%B{NUMBER}^DOE/JOHN^2512".encode(),
    ],
)
@pytest.mark.parametrize("number", [0x02, 0x03, 0x60, 0x61, 0x2C])
def test_a_card_that_it_had_not_encrypted_is_not_shown(data: bytes, number: int) -> None:
    (row,) = neo2(encode(response(number, 0x00, data)))
    assert row.fields["error"] in ("unencrypted", "tlv")
    shown = row.hex + json.dumps(row.fields)
    assert NUMBER not in shown
    assert NUMBER.encode().hex() not in shown


def test_reports_of_a_usb_reader() -> None:
    whole = encode(response(0x09, 0x00, b"module " * 20))
    text = "\n".join(f"<- {report.hex(' ')}" for report in reports(whole))
    (row,) = rows(text.encode(), Protocol.NEO2)
    assert (row.direction, row.name) == ("in", "module-versions")


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (encode(command(0x18, 0x01))[:-1] + b"\0", ["crc", "noise"]),
        (b"\x99" * 30 + encode(command(0x18, 0x01)), ["noise", None]),
        (encode(command(0x18, 0x01))[:12], ["half-frame", "noise"]),
    ],
)
def test_a_readers_damage(data: bytes, reasons: list[str | None]) -> None:
    assert [row.fields.get("reason") for row in neo2(data)] == reasons

"""NEO 2's frames: the public ones to the byte, any split, noise, and bytes that nobody meant."""

from __future__ import annotations

from binascii import crc_hqx

import crcmod
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.neo2.framing import (
    HEADER,
    MOST_DATA,
    Frame,
    FrameParser,
    Garbled,
    Noise,
    command,
    encode,
    response,
)
from tests.devices.terminals.neo2 import vectors

CRC = crcmod.predefined.mkCrcFun("crc-ccitt-false")
PING, PONG = command(0x18, 1), response(0x18, 0)
NO_FRAME = b"\x00Vi\x56ViVOtech2ATZ\r\n"


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize("name", vectors.COMMANDS)
def test_every_public_command(name: str) -> None:
    raw = octets(vectors.HEADER + vectors.COMMANDS[name])
    (frame,) = FrameParser().feed(raw)
    assert isinstance(frame, Frame)
    assert not frame.response
    assert encode(frame) == raw
    assert CRC(raw[:-2]).to_bytes(2, "little") == raw[-2:]


@pytest.mark.parametrize("name", vectors.RESPONSES)
def test_every_public_response(name: str) -> None:
    raw = octets(vectors.HEADER + vectors.RESPONSES[name])
    (frame,) = FrameParser().feed(raw)
    assert isinstance(frame, Frame)
    assert frame.response
    assert encode(frame) == raw
    assert CRC(raw[:-2]).to_bytes(2, "big") == raw[-2:]


def test_what_they_say() -> None:
    (frame,) = FrameParser().feed(octets(vectors.HEADER + vectors.RESPONSES["serial number (VP3350 manual, p19)"]))
    assert frame == response(0x12, 0, b"630Z000001\0\0\0\0\0")
    (frame,) = FrameParser().feed(octets(vectors.HEADER + vectors.COMMANDS["ping (p42)"]))
    assert frame == PING


def test_the_crc_is_the_one_that_crcmod_knows() -> None:
    burst = octets(vectors.BURST)
    assert crc_hqx(burst[:-2], 0xFFFF) == CRC(burst[:-2]) == int.from_bytes(burst[-2:], "big")


def test_pass_through_has_its_high_byte_first_both_ways() -> None:
    raw = encode(command(0x2C, 0x18, b"\x20"))
    assert CRC(raw[:-2]).to_bytes(2, "big") == raw[-2:]
    assert encode(response(0x2C, 0))[-2:] == CRC(encode(response(0x2C, 0))[:-2]).to_bytes(2, "big")


FRAMES = st.builds(Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=200).map(bytearray), st.booleans())


@given(FRAMES)
def test_whole_and_one_byte_at_a_time(frame: Frame) -> None:
    raw = encode(frame)
    if frame.command == 0x2C or raw[-1] == raw[-2]:  # where the order does not tell, it is a response
        frame.response = True
    assert FrameParser().feed(raw) == [frame]
    parser = FrameParser()
    events = [event for byte in raw for event in parser.feed(bytes([byte]))]
    assert events == [frame]
    assert parser.quiet


@given(st.lists(st.one_of(FRAMES.map(encode), st.binary(max_size=40)), max_size=6), st.lists(st.integers(1, 90), max_size=20))
def test_any_split_of_any_stream_says_the_same(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    parser, frames, at = FrameParser(), [], 0
    for cut in [*cuts, len(stream)]:
        frames += [event for event in parser.feed(stream[at : at + cut]) if isinstance(event, Frame)]
        at += cut
    whole = FrameParser()
    said = [event for event in whole.feed(stream) if isinstance(event, Frame)]
    frames += [event for event in parser.gap() if isinstance(event, Frame)]
    assert frames == said + [event for event in whole.gap() if isinstance(event, Frame)]
    assert parser.quiet


@given(
    st.lists(st.sampled_from([HEADER, HEADER[:5], b"\x18\x00\x00\x00\xfa\x83", b"\x00\x0f\xff", b"V", encode(PONG)]), max_size=80)
)
def test_headers_upon_headers_hold_no_more_than_one_frame(parts: list[bytes]) -> None:
    parser = FrameParser()
    for part in parts:
        parser.feed(part)
        assert len(parser._held) < len(HEADER) + 6 + MOST_DATA
    parser.gap()
    assert parser.quiet


def test_a_frame_behind_noise_and_behind_half_a_frame() -> None:
    raw = encode(PONG)
    assert FrameParser().feed(NO_FRAME + raw) == [Noise(), PONG]
    assert FrameParser().feed(raw[:-1] + raw + raw) == [Garbled("crc"), Noise(), PONG, PONG]
    assert FrameParser().feed(HEADER + raw + raw)[-1] == PONG


def test_a_frame_longer_than_any_reader_sends_swallows_nothing() -> None:
    assert FrameParser().feed(HEADER + b"\x18\x00\xff\xff" + encode(PONG)) == [Garbled("too-long"), Noise(), PONG]
    assert FrameParser(4).feed(encode(response(9, 0, b"12345")))[0] == Garbled("too-long")
    assert FrameParser(5).feed(encode(response(9, 0, b"12345"))) == [response(9, 0, b"12345")]


def test_a_wrong_crc_is_no_frame() -> None:
    raw = bytearray(encode(PONG))
    raw[-1] ^= 1
    parser = FrameParser()
    assert parser.feed(raw) == [Garbled("crc")]
    assert parser.gap() == [Noise()]


def test_what_was_begun_and_did_not_go_on() -> None:
    parser = FrameParser()
    assert parser.gap() == []
    parser.feed(encode(PONG)[:-1])
    assert not parser.quiet
    assert parser.gap() == [Garbled("half-frame"), Noise()]
    assert parser.feed(encode(PONG)) == [PONG]
    parser.feed(HEADER + b"\x02\x23\x04\x00" + encode(PONG))
    assert parser.gap() == [Garbled("half-frame"), Noise(), PONG]
    parser.feed(HEADER[:4])
    assert parser.gap() == [Noise()]


def test_what_was_handed_on_or_thrown_away_is_overwritten() -> None:
    parser = FrameParser()
    (frame,) = parser.feed(encode(response(2, 0x23, b"4761739999990010")))
    assert isinstance(frame, Frame)
    assert "4761" not in repr(frame)
    held = frame.data
    frame.wipe()
    assert held == bytearray(16)


def test_data_that_no_length_can_say() -> None:
    with pytest.raises(ValueError, match="65,535"):
        encode(command(1, 1, bytes(0x10000)))

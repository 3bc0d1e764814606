"""Frames: the public captures, crcmod as the second opinion, and whatever bytes hypothesis can think of."""

from __future__ import annotations

import crcmod.predefined
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.terminals.simulator.zvt.line import checksum, framed
from devices.terminals.zvt.framing import (
    Acknowledged,
    Event,
    FrameParser,
    Noise,
    NotAcknowledged,
    Received,
    Unreadable,
    crc,
    frame,
)
from devices.terminals.zvt.packets import decode, encode
from tests.devices.terminals.vectors import SERIAL, octets

kermit = crcmod.predefined.mkCrcFun("kermit")


@pytest.mark.parametrize("text", SERIAL.values(), ids=SERIAL.keys())
def test_public_captures_are_read_and_written_byte_for_byte(text: str) -> None:
    raw = octets(text)
    (event,) = FrameParser().feed(raw)
    assert isinstance(event, Received)
    assert kermit(event.apdu + b"\x03") == int.from_bytes(raw[-2:], "little")
    assert frame(encode(decode(event.apdu))) == raw
    assert framed(event.apdu) == raw


@given(st.binary(max_size=80))
def test_the_check_is_crcmods(data: bytes) -> None:
    assert crc(data) == kermit(data)
    assert checksum(data) == kermit(data).to_bytes(2, "little")


@given(st.binary(max_size=200))
@example(b"\x10\x03\x10\x02\x10\x10")
def test_what_is_framed_is_read_back_between_acknowledgements(apdu: bytes) -> None:
    events = FrameParser().feed(b"\x06" + frame(apdu) + b"\x15" + frame(apdu))
    assert events == [Acknowledged(), Received(apdu), NotAcknowledged(), Received(apdu)]


@pytest.mark.parametrize("tail", [b"\x10\x10", b"\x10\x03", b"\x03\x10", b"\x10\x02", b"\x06\x06"])
def test_a_check_may_look_like_framing(tail: bytes) -> None:
    """Portalum.Zvt#56: every check value occurs, and is two raw bytes."""
    apdu = next(
        candidate
        for number in range(1 << 24)
        if crc((candidate := number.to_bytes(3, "big")) + b"\x03").to_bytes(2, "little") == tail
    )
    assert FrameParser().feed(frame(apdu) + b"\x06") == [Received(apdu), Acknowledged()]


@given(
    st.lists(st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(frame), st.sampled_from([b"\x06", b"\x15", b"\x10"])))
)
def test_any_bytes_any_chunks_same_events_never_an_exception(chunks: list[bytes]) -> None:
    whole, pieces, single = FrameParser(60), FrameParser(60), FrameParser(60)
    everything = b"".join(chunks)
    expected = list(whole.feed(everything))
    assert [event for chunk in chunks for event in pieces.feed(chunk)] == expected
    assert [event for byte in everything for event in single.feed(bytes([byte]))] == expected
    assert stepped(everything, 60) == expected
    assert all(len(event.apdu) <= 60 for event in expected if isinstance(event, Received))


def stepped(data: bytes, longest: int) -> list[Event]:
    """The parser as it was first written, a byte at a time by the letter of the format: it is slow, and what it says is right."""
    events: list[Event] = []
    state, body, low = "quiet", bytearray(), 0
    for byte in data:
        event: Event | None = None
        if state == "quiet" and byte in (0x06, 0x15):
            event = Acknowledged() if byte == 0x06 else NotAcknowledged()
        elif state in ("quiet", "noise", "start"):
            began = state == "start" and byte == 0x02
            event = Noise() if state != "noise" and byte != 0x10 and not began else None
            state = "body" if began else "start" if byte == 0x10 else "noise"
        elif state == "body" and byte == 0x10:
            state = "escape"
        elif state == "escape" and byte == 0x03:
            state = "low"
        elif state == "escape" and byte == 0x02:
            event, state, body = Unreadable("restarted"), "body", bytearray()
        elif state == "escape" and byte != 0x10:
            event, state, body = Unreadable("stuffing"), "noise", bytearray()
        elif state in ("body", "escape") and len(body) >= longest:
            event, state, body = Unreadable("too-long"), "noise", bytearray()
        elif state in ("body", "escape"):
            body.append(byte)
            state = "body"
        elif state == "low":
            low, state = byte, "high"
        else:
            right = kermit(bytes(body) + b"\x03") == low | byte << 8
            event, state, body = Received(bytes(body)) if right else Unreadable("crc"), "quiet", bytearray()
        events += [event] if event is not None else []
    return events


@given(st.binary(max_size=30))
def test_after_any_garbage_and_a_pause_a_frame_is_read(garbage: bytes) -> None:
    parser = FrameParser()
    parser.feed(garbage)
    parser.gap()
    assert parser.quiet
    assert parser.feed(frame(b"\x80\x00\x00")) == [Received(b"\x80\x00\x00")]


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_flipped_bit_is_never_received_as_something_else(apdu: bytes, data: st.DataObject) -> None:
    raw = bytearray(frame(apdu))
    place = data.draw(st.integers(2, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    received = [event.apdu for event in FrameParser().feed(bytes(raw)) if isinstance(event, Received)]
    assert received in ([], [apdu])


def test_what_goes_wrong_is_named() -> None:
    good = frame(b"\x06\x0f\x00")
    assert FrameParser().feed(good[:-1] + bytes([good[-1] ^ 1])) == [Unreadable("crc")]
    assert FrameParser().feed(b"\x10\x02\x06\x10\x55") == [Unreadable("stuffing")]
    assert FrameParser().feed(b"\x10\x02\x06" + good) == [Unreadable("restarted"), Received(b"\x06\x0f\x00")]
    assert FrameParser(2).feed(good)[:1] == [Unreadable("too-long")]
    assert FrameParser(3).feed(frame(b"\x10\x10\x10\x10"))[:1] == [Unreadable("too-long")]
    assert FrameParser().feed(b"\x55\x06\x15" + good) == [Noise(), Received(b"\x06\x0f\x00")]
    assert FrameParser().feed(b"\x10\x55\x10\x10" + good[1:]) == [Noise(), Received(b"\x06\x0f\x00")]
    parser = FrameParser(2)
    assert [event for byte in good for event in parser.feed(bytes([byte]))][:1] == [Unreadable("too-long")]
    parser = FrameParser()
    parser.feed(good[:4])
    assert parser.gap() == [Unreadable("half-frame")]
    assert not parser.gap()

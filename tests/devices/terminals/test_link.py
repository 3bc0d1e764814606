"""The serial link over a real pty, the test being the terminal's end: acknowledgements, repeats, noise, a device that leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import termios
import tty
from collections.abc import AsyncIterator

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from devices.terminals.errors import LinkDown
from devices.terminals.inbox import MOST_WAITING
from devices.terminals.zvt.framing import frame
from devices.terminals.zvt.link import MOST_SENDS, SerialLink, may_resend

APDU, OTHER = b"\x06\x0f\x00", b"\x04\xff\x01\x0a"
PATIENCE = 10.0


class FarEnd:
    """The terminal's end of a pty."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        self._came = asyncio.Event()
        self._seen = b""
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        self._seen += os.read(self._ours, 4096)
        self._came.set()

    def write(self, data: bytes) -> None:
        os.write(self._ours, data)

    async def reads(self, expected: bytes) -> None:
        """Waits for exactly `expected` next."""
        async with asyncio.timeout(PATIENCE):
            while len(self._seen) < len(expected):
                self._came.clear()
                await self._came.wait()
        assert self._seen[: len(expected)] == expected
        self._seen = self._seen[len(expected) :]

    def deafen(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)

    def leave(self) -> None:
        self.deafen()
        os.close(self._ours)
        os.close(self._theirs)
        self._ours = -1

    @property
    def gone(self) -> bool:
        return self._ours < 0


@contextlib.asynccontextmanager
async def linked(t1: float = 0.05, t2: float = 5.0) -> AsyncIterator[tuple[SerialLink, FarEnd]]:
    far = FarEnd()
    link = SerialLink(far.path, 9600, t1, t2)
    await link.open()
    try:
        yield link, far
    finally:
        await link.close()
        if not far.gone:
            far.leave()


@given(st.integers(1, 10), st.booleans(), st.booleans())
def test_when_bytes_may_go_out_again(sends: int, acknowledged: bool, heard: bool) -> None:
    assert may_resend(sends, acknowledged=acknowledged, heard=heard) is (sends < 3 and not acknowledged and not heard)


async def test_sent_once_when_acknowledged() -> None:
    async with linked() as (link, far):
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU))
        far.write(b"\x06")
        assert await sending == 1


async def test_a_nak_and_silence_are_answered_by_the_same_bytes_three_times_at_most() -> None:
    async with linked(t2=0.05) as (link, far):
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU))
        far.write(b"\x15")
        await far.reads(frame(APDU))
        await far.reads(frame(APDU))
        with pytest.raises(LinkDown, match="no-ack"):
            await sending
        sending = asyncio.ensure_future(link.send(OTHER))
        await far.reads(frame(OTHER))
        far.write(b"\x06")
        assert await sending == 1


async def test_an_apdu_in_place_of_the_ack_proves_that_ours_arrived() -> None:
    async with linked() as (link, far):
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU))
        far.write(frame(OTHER))
        assert await sending == 1
        assert await link.receive() == OTHER
        await far.reads(b"\x06")


async def test_a_repeated_frame_is_acknowledged_again_and_dropped_until_we_have_spoken() -> None:
    async with linked() as (link, far):
        far.write(frame(OTHER) + frame(OTHER))
        await far.reads(b"\x06\x06")
        assert await link.receive() == OTHER
        assert link.waiting() == []
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU))
        far.write(frame(OTHER))
        await far.reads(b"\x06")
        far.write(b"\x06")
        assert await sending == 1
        assert link.waiting() == []
        far.write(frame(OTHER))
        assert await link.receive() == OTHER


async def test_byte_by_byte_and_waiting() -> None:
    async with linked(t1=5.0) as (link, far):
        for byte in frame(OTHER):
            far.write(bytes([byte]))
        await far.reads(b"\x06")
        assert link.waiting() == [OTHER]


async def test_half_a_frame_is_refused_after_the_pause_and_its_repetition_taken() -> None:
    async with linked(t2=0.5) as (link, far):
        far.write(frame(OTHER)[:5])
        await far.reads(b"\x15")
        far.write(frame(OTHER))
        assert await link.receive() == OTHER
        await far.reads(b"\x06")


async def test_a_broken_frame_is_refused() -> None:
    async with linked() as (link, far):
        far.write(frame(OTHER)[:-1] + b"\xff" + b"\xc3")
        await far.reads(b"\x15")
        far.write(frame(OTHER))
        assert await link.receive() == OTHER


async def test_noise_that_nothing_readable_follows_ends_the_line() -> None:
    async with linked(t2=0.05) as (link, far):
        far.write(b"ATZ\r\nOK\r\n")
        with pytest.raises(LinkDown, match="garbage"):
            await link.receive()
        async with asyncio.timeout(PATIENCE):
            await link.down()


async def test_noise_in_place_of_an_ack_is_said_to_be_noise() -> None:
    async with linked(t2=0.3) as (link, far):
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU) * 2)
        far.write(b"\xc3\xc3")
        with pytest.raises(LinkDown, match="garbage"):
            await sending


async def test_a_device_that_leaves_is_noticed_by_whoever_waits() -> None:
    async with linked() as (link, far):
        far.write(frame(OTHER))
        await far.reads(b"\x06")
        far.leave()
        async with asyncio.timeout(PATIENCE):
            await link.down()
        with pytest.raises(LinkDown, match="lost"):
            await link.send(APDU)
        assert link.waiting() == [OTHER]
        for _ in range(2):
            with pytest.raises(LinkDown, match="lost"):
                await link.receive()
        with pytest.raises(LinkDown, match="cannot-open"):
            await link.open()


async def test_a_device_that_leaves_while_we_wait_for_its_ack() -> None:
    async with linked() as (link, far):
        sending = asyncio.ensure_future(link.send(APDU))
        await far.reads(frame(APDU))
        far.leave()
        with pytest.raises(LinkDown, match="lost"):
            await sending


async def test_a_device_that_takes_no_more_bytes_is_given_up() -> None:
    async with linked(t2=0.05) as (link, far):
        far.deafen()
        with pytest.raises(LinkDown, match="no-ack"):
            await link.send(b"\x06\xd3\xff\x00\x80" + b"x" * 0x8000)


async def test_long_packets_go_out_in_pieces() -> None:
    async with linked() as (link, far):
        apdu = b"\x06\xd3\xff\x00\x40" + b"x" * 0x4000
        sending = asyncio.ensure_future(link.send(apdu))
        await far.reads(frame(apdu))
        far.write(b"\x06")
        assert await sending == 1


async def test_a_flood_that_nobody_asked_for_loses_the_line() -> None:
    async with linked() as (link, far):
        said = [b"\x04\xff\x01" + bytes([number]) for number in range(MOST_WAITING + 1)]
        far.write(b"".join(map(frame, said)))
        async with asyncio.timeout(PATIENCE):
            await link.down()
        assert link.waiting() == said[:-1]
        for using in (link.receive(), link.send(APDU)):
            with pytest.raises(LinkDown, match="garbage unasked"):
                await using


async def test_reopening_forgets_what_was_queued() -> None:
    async with linked() as (link, far):
        far.write(frame(OTHER))
        await far.reads(b"\x06")
        await link.open()
        assert link.waiting() == []
        assert MOST_SENDS == 3


async def test_a_device_that_leaves_between_reading_and_answering(monkeypatch: pytest.MonkeyPatch) -> None:
    writing = os.write

    def fails(fd: int, data: bytes) -> int:
        if data == b"\x06":
            raise OSError(5, "Input/output error")
        return writing(fd, data)

    async with linked() as (link, far):
        monkeypatch.setattr(os, "write", fails)
        far.write(frame(APDU) + frame(OTHER))
        with pytest.raises(LinkDown, match="lost"):
            await link.receive()


async def test_a_device_that_takes_no_acknowledgement_now_is_heard_all_the_same() -> None:
    async with linked() as (link, far):
        far.deafen()
        with contextlib.suppress(BlockingIOError):
            while os.write(link._port.fileno(), bytes(4096)):  # type: ignore[union-attr]
                pass
        far.write(frame(APDU))
        assert await link.receive() == APDU


async def test_a_device_that_left_unnoticed_is_noticed_on_writing() -> None:
    async with linked() as (link, far):
        far.leave()
        with pytest.raises(LinkDown, match="lost"):
            await link.send(APDU)


async def test_a_device_that_fails_even_at_being_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closing = serial.Serial.close

    def fails(port: serial.Serial) -> None:
        closing(port)
        raise termios.error(5, "Input/output error")

    async with linked() as (link, _):
        monkeypatch.setattr(serial.Serial, "close", fails)
        await link.close()
        monkeypatch.undo()
        with pytest.raises(LinkDown, match="lost"):
            await link.send(APDU)

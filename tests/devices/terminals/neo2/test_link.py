"""The link over a real pty and over a socket that keeps reports apart, the test being the reader's end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import socket
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from devices.descriptors import Port
from devices.terminals.errors import LinkDown
from devices.terminals.inbox import MOST_WAITING
from devices.terminals.neo2.framing import HEADER, Frame, encode, response
from devices.terminals.neo2.link import CarrierLink, HidCarrier, SerialCarrier
from devices.terminals.neo2.packets import complete, ping
from devices.terminals.neo2.reports import REPORT, reports
from tests.log_watch import LogWatch

PONG, CARD = response(0x18, 0), response(0x02, 0x23, b"\xc1" + b"4761739001010010")
PATIENCE = 10.0


class FarEnd:
    """The reader's end of a pty."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)

    def write(self, data: bytes | bytearray) -> None:
        os.write(self._ours, data)

    def read(self, size: int) -> bytes:
        return os.read(self._ours, size)

    def leave(self) -> None:
        for end in (self._ours, self._theirs):
            with contextlib.suppress(OSError):
                os.close(end)


@contextlib.asynccontextmanager
async def linked(t1: float = 5.0, patience: float = 5.0) -> AsyncIterator[tuple[CarrierLink, FarEnd]]:
    far = FarEnd()
    link = CarrierLink(SerialCarrier(far.path, 115200), t1, patience)
    await link.open()
    try:
        yield link, far
    finally:
        await link.close()
        far.leave()


async def received(link: CarrierLink) -> Frame:
    async with asyncio.timeout(PATIENCE):
        return await link.receive()


async def test_there_and_back() -> None:
    async with linked() as (link, far):
        await link.send(ping())
        assert far.read(100) == encode(ping())
        far.write(encode(PONG))
        assert await received(link) == PONG
        assert not link.garbled


async def test_byte_by_byte_and_two_at_once() -> None:
    async with linked() as (link, far):
        for byte in encode(PONG):
            far.write(bytes([byte]))
        assert await received(link) == PONG
        far.write(encode(PONG) + encode(CARD))
        assert await received(link) == PONG
        assert link.waiting() == [CARD]
        assert link.waiting() == []


async def test_what_was_read_is_wiped_in_our_buffer() -> None:
    async with linked() as (link, far):
        far.write(encode(CARD))
        assert await received(link) == CARD
        assert not any(link._buffer)
        assert not any(link._parser._held)  # type: ignore[attr-defined]


async def test_noise_is_noted_until_a_frame_comes(log_watch: LogWatch) -> None:
    async with linked(t1=0.05) as (link, far):
        far.write(b"NEO 2.0 v1.00")
        await until(lambda: link.garbled)
        far.write(encode(PONG))
        assert await received(link) == PONG
        assert not link.garbled
        broken = bytearray(encode(PONG))
        broken[-1] ^= 1
        far.write(broken)
        await until(lambda: link.garbled)
        assert ("terminal.frame", "crc") in [(event["event"], event.get("reason")) for event in log_watch.events]


async def test_half_a_frame_is_given_up_after_the_pause(log_watch: LogWatch) -> None:
    async with linked(t1=0.05) as (link, far):
        far.write(encode(CARD)[:-3])
        await until(lambda: link.garbled)
        assert "half-frame" in [event.get("reason") for event in log_watch.events]
        far.write(encode(PONG))
        assert await received(link) == PONG


async def until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the link tells no changes
            await asyncio.sleep(0.005)


async def test_a_device_that_leaves_is_noticed_by_whoever_waits() -> None:
    async with linked() as (link, far):
        far.write(encode(PONG))
        await until(lambda: link._inbox._words)
        waiting = asyncio.ensure_future(link.down())
        far.leave()
        async with asyncio.timeout(PATIENCE):
            await waiting
        with pytest.raises(LinkDown, match="lost"):
            await link.send(ping())
        assert link.waiting() == []
        for _ in range(2):
            with pytest.raises(LinkDown, match="lost"):
                await link.receive()
        with pytest.raises(LinkDown, match="cannot-open"):
            await link.open()


async def test_a_device_that_fails_on_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(fd: int, buffers: list[bytearray]) -> int:
        raise OSError(5, "Input/output error")

    async with linked() as (link, far):
        monkeypatch.setattr(os, "readv", fails)
        far.write(encode(PONG))
        with pytest.raises(LinkDown, match="lost"):
            await received(link)


async def test_a_device_that_left_unnoticed_is_noticed_on_writing() -> None:
    async with linked() as (link, far):
        far.leave()
        with pytest.raises(LinkDown, match="lost"):
            await link.send(ping())


async def test_what_nobody_has_received_is_wiped_when_the_line_closes() -> None:
    async with linked() as (link, far):
        far.write(encode(CARD))
        await until(lambda: link._inbox._words)
        (frame,) = link._inbox._words
        await link.close()
        assert not any(frame.data)


async def test_a_flood_that_nobody_asked_for_loses_the_line_and_is_wiped() -> None:
    async with linked() as (link, far):
        far.write(encode(CARD) * MOST_WAITING)
        await until(lambda: len(link._inbox._words) == MOST_WAITING)
        held, late = list(link._inbox._words), response(0x02, 0x23, b"\xc1" + b"4761739001010010")
        far.write(encode(CARD))
        async with asyncio.timeout(PATIENCE):
            await link.down()
        link._handle([late])
        assert not any(any(frame.data) for frame in (*held, late))
        with pytest.raises(LinkDown, match="garbage unasked"):
            await link.receive()
        with pytest.raises(LinkDown, match="garbage unasked"):
            await link.send(ping())


async def test_reopening_forgets_what_was_queued() -> None:
    async with linked() as (link, far):
        far.write(encode(PONG))
        await until(lambda: link._inbox._words)
        await link.open()
        assert link.waiting() == []
        far.write(encode(CARD))
        assert await received(link) == CARD


async def test_a_device_that_takes_no_more_bytes_is_given_up() -> None:
    async with linked(patience=0.05) as (link, _):
        with pytest.raises(LinkDown, match="stuck"):
            await link.send(complete(bytes(0xFFFF)))


async def test_long_frames_go_out_in_pieces() -> None:
    async with linked() as (link, far):
        frame = complete(b"x" * 60_000)
        sending = asyncio.ensure_future(link.send(frame))
        loop, heard = asyncio.get_running_loop(), b""
        while len(heard) < len(encode(frame)):
            heard += await loop.run_in_executor(None, far.read, 4096)
        await sending
        assert heard == encode(frame)


async def test_a_device_that_fails_even_at_being_closed() -> None:
    async with linked() as (link, _):
        port = link._port
        assert port is not None
        link._port = _Stubborn(port)
        await link.close()
        with pytest.raises(LinkDown, match="lost"):
            await link.send(ping())


class _Stubborn:
    def __init__(self, port: Port) -> None:
        self._port = port

    def fileno(self) -> int:
        return self._port.fileno()

    def close(self) -> None:
        self._port.close()
        raise termios.error(5, "Input/output error")


async def test_a_device_that_leaves_between_two_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked() as (link, _):
        monkeypatch.setattr(os, "write", lambda fd, data: _fails(link))
        with pytest.raises(LinkDown, match="lost"):
            await link.send(ping())
        monkeypatch.undo()


def _fails(link: CarrierLink) -> int:
    link._lose()
    return 1


# HID


@pytest.fixture
def hid(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The reader's end of what the carrier opens: each read and each write is one report, as with /dev/hidraw."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    opening = os.open

    def opens(path: str, flags: int, *more: Any, **named: Any) -> int:
        return os.dup(theirs.fileno()) if path == "/dev/hidraw9" else opening(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", opens)
    yield ours
    ours.close()
    theirs.close()


async def test_reports_there_and_back(hid: socket.socket) -> None:
    link = CarrierLink(HidCarrier("/dev/hidraw9"), 5.0, 5.0)
    await link.open()
    link._readable()  # woken without a report
    await link.send(ping())
    assert hid.recv(1000) == reports(encode(ping()))[0]
    long = complete(bytes(range(200)))
    await link.send(long)
    heard = [hid.recv(1000) for _ in range(4)]
    assert [report[0] for report in heard] == [2, 3, 3, 4]
    assert b"".join(report[1:] for report in heard).startswith(encode(long))
    for report in (*reports(encode(CARD)), *reports(encode(PONG))):
        assert len(report) == REPORT
        hid.send(report)
    assert await received(link) == CARD
    assert await received(link) == PONG
    hid.send(b"\x01" + HEADER.ljust(63, b"\xff"))
    await until(lambda: link.garbled)
    await link.close()


async def test_half_a_frame_in_reports(hid: socket.socket) -> None:
    link = CarrierLink(HidCarrier("/dev/hidraw9"), 0.02, 5.0)
    await link.open()
    hid.send(reports(encode(response(9, 0, bytes(200))))[0])
    await until(lambda: link.garbled)
    await link.close()


async def test_no_such_device() -> None:
    link = CarrierLink(HidCarrier("/dev/hidraw-none"), 5.0, 5.0)
    with pytest.raises(LinkDown, match="cannot-open"):
        await link.open()

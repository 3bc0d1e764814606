"""APDUs over TCP: cut and joined anywhere, peers that are no ZVT terminal, terminals that fall silent or leave; and TLS."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.health import Condition
from devices.terminals.errors import LinkDown
from devices.terminals.inbox import MOST_WAITING
from devices.terminals.port import Sale
from devices.terminals.uris import open_terminal
from devices.terminals.zvt.apdu import Apdu, apdu_size, encode_apdu
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode
from devices.terminals.zvt.stream import CLASSES, ApduStream
from devices.terminals.zvt.tcp import TcpLink
from domain.payment import Outcome
from hub.authority import issue_server_certificate
from hub.folder import Folder
from tests.devices.terminals.dialogue import OLD
from tests.devices.terminals.simulated import PATIENCE, PATIENT, Journal, becomes, sale, sell
from tests.devices.terminals.virtual import COMPLETION, Peer, answer, approval
from tests.log_watch import LogWatch

APDU, OTHER = b"\x06\x0f\x00", b"\x04\xff\x01\x0a"


# The stream


@given(st.lists(st.tuples(st.sampled_from(sorted(CLASSES)), st.binary(max_size=300))), st.data())
def test_apdus_are_found_however_the_stream_is_cut(parts: list[tuple[int, bytes]], data: st.DataObject) -> None:
    apdus = [encode_apdu(Apdu(first << 8 | 0x0F, rest)) for first, rest in parts]
    everything = b"".join(apdus)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(everything)), max_size=8)))
    stream = ApduStream()
    found = [apdu for start, end in zip([0, *cuts], [*cuts, None], strict=True) for apdu in stream.feed(everything[start:end])]
    assert found == apdus
    assert stream.quiet
    single = ApduStream()
    assert [apdu for byte in everything for apdu in single.feed(bytes([byte]))] == apdus


@given(st.binary(max_size=80))
def test_any_bytes_are_apdus_or_a_stranger(data: bytes) -> None:
    stream, found = ApduStream(), list[bytes]()
    with contextlib.suppress(LinkDown):
        found.extend(stream.feed(data))
        assert stream.quiet is (sum(map(len, found)) == len(data))
    assert b"".join(found) == data[: sum(map(len, found))]
    assert all(apdu[0] in CLASSES for apdu in found)


def test_sizes() -> None:
    assert apdu_size(b"\x06\x0f") is None
    assert apdu_size(b"\x06\xd3\xff\x01") is None
    assert apdu_size(b"??\x06\xd3\xff\x01\x02", 2) == 5 + 0x201


@pytest.mark.parametrize(
    ("says", "who"),
    [
        (b"\x15\x03\x69", "ecr17"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "tls"),
        (b"0011VER|APP", "ascii"),
        (b"\x00\x00\x00\x07VER|APP", "ascii"),
        (b"HTTP/1.1 400", "ascii"),
        (b"\x02\x10\xff", "unknown"),
        (APDU + b"\x10\x02\x06", "unknown"),
    ],
)
def test_other_protocols_are_told_apart(says: bytes, who: str) -> None:
    with pytest.raises(LinkDown) as caught:
        list(ApduStream().feed(says))
    assert (caught.value.reason, caught.value.detail) == ("garbage", who)


def test_what_an_unfinished_apdu_means() -> None:
    stream = ApduStream()
    assert list(stream.feed(b"\x04\x0f\x05\x01")) == []
    assert stream.gap().reason == "lost"
    stream = ApduStream()
    assert list(stream.feed(b"\x15\x03")) == []
    assert (stream.gap().reason, stream.gap().detail) == ("garbage", "tls")


# The line


class FarEnd:
    """The terminal's end: its last connection's reader and writer."""

    def __init__(self) -> None:
        self.streams: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def took(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.streams.put_nowait((reader, writer))

    def leave(self) -> None:
        while not self.streams.empty():
            self.streams.get_nowait()[1].transport.abort()


@contextlib.asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[FarEnd, int]]:
    far = FarEnd()
    server = await asyncio.start_server(far.took, "127.0.0.1", 0, ssl=tls)
    try:
        yield far, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        far.leave()


@contextlib.asynccontextmanager
async def linked(t2: float = PATIENCE) -> AsyncIterator[tuple[TcpLink, asyncio.StreamReader, asyncio.StreamWriter]]:
    async with listening() as (far, port):
        link = TcpLink("127.0.0.1", port, None, t2)
        await link.open()
        reader, writer = await far.streams.get()
        try:
            async with asyncio.timeout(PATIENCE):
                yield link, reader, writer
        finally:
            await link.close()
            writer.transport.abort()


async def test_apdus_go_out_once_and_come_in_whole() -> None:
    async with linked() as (link, reader, writer):
        assert await link.send(APDU) == 1
        assert await reader.readexactly(3) == APDU
        writer.write(OTHER + APDU)
        assert [await link.receive(), await link.receive()] == [OTHER, APDU]
        assert link._ear is not None
        for byte in OTHER + APDU:
            link._ear.data_received(bytes([byte]))
        assert [await link.receive(), await link.receive()] == [OTHER, APDU]
        writer.write(OTHER)
        receiving = asyncio.ensure_future(link.receive())
        assert await receiving == OTHER
        assert link.waiting() == []


async def test_the_line_is_kept_alive() -> None:
    async with linked() as (link, _reader, _writer):
        assert link._ear is not None
        connected = link._ear._transport.get_extra_info("socket")
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10


async def test_a_terminal_that_leaves_is_noticed_by_everyone_who_waits() -> None:
    async with linked() as (link, _reader, writer):
        receiving, leaving = asyncio.ensure_future(link.receive()), asyncio.ensure_future(link.down())
        writer.close()
        with pytest.raises(LinkDown, match="lost"):
            await receiving
        await leaving
        with pytest.raises(LinkDown, match="lost"):
            await link.send(APDU)
        await link.close()
        await link.down()


async def test_a_link_that_was_never_opened_or_cannot_be() -> None:
    async with listening() as (_far, port):
        pass
    link = TcpLink("127.0.0.1", port, None, PATIENCE)
    with pytest.raises(LinkDown, match="lost"):
        await link.receive()
    with pytest.raises(LinkDown, match="cannot-open"):
        await link.open()


async def test_a_stranger_and_half_an_apdu_end_the_line() -> None:
    async with linked() as (link, _reader, writer):
        writer.write(OTHER + b"\x15\x03\x69")
        assert await link.receive() == OTHER
        with pytest.raises(LinkDown) as caught:
            await link.receive()
        assert (caught.value.reason, caught.value.detail) == ("garbage", "ecr17")
    async with linked(t2=0.2) as (link, _reader, writer):
        writer.write(b"\x04\x0f\x05")
        with pytest.raises(LinkDown, match="lost"):
            await link.receive()


async def test_a_flood_that_nobody_asked_for_loses_the_line() -> None:
    async with linked() as (link, _reader, writer):
        writer.write(APDU * (MOST_WAITING + 1))
        await link.down()
        assert link.waiting() == [APDU] * MOST_WAITING
        with pytest.raises(LinkDown, match="garbage unasked"):
            await link.receive()


async def test_a_terminal_that_takes_nothing_any_more_is_given_up() -> None:
    async with linked(t2=0.2) as (link, _reader, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        big = encode_apdu(Apdu(0x06D3, bytes(60_000)))
        with pytest.raises(LinkDown, match="no-ack"):
            await asyncio.gather(*(link.send(big) for _ in range(200)))


async def test_what_left_late_is_sent_all_the_same() -> None:
    async with linked() as (link, reader, _writer):
        big = encode_apdu(Apdu(0x06D3, bytes(60_000)))
        sending = [asyncio.ensure_future(link.send(big)) for _ in range(200)]
        for _ in sending:
            assert await reader.readexactly(len(big)) == big
        assert await asyncio.gather(*sending) == [1] * 200


# The driver on it


class Wire(Peer):
    """A scripted terminal at the far end of a TCP connection: says its packets in pieces of one byte, and all at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()
        self._reader, self._writer = reader, writer

    def say_bytes(self, apdu: bytes) -> None:
        self._writer.write(apdu)

    def say(self, packet: Packet) -> None:
        self.say_bytes(encode(packet))

    async def hear(self) -> Packet:
        head = await self._reader.readexactly(3)
        return decode(head + await self._reader.readexactly(head[2]))


async def selling(peer: Peer) -> None:
    """Answers everything, and sells."""
    while True:
        packet = await peer.hear()
        if packet.kind is Kind.AUTHORISATION:
            peer.say_bytes(encode(ACCEPTED) + OTHER + encode(approval()))
            assert [await peer.hear(), await peer.hear()] == [ACCEPTED] * 2
            await peer.ask(COMPLETION)
        else:
            await answer(peer, packet)


@contextlib.asynccontextmanager
async def terminals(script: Callable[[Peer], Awaitable[None]], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port where each connection is a terminal that plays `script`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await script(Wire(reader, writer))
        finally:
            writer.close()

    far = FarEnd()
    server = await asyncio.start_server(far.took, "127.0.0.1", 0, ssl=tls)

    async def accept() -> None:
        async with asyncio.TaskGroup() as running:
            while True:
                running.create_task(serve(*await far.streams.get()))

    accepting = asyncio.ensure_future(accept())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        accepting.cancel()
        await asyncio.wait({accepting})
        far.leave()


async def test_a_sale_over_tcp() -> None:
    async with terminals(selling) as port:
        driver = open_terminal(f"zvt+tcp://127.0.0.1:{port}?{PATIENT}", password="123456", currency="EUR")
        await driver.open()
        await becomes(driver, Condition.READY)
        journal = Journal()
        assert (await sell(driver, journal)).outcome is Outcome.APPROVED
        assert journal.approved == [1234]
        await driver.close()


async def test_a_sale_that_the_network_cuts_is_asked_after(log_watch: LogWatch) -> None:
    log_watch.expect("terminal.frame")
    sales: list[Sale] = []

    async def cuts_the_first(peer: Peer) -> None:
        packet = await peer.hear()
        while packet.kind is not Kind.AUTHORISATION:
            await answer(peer, packet, last=approval() if sales else OLD)
            packet = await peer.hear()
        sales.append(sale())
        peer.say(ACCEPTED)

    async with terminals(cuts_the_first) as port:
        driver = open_terminal(f"zvt+tcp://127.0.0.1:{port}?{PATIENT}", password="123456", currency="EUR")
        await driver.open()
        await becomes(driver, Condition.READY)
        result = await sell(driver, Journal())
        assert (result.outcome, result.receipt) == (Outcome.APPROVED, 8)
        assert len(sales) == 1
        await driver.close()


async def test_what_listens_there_and_is_no_terminal_has_a_name() -> None:
    async def says(peer: Peer) -> None:
        await peer.hear()
        peer.say_bytes(b"\x15\x03\x69")

    async with terminals(says) as port:
        driver = open_terminal(f"zvt+tcp://127.0.0.1:{port}?{PATIENT}", password="123456", currency="EUR")
        await driver.open()
        await becomes(driver, Condition.OUT)
        assert (driver.health().fault, driver.health().detail) == ("terminal-not-zvt", "ecr17")
        await driver.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An authority, and a certificate of its for 127.0.0.1."""
    folder = Folder(tmp_path)
    issue_server_certificate(folder, ("terminal.example",), dt.datetime.now(dt.UTC))
    return folder


async def test_a_sale_over_tls_and_a_terminal_that_nobody_vouches_for(folder: Folder) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder.server_certificate, folder.server_key)
    async with terminals(selling, context) as port:
        uri = f"zvt+tls://127.0.0.1:{port}?{PATIENT}"
        driver = open_terminal(f"{uri}&ca={folder.ca_certificate}", password="123456", currency="EUR")
        await driver.open()
        await becomes(driver, Condition.READY)
        assert (await sell(driver, Journal())).outcome is Outcome.APPROVED
        await driver.close()
        link = TcpLink("127.0.0.1", port, ssl.create_default_context(), PATIENCE)
        with pytest.raises(LinkDown) as caught:
            await link.open()
        assert (caught.value.reason, caught.value.detail) == ("cannot-open", "tls")

"""The UI's socket, over a real UNIX socket: what a UI gets, what it may send, and what a broken one cannot do."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import stat
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from kiosk.ui_link import LONGEST_LINE, MOST_UNSENT, UiLink
from kiosk.visit.present import present
from kiosk.visit.screens import MOST_VALUE, Intent, Said, Snapshot, snapshot_from_json
from tests.kiosk.visit.world import LANGUAGES, SITE, fresh

SCREEN = present(fresh(), LANGUAGES, SITE, serial=1)
TOUCH = Intent("start")

PATIENCE_S = 5
"""Far longer than anything takes on a local socket."""


def screen(serial: int) -> Snapshot:
    return dataclasses.replace(SCREEN, serial=serial)


class Ui:
    """The other end: a UI made of nothing but its socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def next(self) -> Snapshot:
        async with asyncio.timeout(PATIENCE_S):
            return snapshot_from_json(await self._reader.readuntil(b"\n"))

    async def dropped(self) -> bool:
        """Waits for the end; true when nothing more was said before it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._reader.read() == b""
        except ConnectionError:
            return True

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def touch(self, intent: Intent) -> None:
        self.send(intent.to_json().encode() + b"\n")


class Engine:
    """What the link is for: a place to connect to, and the intents that came."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: asyncio.Queue[Intent] = asyncio.Queue()
        self.link = UiLink(path)

    async def hears(self) -> Intent:
        async with asyncio.timeout(PATIENCE_S):
            return await self.heard.get()

    @contextlib.asynccontextmanager
    async def ui(self) -> AsyncIterator[Ui]:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=2 * MOST_UNSENT)
        try:
            yield Ui(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path / "ui.sock")
    await engine.link.open(engine.heard.put_nowait)
    yield engine
    await engine.link.close()


async def test_a_ui_gets_the_current_screen_at_once_and_each_that_follows(engine: Engine) -> None:
    engine.link.show(screen(1))
    engine.link.show(screen(2))
    async with engine.ui() as ui:
        assert await ui.next() == screen(2)
        engine.link.show(screen(3))
        assert await ui.next() == screen(3)


async def test_a_ui_that_is_early_waits_for_the_first_screen(engine: Engine) -> None:
    async with engine.ui() as ui:
        ui.touch(TOUCH)
        assert await engine.hears() == TOUCH
        engine.link.show(screen(1))
        assert await ui.next() == screen(1)


async def test_two_uis_see_the_same_and_both_are_heard(engine: Engine) -> None:
    engine.link.show(screen(1))
    async with engine.ui() as one, engine.ui() as two:
        assert await one.next() == await two.next() == screen(1)
        one.touch(Intent("key", "4"))
        assert await engine.hears() == Intent("key", "4")
        two.touch(Intent("key", "5"))
        assert await engine.hears() == Intent("key", "5")
        engine.link.show(screen(2))
        assert await one.next() == await two.next() == screen(2)


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n",
        b"\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'{"intent":"start"}\n',
        b'{"intent":"start","value":""} x\n',
        b'{"intent":"start","value":1}\n',
        b'{"intent":"start","value":"","more":1}\n',
        b'{"intent":"' + b"a" * 41 + b'","value":""}\n',
        b'{"intent":"a","value":"' + b"a" * (MOST_VALUE + 1) + b'"}\n',
        b"[" * 4000 + b"\n",
        b"x" * (LONGEST_LINE + 1) + b"\n",
        b"x" * (3 * LONGEST_LINE),
    ],
    ids=lambda line: repr(line[:32]),
)
async def test_a_line_that_is_no_intent_ends_the_connection_and_nothing_else(engine: Engine, line: bytes) -> None:
    engine.link.show(screen(1))
    async with engine.ui() as good, engine.ui() as bad:
        assert await good.next() == await bad.next()
        bad.send(line)
        assert await bad.dropped()
        good.touch(TOUCH)
        assert await engine.hears() == TOUCH
        assert engine.heard.empty()


async def test_half_a_line_waits_for_its_other_half(engine: Engine) -> None:
    engine.link.show(screen(1))
    line = TOUCH.to_json().encode() + b"\n"
    async with engine.ui() as ui:
        await ui.next()
        ui.send(line[:7])
        await ui.writer.drain()
        engine.link.show(screen(2))
        assert await ui.next() == screen(2)
        assert engine.heard.empty()
        ui.send(line[7:])
        assert await engine.hears() == TOUCH


async def test_a_ui_that_dies_in_the_middle_of_a_line_said_nothing(engine: Engine) -> None:
    engine.link.show(screen(1))
    async with engine.ui() as ui:
        await ui.next()
        ui.send(TOUCH.to_json().encode())
    async with engine.ui() as ui:
        assert await ui.next() == screen(1)
        ui.touch(Intent("help"))
        assert await engine.hears() == Intent("help")


async def test_several_intents_in_one_packet_are_heard_in_order(engine: Engine) -> None:
    keys = [Intent("key", digit) for digit in "0123456789"]
    async with engine.ui() as ui:
        ui.send(b"".join(key.to_json().encode() + b"\n" for key in keys))
        assert [await engine.hears() for _ in keys] == keys


async def test_a_ui_that_does_not_read_is_dropped_and_the_others_go_on(engine: Engine) -> None:
    """Its socket fills, then our buffer; a hung UI may hold neither the engine nor its memory."""
    large = dataclasses.replace(SCREEN, lines=(Said("x" * 100_000, ""),))
    engine.link.show(large)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hung:
        hung.connect(str(engine.path))
        async with engine.ui() as ui:
            assert await ui.next() == large
            for serial in range(2, 40):
                newer = dataclasses.replace(large, serial=serial)
                engine.link.show(newer)
                assert await ui.next() == newer
            got = await asyncio.get_running_loop().run_in_executor(None, _read_to_the_end, hung)
    assert len(got) < 38 * 100_000
    async with engine.ui() as back:
        assert (await back.next()).serial == 39


def _read_to_the_end(hung: socket.socket) -> bytes:
    """All that was sent to the UI until it was dropped."""
    hung.settimeout(8)
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := hung.recv(1_000_000):
            parts.append(part)
    return b"".join(parts)


async def test_closing_does_not_wait_for_a_ui_that_does_not_read(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "ui.sock")
    await engine.link.open(engine.heard.put_nowait)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hung:
        hung.connect(str(engine.path))
        async with engine.ui() as other:
            engine.link.show(dataclasses.replace(SCREEN, lines=(Said("x" * 900_000, ""),)))
            await other.next()
            async with asyncio.timeout(5):
                await engine.link.close()
            assert await other.dropped()
        assert len(_read_to_the_end(hung)) < 900_000


async def test_only_our_own_user_can_reach_the_socket(engine: Engine) -> None:
    assert stat.S_IMODE(engine.path.stat().st_mode) == 0o600


async def test_another_user_who_connects_all_the_same_is_shown_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel says who connects (SO_PEERCRED); only what it says is made up here."""
    stranger = create_autospec(socket.socket, instance=True)
    stranger.getsockopt.return_value = struct.pack("3i", 1, 54_321, 54_321)
    engine.link.show(screen(1))
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.StreamWriter, "get_extra_info", lambda *_: stranger)
        async with engine.ui() as ui:
            assert await ui.dropped()


async def test_a_socket_left_by_a_dead_engine_is_replaced_and_ours_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "ui.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    engine = Engine(path)
    await engine.link.open(engine.heard.put_nowait)
    async with engine.ui() as ui:
        engine.link.show(screen(1))
        assert await ui.next() == screen(1)
    await engine.link.close()
    assert not path.exists()


async def test_a_link_that_was_never_opened_closes(tmp_path: Path) -> None:
    await UiLink(tmp_path / "ui.sock").close()

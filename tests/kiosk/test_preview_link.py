"""The previews' socket, over a real UNIX socket: what a UI gets, and what a slow, dead or strange one cannot do."""

from __future__ import annotations

import asyncio
import gc
import socket
import stat
import weakref
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.scanners.port import Glimpse
from kiosk import local_socket
from kiosk.preview_link import PreviewLink
from kiosk.visit.screens import MOST_FOUND, NO_PREVIEW, Preview, preview_from_bytes, preview_size
from tests.devices.simulator_process import until
from tests.log_watch import LogWatch

PATIENCE_S = 10
CORNERS = ((1, 2), (3, 4), (5, 6), (7, 8))


def seen(shade: int, width: int = 640, height: int = 360) -> Glimpse:
    return Glimpse(width, height, bytes([shade]) * (width * height * 3), (CORNERS,))


class Ui:
    """The other end: its socket and nothing else."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def next(self) -> Preview:
        async with asyncio.timeout(PATIENCE_S):
            data = b""
            while (size := preview_size(data)) is None:
                data += await self._reader.readexactly(1)
            return preview_from_bytes(data + await self._reader.readexactly(size - len(data)))

    async def dropped(self) -> bool:
        """Waits for the end, whatever is said before it."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while await self._reader.read(1 << 16):
                    pass
            except ConnectionError:
                pass
        return True


class Engine:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.link = PreviewLink(path)
        self._uis: list[Ui] = []

    async def ui(self) -> Ui:
        known = len(self.link._uis)
        ui = Ui(*await asyncio.open_unix_connection(self.path))
        self._uis.append(ui)
        await until(lambda: len(self.link._uis) == known + 1)
        return ui

    async def close(self) -> None:
        await self.link.close()
        for ui in self._uis:
            ui.writer.transport.abort()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path / "preview.sock")
    await engine.link.open()
    yield engine
    await engine.close()


async def test_each_ui_gets_what_the_camera_sees_and_that_it_is_over(engine: Engine) -> None:
    one, two = await engine.ui(), await engine.ui()
    for shade in (1, 2, 3):
        engine.link.show(seen(shade))
        for ui in (one, two):
            preview = await ui.next()
            assert preview == Preview(640, 360, bytes([shade]) * 691_200, ((1, 2, 3, 4, 5, 6, 7, 8),))
    engine.link.show(None)
    assert await one.next() == await two.next() == NO_PREVIEW


async def test_the_socket_is_the_user_s_own_and_goes_with_the_engine(engine: Engine) -> None:
    assert stat.S_IMODE(engine.path.stat().st_mode) == 0o600
    await engine.link.close()
    assert not engine.path.exists()


async def test_a_ui_that_is_slow_misses_pictures_and_holds_up_nothing(engine: Engine) -> None:
    slow, quick = await engine.ui(), await engine.ui()
    for shade in range(1, 101):
        engine.link.show(seen(shade))
        assert (await quick.next()).pixels[0] == shade
    (held,) = {size for writer in engine.link._uis if (size := writer.transport.get_write_buffer_size())}
    assert held < 800_000
    shades = [(await slow.next()).pixels[0]]
    engine.link.show(seen(200))
    shades.append((await slow.next()).pixels[0])
    while shades[-1] != 200:
        shades.append((await slow.next()).pixels[0])
    assert shades[0] == 1
    assert len(shades) < 10


async def test_when_scanning_ends_nothing_waits_for_a_ui_that_hangs(engine: Engine) -> None:
    hung = await engine.ui()
    engine.link.show(seen(1))
    engine.link.show(None)
    assert await hung.dropped()
    await until(lambda: not engine.link._uis)


async def test_no_picture_is_kept(engine: Engine) -> None:
    class Watched(Glimpse):
        __slots__ = ("__weakref__",)

    ui = await engine.ui()
    glimpse = Watched(640, 360, bytes(691_200), ())
    gone = weakref.ref(glimpse)
    engine.link.show(glimpse)
    await ui.next()
    engine.link.show(None)
    await ui.next()
    del glimpse
    gc.collect()
    assert gone() is None
    assert all(writer.transport.get_write_buffer_size() == 0 for writer in engine.link._uis)


async def test_a_ui_that_comes_late_gets_the_next_one_only(engine: Engine) -> None:
    engine.link.show(seen(1))
    ui = await engine.ui()
    engine.link.show(seen(2))
    assert (await ui.next()).pixels[0] == 2


async def test_a_ui_that_speaks_or_goes_is_let_go(engine: Engine) -> None:
    speaking, going = await engine.ui(), await engine.ui()
    speaking.writer.write(b"hello")
    going.writer.transport.abort()
    assert await speaking.dropped()
    await until(lambda: not engine.link._uis)
    engine.link.show(seen(1))


async def test_another_user_s_program_is_not_served(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_socket, "same_user", lambda writer: False)
    stranger = Ui(*await asyncio.open_unix_connection(engine.path))
    assert await stranger.dropped()
    assert not engine.link._uis
    stranger.writer.close()


async def test_nothing_of_it_is_logged(engine: Engine, log_watch: LogWatch) -> None:
    ui = await engine.ui()
    engine.link.show(seen(1))
    await ui.next()
    assert log_watch.events == []


def test_a_preview_is_read_as_it_was_written() -> None:
    for preview in (NO_PREVIEW, Preview(2, 3, bytes(range(18)), ((1, 2, 3, 4, 5, 6, 7, 8), (-1, 0, 0, 0, 0, 0, 0, 639)))):
        assert preview_from_bytes(preview.to_bytes()) == preview
    many = Preview(1, 1, b"abc", ((0,) * 8,) * 40)
    assert len(preview_from_bytes(many.to_bytes()).found) == MOST_FOUND


@pytest.mark.parametrize(
    "data",
    [
        b"JFIF" + bytes(20),
        Preview(65535, 65535, b"", ()).to_bytes(),
        b"LPV1\x01\x00\x01\x00\xff" + bytes(3),
        NO_PREVIEW.to_bytes() + b"x",
        Preview(1, 1, b"ab", ()).to_bytes(),
        b"",
        b"LPV1",
    ],
)
def test_what_is_no_preview_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a preview"):
        preview_from_bytes(data)


async def test_what_was_shown_to_a_ui_that_had_hung_up_is_not_kept(engine: Engine) -> None:
    """No garbage collector is needed to be rid of it: asyncio holds the exception, which holds who was writing."""
    ui = await engine.ui()

    class Seen(Glimpse): ...

    def show() -> weakref.ref[Glimpse]:
        glimpse = Seen(1, 1, b"abc", ())
        engine.link.show(glimpse)
        return weakref.ref(glimpse)

    gc.disable()
    try:
        ui.writer.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        left = show()
        await until(lambda: not engine.link._uis)
        assert left() is None
    finally:
        gc.enable()

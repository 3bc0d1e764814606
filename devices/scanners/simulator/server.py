"""A network camera on loopback: motion JPEG at /stream.mjpg, the present picture at /still.png, faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

from devices.scanners.opencv import cv2
from devices.scanners.simulator.scene import Picture, Scene

FRAMES_PER_S = 14
_BOUNDARY = b"frame"
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]


class Fault(StrEnum):
    """HANG: the connection stays, no picture comes. UNPLUG: connections end, new ones get nothing. FROZEN: one picture.
    TORN: half of each picture's bytes. BLACK: a covered lens. BLURRED, DARK, GLARE: what lens and lamp do to the picture."""

    HANG = "hang"
    UNPLUG = "unplug"
    BLACK = "black"
    FROZEN = "frozen"
    TORN = "torn"
    BLURRED = "blurred"
    DARK = "dark"
    GLARE = "glare"


class CameraServer:
    """Serves one Scene. Frames are drawn and encoded only while somebody looks. `clock` gives seconds that never run back."""

    def __init__(self, scene: Scene, clock: Callable[[], float]) -> None:
        self._scene = scene
        self._clock = clock
        self._since = clock()
        self._fault: Fault | None = None
        self._newest = b""
        self._fresh = asyncio.Condition()
        self._visitors: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._watchers = 0
        self._looked_at = asyncio.Event()
        self._drawing = asyncio.Lock()

    async def start(self, port: int) -> int:
        """Listens on loopback; returns the port, chosen by the system when `port` is 0."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        chosen: int = server.sockets[0].getsockname()[1]
        return chosen

    async def show(self, *sheets: Picture, distance: float = 1.0) -> None:
        """See Scene.show."""
        async with self._drawing:
            self._scene.show(*sheets, distance=distance)
            self._since = self._clock()

    def fail(self, fault: Fault | None) -> None:
        """Brings a fault about, or ends it."""
        self._fault = fault
        if fault is Fault.UNPLUG:
            for visitor in self._visitors:
                visitor.transport.abort()

    async def stop(self) -> None:
        """Ends every connection."""
        self.fail(Fault.UNPLUG)
        async with self._fresh:
            self._fresh.notify_all()
        await asyncio.gather(*self._visitors.values())

    async def keep_filming(self) -> None:
        """Publishes frames for as long as somebody looks. Runs until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._looked_at.wait()
            due = loop.time() + 1 / FRAMES_PER_S
            if self._fault is not Fault.HANG:
                if self._fault is not Fault.FROZEN or not self._newest:
                    whole = await self._encoded(".jpg", _QUALITY)
                    self._newest = whole[: len(whole) // 2] if self._fault is Fault.TORN else whole
                async with self._fresh:
                    self._fresh.notify_all()
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _encoded(self, kind: str, options: list[int]) -> bytes:
        async with self._drawing:
            return await asyncio.to_thread(self._draw, kind, options)

    def _draw(self, kind: str, options: list[int]) -> bytes:
        _, encoded = cv2.imencode(kind, self._picture(self._clock() - self._since), options)
        return bytes(encoded)

    def _picture(self, since: float) -> Picture:
        match self._fault:
            case Fault.BLACK:
                return self._scene.black()
            case Fault.BLURRED:
                return self._scene.blurred(since)
            case Fault.DARK:
                return self._scene.dark(since)
            case Fault.GLARE:
                return self._scene.glaring(since)
            case _:
                return self._scene.frame(since)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._visitors[writer] = task
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            if self._fault is Fault.UNPLUG:
                return
            match request.split(b" ")[1].partition(b"?")[0]:
                case b"/stream.mjpg":
                    await self._stream(writer)
                case b"/still.png":
                    await self._still(writer)
                case _:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            return  # whoever looked has gone, or never spoke HTTP
        finally:
            del self._visitors[writer]
            writer.close()

    async def _still(self, writer: asyncio.StreamWriter) -> None:
        picture = await self._encoded(".png", [cv2.IMWRITE_PNG_COMPRESSION, 1])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nCache-Control: no-store\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % len(picture) + picture)
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        # what is queued here would be old by the time it is read: wait for each frame to be taken
        writer.transport.set_write_buffer_limits(high=0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n")
        writer.write(b"Cache-Control: no-store\r\nConnection: close\r\n\r\n")
        self._watchers += 1
        self._looked_at.set()
        try:
            while not writer.transport.is_closing():
                async with self._fresh:
                    await self._fresh.wait()
                head = b"--" + _BOUNDARY + b"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(self._newest)
                writer.write(head + self._newest + b"\r\n")
                await writer.drain()
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._looked_at.clear()

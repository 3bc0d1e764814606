"""What the camera sees, to the UI: the newest picture on a socket of its own, where it stands in no snapshot's way.

A UI that has not read the picture before this one does not get it. Nothing is kept here, and nothing waits for anybody.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from devices.scanners.port import Glimpse
from kiosk.local_socket import listen, same_user
from kiosk.visit.screens import NO_PREVIEW, Preview


class PreviewLink:
    """Serves any number of UIs of the same user on a UNIX socket of mode 0600. All of it belongs to one loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uis: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Raises OSError when there can be no socket at that path."""
        self._server = await asyncio.start_unix_server(self._serve, sock=listen(self._path), limit=1)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            served = tuple(self._uis.values())
            for writer in tuple(self._uis):
                writer.transport.abort()
            if served:
                await asyncio.wait(served)
            await self._server.wait_closed()
            self._path.unlink(missing_ok=True)

    def show(self, glimpse: Glimpse | None) -> None:
        """Passes it on to every UI that has read the one before. None: there is nothing to see any more; a UI that has not read
        all of the last picture by then is hung up on, so that this picture is no longer here."""
        ready = [writer for writer in self._uis if not writer.transport.get_write_buffer_size()]
        if glimpse is None:
            for writer in self._uis.keys() - set(ready):
                writer.transport.abort()
        if ready:
            data = _as_preview(glimpse).to_bytes()
            for writer in ready:
                writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the UI goes. It has nothing to say here: whatever it does say ends the connection."""
        if not same_user(writer):
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None, "asyncio serves each connection in a task of its own"
        self._uis[writer] = task
        try:
            await reader.read(1)
        except ConnectionError:
            pass  # it has gone, and that is all there is to know
        finally:
            del self._uis[writer]
            writer.transport.abort()


def _as_preview(glimpse: Glimpse | None) -> Preview:
    if glimpse is None:
        return NO_PREVIEW
    found = tuple(tuple(place for corner in corners for place in corner) for corners in glimpse.found)
    return Preview(glimpse.width, glimpse.height, glimpse.pixels, found)

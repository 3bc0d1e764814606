"""What the camera sees, to the UI: the newest picture on a socket of its own, where it stands in no snapshot's way.

A UI that has not read the picture before this one does not get it. Nothing is kept here, and nothing waits for anybody.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from devices.scanners.port import Glimpse
from kiosk.local_socket import LocalServer
from kiosk.visit.screens import NO_PREVIEW, Preview


class PreviewLink(LocalServer):
    """Serves any number of UIs of the same user on a UNIX socket of mode 0600. All of it belongs to one loop."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, limit=1)

    async def open(self) -> None:
        """Raises OSError when there can be no socket at that path."""
        await self._start()

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

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the UI goes. It has nothing to say here: whatever it does say ends the connection."""
        try:
            await reader.read(1)
        except ConnectionError:
            pass  # it has gone, and that is all there is to know
        finally:
            writer.transport.abort()


def _as_preview(glimpse: Glimpse | None) -> Preview:
    if glimpse is None:
        return NO_PREVIEW
    found = tuple(tuple(place for corner in corners for place in corner) for corners in glimpse.found)
    return Preview(glimpse.width, glimpse.height, glimpse.pixels, found)

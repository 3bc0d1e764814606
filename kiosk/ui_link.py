"""The local socket to the UI: snapshots out, intents in, one JSON line each. The UI may come and go; the visit does not care."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from kiosk.local_socket import LocalServer
from kiosk.visit.screens import Intent, Snapshot, intent_from_json

LONGEST_LINE = 8192
"""Bytes: an intent with the longest value there may be, each character of it escaped."""
MOST_UNSENT = 1_000_000
"""Bytes that may wait for a UI that does not read; then it is dropped, and gets the newest snapshot when it comes back."""

log = structlog.get_logger()


class UiLink(LocalServer):
    """Serves any number of UIs of the same user on a UNIX socket of mode 0600; each gets the current snapshot at once."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, limit=LONGEST_LINE)
        self._heard: Callable[[Intent], None]
        self._current = ""

    async def open(self, heard: Callable[[Intent], None]) -> None:
        """Starts listening; `heard` gets what people do. Raises OSError when there can be no socket at that path."""
        self._heard = heard
        await self._start()

    def show(self, snapshot: Snapshot) -> None:
        """Sends the snapshot to every UI, and to each that comes later."""
        self._current = snapshot.to_json() + "\n"
        for writer in tuple(self._uis):
            self._send(writer)

    def _send(self, writer: asyncio.StreamWriter) -> None:
        if writer.transport.get_write_buffer_size() > MOST_UNSENT:
            writer.transport.abort()  # `close` would wait for the UI to read what is left, and one that hangs never does
        elif self._current and not writer.is_closing():
            writer.write(self._current.encode("utf-8"))

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        log.info("ui.connected")
        try:
            self._send(writer)
            await self._listen(reader)
        finally:
            writer.close()
            log.info("ui.lost")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Intents until the UI goes. One that is not an intent ends the connection: the UI starts afresh."""
        with suppress(ConnectionError):
            while line := await self._line(reader):
                try:
                    intent = intent_from_json(line)
                except ValueError:
                    return
                self._heard(intent)

    async def _line(self, reader: asyncio.StreamReader) -> str:
        """One whole line; empty at the end, and for a line too long or not text."""
        try:
            return (await reader.readuntil(b"\n")).decode("utf-8")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, UnicodeDecodeError):
            return ""

"""A hand-held scanner on a serial line or as a USB CDC device: bytes in, codes out. Fault: "scanner-away"."""

from __future__ import annotations

import asyncio

import serial

from devices.descriptors import GONE, let_go, open_serial
from devices.health import Condition, Health
from devices.scanners.aim import Scans
from devices.scanners.handheld import HandHeld

SILENCE_S = 0.1
"""A scan is over when nothing came for this long: a pause inside one is 20 ms at most (USB), and nobody pulls twice in it."""
BACKOFF_S = (0.25, 0.5, 1.0, 2.0)
"""Pauses between attempts to open a line; the last one repeats."""
READY = Health(Condition.READY)


class SerialScanner(HandHeld):
    """A scanner (devices.scanners.port). `path` is opened anew each time, so that one by its id is found under whatever name it
    comes back; `baud` means nothing to a CDC device."""

    def __init__(self, path: str, baud: int) -> None:
        super().__init__()
        self._path = path
        self._baud = baud
        self._port: serial.Serial | None = None
        self._scans = Scans()
        self._failures = 0
        self._again: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        self._connect()

    async def close(self) -> None:
        self.rest()
        if self._again is not None:
            self._again.cancel()
        self._hang_up()
        self.tell(Health(Condition.AWAY, "scanner-away"))

    def _connect(self) -> None:
        try:
            port = open_serial(self._path, self._baud)
        except GONE:
            self._lose("cannot-open")
            return
        self._port, self._scans, self._failures = port, Scans(), 0
        asyncio.get_running_loop().add_reader(port.fileno(), self._read)
        self.tell(READY)

    def _read(self) -> None:
        assert self._port is not None, "only an open line is listened to"
        try:
            data = self._port.read(4096)
        except GONE:
            self._hang_up()
            self._lose("lost")
            return
        self._scans.feed(data)
        if self._silence is not None:
            self._silence.cancel()
        self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._over)

    def _over(self) -> None:
        for code in self._scans.silence():
            self.take(code)

    def _lose(self, why: str) -> None:
        self.tell(Health(Condition.AWAY, "scanner-away", why))
        pause = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        self._again = asyncio.get_running_loop().call_later(pause, self._connect)

    def _hang_up(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
        if self._port is not None:
            let_go(self._port)
            self._port = None

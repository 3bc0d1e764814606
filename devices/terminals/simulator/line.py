"""The simulated terminal's end of the serial line: a pty, frames found by pattern, ACK and NAK. Shares nothing with link.py."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import tty
from collections.abc import Callable
from pathlib import Path

_FRAME = re.compile(rb"\x10\x02((?:[^\x10]|\x10\x10)*)\x10\x03(..)", re.DOTALL)
_SENDS = 3


def checksum(data: bytes) -> bytes:
    """CRC-16/KERMIT, bit by bit, low byte first."""
    value = 0
    for byte in data:
        for bit in range(8):
            odd = (value ^ byte >> bit) & 1
            value = value >> 1 ^ (0x8408 if odd else 0)
    return bytes([value & 0xFF, value >> 8])


def framed(apdu: bytes) -> bytes:
    return b"\x10\x02" + re.sub(b"\x10", b"\x10\x10", apdu) + b"\x10\x03" + checksum(apdu + b"\x03")


class Line:
    """`ignores` says of an arriving APDU whether to behave as if it had never come (it is asked once for each copy)."""

    def __init__(self, link: Path | None, ack_s: float, ignores: Callable[[bytes], bool]) -> None:
        self._link = link
        self._ack_s = ack_s
        self._ignores = ignores
        self._fds: tuple[int, int] | None = None
        self._buffer = b""
        self._last = b""
        self._acked: asyncio.Future[bool] | None = None
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.path = ""

    @property
    def plugged(self) -> bool:
        return self._fds is not None

    def plug(self) -> None:
        """Opens a pty and points the link at it. Our own hold on its other end keeps it alive while no till is there."""
        if self._fds is not None:
            return
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._fds = (ours, theirs)
        self._buffer, self._last = b"", b""
        while not self.inbox.empty():
            self.inbox.get_nowait()
        self.path = os.ttyname(theirs)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self.path)
        asyncio.get_running_loop().add_reader(ours, self._readable)

    def cut(self) -> None:
        """The cable comes out: the till sees its device vanish."""
        if self._fds is None:
            return
        fds, self._fds = self._fds, None
        asyncio.get_running_loop().remove_reader(fds[0])
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        for fd in fds:
            os.close(fd)
        self._settle(False)

    def raw(self, data: bytes) -> None:
        if self._fds is not None:
            os.write(self._fds[0], data)

    async def send(self, apdu: bytes, copies: int = 1) -> bool:
        """False when the till's link never acknowledged. `copies` > 1 plays a terminal that lost the first ACK."""
        for _ in range(_SENDS):
            if self._fds is None:
                return False
            self._acked = asyncio.get_running_loop().create_future()
            self.raw(framed(apdu) * copies)
            await asyncio.wait({self._acked}, timeout=self._ack_s)
            if self._acked.done() and self._acked.result():
                return True
        return False

    def _readable(self) -> None:
        assert self._fds is not None
        self._buffer += os.read(self._fds[0], 4096)
        while self._buffer:
            found = _FRAME.match(self._buffer)
            if found:
                self._buffer = self._buffer[found.end() :]
                self._take(found[1].replace(b"\x10\x10", b"\x10"), found[2])
            elif self._buffer[0] == 0x10:
                return
            else:
                first, self._buffer = self._buffer[0], self._buffer[1:]
                if first in (0x06, 0x15):
                    self._settle(first == 0x06)

    def _take(self, apdu: bytes, check: bytes) -> None:
        if checksum(apdu + b"\x03") != check:
            self.raw(b"\x15")
            return
        if self._ignores(apdu):
            return
        self.raw(b"\x06")
        if apdu != self._last:
            self.inbox.put_nowait(apdu)
        self._last = apdu

    def spoke(self) -> None:
        """We have said something new: an equal frame from now on is a new one."""
        self._last = b""

    def _settle(self, acked: bool) -> None:
        if self._acked is not None and not self._acked.done():
            self._acked.set_result(acked)

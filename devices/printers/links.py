"""The wires to a printer: python-escpos's network, serial and USB drivers, and how each waits for one status byte.

python-escpos reads sixteen bytes at a time and calls silence "no paper" (reference: style); here silence is None.
All raise OSError (serial and USB errors are ones) or DeviceNotFoundError when the printer is not there.
"""

from __future__ import annotations

import socket
from typing import Protocol, cast

import serial
import usb.core

from devices.printers.library import Network, Serial, Usb

WRITE_TIMEOUT_S = 5.0
"""A printer that takes no byte for this long is offline or gone."""


class Link(Protocol):
    """One wire. Blocks; all calls come from one thread."""

    def open(self) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes) -> None: ...

    def read(self, timeout: float) -> int | None:
        """The next byte the printer sent, or None when none came within `timeout` seconds."""


class TcpLink(Network):  # type: ignore[misc]  # python-escpos has no types
    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)

    def open(self, raise_not_found: bool = True) -> None:
        # python-escpos forgets its socket where connecting fails, and knows no IPv6
        self.device = socket.create_connection((self.host, self.port), WRITE_TIMEOUT_S)

    def write(self, data: bytes) -> None:
        self.device.settimeout(WRITE_TIMEOUT_S)
        self._raw(data)

    def read(self, timeout: float) -> int | None:
        self.device.settimeout(timeout)
        try:
            answer: bytes = self.device.recv(1)
        except TimeoutError:
            return None
        if not answer:
            raise ConnectionResetError("the printer closed the connection")
        return answer[0]


class SerialLink(Serial):  # type: ignore[misc]  # python-escpos has no types
    def __init__(self, device: str, baud: int) -> None:
        super().__init__(device, baudrate=baud)

    def open(self, raise_not_found: bool = True) -> None:
        super().open(raise_not_found)
        cast(serial.Serial, self.device).write_timeout = WRITE_TIMEOUT_S

    def write(self, data: bytes) -> None:
        self._raw(data)

    def read(self, timeout: float) -> int | None:
        self.device.timeout = timeout
        answer: bytes = self.device.read(1)
        return answer[0] if answer else None


class UsbLink(Usb):  # type: ignore[misc]  # python-escpos has no types
    def __init__(self, vendor: int, product: int) -> None:
        super().__init__(vendor, product, timeout=int(WRITE_TIMEOUT_S * 1000))
        self._waiting: list[int] = []

    def write(self, data: bytes) -> None:
        self._raw(data)

    def read(self, timeout: float) -> int | None:
        if not self._waiting:
            try:
                self._waiting = list(self.device.read(self.in_ep, 64, int(timeout * 1000)))
            except usb.core.USBTimeoutError:
                return None
        return self._waiting.pop(0) if self._waiting else None

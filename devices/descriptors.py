"""Devices behind a file descriptor, which may vanish at any step: what comes then, and how one is let go of."""

from __future__ import annotations

import asyncio
import contextlib
import termios
from typing import Protocol

import serial

GONE = (serial.SerialException, OSError, termios.error)
"""What comes when the device has left, on open, read, write and close alike (pyserial#331, radiolog#41)."""


class Port(Protocol):
    """An open device, whose descriptor does not block."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


def open_serial(path: str, baud: int, stop_bits: int = serial.STOPBITS_ONE) -> serial.Serial:
    """8 data bits, no parity, no flow control; nobody else may open it meanwhile, and pyserial forgets what it said before.

    Raises what is GONE.
    """
    return serial.Serial(path, baud, stopbits=stop_bits, timeout=0, write_timeout=0, exclusive=True)


def let_go(port: Port) -> None:
    """A device that has left may fail even at being closed; there is nothing more to lose, and who lets go says that it left."""
    with contextlib.suppress(*GONE):
        asyncio.get_running_loop().remove_reader(port.fileno())
    with contextlib.suppress(*GONE):
        port.close()

"""The wires: a serial line on a pty with a simulated printer at its far end, and USB's silence."""

from __future__ import annotations

import array
import contextlib
import os
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import usb.core

from devices.health import Condition, DeviceError
from devices.printers.escpos import EscposPrinter
from devices.printers.links import SerialLink, UsbLink
from devices.printers.rendering import Renderer
from devices.printers.simulator.machine import Machine, Supply
from devices.printers.uris import open_printer
from tests.devices.printers.receipts import receipt
from tests.devices.simulator_process import until


class PtyPrinter:
    """A simulated printer behind `path`."""

    def __init__(self, folder: Path) -> None:
        self.reports: list[dict[str, Any]] = []
        self.machine = Machine(folder, self.reports.append)
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # EIO: the last who had the other end open has closed it
            while True:
                os.write(self._ours, self.machine.receive(os.read(self._ours, 4096)))

    def close(self) -> None:
        os.close(self._theirs)
        self._thread.join()
        os.close(self._ours)


@pytest.fixture
def pty_printer(tmp_path: Path) -> Iterator[PtyPrinter]:
    printer = PtyPrinter(tmp_path)
    yield printer
    printer.close()


async def test_a_receipt_over_a_serial_line(pty_printer: PtyPrinter) -> None:
    printer = open_printer(f"escpos+serial://{pty_printer.path}?columns=42&baud=115200")
    await printer.open()
    await until(lambda: printer.health().usable)
    await printer.print(receipt())
    assert [list(report) for report in pty_printer.reports] == [["printed"]]
    pty_printer.machine.supply = Supply.OUT
    with pytest.raises(DeviceError, match="printer-no-paper"):
        await printer.print(receipt())
    await printer.close()


async def test_no_serial_port_is_away() -> None:
    printer = EscposPrinter(SerialLink("/dev/tty-of-nobody", 9600), Renderer(42, "default"))
    with pytest.raises(DeviceError, match="printer-away"):
        await printer.print(receipt())
    assert printer.health().condition is Condition.AWAY
    await printer.close()


class FakeUsb:
    """As pyusb gives a device: reads return arrays, or time out."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.written = b""

    def write(self, endpoint: int, data: bytes, timeout: int) -> None:
        assert (endpoint, timeout) == (0x01, 5000)
        self.written += data

    def read(self, endpoint: int, size: int, timeout: int) -> array.array[int]:
        assert (endpoint, size, timeout) == (0x82, 64, 250)
        if not self.answers:
            raise usb.core.USBTimeoutError("timed out")
        return array.array("B", self.answers.pop(0))


def test_usb_gives_byte_after_byte_and_silence_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    link = UsbLink(0x04B8, 0x0E15)
    device = FakeUsb(b"\x12\x16")
    monkeypatch.setattr(link, "_device", device)
    monkeypatch.setattr(link, "close", lambda: None)  # nothing to hand back to libusb
    link.write(b"\x10\x04\x04")
    assert [link.read(0.25) for _ in range(3)] == [0x12, 0x16, None]
    assert device.written == b"\x10\x04\x04"

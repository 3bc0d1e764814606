"""Whether headphones are in: the switch that Linux calls SW_HEADPHONE_INSERT, read from its input device.

As in linux/input.h: an event is two words of time, u16 type, u16 code, s32 value; EVIOCGSW gives the switches as they are. Fed
from a pipe in tests, which has no such answer and begins as unknown.
"""

from __future__ import annotations

import fcntl
import os
import struct

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from ui.speech.reader import Plug

EVENT = struct.Struct("@llHHi")
EV_SW, SW_HEADPHONE_INSERT = 0x05, 0x02
SWITCH_BYTES = 8
EVIOCGSW = (2 << 30) | (SWITCH_BYTES << 16) | (ord("E") << 8) | 0x1B
LOOK_AGAIN_MS = 2000
"""Between two looks for a device that is not there, or is no more: a USB keypad that was pulled out."""


class Jack(QObject):
    """`changed(str)` is a Plug's value, whenever it is another. A device that vanishes is headphones that came out."""

    changed = Signal(str)

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        """`path` is the input device; empty where the kiosk has none that tells."""
        super().__init__(parent)
        self._path = path
        self._plug = Plug.OUT if path else Plug.UNKNOWN
        self._file = -1
        self._half = b""
        self._notifier: QSocketNotifier | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self.open)

    @property
    def plug(self) -> Plug:
        return self._plug

    def open(self) -> None:
        """Begins to look; goes on looking while the device is not there."""
        if not self._path:
            return
        try:
            self._file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            self._again.start()
            return
        self._notifier = QSocketNotifier(self._file, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._ask()

    def close(self) -> None:
        self._again.stop()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
            os.close(self._file)

    def _ask(self) -> None:
        switches = bytearray(SWITCH_BYTES)
        try:
            fcntl.ioctl(self._file, EVIOCGSW, switches)
        except OSError:
            return  # no input device: it will say when something changes
        self._is(int.from_bytes(switches, "little") >> SW_HEADPHONE_INSERT & 1)

    def _read(self) -> None:
        try:
            data = os.read(self._file, 64 * EVENT.size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._is(0)
            self._again.start()
            return
        data = self._half + data
        whole = len(data) // EVENT.size * EVENT.size
        self._half = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if (kind, code) == (EV_SW, SW_HEADPHONE_INSERT):
                self._is(value)

    def _is(self, value: int) -> None:
        plug = Plug.IN if value else Plug.OUT
        if plug is not self._plug:
            self._plug = plug
            self.changed.emit(plug.value)

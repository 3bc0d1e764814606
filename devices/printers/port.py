"""The port to a receipt printer."""

from __future__ import annotations

from typing import Protocol

from devices.health import Health
from domain.receipt import Receipt


class Printer(Protocol):
    """One printer. All methods belong to one asyncio loop; none blocks it."""

    async def open(self) -> None:
        """Starts looking after the connection; returns at once. Reconnects by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health:
        """READY, LOW (paper near its end), OUT (no paper, cover open), AWAY, or UNKNOWN where the printer cannot be asked."""

    async def print(self, receipt: Receipt) -> None:
        """Prints and cuts. Raises DeviceError ("printer-no-paper", "printer-away", "printer-cover") when it did not come out."""

"""A hand-held scanner that types: the face holds its keys back and sends each scan whole (ui.wedge); here it becomes a code."""

from __future__ import annotations

from pathlib import Path

from devices.health import Condition, Health
from devices.scanners.aim import read_scan
from devices.scanners.handheld import HandHeld


class Wedge(HandHeld):
    """A scanner (devices.scanners.port). A keyboard does not say whether it is there: `device`, its path under
    /dev/input/by-id, does; without one ("") it is taken to be."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self._device = device

    async def open(self) -> None:
        self._look()

    async def close(self) -> None:
        self.rest()
        self.tell(Health(Condition.AWAY, "scanner-away"))

    def health(self) -> Health:
        self._look()
        return super().health()

    def typed(self, scan: str) -> None:
        """One scan as it was typed, from the AIM identifier to its Enter ("\\n"); empty for keys that made no scan."""
        self.take(read_scan(scan.encode("utf-8", "backslashreplace")))

    def _look(self) -> None:
        there = not self._device or Path(self._device).exists()
        self.tell(Health(Condition.READY) if there else Health(Condition.AWAY, "scanner-away", "unplugged"))

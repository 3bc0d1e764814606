"""The port to a scanner: codes come out while it watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices.health import Health


@dataclass(frozen=True, slots=True)
class Code:
    """`symbology` is zxing-cpp's name ("QRCode", "Code128"); `text` as decoded; empty for bytes that are not text."""

    symbology: str
    text: str


class Scanner(Protocol):
    """One scanner. All methods belong to one asyncio loop; `seen` is called on it."""

    async def open(self) -> None:
        """Starts looking after the camera; returns at once, `health` says how it goes. Reopens by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health: ...

    def watch(self, seen: Callable[[Code], None]) -> None:
        """From now on, codes that two frames agree on go to `seen`: each once, and again after it left the view for 2 s."""

    def rest(self) -> None:
        """No more codes. The camera stays open, so that watching starts fast."""

"""The port to a scanner: codes come out while it watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices.health import Health


@dataclass(frozen=True, slots=True)
class Code:
    """`symbology` is zxing-cpp's name ("QRCode", "Code128", "Code39", "ITF", "DataMatrix", "PDF417"); `text` as decoded, empty
    for bytes that are not text."""

    symbology: str
    text: str


Corner = tuple[int, int]
"""x and y in pixels of a frame, from its upper left."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A code and where it is in one frame. `corners` are the symbol's own: top left, top right, bottom right, bottom left."""

    code: Code
    corners: tuple[Corner, Corner, Corner, Corner]


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

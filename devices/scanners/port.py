"""The port to a scanner: what it has in view comes out while it watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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


class Hint(StrEnum):
    """Why nothing can be read, as far as the picture tells. Each has words for the person who holds the bill."""

    TOO_DARK = "too-dark"
    GLARE = "glare"
    TOO_FAR = "too-far"
    BLURRED = "blurred"


NO_PICTURE = (0, 0)
"""The size of the view of a hand-held scanner, and of a camera that is lost, or whose picture cannot be used."""


@dataclass(frozen=True, slots=True)
class View:
    """What a scanner has in view. `size` is the frame's width and height in pixels, in which `sightings` have their corners.

    `agreed` are the codes that two different frames agreed on and that have not been out of view for 2 s since; one that just
    hides for a frame is agreed and not sighted. A hand-held scanner has no picture, and one agreed code after each pull of its
    trigger.
    """

    size: tuple[int, int]
    sightings: tuple[Sighting, ...]
    agreed: frozenset[Code]
    hint: Hint | None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a camera saw, small: for the person who holds the bill, and kept nowhere.

    `pixels` are `height` rows of `width` triples of bytes, blue, green, red. `found` are the corners of each code in it, as in
    Sighting but in pixels of this picture.
    """

    width: int
    height: int
    pixels: bytes
    found: tuple[tuple[Corner, Corner, Corner, Corner], ...]


class Scanner(Protocol):
    """One scanner. All methods belong to one asyncio loop; `seen` is called on it."""

    async def open(self) -> None:
        """Starts looking after the camera; returns at once, `health` says how it goes. Reopens by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health: ...

    def watch(self, seen: Callable[[View], None]) -> None:
        """From now on, `seen` is told what is in view: when that has changed, and at most 15 times a second. Nothing that was
        seen before counts."""

    def rest(self) -> None:
        """No more views. The camera stays open, so that watching starts fast."""

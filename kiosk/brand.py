"""A hospital's own colour: what the themes make of it, and the refusal of one that not everybody could read.

Contrast is WCAG 2.1's (1.4.3). The high-contrast theme has no room for a brand, and keeps its yellow.
"""

from __future__ import annotations

from kiosk.visit.screens import Inks

LEAST = 4.5
"""WCAG 2.1, 1.4.3: words of any size on their ground."""

DAY_GROUNDS = ("#F6F4EF", "#FFFFFF")
NIGHT_GROUNDS = ("#10171E", "#1B252E")
"""What words in the brand's colour stand on, by theme: paper and card, as in Theme.qml."""

WHITE = "#FFFFFF"
PRESSED = 20
"""Percent by which a button under a finger differs."""

Channels = tuple[int, int, int]


class BrandError(ValueError):
    """A colour that cannot be a brand here; its words say why, to who writes the settings."""


def by_day(colour: str) -> Inks:
    """`colour` is "#RRGGBB". Raises BrandError where white words on it, or words in it on paper, cannot be read."""
    worst = min(contrast(colour, ground) for ground in DAY_GROUNDS)
    if worst < LEAST:
        raise BrandError(
            f"words in {colour} have a contrast of {worst:.2f} to the screen's paper, and not everybody could read them: "
            f"take a darker shade of it, with {LEAST} at least"
        )
    return Inks(colour, mixed(colour, "#000000", PRESSED), WHITE)


def by_night(colour: str) -> Inks:
    """The same hue, as light as the dark grounds ask for, with dark words on it."""
    light = next(
        shade for percent in range(0, 101, 5) if _readable(shade := mixed(colour, WHITE, percent), NIGHT_GROUNDS)
    )  # white is readable on both
    return Inks(light, mixed(light, WHITE, 2 * PRESSED), NIGHT_GROUNDS[0])


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio of two "#RRGGBB": 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, into: str, percent: int) -> str:
    """`percent` of the way from one colour to another, channel by channel, as "#RRGGBB"."""
    pairs = zip(_channels(colour), _channels(into), strict=True)
    return "#" + "".join(f"{(a * (100 - percent) + b * percent + 50) // 100:02X}" for a, b in pairs)


def _readable(colour: str, grounds: tuple[str, ...]) -> bool:
    return all(contrast(colour, ground) >= LEAST for ground in grounds)


def _luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> Channels:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

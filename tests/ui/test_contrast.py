"""Contrast of every pair of roles in every theme, computed as WCAG 2.1 does, against what look.md promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from kiosk.brand import DAY_GROUNDS, NIGHT_GROUNDS, by_day, by_night
from kiosk.visit.screens import Brand, Theme
from tests.ui.conftest import Shown
from tests.ui.samples import sample

TEXT, SIGN = 4.5, 3.0
"""WCAG 2.1, 1.4.3 and 1.4.11: words, and what is needed to see a control."""

PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "muted", "brand", "good", "warn", "bad") for ground in ("paper", "card")),
    ("brandInk", "brand", TEXT),
    ("brandInk", "brandPressed", TEXT),
    ("ink", "pressed", TEXT),
    *((edge, ground, SIGN) for edge in ("touchEdge", "focus") for ground in ("paper", "card")),
]
PROMISED = {
    ("day", "ink", "paper"): 14.8,
    ("day", "ink", "card"): 16.3,
    ("day", "brandInk", "brand"): 8.0,
    ("night", "ink", "paper"): 16.7,
    ("night", "ink", "card"): 14.3,
    ("contrast", "ink", "paper"): 21.0,
}
"""The figures that look.md gives."""


def luminance(colour: QColor) -> float:
    """WCAG 2.1, relative luminance."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme_of(shown: Shown) -> QObject:
    theme = shown.face.engine.singletonInstance("Lobbypay", "Theme")
    assert isinstance(theme, QObject)
    return theme


@pytest.fixture
def theme(face_of: Callable[..., Shown]) -> QObject:
    return theme_of(face_of())


@pytest.mark.parametrize("kind", ["day", "night", "contrast"])
def test_every_pair_can_be_read(theme: QObject, kind: str) -> None:
    theme.setProperty("kind", kind)
    assert_readable(theme)


def assert_readable(theme: QObject) -> None:
    low = {
        (one, other): round(found, 2)
        for one, other, least in PAIRS
        if (found := contrast(theme.property(one), theme.property(other))) < least
    }
    assert low == {}


@pytest.mark.parametrize("kind", ["day", "night", "contrast"])
@pytest.mark.parametrize("colour", ["#7A1F5C", "#003B71", "#767000", "#B3261E"])
def test_every_pair_can_be_read_in_a_hospital_s_own_colour(face_of: Callable[..., Shown], kind: str, colour: str) -> None:
    """In what the screen makes of it, and on the grounds that the colour was tried against."""
    shown = face_of()
    brand = Brand("", by_day(colour), by_night(colour))
    shown.show(replace(sample("attract", theme=Theme(kind)), brand=brand))
    theme = theme_of(shown)
    assert theme.property("brand").name().upper() == {"day": colour, "night": by_night(colour).brand, "contrast": "#FFE100"}[kind]
    assert_readable(theme)
    if kind != "contrast":
        grounds = tuple(theme.property(role).name().upper() for role in ("paper", "card"))
        assert grounds == (DAY_GROUNDS if kind == "day" else NIGHT_GROUNDS)


@pytest.mark.parametrize(("kind", "one", "other"), PROMISED)
def test_the_figures_of_the_look(theme: QObject, kind: str, one: str, other: str) -> None:
    theme.setProperty("kind", kind)
    assert contrast(theme.property(one), theme.property(other)) == pytest.approx(PROMISED[kind, one, other], abs=0.05)

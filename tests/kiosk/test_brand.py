"""A hospital's own colour: whatever is taken can be read in every theme, and what could not be is refused in plain words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.brand import DAY_GROUNDS, LEAST, NIGHT_GROUNDS, BrandError, by_day, by_night, contrast, mixed

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#FFFFFF", "#FFFFFF", 1.0), ("#767676", "#FFFFFF", 4.54), ("#FF0000", "#FFFFFF", 4.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """The figures that WebAIM's checker prints for these pairs."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS)
def test_what_is_taken_can_be_read_and_the_rest_is_refused(colour: str) -> None:
    seen = min(contrast(colour, ground) for ground in DAY_GROUNDS)
    if seen < LEAST:
        with pytest.raises(BrandError, match=f"{seen:.2f}"):
            by_day(colour)
        return
    day = by_day(colour)
    assert day.brand == colour
    assert contrast(day.words, day.brand) >= LEAST
    assert contrast(day.words, day.pressed) >= LEAST


@given(COLOURS)
def test_by_night_every_brand_can_be_read(colour: str) -> None:
    night = by_night(colour)
    assert all(contrast(night.brand, ground) >= LEAST for ground in NIGHT_GROUNDS)
    assert contrast(night.words, night.brand) >= LEAST
    assert contrast(night.words, night.pressed) >= LEAST
    assert all(re.fullmatch(r"#[0-9A-F]{6}", ink) for ink in (night.brand, night.pressed, night.words))


def test_a_mixture_goes_from_one_to_the_other() -> None:
    assert mixed("#0080FF", "#FFFFFF", 0) == "#0080FF"
    assert mixed("#0080FF", "#FFFFFF", 100) == "#FFFFFF"
    assert mixed("#000000", "#FFFFFF", 50) == "#808080"

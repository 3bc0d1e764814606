"""Letters of every script that a name on a bill may have."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from devices.lettering import Lettering, reads_right_to_left


def drawn(text: str) -> bytes:
    picture = Image.new("L", (400, 60), 255)
    Lettering(32).draw(ImageDraw.Draw(picture), (4, 44), text)
    return picture.tobytes()


@pytest.mark.parametrize("text", ["María", "Nguyễn", "Иван", "王小明", "أمينة", "יעל", "ใจดี", "김민준"])
def test_no_script_is_drawn_as_missing_boxes(text: str) -> None:
    assert drawn(text) != drawn("\uffff" * len(text))
    assert len({drawn(char) for char in text}) == len(set(text)), "different letters look different"


def test_width_is_where_drawing_ends() -> None:
    canvas = ImageDraw.Draw(Image.new("L", (400, 60), 255))
    letters = Lettering(32, bold=True)
    assert letters.draw(canvas, (10, 40), "Ana 王 أمينة") == pytest.approx(10 + letters.width("Ana 王 أمينة"))


@pytest.mark.parametrize(
    ("text", "expected"), [("أمينة", True), ("12 أمينة", True), ("Ana أمينة", False), ("42", False), ("", False)]
)
def test_direction_is_that_of_the_first_letter_that_has_one(text: str, expected: bool) -> None:
    assert reads_right_to_left(text) is expected

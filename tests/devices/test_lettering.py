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


def seen(text: str, right_to_left: bool = False) -> str:
    """The letters in the order of the eye; what runs from right to left turned round, as a reader would read it aloud."""
    return "|".join(piece for _, piece, _ in Lettering(32, right_to_left=right_to_left)._pieces(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("المبلغ \u2068$125.50\u2069", "$125.50|المبلغ "),
        ("أو \u2068(555) 010-4400\u2069 الآن", " الآن|(555) 010-4400|أو "),
        ("خلال 3 أيام", " أيام|3|خلال "),
        ("4 مارس 2026", "2026| مارس |4"),
        ("Ana Lee.", "Ana Lee."),
        ("-$125.50", "-$125.50"),
        ("Ana Lee: أمينة", "أمينة|: |Ana Lee"),
    ],
)
def test_figures_and_names_keep_their_order_in_a_line_from_right_to_left(text: str, expected: str) -> None:
    assert seen(text, right_to_left=True) == expected


def test_a_name_from_right_to_left_stands_in_its_place_in_a_line_of_ours() -> None:
    assert seen("Bill of أمينة الحسن, paid") == "Bill of |أمينة الحسن|, paid"


def test_a_word_is_not_set_in_two_faces() -> None:
    assert len(Lettering(32)._pieces("Trả hóa đơn: $1,250.40")) == 1

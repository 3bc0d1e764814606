"""In our faces no line breaks inside of a date, a moment, a reference or a telephone number, however narrow its room is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from PySide6.QtGui import QFont, QTextLayout, QTextOption
from pytestqt.qtbot import QtBot

from kiosk.visit.screens import Said
from kiosk.words import LOCALES, FluentWords
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from tests.ui.test_fonts import boxes
from ui.early import FAMILY

MOMENTS = tuple(dt.datetime(2026, month, 23, 12 + month, 5, tzinfo=dt.UTC) for month in range(1, 12))


def lines(text: str) -> int:
    """Into how many lines Qt breaks it where none has room for anything."""
    layout = QTextLayout(text, QFont(FAMILY))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(1)
    layout.endLayout()
    return layout.lineCount()


def words_of(face_of: Callable[..., Shown], qtbot: QtBot, language: str) -> FluentWords:
    """Once their letters are there: the other scripts come after the first frame, and what has no shape takes no room."""
    words = FluentWords(language, dt.UTC).on_screen
    face_of().show(sample("attract"))
    qtbot.waitUntil(lambda: boxes(words.say("notice-date-not-a-date").text + words.moment(MOMENTS[0]).text, FAMILY) == 0)
    return words


PIECES = {"en": (1, 2), "es": (1, 2), "zh": (2, 2), "vi": (1, 2), "ar": (2, 3)}
"""How many lines a date may take, and a moment: day and time apart, and the year where the rest of a date is as long."""


@pytest.mark.parametrize("language", LOCALES)
def test_a_date_breaks_beside_its_time_or_its_year_alone(face_of: Callable[..., Shown], qtbot: QtBot, language: str) -> None:
    words = words_of(face_of, qtbot, language)
    told: tuple[Callable[[dt.datetime], Said], ...] = (lambda at: words.date(at.date()), words.moment)
    for said, most in zip(told, PIECES[language], strict=True):
        texts = [said(moment).text for moment in MOMENTS]
        pieces = [re.split("(?<=年)| ", text) for text in texts]
        assert {text: lines(text) for text in texts} == dict.fromkeys(texts, most)
        assert {len(parts) for parts in pieces} == {most}
        assert {part: lines(part) for parts in pieces for part in parts if lines(part) > 1} == {}
        assert boxes("".join(texts), FAMILY) == 0


@pytest.mark.parametrize("language", LOCALES)
def test_no_line_breaks_inside_of_a_reference_a_number_or_an_example(
    face_of: Callable[..., Shown], qtbot: QtBot, language: str
) -> None:
    """As often as before with what must hold together written as one word."""
    words = words_of(face_of, qtbot, language)
    for message, key, value in (("reference", "code", "GAYB-ZZR4"), ("help-phone", "phone", "1-800-985-3059")):
        assert lines(words.say(message, **{key: value}).text) == lines(words.say(message, **{key: "X" * len(value)}).text)
    if language == "en":
        assert lines(words.say("receipt-by-email").text) == lines("Send it by email")
    whole = words.say("notice-date-not-a-date").text
    groups = ("1962", "03", "14") if language == "zh" else ("03", "14", "1962") if language == "en" else ("14", "03", "1962")
    held = "\u00a0".join(f"\u2066{group}\u2069" if language == "ar" else group for group in groups)
    assert held in whole
    assert lines(whole) == lines(whole.replace(held, "x"))

"""In our faces no line breaks inside of a date, a moment, a reference or a telephone number, however narrow its room is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from PySide6.QtGui import QFont, QTextLayout, QTextOption
from pytestqt.qtbot import QtBot

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


@pytest.mark.parametrize("language", LOCALES)
def test_no_line_breaks_inside_of_a_date(face_of: Callable[..., Shown], qtbot: QtBot, language: str) -> None:
    words = FluentWords(language, dt.UTC).on_screen
    face_of().show(sample("attract"))
    moments = [words.moment(moment).text for moment in MOMENTS]
    if language == "ar":  # the day is in words: it and its time are a piece each
        moments = [piece for moment in moments for piece in moment.split("\u060c ")]
        assert len(moments) == 2 * len(MOMENTS)
    pieces = moments + [words.date(moment.date()).text for moment in MOMENTS]
    assert {piece: lines(piece) for piece in pieces} == dict.fromkeys(pieces, 1)
    qtbot.waitUntil(lambda: boxes("".join(pieces), FAMILY) == 0)


@pytest.mark.parametrize("language", LOCALES)
def test_no_line_breaks_inside_of_a_reference_a_number_or_an_example(qapp: object, language: str) -> None:
    """As often as before with what must hold together written as one word."""
    words = FluentWords(language, dt.UTC).on_screen
    for message, key, value in (("reference", "code", "GAYB-ZZR4"), ("help-phone", "phone", "1-800-985-3059")):
        assert lines(words.say(message, **{key: value}).text) == lines(words.say(message, **{key: "X" * len(value)}).text)
    whole = words.say("notice-date-not-a-date").text
    groups = ("1962", "03", "14") if language == "zh" else ("03", "14", "1962") if language == "en" else ("14", "03", "1962")
    held = "\u00a0".join(f"\u2066{group}\u2069" if language == "ar" else group for group in groups)
    assert held in whole
    assert lines(whole) == lines(whole.replace(held, "x"))

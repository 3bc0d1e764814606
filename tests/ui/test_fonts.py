"""On a machine without fonts every name on a bill still has its letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFont, QTextLayout
from pytestqt.qtbot import QtBot

from demo.gallery import NAMES
from kiosk.words import LOCALES, WORDS
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui.early import FAMILY, OTHER_FAMILIES


def boxes(text: str, family: str, bold: bool = False) -> int:
    font = QFont(family)
    font.setBold(bold)
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return sum(run.glyphIndexes().count(0) for run in layout.glyphRuns())


@pytest.mark.parametrize("name", [*NAMES, "佐藤 花子", "יעל כהן", "김민준", "สมชาย ใจดี", "$1,250.40 – “x” €"])
def test_no_letter_is_a_box(face_of: Callable[..., Shown], qtbot: QtBot, name: str) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    qtbot.waitUntil(lambda: boxes(name, FAMILY) == 0)  # the other scripts come after the first frame


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("bold", [False, True])
def test_every_letter_of_every_catalogue_has_a_shape(
    face_of: Callable[..., Shown], qtbot: QtBot, language: str, bold: bool
) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    letters = "".join(sorted(set((WORDS / f"{language}.ftl").read_text(encoding="utf-8")) - {"\n"}))
    qtbot.waitUntil(lambda: boxes(letters, FAMILY, bold) == boxes(letters, OTHER_FAMILIES[0], bold) == 0)

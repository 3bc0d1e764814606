"""On a machine without fonts every name on a bill still has its letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFont, QTextLayout
from pytestqt.qtbot import QtBot

from demo.gallery import NAMES
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui.early import FAMILY


@pytest.mark.parametrize("name", [*NAMES, "佐藤 花子", "יעל כהן", "김민준", "สมชาย ใจดี", "$1,250.40 – “x” €"])
def test_no_letter_is_a_box(face_of: Callable[..., Shown], qtbot: QtBot, name: str) -> None:
    shown = face_of()
    shown.show(sample("attract"))

    def boxes() -> int:
        layout = QTextLayout(name, QFont(FAMILY))
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        return sum(run.glyphIndexes().count(0) for run in layout.glyphRuns())

    qtbot.waitUntil(lambda: boxes() == 0)  # the other scripts come after the first frame

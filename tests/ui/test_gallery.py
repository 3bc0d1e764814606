"""A contact sheet of every screen in every theme, for whoever looks; and no two screens that look alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter

from kiosk.visit.screens import Theme
from tests.ui.conftest import Shown
from tests.ui.samples import SCREENS, sample

THUMB = QSize(270, 480)


def test_contact_sheet(face_of: Callable[..., Shown], tmp_path: Path) -> None:
    shown = face_of((540, 960))
    sheet = QImage(THUMB.width() * len(SCREENS), THUMB.height() * len(Theme), QImage.Format.Format_RGB32)
    painter = QPainter(sheet)
    seen = set()
    for column, name in enumerate(SCREENS):
        for row, theme in enumerate(Theme):
            shown.show(sample(name, theme=theme))
            picture = shown.face.window.grabWindow()
            seen.add(bytes(picture.constBits()))
            painter.drawImage(THUMB.width() * column, THUMB.height() * row, picture.scaled(THUMB))
    painter.end()
    assert sheet.save(str(tmp_path / "contact-sheet.png"))
    assert len(seen) == len(SCREENS) * len(Theme)

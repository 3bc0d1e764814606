"""The hospital's own picture: drawn in every theme, on white where the paper is dark, and never wider than its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from kiosk.visit.screens import Brand, Theme
from tests.ui.conftest import Shown
from tests.ui.samples import sample

DRAWN, WHITE, PAPER = (QColor(name).rgb() for name in ("#ff00ff", "#ffffff", "#f6f4ef"))
ROW = 56
"""Half the height of the top bar."""


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("width", [60, 600], ids=["square", "a long band"])
def test_a_logo_is_drawn_in_its_place(face_of: Callable[..., Shown], tmp_path: Path, theme: Theme, width: int) -> None:
    picture = QImage(width, 60, QImage.Format.Format_RGB32)
    picture.fill(DRAWN)
    logo = tmp_path / "logo.png"
    assert picture.save(str(logo))
    shown = face_of((1080, 1920))
    shown.show(replace(sample("attract", theme=theme), brand=Brand(str(logo), None, None)))
    grab = shown.face.window.grabWindow()
    across = [x for x in range(grab.width()) if grab.pixel(x, ROW) == DRAWN]
    assert across
    assert across[-1] < 64 + 300  # the margin, and the widest that there may be
    assert grab.pixel(across[0] - 3, ROW) == (PAPER if theme is Theme.DAY else WHITE)

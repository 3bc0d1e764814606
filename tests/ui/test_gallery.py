"""A contact sheet of every screen, for whoever looks; and that the screens differ as they should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from kiosk.visit.screens import Theme
from tests.ui.conftest import Shown
from tests.ui.samples import SCREENS, sample
from ui import hands

THUMB = (270, 480)


def test_contact_sheet(face_of: Callable[..., Shown], tmp_path: Path) -> None:
    shown = face_of((540, 960))
    sheet = Image.new("RGB", (THUMB[0] * len(Theme), THUMB[1] * len(SCREENS)))
    seen = set()
    for row, name in enumerate(SCREENS):
        for column, theme in enumerate(Theme):
            shown.show(sample(name, theme=theme))
            hands.picture(shown.face.window, tmp_path / "one.png")
            with Image.open(tmp_path / "one.png") as picture:
                seen.add(picture.tobytes())
                sheet.paste(picture.resize(THUMB), (THUMB[0] * column, THUMB[1] * row))
    sheet.save(tmp_path / "contact-sheet.png")
    assert len(seen) == len(SCREENS) * len(Theme)

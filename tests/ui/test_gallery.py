"""No two kinds of screen look alike, in any theme."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.visit.screens import Theme
from tests.ui.conftest import Shown
from tests.ui.samples import KINDS, sample


def test_no_two_screens_look_alike(face_of: Callable[..., Shown]) -> None:
    shown, seen = face_of((540, 960)), set()
    kinds = set(KINDS) - {"opening"}  # to a patient it is one wait with "probing"
    for name in kinds:
        for theme in Theme:
            shown.show(sample(name, theme=theme))
            seen.add(bytes(shown.face.window.grabWindow().constBits()))
    assert len(seen) == len(kinds) * len(Theme)

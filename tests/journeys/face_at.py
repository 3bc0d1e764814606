"""The shipped face at the journeys' kiosk, where nobody stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from demo.world import World
from tests.journeys.visitor import Visitor
from ui.app import Face


@contextlib.contextmanager
def face_at(world: World, qtbot: QtBot) -> Iterator[Face]:
    """Open while the block runs. Needs the QGuiApplication."""
    with Visitor(world.socket) as before:
        before.leave()
    face = Face(str(world.socket), windowed=True, size=(540, 960))
    face.show()
    qtbot.waitUntil(lambda: bool(face.window.property("settled")))  # with its first frame come the keys
    yield face
    face.close()
    face.window.deleteLater()

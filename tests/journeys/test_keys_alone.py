"""A whole visit by the tactile keypad alone: nothing is touched, nothing is held to the camera."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from demo.bills import birth_digits
from demo.world import World
from hub.bills import Bill
from kiosk.visit.screens import Keypad
from tests.journeys.face_at import face_at
from tests.journeys.hall import Hall
from tests.journeys.keypad import PATIENCE_MS, Thumb
from ui.app import Face

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture
def face(qapp: QGuiApplication, world: World, qtbot: QtBot) -> Iterator[Face]:
    with face_at(world, qtbot) as face:
        yield face


def _at(face: Face, qtbot: QtBot, screen: str, asked: bool = False) -> None:
    """Waits for the screen, or for the question over it, until it listens."""

    def there() -> bool:
        snapshot = face.store.snapshot
        return snapshot.screen == screen and (snapshot.overlay is not None) == asked and not face.store.resting()

    qtbot.waitUntil(there, timeout=PATIENCE_MS)


def _to(face: Face, thumb: Thumb, name: str, key: str = "down") -> None:
    """Along the ring, as far as it takes."""
    for _ in range(60):
        if face.focus.shown and face.focus.name == name:
            return
        thumb.press(key)
    raise AssertionError(f"the keys never came to {name}")


def _types(face: Face, thumb: Thumb, qtbot: QtBot, keys: str) -> None:
    for key in keys:
        before = _typed(face)
        thumb.press(key)
        qtbot.waitUntil(partial(_differs, face, before), timeout=PATIENCE_MS)


def _typed(face: Face) -> str:
    middle = face.store.snapshot.middle
    return middle.shown.text if isinstance(middle, Keypad) else ""


def _differs(face: Face, before: str) -> bool:
    return _typed(face) != before


def test_a_bill_is_paid_by_keys_alone(kiosk: Hall, face: Face, qtbot: QtBot, bill: Bill) -> None:
    thumb = Thumb(face, qtbot)
    at, to, types = partial(_at, face, qtbot), partial(_to, face, thumb), partial(_types, face, thumb, qtbot)
    at("attract")
    to("choice:en")
    thumb.press("ok")
    at("scan")
    to("secondary")
    thumb.press("ok")
    at("other-ways")
    to("choice:type-number")
    thumb.press("ok")
    at("number")
    number = bill.numbered_text.removeprefix("LP")
    types(number[:3])
    types("9")
    types("*")
    types(number[3:])
    thumb.press("#")
    at("birth-date")
    to("foot:help")
    thumb.press("ok")
    at("birth-date", asked=True)
    to("overlay:stay")
    thumb.press("ok")
    at("birth-date")
    types(birth_digits(bill.birth_date, "en"))
    thumb.press("#")
    at("statement")
    to("row:0", "up")
    to("primary")
    thumb.press("ok")
    at("card")
    kiosk.taps()
    at("approved")
    to("primary")
    thumb.press("ok")
    at("thank-you")
    thumb.press("ok")
    at("attract")
    kiosk.delivered()
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)

"""A whole visit through the real face, in Spanish: every touch is a touch on the drawn screen, by the name of what is touched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from demo.bills import Paper, birth_digits
from demo.world import World
from hub.bills import Bill
from kiosk.visit.screens import Keypad
from tests.journeys.face_at import face_at
from tests.journeys.hall import Hall
from tests.journeys.visitor import PATIENCE_S
from ui.app import Face
from ui.hands import touch
from ui.store import KEY_REST_S

pytestmark = pytest.mark.xdist_group("journeys")


class Finger:
    """Someone at the screen."""

    def __init__(self, face: Face, qtbot: QtBot) -> None:
        self._face = face
        self._qtbot = qtbot

    @property
    def screen(self) -> str:
        return self._face.store.snapshot.screen

    def at(self, *screens: str) -> None:
        self._qtbot.waitUntil(lambda: self.screen in screens, timeout=round(PATIENCE_S * 1000))

    def touches(self, name: str) -> None:
        """As soon as the screen hears it."""
        self._qtbot.waitUntil(lambda: touch(self._face.window, name), timeout=round(PATIENCE_S * 1000))

    def types(self, digits: str) -> None:
        """One key after the other, each seen on the screen before the next; no faster than people do."""
        for digit in digits:
            before, since = self._typed(), time.monotonic()
            self._qtbot.waitUntil(partial(self._rested, since))
            self.touches(f"key:{digit}")
            self._qtbot.waitUntil(partial(self._differs, before), timeout=round(PATIENCE_S * 1000))

    def _typed(self) -> str:
        middle = self._face.store.snapshot.middle
        return middle.shown.text if isinstance(middle, Keypad) else ""

    def _rested(self, since: float) -> bool:
        return time.monotonic() - since > KEY_REST_S

    def _differs(self, before: str) -> bool:
        return self._typed() != before

    def reads(self) -> str:
        snapshot = self._face.store.snapshot
        return " ".join(said.text for said in (snapshot.title, *snapshot.lines))


@pytest.fixture
def finger(qapp: QGuiApplication, qtbot: QtBot, world: World) -> Iterator[Finger]:
    with face_at(world, qtbot) as face:
        yield Finger(face, qtbot)


def test_a_visit_in_spanish(kiosk: Hall, finger: Finger, bill: Bill) -> None:
    finger.at("attract")
    finger.touches("choice:es")
    finger.at("scan")
    kiosk.world.camera.tell(show=Paper(bill).shown())
    finger.at("birth-date")
    finger.types(birth_digits(bill.birth_date, "es"))
    finger.touches("primary")
    finger.at("statement")
    assert bill.statement.guarantor_name in finger.reads()
    finger.touches("primary")
    finger.at("card")
    kiosk.taps()
    finger.at("approved")
    assert "Usted pagó" in finger.reads()
    finger.touches("primary")
    finger.at("thank-you")
    assert "Gracias" in finger.reads()
    finger.touches("primary")
    finger.at("attract")
    kiosk.delivered()
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)
    assert kiosk.posting(kiosk.last())

"""A whole visit by ear alone: a test that hears what is spoken and presses keys. It sees no screen, no store, no snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from demo.bills import birth_digits
from demo.world import World
from hub.bills import Bill
from kiosk.visit.screens import VOICE
from tests.journeys.face_at import face_at
from tests.journeys.hall import Hall
from tests.journeys.keypad import PATIENCE_MS, Thumb
from tests.journeys.visitor import Visitor
from tests.ui.speech.mouth import Mouth
from ui.app import Face
from ui.speech.reader import Plug

pytestmark = pytest.mark.xdist_group("journeys")

REST_MS = 350
"""A person who has just pressed lifts the finger before pressing again."""


class Chatter(Mouth):
    """Each sentence is over at once, unless it is interrupted."""

    def speak(self, text: str, language: str, rate: int, volume: int) -> None:
        super().speak(text, language, rate, volume)
        QTimer.singleShot(0, self, lambda: self.end() if self.speaking == text else None)


class Listener:
    """Ears and a thumb. `heard` is what was said since the last key."""

    def __init__(self, face: Face, qtbot: QtBot) -> None:
        self._mouth = Chatter()
        self._qtbot = qtbot
        self._thumb = Thumb(face, qtbot)
        self._begin = 0
        self.reader = face.listen(self._mouth, Plug.OUT)

    @property
    def heard(self) -> list[str]:
        return [text for _, text in self._mouth.said[self._begin :]]

    def hears(self, *patterns: str) -> None:
        """All of these have been said, in this order, since the last key."""

        def said() -> bool:
            rest = iter(self.heard)
            return all(any(re.match(pattern, text) for text in rest) for pattern in patterns)

        try:
            self._qtbot.waitUntil(said, timeout=PATIENCE_MS)
        except Exception as error:
            raise AssertionError(f"never heard {patterns} in {self.heard}") from error

    def presses(self, key: str) -> None:
        self._qtbot.wait(REST_MS)
        self._begin = len(self._mouth.said)
        self._thumb.press(key)

    def types(self, digits: str) -> None:
        """Each digit is heard before the next."""
        self._qtbot.wait(REST_MS)
        for digit in digits:
            self._begin = len(self._mouth.said)
            self._thumb.press(digit)
            self.hears(digit)

    def finds(self, pattern: str, key: str = "down") -> None:
        """Goes on until the keys are there."""
        for _ in range(40):
            if self.heard and re.match(pattern, self.heard[-1]):
                return
            self.presses(key)
            self.hears(".")
        raise AssertionError(f"never came to {pattern}")


@pytest.fixture
def face(qapp: QGuiApplication, kiosk: Hall, world: World, qtbot: QtBot) -> Iterator[Face]:
    """At a kiosk whose settings name headphones."""
    with kiosk.amended("[pace]", '[speech]\nsink = "hw:CARD=Keypad"\njack = ""\n\n[pace]'), face_at(world, qtbot) as face:
        yield face


def test_a_bill_is_paid_by_ear_alone(kiosk: Hall, world: World, face: Face, qtbot: QtBot, bill: Bill) -> None:
    one = Listener(face, qtbot)
    face.link.send(VOICE, "ready")
    one.reader.plugged(Plug.IN)
    one.hears("You are listening to this kiosk", "Pay your hospital bill here", "Start in English, button 1 of 5")
    one.presses("ok")
    one.hears("Show your bill to the camera")
    one.finds("Find my bill another way, button")
    one.presses("ok")
    one.hears("How shall we find your bill", "Type the number of my bill, button")
    one.presses("ok")
    one.hears("Type your statement number", ".*12 digits", "Type with the digit keys", "Find my bill, button")
    one.types(bill.numbered_text.removeprefix("LP"))
    one.presses("#")
    one.hears("What is the date of birth", ".*Month", "Show my bill, button")
    one.types(birth_digits(bill.birth_date, "en"))
    one.presses("#")
    one.hears(r".* US dollars is due", ".*ending in", "Amount due: ", r"Pay .* US dollars, button 1 of")
    one.presses("5")
    one.hears("You can listen to this kiosk", ".*4 slower")
    one.presses("ok")
    one.hears(".* is due", "Pay ")
    one.presses("ok")
    one.hears("Insert or tap your card")
    kiosk.taps()
    one.hears(r"You paid .* US dollars", "Print my receipt, button")
    one.presses("ok")
    one.hears("Thank you", "Please take your paper")
    one.finds("Hear my receipt, button")
    one.presses("ok")
    one.hears("Receipt", "Amount: .* US dollars", "Reference")
    one.presses("ok")
    one.hears("Thank you")
    one.finds("Clear this screen, button", "up")
    one.presses("ok")
    with Visitor(world.socket) as after:
        after.wait("attract")
    QCoreApplication.processEvents()
    assert one.heard == []  # the next one at this kiosk is somebody else
    kiosk.delivered()
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)

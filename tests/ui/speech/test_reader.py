"""When something is said and when not: a face, a mouth that writes down, keys and headphones."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from demo.gallery import SITE, gallery
from domain.names import Proof
from kiosk.visit import stages as st
from kiosk.visit.hearing import RATES, VOLUMES, Hearing
from kiosk.visit.present import present
from kiosk.visit.screens import HEARD
from kiosk.visit.stages import Asking, Call, Visit
from tests.ui.conftest import Shown
from tests.ui.samples import WORDS
from tests.ui.speech.mouth import Mouth
from tests.ui.test_keys import strike
from ui.speech.reader import Plug, Reader

Key = Qt.Key
ON = Hearing(on=True)


class Listener:
    """Somebody with headphones, at a face that shows what the test says."""

    def __init__(self, shown: Shown, plug: Plug, qtbot: QtBot) -> None:
        self.shown = shown
        self.mouth = Mouth()
        self.reader: Reader = shown.face.listen(self.mouth, plug)
        self.asked: list[tuple[str, str]] = []
        self.reader.asked.connect(lambda intent, value: self.asked.append((intent, value)))
        self._begin = 0
        self._serial = itertools.count(1)
        self._qtbot = qtbot

    def sees(self, visit: str | Visit, hearing: Hearing = ON, **parts: object) -> None:
        self._begin = len(self.mouth.said)
        at = gallery("en")[visit] if isinstance(visit, str) else visit
        at = dataclasses.replace(at, hearing=hearing, **parts)  # type: ignore[arg-type]
        self.shown.show(present(at, WORDS, SITE, next(self._serial)))

    def hears(self) -> list[str]:
        """Everything that is said since the test last did something, until nothing more comes."""
        self._qtbot.waitUntil(lambda: not self.reader._breath.isActive())
        while self.mouth.speaking:
            self.mouth.end()
        return [text for _, text in self.mouth.said[self._begin :]]

    def presses(self, key: Key, text: str = "") -> list[str]:
        self._begin = len(self.mouth.said)
        strike(self.shown, key, text=text)
        return self.hears()


@pytest.fixture
def listener(face_of: Callable[..., Shown], qtbot: QtBot) -> Callable[..., Listener]:
    def make(plug: Plug = Plug.IN) -> Listener:
        shown = face_of()
        shown.show(present(gallery("en")["attract"], WORDS, SITE, 0))
        shown.face.window.requestActivate()
        qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is shown.face.window)
        return Listener(shown, plug, qtbot)

    return make


def test_who_does_not_listen_hears_nothing(listener: Callable[..., Listener]) -> None:
    one = listener()
    for name in ("attract", "statement", "staff-pin"):
        one.sees(name, Hearing())
        assert one.presses(Key.Key_Down) == []


def test_a_screen_is_said_whole_and_then_where_the_keys_are(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("attract")
    said = one.hears()
    assert said[0].startswith("You are listening to this kiosk.")
    assert said[1] == "Pay your hospital bill here"
    assert said[-1] == "Start in English, button 1 of 5"
    one.sees("statement")
    said = one.hears()
    assert "You are listening" not in said[0]
    assert said[0].endswith("is due")
    assert "Tests and pictures: 255.35 US dollars" in said
    assert said[-2].startswith("Amount due: ")
    assert said[-1].startswith("Pay ")
    assert said[-1].endswith("button 1 of 6")


def test_every_word_of_every_screen_is_heard_by_who_has_headphones(listener: Callable[..., Listener]) -> None:
    one = listener()
    for name in ("scan glare", "number", "amount", "card insert-card", "unclear", "see-desk limit-total"):
        one.sees("attract", Hearing())
        one.sees(name)
        said = " ".join(one.hears())
        snapshot = one.shown.face.store.snapshot
        for words in (snapshot.title, *snapshot.lines, *([snapshot.notice] if snapshot.notice else [])):
            assert words.speech in said, name


def test_another_language_is_said_by_its_own_voice(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("attract")
    one.hears()
    one.presses(Key.Key_Down)
    assert one.mouth.said[-2:] == [("es", "Empezar en español"), ("en", "button 2 of 5")]
    one.sees("language")
    assert one.hears()[-2:] == ["English, button 1 of 6", "chosen"]
    spanish = dataclasses.replace(gallery("es")["statement"])
    one.sees(spanish)
    one.hears()
    assert {language for language, _ in one.mouth.said[-5:]} == {"es"}


def test_what_changes_on_a_screen_is_said_and_the_rest_is_not_said_again(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("card insert-card")
    one.hears()
    one.sees("card enter-pin")
    said = one.hears()
    assert said[0] == "Type your PIN on the card reader"
    assert not any(text.startswith("To pay") for text in said)
    one.sees("scan")
    one.hears()
    one.sees("scan glare")
    assert one.hears() == ["A light shines back from your bill. Tilt it a little."]


def test_digits_are_said_as_they_are_typed_and_a_secret_only_into_headphones(listener: Callable[..., Listener]) -> None:
    for plug, digit in ((Plug.IN, "1"), (Plug.UNKNOWN, "one digit")):
        one = listener(plug)
        stage = gallery("en")["birth-date"].stage
        assert isinstance(stage, st.BirthDate)
        for typed in ("03", "031"):
            one.sees("birth-date", stage=dataclasses.replace(stage, digits=typed))
            said = one.hears()
        assert said == [digit]
        one.sees("birth-date", stage=dataclasses.replace(stage, digits="03"))
        assert one.hears() == ["erased"]
        names = dataclasses.replace(gallery("en")["statement"])
        one.sees(names)
        assert ("Margaret" in " ".join(one.hears())) == (plug is Plug.IN)


def test_a_name_is_spelled_back_letter_by_letter(listener: Callable[..., Listener]) -> None:
    one = listener()
    for letters in ("AN", "ANA"):
        one.sees("name", stage=st.TypeName(Proof.STATEMENT_PIN, letters))
        said = one.hears()
    assert said == ["A"]
    assert one.presses(Key.Key_Up) == ["Erase the last letter, button"]


def test_the_staff_s_pin_is_never_said(listener: Callable[..., Listener]) -> None:
    one = listener(Plug.IN)
    for typed in ("1234", "12345"):
        one.sees("staff-pin", stage=st.StaffPin(typed))
        said = one.hears()
    assert said == ["one digit"]
    for _ in range(8):
        assert not set(" ".join(one.presses(Key.Key_Up))) & set("2345") or "button" in one.mouth.said[-1][1]


def test_headphones_pulled_out_are_silence_at_once_and_until_they_are_back(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    one._qtbot.waitUntil(lambda: one.mouth.speaking != "")
    count = len(one.mouth.said)
    one.reader.plugged(Plug.OUT)
    assert one.mouth.speaking == ""
    assert one.asked[-1] == ("headphones", "out")
    one.presses(Key.Key_Down)
    one.sees("amount")
    one.hears()
    assert len(one.mouth.said) == count
    one.reader.plugged(Plug.IN)
    assert one.asked[-1] == ("headphones", "in")
    assert one.hears()[1] == "How much would you like to pay?"


def test_a_key_interrupts_and_fifty_a_second_say_one_thing(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    one._qtbot.waitUntil(lambda: one.mouth.speaking != "")
    count = len(one.mouth.said)
    for _ in range(50):
        strike(one.shown, Key.Key_Down)
    assert one.mouth.speaking == ""
    one.hears()
    assert len(one.mouth.said) == count + 1


@pytest.mark.parametrize("key", ["1", "2"], ids=["interrupted", "paused"])
def test_of_who_has_left_nothing_is_kept_to_be_said_again(listener: Callable[..., Listener], key: str) -> None:
    """Neither what a key interrupted nor what was paused."""
    who = listener()
    who.sees("statement")
    who._qtbot.waitUntil(lambda: who.mouth.speaking != "")
    who.presses(Key(ord(key)), key)
    name = gallery("en")["statement"].stage.bill.statement.guarantor_name  # type: ignore[union-attr]
    assert name in repr(vars(who.reader))
    who.sees("attract", Hearing())
    assert name not in repr(vars(who.reader))


def test_pause_repeat_rate_and_volume(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    one._qtbot.waitUntil(lambda: one.mouth.speaking != "")
    one.mouth.end()  # the introduction
    kept = one.mouth.speaking
    assert one.presses(Key.Key_2, "2") == ["Paused. 2 goes on."]
    assert one.presses(Key.Key_2, "2")[0] == kept
    assert one.presses(Key.Key_1, "1")[0].endswith("is due")
    for key, text, intent in ((Key.Key_4, "4", "slower"), (Key.Key_6, "6", "faster"), (Key.Key_7, "7", "quieter")):
        one.presses(key, text)
        assert one.asked[-1] == (intent, "")
    one.sees("statement", Hearing(on=True, rate=0, volume=4))
    assert one.hears() == ["Speed 1 of 6", "Volume 5 of 5"]
    assert one.mouth.settings[-1] == (RATES[0], VOLUMES[4])
    one.presses(Key.Key_5, "5")
    assert one.shown.asked == [("listen", "")]


def test_while_something_is_said_the_engine_hears_of_it(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    said = one.hears()
    assert one.asked.count((HEARD, "")) == len(said)


def test_a_question_is_said_and_its_end_is_told_again(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    one.hears()
    one.sees("statement", asking=Asking.STILL_THERE)
    said = one.hears()
    assert said[0] == "Are you still there?"
    assert said[-1] == "I need more time, button 1 of 2"
    assert one.reader._soon.interval() == 10_000
    one._begin = len(one.mouth.said)
    one.reader._soon.timeout.emit()
    assert one.hears() == ["10 seconds left"]


def test_that_staff_were_called_is_said_when_it_is_so(listener: Callable[..., Listener]) -> None:
    one = listener()
    for screen, before in (("help", Call.NONE), ("see-desk too-many-tries", Call.ASKED)):
        one.sees(screen, call=before)
        assert "A member of staff has been called." not in one.hears()
        one.sees(screen, call=Call.TAKEN)
        first, *rest = one.hears()
        assert first == "A member of staff has been called."
        assert rest[-1:] == (["Go on with my payment, button 1 of 3"] if screen == "help" else [])  # to call is second then
    one.sees("help", call=Call.ASKED)
    one.hears()
    one.sees("help", call=Call.MISSED)
    assert one.hears() == ["We could not call anyone from here."]


def test_the_curtain_is_dark_and_any_touch_lifts_it(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement", Hearing(on=True, curtain=True))
    picture = one.shown.face.window.grabWindow()
    assert {picture.pixelColor(x, y).name() for x in range(0, 540, 30) for y in range(0, 960, 30)} == {"#000000"}
    one.shown.asked.clear()
    middle = one.shown.face.window.contentItem().boundingRect().center().toPoint()
    QTest.mousePress(one.shown.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert one.shown.asked == [("curtain", "up")]


def test_a_receipt_is_heard(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("thank-you printed")
    one.hears()
    assert one.presses(Key.Key_Down) == ["Hear my receipt, button 2 of 2"]
    one.sees("thank-you receipt")
    said = one.hears()
    assert said[0] == "Receipt"
    assert any(text.startswith("Amount: ") and "US dollars" in text for text in said)
    assert any(text.startswith("Card: ") for text in said)


def test_without_an_engine_nothing_is_said(listener: Callable[..., Listener]) -> None:
    one = listener()
    one.sees("statement")
    one._qtbot.waitUntil(lambda: one.mouth.speaking != "")
    one.shown.face.store.lose()
    assert one.mouth.speaking == ""
    assert one.presses(Key.Key_Down) == []

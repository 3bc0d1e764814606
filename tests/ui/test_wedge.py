"""A scanner that types and a person who does: the judge by itself, and real keys at a real field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as some
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.visit.screens import MOST_VALUE, SCANNED
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui.wedge import GAP_MS, MACHINE, SETTLED_MS, Judged, Wedge
from ui.wedge_filter import WedgeFilter

SCAN = "]Q1HTTPS://PAY.EXAMPLE/S1/AABCDEFGHIJKLMNOP234567ABCDEF\n"


@dataclass
class Desk:
    """A judge and what became of the keys it was given: a key is its own character."""

    wedge: Wedge[str] = field(default_factory=Wedge)
    typed: str = ""
    scans: list[str] = field(default_factory=list)
    now: int = 1_000_000

    def type(self, text: str, every_ms: int) -> Desk:
        for character in text:
            self.now += every_ms
            self._note(self.wedge.press(character, character, self.now))
        return self

    def silence(self) -> Desk:
        self.now += SETTLED_MS + 1
        self._note(self.wedge.judge())
        return self

    def _note(self, judged: Judged[str]) -> None:
        self.typed += "".join(judged.keys)
        if judged.scan is not None:
            self.scans.append(judged.scan)


@pytest.mark.parametrize("every_ms", [0, 1, 8, 20, GAP_MS])
def test_a_scanner_types_nothing_at_any_of_its_speeds(every_ms: int) -> None:
    desk = Desk().type(SCAN, every_ms).silence()
    assert (desk.typed, desk.scans) == ("", [SCAN])


@pytest.mark.parametrize("every_ms", [GAP_MS + 1, 60, 150, 2000])
def test_a_person_types_all_of_it_at_any_of_theirs(every_ms: int) -> None:
    desk = Desk().type(SCAN, every_ms).silence()
    assert (desk.typed, desk.scans) == (SCAN, [])


def test_two_keys_struck_at_once_are_a_person_s() -> None:
    desk = Desk().type("1", 100).type("9", 5).type("5", 90).type("5", 12).silence()
    assert (desk.typed, desk.scans) == ("1955", [])


def test_a_person_before_and_after_a_scanner_loses_nothing() -> None:
    desk = Desk().type("12", 90).silence().type(SCAN, 2).silence().type("34", 90).silence()
    assert (desk.typed, desk.scans) == ("1234", [SCAN])


def test_a_person_s_last_key_just_before_a_scan_is_lost_rather_than_the_scan_typed() -> None:
    desk = Desk().type("7", 90).type(SCAN, 10).silence()
    assert (desk.typed, desk.scans) == ("", ["7" + SCAN])


def test_a_scanner_that_stumbles_leaks_nothing() -> None:
    desk = Desk().type(SCAN[:10], 1).type(SCAN[10], SETTLED_MS).type(SCAN[11:], 1).silence()
    assert (desk.typed, desk.scans) == ("", [SCAN])


@pytest.mark.parametrize("cut", [SCAN[:-1], "7" * 12, SCAN[:-1] * 40 + "\n"])
def test_what_was_not_ended_or_is_too_long_is_an_empty_scan(cut: str) -> None:
    desk = Desk().type(cut, 1).silence()
    assert (desk.typed, desk.scans) == ("", [""])
    assert len(desk.wedge._text) <= MOST_VALUE + 1


def test_two_scans_are_two() -> None:
    desk = Desk().type(SCAN, 1).type("]C0LP000000000198\n", SETTLED_MS + 1)
    assert desk.scans == [SCAN]


def test_a_clock_that_jumps_back_is_a_pause() -> None:
    desk = Desk().type("12", 1)
    desk.now -= 5000
    desk.type("34", 1).silence()
    assert (desk.typed, desk.scans) == ("1234", [])


@given(some.lists(some.tuples(some.characters(exclude_categories=["Cs"]), some.integers(0, 300)), max_size=60))
def test_every_key_is_typed_in_order_or_was_a_machine_s(keys: list[tuple[str, int]]) -> None:
    desk = Desk()
    runs: list[str] = []
    for index, (character, pause) in enumerate(keys):
        machine = bool(runs) and len(runs[-1]) >= MACHINE
        if not index or pause > (SETTLED_MS if machine else GAP_MS):
            runs.append("")
        runs[-1] += character
        desk.type(character, pause)
    desk.silence()
    assert desk.typed == "".join(run for run in runs if len(run) < MACHINE)
    assert len(desk.scans) == sum(len(run) >= MACHINE for run in runs)


# at a real field


FIELD = b"""
import QtQuick
Window {
    width: 400; height: 100; visible: true
    TextInput { id: input; objectName: "input"; anchors.fill: parent; focus: true }
}
"""


def key_of(character: str) -> Qt.Key:
    return Qt.Key.Key_Return if character == "\n" else Qt.Key(ord(character.upper()))


class Field:
    """A window with a text field that has the focus, and the filter at its door."""

    def __init__(self) -> None:
        self._engine = QQmlEngine()
        self._component = QQmlComponent(self._engine)
        self._component.setData(FIELD, QUrl())
        window = self._component.create()
        assert isinstance(window, QQuickWindow), self._component.errorString()
        self.window = window
        self.scans: list[str] = []
        self._now = 5_000
        self.filter = WedgeFilter(window, lambda: self._now)
        self.filter.scanned.connect(self.scans.append)
        window.requestActivate()

    @property
    def text(self) -> str:
        field = self.window.findChild(QQuickItem, "input")
        assert field is not None
        text: str = field.property("text")
        return text

    def type(self, text: str, every_ms: int) -> None:
        for character in text:
            self._now += every_ms
            self.key(QEvent.Type.KeyPress, character)
            self.key(QEvent.Type.KeyRelease, character)

    def key(self, kind: QEvent.Type, character: str, *, repeated: bool = False) -> None:
        event = QKeyEvent(kind, key_of(character), Qt.KeyboardModifier.NoModifier, character.replace("\n", "\r"), repeated)
        QCoreApplication.sendEvent(self.window, event)


@pytest.fixture
def at_field(qapp: QGuiApplication, qtbot: QtBot) -> Iterator[Field]:
    made = Field()
    qtbot.waitUntil(lambda: made.window.activeFocusItem() is not None)
    yield made
    made.window.close()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_scan_leaves_the_field_empty_and_arrives_whole(at_field: Field, qtbot: QtBot) -> None:
    at_field.type(SCAN, 2)
    qtbot.waitUntil(lambda: at_field.scans != [])
    assert (at_field.scans, at_field.text) == ([SCAN], "")


def test_a_busy_machine_whose_timer_runs_before_its_keys_leaks_none(at_field: Field, qtbot: QtBot) -> None:
    at_field.type(SCAN[:1], 2)
    at_field.filter._silence.stop()
    at_field.filter._silence.timeout.emit()  # it is late already, and the keys below have been waiting
    at_field.type(SCAN[1:], 2)
    qtbot.waitUntil(lambda: at_field.scans != [])
    assert (at_field.scans, at_field.text) == ([SCAN], "")


def test_typing_fills_the_field(at_field: Field, qtbot: QtBot) -> None:
    at_field.type("Maria 1955", 90)
    qtbot.waitUntil(lambda: at_field.text == "Maria 1955")
    assert at_field.scans == []


def test_typing_around_a_scan_is_typed_and_the_scan_is_not(at_field: Field, qtbot: QtBot) -> None:
    at_field.type("19", 90)
    qtbot.waitUntil(lambda: at_field.text == "19")
    at_field.type(SCAN, 1)
    qtbot.waitUntil(lambda: at_field.scans != [])
    at_field.type("55", 90)
    qtbot.waitUntil(lambda: at_field.text == "1955")
    assert at_field.scans == [SCAN]


def test_keys_with_times_of_their_own_are_told_apart_by_those(at_field: Field, qtbot: QtBot) -> None:
    """As the platform sends them: QTest's keys come through the window system's queue, one right after the other."""
    for character in SCAN:
        QTest.keyClick(at_field.window, key_of(character))
    qtbot.waitUntil(lambda: at_field.scans != [])
    assert (len(at_field.scans[0]), at_field.text) == (len(SCAN), "")


def test_a_key_that_is_held_down_repeats_and_comes_up_once(at_field: Field, qtbot: QtBot) -> None:
    at_field.key(QEvent.Type.KeyPress, "a")
    for _ in range(5):
        at_field.key(QEvent.Type.KeyPress, "a", repeated=True)
    at_field.key(QEvent.Type.KeyRelease, "a")
    qtbot.waitUntil(lambda: at_field.text == "aaaaaa")
    assert at_field.scans == []


def test_what_shows_nothing_passes_at_once(at_field: Field, qtbot: QtBot) -> None:
    at_field.type("12", 90)
    qtbot.waitUntil(lambda: at_field.text == "12")
    QTest.keyClick(at_field.window, Qt.Key.Key_Left)
    at_field.type("x", 90)
    qtbot.waitUntil(lambda: at_field.text == "1x2")


def test_what_a_scanner_types_never_becomes_a_name(face_of: Callable[..., Shown], qtbot: QtBot) -> None:
    """Held up by mistake where a name is typed: its letters are those of the keys, and none of them is pressed."""
    shown = face_of()
    sent: list[tuple[str, str]] = []
    shown.face.link.send = lambda name, value: sent.append((name, value))  # type: ignore[method-assign]
    shown.show(sample("name"))
    shown.face.window.requestActivate()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is shown.face.window)
    for character in "]C0LP000000000198\n":
        QTest.keyClick(shown.face.window, key_of(character))
    qtbot.waitUntil(lambda: sent != [])
    assert {name for name, _ in sent} == {SCANNED}
    assert shown.asked == []


def test_a_scanner_s_enter_presses_no_button(face_of: Callable[..., Shown], qtbot: QtBot) -> None:
    shown = face_of()
    sent: list[tuple[str, str]] = []
    shown.face.link.send = lambda name, value: sent.append((name, value))  # type: ignore[method-assign]
    shown.show(sample("scan"))
    shown.face.window.requestActivate()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is shown.face.window)
    QTest.keyClick(shown.face.window, Qt.Key.Key_Tab)
    qtbot.waitUntil(
        lambda: shown.face.window.activeFocusItem() is not None and shown.face.window.activeFocusItem().objectName() != ""
    )
    for character in "]C0LP000000000198\n":
        QTest.keyClick(shown.face.window, key_of(character))
    qtbot.waitUntil(lambda: sent != [])
    assert sent[-1][0] == SCANNED
    assert sent[-1][1].endswith("\n")
    assert shown.asked == []
    QTest.keyClick(shown.face.window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.asked != [])

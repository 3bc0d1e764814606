"""Keys only: one order for every screen, a first place that does no harm, no trap; and what each key of the keypad does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Shown
from tests.ui.samples import KINDS, sample
from tests.ui.test_layout import place, seen
from ui import store
from ui.focus import FIRST
from ui.hands import names, touch, touchables

Key = Qt.Key


@pytest.fixture
def keyed(face_of: Callable[..., Shown], qtbot: QtBot) -> Callable[..., Shown]:
    """A face that has the keyboard."""

    def make(screen: str, size: tuple[int, int] = (540, 960), percent: int = 100) -> Shown:
        shown = face_of(size)
        shown.show(sample(screen, percent=percent))
        shown.face.window.requestActivate()
        qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is shown.face.window)
        return shown

    return make


def strike(shown: Shown, *keys: Key, text: str = "", repeated: bool = False) -> None:
    """As they come out of the wedge's filter: a person's, one after the other."""
    for key in keys:
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, repeated)
        shown.face.keys.eventFilter(shown.face.window, event)


def walk(shown: Shown, key: Key = Key.Key_Down) -> list[str]:
    """Every place on the way round, from where it is."""
    strike(shown, key) if not shown.face.focus.shown else None
    begin = shown.face.focus.name
    way = [begin]
    for _ in range(300):
        strike(shown, key)
        if shown.face.focus.name == begin:
            return way
        way.append(shown.face.focus.name)
    raise AssertionError(f"the keys never came back to {begin}: {way[:20]}")


@pytest.mark.parametrize("size", [(540, 960), (1280, 800)])
def test_the_order_is_the_same_everywhere(keyed: Callable[..., Shown], size: tuple[int, int]) -> None:
    shown = keyed("statement", size)
    way = walk(shown)
    rows = [name for name in way if name.startswith("row:")]
    assert rows == [f"row:{number}" for number in range(len(rows))]
    assert len(rows) > 4
    begin = way.index("title")
    assert [*way[begin:], *way[:begin]] == [
        "title", "line:0", *rows, "amount", "primary", "secondary", "more:details", "more:help-paying", "back", "cancel",
        "foot:text-size", "foot:theme", "foot:listen", "foot:help",
        "top:languages",
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "percent"), [((540, 960), 100), ((1280, 800), 200)])
def test_on_every_screen_all_that_can_be_touched_is_reached_both_ways_and_is_seen(
    keyed: Callable[..., Shown], size: tuple[int, int], percent: int
) -> None:
    shown = keyed("attract", size, percent)
    for screen in KINDS:
        shown.show(sample("attract", percent=percent))
        shown.show(sample(screen, percent=percent))
        forth = walk(shown)
        touchable = {name for name in names(shown.face.window) if not name.startswith("scroll:")}
        assert touchable <= set(forth), screen
        assert len(set(forth)) == len(forth), screen
        back = walk(shown, Key.Key_Up)
        assert [back[0], *reversed(back[1:])] == forth, screen
        for _ in forth:
            strike(shown, Key.Key_Down)
            item = shown.face.window.activeFocusItem()
            QCoreApplication.processEvents()
            assert seen(item).height() >= min(place(item).height(), 20) - 2, (screen, shown.face.focus.name)


def test_a_new_screen_begins_where_ok_goes_on_and_never_where_it_leaves(keyed: Callable[..., Shown]) -> None:
    shown = keyed("attract")
    for screen in KINDS:
        shown.show(dataclasses.replace(sample("attract"), screen="before"))
        shown.show(sample(screen))
        assert shown.face.focus.name.startswith((*FIRST, "title")), screen
    shown.show(sample("card insert-card"))
    strike(shown, Key.Key_Return)
    assert shown.asked == []


def test_the_ring_shows_with_the_first_key_and_goes_with_a_touch(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    still = shown.face.window.grabWindow()
    strike(shown, Key.Key_Down)
    assert shown.face.focus.name == "primary"  # the first key says where it is
    ringed = shown.face.window.grabWindow()
    assert ringed != still
    assert touch(shown.face.window, "foot:help")
    assert not shown.face.focus.shown


def test_a_question_keeps_the_keys_and_gives_them_back(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    strike(shown, *[Key.Key_Down] * 3)
    assert shown.face.focus.name == "more:details"
    asking = dataclasses.replace(sample("statement"), overlay=sample("still-there").overlay)
    shown.show(asking)
    assert shown.face.focus.name == "overlay:stay"
    assert {name.split(":")[0] for name in walk(shown)} == {"overlay", "overlay-title", "overlay-line"}
    strike(shown, Key.Key_NumberSign, text="#")
    assert shown.asked == [("stay", "")]
    shown.show(sample("statement"))
    assert shown.face.focus.name == "more:details"


def test_what_is_gone_lets_the_keys_go_on(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    strike(shown, *[Key.Key_Down] * 2)
    assert shown.face.focus.name == "secondary"
    shown.show(dataclasses.replace(sample("statement"), secondary=None))
    assert shown.face.focus.name == "primary"
    shown.face.store.lose()
    assert shown.face.focus.name == ""
    strike(shown, Key.Key_Down, Key.Key_Return, Key.Key_NumberSign)
    assert shown.asked == []


def test_digits_type_wherever_the_focus_is_and_star_erases(keyed: Callable[..., Shown], qtbot: QtBot) -> None:
    shown = keyed("birth-date")
    strike(shown, *[Key.Key_Down] * 3)
    for digit in "07":
        strike(shown, Key(ord(digit)), text=digit)
    strike(shown, Key.Key_Asterisk, text="*")
    strike(shown, Key.Key_Backspace, text="\b")  # within KEY_REST_S the same key is the same stroke
    strike(shown, Key.Key_NumberSign, text="#")
    assert shown.asked == [("key", "0"), ("key", "7"), ("erase", ""), ("next", "")]


def test_a_name_has_no_digits_and_star_erases_its_last_letter(keyed: Callable[..., Shown]) -> None:
    shown = keyed("name")
    strike(shown, Key.Key_7, text="7")
    strike(shown, Key.Key_Asterisk, text="*")
    strike(shown, Key.Key_NumberSign, text="#")
    assert shown.asked == [("erase", ""), ("next", "")]


def test_where_nothing_is_typed_digits_are_spare_and_star_does_nothing(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    spare: list[str] = []
    shown.face.keys.spare.connect(spare.append)
    strike(shown, Key.Key_5, text="5")
    strike(shown, Key.Key_Asterisk, text="*")
    assert (spare, shown.asked) == (["5"], [])


def test_ok_that_is_held_down_is_one(keyed: Callable[..., Shown]) -> None:
    shown = keyed("attract")
    strike(shown, Key.Key_Return)
    strike(shown, *[Key.Key_Return] * 50, repeated=True)
    assert shown.asked == [("choose-language", "en")]


def test_fifty_keys_a_second_break_nothing(keyed: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAIT_S", 600.0)  # however long this takes here, it is two seconds
    shown = keyed("attract")
    keys = [Key.Key_Down, Key.Key_Return, Key.Key_Left, Key.Key_NumberSign, Key.Key_Up, Key.Key_Space, Key.Key_Right]
    for number in range(100):
        strike(shown, keys[number % len(keys)])
    assert len(shown.asked) == 1  # the screen rests until the engine has answered


def test_sideways_follows_the_way_people_read(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    strike(shown, *[Key.Key_Right] * 2)
    assert shown.face.focus.name == "secondary"
    shown.show(dataclasses.replace(sample("statement"), right_to_left=True))
    strike(shown, Key.Key_Right)
    assert shown.face.focus.name == "primary"
    strike(shown, Key.Key_Left)
    assert shown.face.focus.name == "secondary"


def test_real_keys_pass_the_scanners_door_first(keyed: Callable[..., Shown], qtbot: QtBot) -> None:
    shown = keyed("scan")
    for character in "]C0LP000000000198":
        QTest.keyClick(shown.face.window, Key(ord(character)))
    QTest.keyClick(shown.face.window, Key.Key_Return)
    QCoreApplication.processEvents()
    assert shown.asked == []
    qtbot.waitUntil(lambda: not shown.face.wedge._silence.isActive())
    QTest.keyClick(shown.face.window, Key.Key_NumberSign)
    QTest.keyClick(shown.face.window, Key.Key_Return)
    qtbot.waitUntil(lambda: shown.asked != [])
    assert shown.asked == [("other-ways", "")]


def test_a_finger_moves_what_the_keys_are_on(keyed: Callable[..., Shown]) -> None:
    shown = keyed("statement")
    item = next(item for item in touchables(shown.face.window) if item.objectName() == "foot:theme")
    where = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
    QTest.mouseClick(shown.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    strike(shown, Key.Key_Down)
    assert (shown.face.focus.shown, shown.face.focus.name) == (True, "foot:theme")

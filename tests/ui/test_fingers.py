"""Two fingers, a palm, a hammering: at most one thing is meant by whatever lies on the glass, and then the screen works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui import hands
from ui.store import KEY_REST_S, REST_S, Store


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Glass:
    """The touch screen of a face. Fingers have numbers; what they do together arrives together."""

    def __init__(self, shown: Shown, clock: Clock) -> None:
        self.shown, self.clock = shown, clock
        self._device = QTest.createTouchDevice()
        store: Store = shown.face.store
        store._clock = clock  # the one thing that a face has no word for: its time

    def down(self, **fingers: QPoint) -> None:
        touch = QTest.touchEvent(self.shown.face.window, self._device)
        for finger, place in fingers.items():
            touch.press(int(finger[1:]), place)
        touch.commit()

    def up(self, **fingers: QPoint) -> None:
        touch = QTest.touchEvent(self.shown.face.window, self._device)
        for finger, place in fingers.items():
            touch.release(int(finger[1:]), place)
        touch.commit()
        QCoreApplication.processEvents()

    def tap(self, place: QPoint) -> None:
        self.down(f1=place)
        self.up(f1=place)

    def rests(self, seconds: float) -> None:
        self.clock.now += seconds

    def of(self, name: str) -> QPoint:
        """The middle of what is called that."""
        return middle(next(item for item in hands.touchables(self.shown.face.window) if item.objectName() == name))


def middle(item: QQuickItem) -> QPoint:
    return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()


@pytest.fixture
def glass(face_of: Callable[..., Shown]) -> Glass:
    return Glass(face_of((540, 960)), Clock())


def test_one_finger_is_heard(glass: Glass) -> None:
    glass.shown.show(sample("statement"))
    glass.tap(glass.of("primary"))
    assert glass.shown.asked == [("pay", "")]


def test_of_two_fingers_one_is_heard(glass: Glass) -> None:
    glass.shown.show(sample("statement"))
    pay, other = glass.of("primary"), glass.of("secondary")
    glass.down(f1=pay, f2=other)
    glass.up(f1=pay, f2=other)
    assert len(glass.shown.asked) == 1
    glass.shown.show(sample("birth-date"))
    glass.rests(2 * REST_S)
    glass.tap(glass.of("key:7"))
    assert glass.shown.asked[1:] == [("key", "7")]


def test_a_palm_means_one_thing_at_most_and_then_the_screen_works(glass: Glass) -> None:
    glass.shown.show(sample("statement"))
    everything = [middle(item) for item in hands.touchables(glass.shown.face.window)][:10]
    palm = {f"f{number}": place for number, place in enumerate(everything, start=1)}
    glass.down(**palm)
    glass.rests(5)
    assert glass.shown.asked == []  # while it lies there
    glass.up(**palm)
    assert len(glass.shown.asked) <= 1
    glass.shown.show(sample("statement"))
    glass.rests(2 * REST_S)
    del glass.shown.asked[:]
    glass.tap(glass.of("primary"))
    assert glass.shown.asked == [("pay", "")]


def test_a_palm_that_slides_off_means_nothing(glass: Glass) -> None:
    glass.shown.show(sample("statement"))
    pay, gone = glass.of("primary"), QPoint(5, 5)
    glass.down(f1=pay)
    touch = QTest.touchEvent(glass.shown.face.window, glass._device)
    touch.move(1, gone)
    touch.commit()
    glass.up(f1=gone)
    assert glass.shown.asked == []


@pytest.mark.parametrize(("screen", "name"), [("statement", "primary"), ("paid", "primary"), ("statement", "cancel")])
def test_fifty_taps_a_second_are_one(glass: Glass, screen: str, name: str) -> None:
    """Until the engine has answered: what comes after its answer is the next screen's."""
    glass.shown.show(sample(screen))
    for _ in range(40):
        glass.tap(glass.of(name))
        glass.rests(0.02)
    assert len(glass.shown.asked) == 1


def test_fifty_taps_a_second_on_a_digit_are_ten(glass: Glass) -> None:
    glass.shown.show(sample("birth-date"))
    for _ in range(50):
        glass.tap(glass.of("key:5"))
        glass.rests(0.02)
    assert len(glass.shown.asked) == pytest.approx(1 / KEY_REST_S, abs=1)

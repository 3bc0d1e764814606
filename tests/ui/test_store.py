"""The store: what QML reads, what changes when, and which touches count."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from demo.gallery import LANGUAGES
from kiosk.visit.screens import Keypad, Picture, Said, Snapshot, snapshot_from_json
from tests.ui.samples import SCREENS, sample
from ui.store import EMPTY, KEY_REST_S, REST_S, WAIT_S, Store


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(qtbot: QtBot, clock: Clock) -> Store:
    return Store(clock)


def qml(store: Store) -> Any:
    """The store as QML sees it: its properties, which the type checker does not know."""
    return store


@pytest.fixture
def asked(store: Store) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    store.asked.connect(lambda intent, value: asked.append((intent, value)))
    return asked


@pytest.mark.parametrize("name", SCREENS)
def test_a_snapshot_survives_its_line(name: str) -> None:
    snapshot = sample(name, "es", percent=150)
    assert snapshot_from_json(snapshot.to_json()) == snapshot


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        sample("statement").to_json().replace('"serial":1', '"serial":"1"'),
        sample("statement").to_json().replace('"serial":1,', ""),
        sample("statement").to_json()[:-1] + ',"more":1}',
        sample("statement").to_json().replace('"kind":"bill"', '"kind":"game"'),
        sample("statement").to_json().replace('"theme":"day"', '"theme":"dusk"'),
    ],
)
def test_what_is_no_snapshot_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        snapshot_from_json(line)


def test_parts_say_when_they_changed_and_only_then(store: Store, qtbot: QtBot) -> None:
    store.show(sample("number"))
    before = sample("number")
    assert isinstance(before.middle, Keypad)
    typed = dataclasses.replace(before.middle, shown=Said("4471 0902 88_3", ""))
    with (
        qtbot.assertNotEmitted(qml(store).title.changed),
        qtbot.waitSignal(qml(store).keypad.shown.changed),
    ):
        store.show(dataclasses.replace(before, middle=typed))
    assert qml(store).keypad.shown.text == "4471 0902 88_3"


def test_a_list_keeps_the_rows_that_stay(store: Store, qtbot: QtBot) -> None:
    store.show(sample("statement"))
    bill = qml(store).bill
    longer = sample("statement long")
    with qtbot.assertNotEmitted(bill.modelReset), qtbot.waitSignal(bill.rowsInserted):
        store.show(longer)
    with qtbot.waitSignal(bill.rowsRemoved):
        store.show(sample("scan"))
    assert bill.rowCount() == 0


def test_turning_to_another_screen_is_told_apart_from_a_change(store: Store, qtbot: QtBot) -> None:
    store.show(sample("birth-date"))
    with qtbot.assertNotEmitted(store.turned):
        store.show(sample("birth-date date-not-a-date"))
    with qtbot.waitSignal(store.turned):
        store.show(sample("statement"))


def test_without_an_engine_nothing_of_the_patient_is_kept(store: Store) -> None:
    store.show(sample("statement names", percent=150))
    store.lose()
    assert store.snapshot == dataclasses.replace(EMPTY, text_percent=150, site_name=sample("statement").site_name)
    assert qml(store).bill.rowCount() == 0
    assert qml(store).lines.rowCount() == 0
    assert qml(store).title.text == ""
    assert qml(store).connected is False


def test_a_button_pressed_twice_sends_once(store: Store, clock: Clock, asked: list[tuple[str, str]]) -> None:
    store.show(sample("statement"))
    store.act("pay", "")
    clock.now += REST_S / 2
    store.act("pay", "")
    assert asked == [("pay", "")]


def test_the_next_screen_rests_for_a_moment_too(store: Store, clock: Clock, asked: list[tuple[str, str]]) -> None:
    store.show(sample("attract"))
    store.act("start", "")
    store.show(sample("statement"))
    clock.now += REST_S / 2
    store.act("pay", "")
    assert asked == [("start", "")]
    clock.now += REST_S
    store.act("pay", "")
    assert asked == [("start", ""), ("pay", "")]


def test_until_the_engine_answers_touches_wait_a_second(store: Store, clock: Clock, asked: list[tuple[str, str]]) -> None:
    store.show(sample("statement"))
    store.act("pay", "")
    clock.now += WAIT_S - 0.01
    store.act("other-amount", "")
    assert asked == [("pay", "")]
    clock.now += 0.02
    store.act("other-amount", "")
    assert asked == [("pay", ""), ("other-amount", "")]


def test_digits_are_not_lost_to_a_fast_typist(store: Store, clock: Clock, asked: list[tuple[str, str]]) -> None:
    store.show(sample("birth-date"))
    for digit in "1955":
        store.act("key", digit)
        clock.now += KEY_REST_S * 1.1
    assert [value for _, value in asked] == ["1", "9", "5", "5"]


def test_a_trembling_finger_types_a_digit_once(store: Store, clock: Clock, asked: list[tuple[str, str]]) -> None:
    store.show(sample("birth-date"))
    store.act("key", "5")
    clock.now += KEY_REST_S / 2
    store.act("key", "5")
    assert asked == [("key", "5")]


def test_nobody_to_ask_nothing_sent(store: Store, asked: list[tuple[str, str]]) -> None:
    store.act("start", "")
    assert asked == []


def test_every_kind_of_middle_is_shown_alone(store: Store) -> None:
    def held(snapshot: Snapshot) -> tuple[str, int, int, str, str]:
        store.show(snapshot)
        return (
            qml(store).middle,
            qml(store).choices.rowCount(),
            qml(store).bill.rowCount(),
            qml(store).keypad.shown.text,
            qml(store).picture.name,
        )

    assert held(sample("attract")) == ("choices", len(LANGUAGES), 0, "", "")
    assert held(sample("statement")) == ("bill", 0, 9, "", "")
    assert held(sample("birth-date")) == ("keypad", 0, 0, "03 / 14 / ____", "")
    assert held(dataclasses.replace(sample("scan"), middle=Picture("tick", Said("", ""), False))) == ("picture", 0, 0, "", "tick")
    assert held(dataclasses.replace(sample("scan"), middle=None)) == ("", 0, 0, "", "")


def test_what_stands_over_the_choices_stays_there_while_another_screen_has_its_own(store: Store) -> None:
    drawn = []
    for name in ("attract", "looking-up", "amount", "other-ways"):
        store.show(sample(name))
        drawn.append((qml(store).choicesPicture.name, qml(store).picture.name))
    assert drawn == [("hold-bill", ""), ("hold-bill", "wait"), ("hold-bill", ""), ("", "")]

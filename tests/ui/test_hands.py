"""A finger and an eye: real presses through the window, in every screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from demo.gallery import LANGUAGES
from kiosk.visit.screens import Action, Choices, Said
from tests.ui.conftest import Shown
from tests.ui.samples import sample
from ui import hands
from ui.items import visible_items

FOOT = ["foot:text-size", "foot:theme", "foot:listen", "foot:help"]
BEGIN = [f"choice:{language}" for language in LANGUAGES]
TOP = ["top:languages"]


def test_what_can_be_touched_has_its_name(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    assert sorted(hands.names(shown.face.window)) == sorted([*TOP, *BEGIN, *FOOT])
    shown.show(sample("language"))
    assert sorted(hands.names(shown.face.window)) == sorted(f"overlay:{name}" for name in (*LANGUAGES, "stay"))
    shown.show(sample("birth-date"))
    keys = {f"key:{digit}" for digit in "0123456789"} | {"key:erase", "key:clear"}
    assert keys | {"primary", "back", "cancel"} <= set(hands.names(shown.face.window))


@pytest.mark.parametrize(
    ("screen", "name", "intent"),
    [
        ("attract", "choice:es", ("choose-language", "es")),
        ("attract alone", "primary", ("start", "")),
        ("statement", "top:languages", ("languages", "")),
        ("attract", "foot:theme", ("theme", "")),
        ("language", "overlay:ar", ("language", "ar")),
        ("scan", "secondary", ("other-ways", "")),
        ("other-ways", "choice:by-name", ("by-name", "")),
        ("name", "key:A", ("key", "A")),
        ("name", "key:space", ("key", " ")),
        ("name", "key:erase", ("erase", "")),
        ("birth-date", "key:7", ("key", "7")),
        ("birth-date", "key:erase", ("erase", "")),
        ("birth-date", "key:clear", ("clear", "")),
        ("statement long", "back", ("back", "")),
        ("card insert-card", "cancel", ("cancel", "")),
        ("still-there", "overlay:stay", ("stay", "")),
    ],
)
@pytest.mark.parametrize("size", [(540, 960), (1280, 800)])
def test_a_touch_asks_for_what_it_says(
    face_of: Callable[..., Shown], size: tuple[int, int], screen: str, name: str, intent: tuple[str, str]
) -> None:
    shown = face_of(size)
    shown.show(sample(screen))
    assert hands.touch(shown.face.window, name)
    assert shown.asked == [intent]


def test_what_is_not_there_cannot_be_touched(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    assert not hands.touch(shown.face.window, "back")
    assert shown.asked == []


def test_a_resting_screen_is_not_touched(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    assert hands.touch(shown.face.window, "choice:zh")
    assert not hands.touch(shown.face.window, "choice:zh")
    assert shown.asked == [("choose-language", "zh")]


def test_an_overlay_takes_every_touch(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("still-there"))
    assert hands.names(shown.face.window) == ["overlay:stay", "overlay:cancel"]
    assert not hands.touch(shown.face.window, "primary")
    shown.show(sample("birth-date"))
    assert "primary" in hands.names(shown.face.window)


def test_without_an_engine_there_is_nothing_to_touch_and_nothing_to_read(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    shown.show(sample("statement names"))
    shown.face.store.lose()
    items = list(visible_items(shown.face.window.contentItem()))
    assert hands.names(shown.face.window) == []
    words = {item.property("text") for item in items if item.inherits("QQuickText")}
    assert words - {""} == {sample("statement").site_name}


def test_a_long_list_of_choices_is_scrolled_to(face_of: Callable[..., Shown]) -> None:
    shown = face_of((1280, 800))
    items = tuple(Action("choose", Said(f"Bill {number} of Margaret Whitfield", ""), str(number)) for number in range(10))
    shown.show(dataclasses.replace(sample("attract", percent=200), middle=Choices(items)))
    assert hands.touch(shown.face.window, "choice:9")
    assert shown.asked == [("choose", "9")]


def test_a_picture_is_a_png_of_the_window(face_of: Callable[..., Shown], tmp_path: Path) -> None:
    shown = face_of((540, 960))
    shown.show(sample("paid"))
    hands.picture(shown.face.window, tmp_path / "approved.png")
    image = QImage(str(tmp_path / "approved.png"))
    assert (image.width(), image.height()) == (540, 960)
    assert len({image.pixel(x, y) for x in range(0, 540, 9) for y in range(0, 960, 9)}) > 5


def test_a_picture_that_cannot_be_written_is_said(face_of: Callable[..., Shown], tmp_path: Path) -> None:
    shown = face_of()
    shown.show(sample("attract"))
    with pytest.raises(OSError, match=r"x\.png"):
        hands.picture(shown.face.window, tmp_path / "nowhere" / "x.png")

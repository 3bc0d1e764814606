"""Nothing leaves the window, nothing overlaps, nothing is cut: every screen, size, text size, language and theme."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickItem

from demo.contact_sheet import COLUMNS, ROWS, sheet, small
from demo.gallery import LANGUAGES
from kiosk.visit.screens import Bill, Choices, Said, Theme
from tests.ui.conftest import Shown
from tests.ui.samples import KINDS, SCREENS, sample
from ui.items import parents, visible_items

SIZES = ((1080, 1920), (1920, 1080), (1280, 800))
PERCENTS = (100, 150, 200)
SLACK = 1.5
"""Pixels: what rounding may do."""
NOTICE_EDGE = 64
"""Pixels: between a notice and its words, above and below, in the largest letters."""
FLOURISH = 0.1
"""Of its letters' size, what an Arabic line may take more: it is broken by its letters' advances, and the last may end in a
flourish."""
LOOKS = tuple(itertools.product(SIZES, PERCENTS))
REACH = tuple(((1080, 1920), percent) for percent in PERCENTS)
"""In these what is touched stands low as well: a screen that is wider than high has nothing out of reach."""
KEPT = Path(__file__).parents[2] / "demo-out" / "walk"
"""Where the whole walk leaves its contact sheets."""


@pytest.mark.parametrize("look", range(len(LOOKS)))
def test_every_screen_is_whole(face_of: Callable[..., Shown], look: int) -> None:
    """Each kind of screen in every size and text size, in a language and a theme that change from look to look, as the
    languages of all other states do: nine looks meet each of them."""
    size, percent = LOOKS[look]
    shown, themes = face_of(size), tuple(Theme)
    wrong = []
    for at, name in enumerate(SCREENS):
        if name in KINDS or at % len(LOOKS) == look:
            language, theme = LANGUAGES[(at + look) % len(LANGUAGES)], themes[(at + look) % len(themes)]
            shown.show(sample(name, language, theme=theme, percent=percent))
            wrong += [f"{name} {language}: {what}" for what in complaints(shown)]
    assert wrong == []


@pytest.mark.parametrize("percent", PERCENTS)
def test_in_reach_mode_what_is_touched_stands_low(face_of: Callable[..., Shown], percent: int) -> None:
    """In the lower half, where it has room there: larger letters take what they need."""
    shown, wrong = face_of((1080, 1920)), []
    for at, name in enumerate(KINDS):
        language = LANGUAGES[at % len(LANGUAGES)]
        shown.show(dataclasses.replace(sample(name, language, percent=percent), reach=True))
        wrong += [f"{name} {language}: {what}" for what in complaints(shown)]
        if percent == 100:
            high = [item.objectName() for item in buttons(shown) if not seen(item).isEmpty() and place(item).top() < 960 - SLACK]
            wrong += [f"{name} {language}: {what} is out of reach" for what in high]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize(("size", "percent", "reach"), [(*look, False) for look in LOOKS] + [(*look, True) for look in REACH])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_whole_in_every_language_and_theme(
    face_of: Callable[..., Shown], language: str, size: tuple[int, int], percent: int, reach: bool
) -> None:
    """The whole walk, and what it saw, on sheets: each screen in one of the themes, which change from screen to screen."""
    shown, wrong, seen = face_of(size), list[str](), list[tuple[str, QImage]]()
    for at, name in enumerate(SCREENS):
        snapshot = dataclasses.replace(sample(name, language, percent=percent), reach=reach)
        for theme in Theme:
            shown.show(dataclasses.replace(snapshot, theme=theme))
            wrong += [f"{name} {theme}: {what}" for what in complaints(shown)]
            if theme is tuple(Theme)[at % len(Theme)]:
                seen.append((name, small(shown.face.window.grabWindow())))
    KEPT.mkdir(parents=True, exist_ok=True)
    for page, first in enumerate(range(0, len(seen), COLUMNS * ROWS), 1):
        name = f"{language}-{'x'.join(map(str, size))}-{percent}{'-reach' if reach else ''}-{page}.png"
        assert sheet(seen[first : first + COLUMNS * ROWS]).save(str(KEPT / name))
    assert wrong == []


def test_a_word_that_cannot_fit_is_found(face_of: Callable[..., Shown]) -> None:
    shown = face_of((540, 960))
    shown.show(sample("attract"))
    title = next(item for item in texts(shown) if "hospital" in item.property("text"))
    title.setProperty("text", "Donaudampfschifffahrtsgesellschaftskapitän")
    assert any("wider than its room" in what for what in complaints(shown))


@pytest.mark.parametrize("size", SIZES)
def test_a_name_of_one_long_word_stays_on_the_screen(face_of: Callable[..., Shown], size: tuple[int, int]) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff" * 3

    def named(said: Said) -> Said:
        return dataclasses.replace(said, text=said.text.replace("Margaret Whitfield", name))

    shown, bill, choice = face_of(size), sample("statement", percent=200), sample("choose-bills", percent=200)
    assert isinstance(bill.middle, Bill)
    assert isinstance(choice.middle, Choices)
    rows = tuple(dataclasses.replace(row, label=named(row.label)) for row in bill.middle.rows)
    items = tuple(dataclasses.replace(item, label=named(item.label)) for item in choice.middle.items)
    lines = tuple(named(line) for line in bill.lines)
    for snapshot in (
        dataclasses.replace(bill, lines=lines, middle=dataclasses.replace(bill.middle, rows=rows)),
        dataclasses.replace(choice, middle=dataclasses.replace(choice.middle, items=items)),
    ):
        shown.show(snapshot)
        assert any(name in item.property("text") for item in texts(shown))
        assert list(complaints(shown)) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_wrong_is_in_view(face_of: Callable[..., Shown], size: tuple[int, int], language: str) -> None:
    """In the largest letters too: all of it, or where it begins."""
    shown, wrong = face_of(size), []
    shown.show(sample("attract", language, percent=200))
    for name in SCREENS:
        snapshot = sample(name, language, percent=200)
        if snapshot.notice is None or snapshot.overlay is not None:
            continue
        shown.show(snapshot)
        (words,) = (item for item in texts(shown) if item.objectName() == "notice")
        view = next(above for above in parents(words) if above.inherits("QQuickFlickable"))
        room = min(words.height(), view.height() - NOTICE_EDGE)
        if seen(words).height() < room - SLACK:
            wrong.append(f"{name}: {seen(words).height():.0f} of {words.height():.0f} in a view of {view.height():.0f}")
    assert wrong == []


FIRST = {
    **dict.fromkeys(
        ("over-estimate", "help-paying", "not-paid declined", "not-paid taken-back", "not-paid terminal-refused"), "line:0"
    ),
    **dict.fromkeys(("see-desk limit-total", "see-desk account-blocked", "card checking"), "line:0"),
    "help": "overlay-line:0",
}
"""What a person must not have to look for: that the card was not charged, a right, a telephone number, the way to a person."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_matters_most_is_in_view_in_the_largest_letters(
    face_of: Callable[..., Shown], size: tuple[int, int], language: str
) -> None:
    """The first line of it at least, and every language to begin in, every way to a bill, and another receipt than paper."""
    shown, wrong = face_of(size), []
    for name in ("attract", "paid", "other-ways", "receipt-ways"):
        shown.show(sample(name, language, percent=200))
        for item in buttons(shown):
            if item.objectName().startswith("choice:") and seen(item).height() < 0.75 * item.height():
                wrong.append(f"{name}: {seen(item).height():.0f} of {item.height():.0f} of {item.objectName()}")
    for name, first in FIRST.items():
        shown.show(sample(name, language, percent=200))
        (words,) = (item for item in texts(shown) if item.objectName() == first)
        if seen(words).height() < words.height() / words.property("lineCount") - SLACK:
            wrong.append(f"{name}: {seen(words).height():.0f} of {words.height():.0f}")
    assert wrong == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["statement", "amount", "choose-bills", "not-paid declined", "over-estimate", "help"])
def test_a_face_that_begins_in_the_middle_of_a_visit_lays_it_out_at_once(
    face_of: Callable[..., Shown], name: str, size: tuple[int, int]
) -> None:
    """As one does that fell and was started again. Qt would complain of words that were asked too early how wide they are."""
    shown = face_of(size)
    shown.show(sample(name, "vi", percent=200))
    assert list(complaints(shown)) == []


def test_the_sign_of_a_notice_goes_with_it(face_of: Callable[..., Shown]) -> None:
    """Qt's software renderer draws a shape that is clipped away whole, over what stands there."""
    shown = face_of((1280, 800))
    shown.show(sample("attract", "ar", percent=200))
    for name in ("statement changed", "paid no-printer", "not-paid declined"):
        for percent in (150, 200):
            shown.show(sample(name, "ar", percent=percent))
            shapes = [item for item in on_top(shown) if item.inherits("QQuickShape") and not place(item).isEmpty()]
            assert not [item for item in shapes if seen(item).isEmpty()]


def complaints(shown: Shown) -> Iterator[str]:
    """What is wrong with the layout of the screen, in words."""
    window = shown.face.window
    whole = QRectF(0, 0, window.width(), window.height()).adjusted(-SLACK, -SLACK, SLACK, SLACK)
    least = 88 * min(window.width(), window.height()) / 1080 - SLACK
    touchables = {item: seen(item) for item in buttons(shown)}
    for item, rect in touchables.items():
        if rect.isEmpty():
            continue  # scrolled out of view
        where = place(item)
        if not whole.contains(rect):
            yield f"{item.objectName()} leaves the window"
        if min(where.width(), where.height()) < least:
            yield f"{item.objectName()} is {where.width():.0f} x {where.height():.0f}, too small to touch"
    for one, other in itertools.combinations(touchables.items(), 2):
        if touching(one[1], other[1]):
            yield f"{one[0].objectName()} overlaps {other[0].objectName()}"
    words = {item: seen(item) for item in texts(shown)}
    for item, rect in words.items():
        yield from _wrong_with(item, rect, whole)
    for (one_item, one_rect), (other_item, other_rect) in itertools.combinations(words.items(), 2):
        if touching(one_rect, other_rect):
            yield f"{one_item.property('text')!r} overlaps {other_item.property('text')!r}"
    screen = shown.face.store.snapshot
    helped = any(item.objectName() == "more:help-paying" and place(item) == rect for item, rect in touchables.items())
    if not helped and screen.overlay is None and "help-paying" in [action.intent for action in screen.more]:
        yield "help with paying is not in view beside the balance"
    for view in (item for item in on_top(shown) if item.inherits("QQuickFlickable")):
        if view.property("interactive") and view.height() < least:
            yield f"a view of {view.height():.0f} is too low to scroll"


def _wrong_with(item: QQuickItem, rect: QRectF, whole: QRectF) -> Iterator[str]:
    text = item.property("text")
    if item.property("truncated"):
        yield f"{text!r} is cut short"
    flourish = FLOURISH * item.property("font").pixelSize() if any("\u0600" <= sign <= "\u06ff" for sign in text) else 0
    if item.property("contentWidth") > item.width() + flourish + SLACK:
        yield f"{text!r} is wider than its room"
    if item.property("contentHeight") > item.height() + SLACK:
        yield f"{text!r} is taller than its room"
    if not rect.isEmpty() and not whole.contains(rect):
        yield f"{text!r} leaves the window"
    button = next((above for above in parents(item) if above.inherits("QQuickAbstractButton")), None)
    if button is not None and not place(button).adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(place(item)):
        yield f"{text!r} leaves its button"


def on_top(shown: Shown) -> list[QQuickItem]:
    """The visible items; only those of the overlay when there is one."""
    content = shown.face.window.contentItem()
    layers = [item for item in content.childItems() if item.isVisible()]
    return list(visible_items(layers[-1]))


def buttons(shown: Shown) -> list[QQuickItem]:
    return [item for item in on_top(shown) if item.inherits("QQuickAbstractButton")]


def texts(shown: Shown) -> list[QQuickItem]:
    return [item for item in on_top(shown) if item.inherits("QQuickText") and item.property("text")]


def place(item: QQuickItem) -> QRectF:
    """Where it is in the window, seen or not."""
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def seen(item: QQuickItem) -> QRectF:
    """The part of it that views do not cut away; empty when it is scrolled out."""
    rect = place(item)
    for above in parents(item):
        if above.property("clip"):
            rect = rect.intersected(place(above))
    return rect


def touching(one: QRectF, other: QRectF) -> bool:
    shared = one.intersected(other)
    return shared.width() > SLACK and shared.height() > SLACK

"""What a visit leaves in the face: nothing that the next one does not use again."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtQuick import QQuickItem

from tests.ui.conftest import Shown
from tests.ui.samples import sample

VISIT = ("attract", "scan", "birth-date", "looking-up", "statement", "amount", "card insert-card", "paid", "thank-you printed")


def visit(shown: Shown) -> None:
    for name in (*VISIT, "attract"):
        shown.show(sample(name))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def dead_wrappers() -> int:
    """Python's ends of items that are no more."""
    gc.collect()
    return sum(type(one) is QQuickItem and not shiboken6.isValid(one) for one in gc.get_objects())


def items(item: QQuickItem) -> Iterator[QQuickItem]:
    yield item
    for child in item.childItems():
        yield from items(child)


def test_an_item_that_had_the_keys_and_is_gone_is_kept_by_nobody(face_of: Callable[..., Shown]) -> None:
    shown = face_of()
    visit(shown)
    before = dead_wrappers()
    for _ in range(3):
        visit(shown)
    assert dead_wrappers() == before


def test_no_drawing_is_made_anew_for_the_next_visit(face_of: Callable[..., Shown]) -> None:
    shown, gone = face_of(), Counter[str]()
    visit(shown)
    drawings = [item for item in items(shown.face.window.contentItem()) if item.metaObject().className().startswith("Art")]
    assert any(item.isVisible() for item in drawings)
    for drawing in drawings:
        drawing.destroyed.connect(partial(gone.update, [drawing.metaObject().className()]))
    visit(shown)
    assert not gone

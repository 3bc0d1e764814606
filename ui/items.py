"""What stands in the window: the items that can be seen, what each stands in, and how one is scrolled into view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import QRectF
from PySide6.QtQuick import QQuickItem


def visible_items(item: QQuickItem) -> Iterator[QQuickItem]:
    """An item and all below it, as far as they are visible, in the order in which QML names them."""
    if not item.isVisible():
        return
    yield item
    for child in item.childItems():
        yield from visible_items(child)


def parents(item: QQuickItem) -> Iterator[QQuickItem]:
    """What an item stands in, from the inside out."""
    above = cast("QQuickItem | None", item.parentItem())  # the stubs do not know that the outermost has none
    while above is not None:
        yield above
        above = cast("QQuickItem | None", above.parentItem())


def bring_into_view(item: QQuickItem) -> None:
    """Scrolls, as a finger would, until the whole of it can be seen; of what is taller than its view, the beginning."""
    for above in parents(item):
        if above.inherits("QQuickFlickable") and above.property("interactive"):
            inside = above.property("contentItem")
            assert isinstance(inside, QQuickItem), "a Flickable has one"
            place = item.mapRectToItem(inside, QRectF(0, 0, item.width(), item.height()))
            top, room = above.property("contentY"), above.height()
            if place.top() < top or place.height() > room:
                above.setProperty("contentY", place.top())
            elif place.bottom() > top + room:
                above.setProperty("contentY", place.bottom() - room)

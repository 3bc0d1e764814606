"""A finger and an eye, for the demo's patient and for tests: touches the screen, says what can be touched, takes pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtQuick import QQuickItem, QQuickWindow

from ui.items import bring_into_view, visible_items
from ui.store import Store


def names(window: QQuickWindow) -> list[str]:
    """What a finger could touch now, by its object name. What lies under an overlay is not there."""
    return [item.objectName() for item in touchables(window)]


def touch(window: QQuickWindow, name: str) -> bool:
    """Presses and releases the middle of the control called `name`. False when it is not there, or when the screen is
    still resting from the touch before and would not hear this one."""
    store = window.findChild(Store)
    assert store is not None, "the window is a Face's"
    item = next((item for item in touchables(window) if item.objectName() == name), None)
    if item is None or store.resting():
        return False
    bring_into_view(item)
    middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
    for kind, held in (
        (QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        where = window.mapToGlobal(middle)
        event = QMouseEvent(kind, middle, where, Qt.MouseButton.LeftButton, held, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(window, event)
    return True


def picture(window: QQuickWindow, path: Path) -> None:
    """Saves what the window shows; `path` ends in .png. Raises OSError when the file cannot be written."""
    if not window.grabWindow().save(str(path)):
        raise OSError(f"the picture {path.name} cannot be written")


def touchables(window: QQuickWindow) -> list[QQuickItem]:
    """The items behind `names`."""
    items = visible_items(window.contentItem())
    return [item for item in items if item.objectName() and item.isEnabled() and item.inherits("QQuickAbstractButton")]

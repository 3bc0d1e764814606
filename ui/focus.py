"""What the keys are on: one order for every screen, a sensible first place, and the way from one to the next.

The order is the one in which QML names things: title, what explains it, content, amount, the actions, the foot, the top.
A stop is whatever QML lets the Tab key reach; a bill is one stop whose rows are walked inside it.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal
from PySide6.QtQuick import QQuickItem, QQuickWindow

from ui.items import bring_into_view, parents, visible_items
from ui.store import Store

FIRST = ("overlay:", "primary", "choice:", "secondary")
"""Where a new screen begins: the first of these that it has. Never at Back or Stop: a second press of OK must not leave what the
first one opened."""


class Focus(QObject):
    """`moved(str)` says where it is now, by object name ("primary", "choice:es", "row:3" of a bill): after a key, and when a
    screen is new. `window` is a Face's.

    The ring is drawn while the window's property `keys` is true: from the first key until the next touch.
    """

    moved = Signal(str)

    def __init__(self, window: QQuickWindow, store: Store) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._screen = ""
        self._question = ""
        self._last = ""
        window.activeFocusItemChanged.connect(self._note)
        store.changed.connect(self._settle)
        self._settle()  # the engine's first word is often here before us

    @property
    def name(self) -> str:
        """Where it is; empty while there is nothing to be on."""
        item = self._item()
        return "" if item is None else _name(item)

    @property
    def shown(self) -> bool:
        return bool(self._window.property("keys"))

    def show(self, shown: bool) -> None:
        """Draws the ring, or takes it away."""
        self._window.setProperty("keys", shown)

    def step(self, by: int) -> None:
        """One stop on (1) or back (-1); after the last comes the first. The first key only shows where it is."""
        item = self._item()
        if item is None:
            self._begin()
        elif self.shown:
            stops = self._stops()
            if not _step_inside(item, by):
                self._enter(stops[(stops.index(item) + by) % len(stops)], by)
        self.show(True)
        self.moved.emit(self.name)

    def press(self) -> None:
        """OK. On words, they are told again."""
        self.show(True)
        item = self._item()
        if item is not None and item.inherits("QQuickAbstractButton"):
            QMetaObject.invokeMethod(item, "click")
        else:
            self.moved.emit(self.name)

    def press_main(self) -> None:
        """The one main action of the screen, or of the question over it, wherever the keys are; nothing where there is none."""
        self.show(True)
        main = next((item for item in self._stops() if item.objectName().startswith(("overlay:", "primary"))), None)
        if main is not None:
            QMetaObject.invokeMethod(main, "click")

    def _stops(self) -> list[QQuickItem]:
        items = visible_items(self._window.contentItem())
        return [item for item in items if item.activeFocusOnTab() and item.isEnabled() and item.objectName()]

    def _item(self) -> QQuickItem | None:
        """The stop that has the keyboard, or that stands around the row that has it."""
        item = cast("QQuickItem | None", self._window.property("activeFocusItem"))
        if item is None:
            return None
        stops = self._stops()
        return next((stop for stop in (item, *parents(item)) if stop in stops), None)

    def _enter(self, item: QQuickItem, by: int) -> None:
        """From above or from below."""
        if item.inherits("QQuickListView"):
            item.setProperty("currentIndex", 0 if by > 0 else item.property("count") - 1)
        self._go(item)

    def _go(self, item: QQuickItem) -> None:
        for above in parents(item):
            above.ensurePolished()  # a new screen's are laid out with its first frame, which is yet to come
        for inside in visible_items(item):  # a bill would hand it on to the button at its end that had it last
            inside.setFocus(False)
        item.forceActiveFocus(Qt.FocusReason.TabFocusReason)
        bring_into_view(item)

    def _begin(self) -> None:
        stops = self._stops()
        begun = (stop for kind in FIRST for stop in stops if stop.objectName().startswith(kind))
        first = next(begun, stops[0] if stops else None)
        if first is not None:
            self._go(first)

    def _note(self) -> None:
        """A finger moves it too; under a question it is kept for when that is answered."""
        item = self._item()
        if item is not None and not self._question:
            self._last = item.objectName()

    def _settle(self) -> None:
        """After every snapshot: begins a new screen and a question over it, goes back under it, and off what is gone."""
        snapshot = self._store.snapshot
        question = "" if snapshot.overlay is None else "/".join(action.intent for action in snapshot.overlay.actions)
        turned, asked = snapshot.screen != self._screen, question != self._question
        self._screen, self._question = snapshot.screen, question
        if not (turned or asked) and self._item() is not None:
            return
        last = None if turned or question else next((stop for stop in self._stops() if stop.objectName() == self._last), None)
        if last is None:
            self._begin()
        else:
            self._go(last)
        self.moved.emit(self.name)


def _step_inside(item: QQuickItem, by: int) -> bool:
    """The next row of a bill; False where the rows end."""
    if not item.inherits("QQuickListView"):
        return False
    row = item.property("currentIndex") + by
    inside = 0 <= row < item.property("count")
    if inside:
        item.setProperty("currentIndex", row)
    return bool(inside)


def _name(item: QQuickItem) -> str:
    return f"row:{item.property('currentIndex')}" if item.inherits("QQuickListView") else item.objectName()

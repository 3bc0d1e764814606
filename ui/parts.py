"""The parts of a snapshot as Qt sees them: typed properties that say when they changed, and only then.

A part is made once and keeps its widgets; showing the next snapshot only changes words. That is what keeps the GUI thread free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Property, QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Signal
from PySide6.QtQml import QmlElement

from kiosk.visit.screens import Action, Keypad, Letters, Overlay, Picture, Privacy, QrCode, Row, Said

QML_IMPORT_NAME = "Lobbypay.Snapshots"
QML_IMPORT_MAJOR_VERSION = 1

FIRST_ROLE = 0x0100
"""Qt.ItemDataRole.UserRole. To name it there would load Qt's hundred enumerations: 14 ms that the first frame cannot spare."""

NO_WORDS = Said("", "")
NO_ACTION = Action("", NO_WORDS)
NO_PICTURE = Picture("", NO_WORDS, False)
NO_KEYPAD = Keypad(NO_WORDS, NO_WORDS, NO_WORDS, NO_WORDS)
NO_CODE = QrCode((), NO_WORDS)
NO_OVERLAY = Overlay(NO_WORDS, (), (), 0)


@QmlElement
class SaidPart(QObject):
    """Words, and how they are spoken. Not `present` when the snapshot has none."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._said: Said | None = None

    def show(self, said: Said | None) -> None:
        if said != self._said:
            self._said = said
            self.changed.emit()

    def _present(self) -> bool:
        return self._said is not None

    def _text(self) -> str:
        return (self._said or NO_WORDS).text

    def _speech(self) -> str:
        return (self._said or NO_WORDS).speech

    present = Property(bool, _present, notify=changed)
    text = Property(str, _text, notify=changed)
    speech = Property(str, _speech, notify=changed)


@QmlElement
class ActionPart(QObject):
    """Something to touch. Not `present` when the snapshot has none."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._action: Action | None = None

    def show(self, action: Action | None) -> None:
        if action != self._action:
            self._action = action
            self.changed.emit()

    def _present(self) -> bool:
        return self._action is not None

    def _text(self) -> str:
        return (self._action or NO_ACTION).label.text

    def _speech(self) -> str:
        return (self._action or NO_ACTION).label.speech

    def _intent(self) -> str:
        return (self._action or NO_ACTION).intent

    def _value(self) -> str:
        return (self._action or NO_ACTION).value

    present = Property(bool, _present, notify=changed)
    text = Property(str, _text, notify=changed)
    speech = Property(str, _speech, notify=changed)
    intent = Property(str, _intent, notify=changed)
    value = Property(str, _value, notify=changed)


class ListPart(QAbstractListModel):
    """A list of like things, a tuple of strings each, one a role. Rows that stay the same are left alone."""

    ROLES: ClassVar[tuple[str, ...]] = ()
    counted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, ...]] = []

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        held = len(self._rows)
        for index in range(min(held, len(rows))):
            if rows[index] != self._rows[index]:
                self._rows[index] = rows[index]
                here = self.index(index)
                self.dataChanged.emit(here, here)
        if len(rows) < held:
            self.beginRemoveRows(QModelIndex(), len(rows), held - 1)
            del self._rows[len(rows) :]
            self.endRemoveRows()
        elif len(rows) > held:
            self.beginInsertRows(QModelIndex(), held, len(rows) - 1)
            self._rows.extend(rows[held:])
            self.endInsertRows()
        if len(rows) != held:
            self.counted.emit()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> str | None:
        column = role - FIRST_ROLE
        return self._rows[index.row()][column] if 0 <= column < len(self.ROLES) else None

    def roleNames(self) -> dict[int, QByteArray]:
        return {FIRST_ROLE + column: QByteArray(name.encode()) for column, name in enumerate(self.ROLES)}

    def _count(self) -> int:
        return len(self._rows)

    count = Property(int, _count, notify=counted)


@QmlElement
class SaidList(ListPart):
    """Lines of words."""

    ROLES = ("text", "speech")

    def show(self, said: Sequence[Said]) -> None:
        self.show_rows([(one.text, one.speech) for one in said])


@QmlElement
class ActionList(ListPart):
    """Things to touch."""

    ROLES = ("text", "speech", "intent", "value", "mark", "seeText", "seeSpeech")

    def show(self, actions: Sequence[Action]) -> None:
        self.show_rows(
            [
                (one.label.text, one.label.speech, one.intent, one.value, one.mark, *(_written(one.see) if one.see else ("", "")))
                for one in actions
            ]
        )


def _written(said: Said) -> tuple[str, str]:
    return said.text, said.speech


@QmlElement
class BillList(ListPart):
    """The rows of a bill."""

    ROLES = ("text", "speech", "amount", "amountSpeech", "kind")

    def show(self, rows: Sequence[Row]) -> None:
        self.show_rows([(row.label.text, row.label.speech, row.value.text, row.value.speech, row.style) for row in rows])


@QmlElement
class CodeRows(ListPart):
    """The rows of a QR code: "1" for a dark module, "0" for a light one."""

    ROLES = ("modules",)

    def show(self, rows: Sequence[str]) -> None:
        self.show_rows([(row,) for row in rows])


@QmlElement
class PicturePart(QObject):
    """A drawing by its name, whether it moves, and the words under it."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._picture = NO_PICTURE
        self._caption = SaidPart(self)

    def show(self, picture: Picture) -> None:
        self._caption.show(picture.caption)
        if (picture.name, picture.moving) != (self._picture.name, self._picture.moving):
            self._picture = picture
            self.changed.emit()

    def _name(self) -> str:
        return self._picture.name

    def _moving(self) -> bool:
        return self._picture.moving

    def _get_caption(self) -> SaidPart:
        return self._caption

    name = Property(str, _name, notify=changed)
    moving = Property(bool, _moving, notify=changed)
    caption = Property(SaidPart, _get_caption, constant=True)


@QmlElement
class KeypadPart(QObject):
    """What was typed, the form it should have, the words of the two keys that take away, and the keys for letters where it is a
    name."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._shown, self._hint, self._erase, self._clear = (SaidPart(self) for _ in range(4))
        self._letters = ActionList(self)
        self._left, self._space = ActionPart(self), ActionPart(self)

    def show(self, keypad: Keypad | Letters) -> None:
        self._letters.show(keypad.keys if isinstance(keypad, Letters) else ())
        self._left.show(keypad.left if isinstance(keypad, Letters) else None)
        self._space.show(keypad.space if isinstance(keypad, Letters) else None)
        heard = keypad.shown.privacy is Privacy.OPEN  # what a screen reader of the system says may be heard by the room
        self._shown.show(keypad.shown if heard else Said(keypad.shown.text, ""))
        self._hint.show(keypad.hint)
        self._erase.show(keypad.erase)
        self._clear.show(keypad.clear if isinstance(keypad, Keypad) else NO_WORDS)

    def _get_shown(self) -> SaidPart:
        return self._shown

    def _get_hint(self) -> SaidPart:
        return self._hint

    def _get_erase(self) -> SaidPart:
        return self._erase

    def _get_clear(self) -> SaidPart:
        return self._clear

    def _get_letters(self) -> ActionList:
        return self._letters

    def _get_left(self) -> ActionPart:
        return self._left

    def _get_space(self) -> ActionPart:
        return self._space

    letters = Property(ActionList, _get_letters, constant=True)
    left = Property(ActionPart, _get_left, constant=True)
    space = Property(ActionPart, _get_space, constant=True)
    shown = Property(SaidPart, _get_shown, constant=True)
    hint = Property(SaidPart, _get_hint, constant=True)
    erase = Property(SaidPart, _get_erase, constant=True)
    clear = Property(SaidPart, _get_clear, constant=True)


@QmlElement
class OverlayPart(QObject):
    """A question over the screen. `seconds` is what is left of a countdown, 0 for none. Not `present` when there is none."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._present = False
        self._seconds = 0
        self._title = SaidPart(self)
        self._lines = SaidList(self)
        self._actions = ActionList(self)

    def show(self, overlay: Overlay | None) -> None:
        shown = overlay or NO_OVERLAY
        self._title.show(shown.title)
        self._lines.show(shown.lines)
        self._actions.show(shown.actions)
        if (overlay is not None, shown.seconds) != (self._present, self._seconds):
            self._present, self._seconds = overlay is not None, shown.seconds
            self.changed.emit()

    def _is_present(self) -> bool:
        return self._present

    def _get_seconds(self) -> int:
        return self._seconds

    def _get_title(self) -> SaidPart:
        return self._title

    def _get_lines(self) -> SaidList:
        return self._lines

    def _get_actions(self) -> ActionList:
        return self._actions

    present = Property(bool, _is_present, notify=changed)
    seconds = Property(int, _get_seconds, notify=changed)
    title = Property(SaidPart, _get_title, constant=True)
    lines = Property(SaidList, _get_lines, constant=True)
    actions = Property(ActionList, _get_actions, constant=True)

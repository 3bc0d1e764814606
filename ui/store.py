"""The store: the snapshot on the screen, as typed properties for QML, and the one place where a touch becomes an intent."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.visit.screens import KEYS, Bill, Choices, Keypad, Letters, Picture, Preview, QrCode, Snapshot, Theme, Tone
from ui.parts import (
    NO_CODE,
    NO_KEYPAD,
    NO_PICTURE,
    NO_WORDS,
    ActionList,
    ActionPart,
    BillList,
    CodeRows,
    KeypadPart,
    OverlayPart,
    PicturePart,
    SaidList,
    SaidPart,
)
from ui.preview import PreviewPart

QML_IMPORT_NAME = "Lobbypay.Snapshots"
QML_IMPORT_MAJOR_VERSION = 1

REST_S = 0.3
"""A second touch within this time is the same touch: a trembling hand, or a finger that finds the next screen's button."""
WAIT_S = 1.0
"""How long the screen waits for the engine's answer to a touch before it listens again."""
KEY_REST_S = 0.1
"""The same for one digit of the keypad: people type the 55 of 1955 faster than 300 ms, and see what they typed."""

EMPTY = Snapshot(
    serial=-1, screen="", language="", right_to_left=False, theme=Theme.DAY, text_percent=100, site_name="",
    title=NO_WORDS, lines=(), notice=None, tone=Tone.PLAIN, middle=None, amount=None, amount_label=None,
    primary=None, secondary=None, more=(), back=None, cancel=None, top=(), foot=(), overlay=None, motion=False, reach=False,
)  # fmt: skip
"""Nothing at all: before the first snapshot, and after the engine is gone."""


@QmlElement
class Store(QObject):
    """The snapshot on the screen. `changed` says that something in it is new; `asked(intent, value)` that a person did something.

    `connected` is false while there is no engine: then nothing of the last snapshot is kept but how the screen looks.
    """

    changed = Signal()
    turned = Signal()
    """Another screen than the one before."""
    asked = Signal(str, str)

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._snapshot = EMPTY
        self._connected = False
        self._asked_at = self._key_at = -WAIT_S
        self._last_key: tuple[str, str] = ("", "")
        self._awaiting = False
        self._title, self._notice, self._amount, self._amount_label = (SaidPart(self) for _ in range(4))
        self._primary, self._secondary, self._back, self._cancel = (ActionPart(self) for _ in range(4))
        self._lines = SaidList(self)
        self._top, self._more, self._foot, self._choices = (ActionList(self) for _ in range(4))
        self._picture, self._choices_picture = PicturePart(self), PicturePart(self)
        self._keypad, self._bill = KeypadPart(self), BillList(self)
        self._code, self._caption = CodeRows(self), SaidPart(self)
        self._overlay = OverlayPart(self)
        self._preview = PreviewPart(self)

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def seen(self) -> Preview:
        """What the camera sees, as far as it is on the screen."""
        return self._preview.preview

    def wants_preview(self) -> bool:
        """Whether the screen has a place for what the camera sees."""
        return isinstance(self._snapshot.middle, Picture) and self._snapshot.middle.name == "camera"

    def show_preview(self, preview: Preview) -> None:
        """Draws what the camera sees, where the screen has a place for it."""
        if self.wants_preview():
            self._preview.show(preview)

    def show(self, snapshot: Snapshot) -> None:
        """Draws it. Only what differs from the snapshot before is touched."""
        before, self._snapshot = self._snapshot, snapshot
        self._connected = True
        self._awaiting = False
        self._show_parts(snapshot)
        self.changed.emit()
        if snapshot.screen != before.screen:
            self.turned.emit()

    def lose(self) -> None:
        """The engine is gone: forgets every word (law 10), keeps the theme and the text size."""
        was = self._snapshot
        self._snapshot = dataclasses.replace(
            EMPTY,
            theme=was.theme,
            text_percent=was.text_percent,
            site_name=was.site_name,
            brand=was.brand,
            right_to_left=was.right_to_left,
            reach=was.reach,
        )
        self._connected = False
        self._awaiting = False
        self._show_parts(self._snapshot)
        self.changed.emit()

    @Slot(str, str)
    def act(self, intent: str, value: str) -> None:
        """A touch or a key. It is passed on unless the screen is resting; see `REST_S`, `WAIT_S`, `KEY_REST_S`."""
        if not intent or self.resting():
            return
        now = self._clock()
        if intent in KEYS:
            if (intent, value) == self._last_key and now - self._key_at < KEY_REST_S:
                return
            self._last_key, self._key_at = (intent, value), now
        else:
            self._asked_at, self._awaiting = now, True
        self.asked.emit(intent, value)

    def resting(self) -> bool:
        """True while a touch would do nothing: just after another one, until the engine has answered it."""
        since = self._clock() - self._asked_at
        return not self._connected or since < REST_S or (self._awaiting and since < WAIT_S)

    def _show_parts(self, snapshot: Snapshot) -> None:
        self._title.show(snapshot.title)
        self._lines.show(snapshot.lines)
        self._notice.show(snapshot.notice)
        self._amount.show(snapshot.amount)
        self._amount_label.show(snapshot.amount_label)
        self._primary.show(snapshot.primary)
        self._secondary.show(snapshot.secondary)
        self._more.show(snapshot.more)
        self._back.show(snapshot.back)
        self._cancel.show(snapshot.cancel)
        self._top.show(snapshot.top)
        self._foot.show(snapshot.foot)
        middle = snapshot.middle
        self._choices.show(middle.items if isinstance(middle, Choices) else ())
        if isinstance(middle, Choices):  # elsewhere it stays, unseen: each drawing made anew leaves a trace in QML
            self._choices_picture.show(middle.picture or NO_PICTURE)
        self._picture.show(middle if isinstance(middle, Picture) else NO_PICTURE)
        self._keypad.show(middle if isinstance(middle, Keypad | Letters) else NO_KEYPAD)
        self._bill.show(middle.rows if isinstance(middle, Bill) else ())
        code = middle if isinstance(middle, QrCode) else NO_CODE
        self._code.show(code.rows)
        self._caption.show(code.caption)
        self._overlay.show(snapshot.overlay)
        if not self.wants_preview():
            self._preview.forget()

    # what QML reads

    def _get_screen(self) -> str:
        return self._snapshot.screen

    def _get_language(self) -> str:
        return self._snapshot.language

    def _get_right_to_left(self) -> bool:
        return self._snapshot.right_to_left

    def _get_theme(self) -> str:
        return self._snapshot.theme.value

    def _get_text_percent(self) -> int:
        return self._snapshot.text_percent

    def _get_site_name(self) -> str:
        return self._snapshot.site_name

    def _get_tone(self) -> str:
        return self._snapshot.tone.value

    def _get_motion(self) -> bool:
        return self._snapshot.motion

    def _get_reach(self) -> bool:
        return self._snapshot.reach

    def _get_logo(self) -> QUrl:
        brand = self._snapshot.brand
        return QUrl.fromLocalFile(brand.logo) if brand and brand.logo else QUrl()

    def _get_brand(self) -> list[str]:
        """By the theme: the brand, it under a finger, words on it; or nothing, for the kiosk's own."""
        brand, theme = self._snapshot.brand, self._snapshot.theme
        inks = None if brand is None or theme is Theme.CONTRAST else brand.day if theme is Theme.DAY else brand.night
        return [] if inks is None else [inks.brand, inks.pressed, inks.words]

    def _get_curtain(self) -> bool:
        return self._snapshot.voice is not None and self._snapshot.voice.curtain

    def _get_middle(self) -> str:
        return "" if self._snapshot.middle is None else self._snapshot.middle.kind

    def _get_connected(self) -> bool:
        return self._connected

    screen = Property(str, _get_screen, notify=changed)
    language = Property(str, _get_language, notify=changed)
    rightToLeft = Property(bool, _get_right_to_left, notify=changed)
    theme = Property(str, _get_theme, notify=changed)
    textPercent = Property(int, _get_text_percent, notify=changed)
    logo = Property(QUrl, _get_logo, notify=changed)
    brand = Property(list, _get_brand, notify=changed)
    siteName = Property(str, _get_site_name, notify=changed)
    tone = Property(str, _get_tone, notify=changed)
    motion = Property(bool, _get_motion, notify=changed)
    reach = Property(bool, _get_reach, notify=changed)
    middle = Property(str, _get_middle, notify=changed)
    curtain = Property(bool, _get_curtain, notify=changed)
    connected = Property(bool, _get_connected, notify=changed)

    title = Property(SaidPart, lambda self: self._title, constant=True)
    notice = Property(SaidPart, lambda self: self._notice, constant=True)
    amount = Property(SaidPart, lambda self: self._amount, constant=True)
    amountLabel = Property(SaidPart, lambda self: self._amount_label, constant=True)
    primary = Property(ActionPart, lambda self: self._primary, constant=True)
    secondary = Property(ActionPart, lambda self: self._secondary, constant=True)
    more = Property(ActionList, lambda self: self._more, constant=True)
    back = Property(ActionPart, lambda self: self._back, constant=True)
    cancel = Property(ActionPart, lambda self: self._cancel, constant=True)
    lines = Property(SaidList, lambda self: self._lines, constant=True)
    top = Property(ActionList, lambda self: self._top, constant=True)
    foot = Property(ActionList, lambda self: self._foot, constant=True)
    choices = Property(ActionList, lambda self: self._choices, constant=True)
    picture = Property(PicturePart, lambda self: self._picture, constant=True)
    choicesPicture = Property(PicturePart, lambda self: self._choices_picture, constant=True)
    keypad = Property(KeypadPart, lambda self: self._keypad, constant=True)
    bill = Property(BillList, lambda self: self._bill, constant=True)
    preview = Property(PreviewPart, lambda self: self._preview, constant=True)
    code = Property(CodeRows, lambda self: self._code, constant=True)
    caption = Property(SaidPart, lambda self: self._caption, constant=True)
    overlay = Property(OverlayPart, lambda self: self._overlay, constant=True)

"""When something is said: a new screen whole, then what the keys are on, then what changes; and silence with every key.

Without somebody who listens (the snapshot's `voice`) and with the headphones out, nothing is ever said. What is private waits for
headphones that are known to be in; what is never to be heard is not spoken at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from kiosk.visit.screens import HEARD, Keypad, Letters, Privacy, Said, Snapshot
from ui.focus import Focus
from ui.keys import Keys
from ui.speech import script
from ui.store import EMPTY, Store

BREATH_MS = 25
"""What comes within it is said together, or not at all: a screen and what the keys are on there, keys that are mashed."""
SOON_S = 10
"""So many seconds before the end a countdown is told again."""

REPEAT, PAUSE, MORE = "1", "2", "5"
SETTINGS = {"4": "slower", "6": "faster", "7": "quieter", "9": "louder"}


class Plug(StrEnum):
    """Whether headphones are in the socket; UNKNOWN where nothing tells."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class Voice(Protocol):
    """Something that speaks. `finished` says that what was begun is over, and not because of `hush`."""

    @property
    def finished(self) -> SignalInstance: ...

    def speak(self, text: str, language: str, rate: int, volume: int) -> None:
        """Begins at once; `rate` in words a minute, `volume` in percent."""

    def hush(self) -> None:
        """Silent at once, and no `finished` for what was interrupted."""


class Reader(QObject):
    """Reads the store's snapshots aloud. `asked(intent, value)` is what the listener wants of the engine."""

    asked = Signal(str, str)

    def __init__(self, store: Store, focus: Focus, keys: Keys, voice: Voice, plug: Plug) -> None:
        super().__init__(store)
        self._focus = focus
        self._voice = voice
        self._plug = plug
        self._store = store
        self._seen = EMPTY
        self._queue: list[Said] = []
        self._current: list[Said] = []
        self._interrupted: list[Said] = []
        self._paused: list[Said] = []
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(BREATH_MS)
        self._breath.timeout.connect(self._next)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._say_soon)
        voice.finished.connect(self._finished)
        keys.struck.connect(self.hush)
        keys.touched.connect(self.hush)
        keys.spare.connect(self._spare)
        focus.moved.connect(self._moved)
        store.changed.connect(self._changed)
        self._changed()

    def plugged(self, plug: Plug) -> None:
        """Headphones went in or came out. Out is silence now: what is not said by then is not said to the room."""
        self._plug = plug
        self._drop()
        if plug is not Plug.UNKNOWN:
            self.asked.emit("headphones", plug.value)
        self._seen = EMPTY
        self._changed()

    def hush(self) -> None:
        """Somebody acts: what is being said is over, and what was to be said after it."""
        self._interrupted = [*self._current, *self._queue]
        self._drop()

    @property
    def _snapshot(self) -> Snapshot:
        return self._store.snapshot

    def _audible(self) -> bool:
        return self._snapshot.voice is not None and self._plug is not Plug.OUT

    def _changed(self) -> None:
        before, now = self._seen, self._snapshot
        self._seen = now
        if not self._audible():
            self._forget()
            return
        began = before.voice is None
        if began:
            self._focus.show(True)
        if began or _whole(before) != _whole(now):
            self._say([*(script.intro(now) if began else ()), *script.screen(now), *script.spot(now, self._focus.name)])
            self._count_down()
        elif told := script.changes(before, now):
            self._say(told)

    def _moved(self, name: str) -> None:
        """On a new screen the whole of it is said first: then this comes before the store's own word."""
        if self._audible() and _whole(self._seen) == _whole(self._snapshot):
            self._say(script.spot(self._snapshot, name))

    def _spare(self, digit: str) -> None:
        if digit == MORE:
            self._store.act("listen", "")
        elif not self._audible():
            return
        elif digit == PAUSE:
            self._pause()
        elif digit == REPEAT:
            self._say([*script.screen(self._snapshot), *script.spot(self._snapshot, self._focus.name)])
        elif digit in SETTINGS:
            self.asked.emit(SETTINGS[digit], "")

    def _pause(self) -> None:
        """The key itself has interrupted; the second one begins again with what was being said."""
        if self._paused:
            self._say(self._paused)
        elif self._interrupted:
            kept = self._interrupted
            self._say(script.phrase(self._snapshot, "paused"))
            self._paused = kept

    def _say(self, told: Sequence[Said]) -> None:
        self._drop()
        self._paused = []
        self._queue = [said for said in told if said.speech and self._may(said)]
        if not self._queue and isinstance(self._snapshot.middle, Keypad | Letters):
            self._queue = script.phrase(self._snapshot, "hidden")  # a key was heard, whatever it was
        self._breath.start()

    def _may(self, said: Said) -> bool:
        match said.privacy:
            case Privacy.NEVER:
                return False
            case Privacy.PRIVATE:
                return self._plug is Plug.IN
            case Privacy.OPEN:
                return True

    def _next(self) -> None:
        voice = self._snapshot.voice
        if voice is None or not self._queue:
            return
        said = self._queue.pop(0)
        self._current = [said]
        self._voice.speak(said.speech, said.language or self._snapshot.language, voice.rate, voice.volume)

    def _finished(self) -> None:
        self._current = []
        self.asked.emit(HEARD, "")
        self._next()

    def _drop(self) -> None:
        self._breath.stop()
        self._queue, self._current = [], []
        self._voice.hush()

    def _forget(self) -> None:
        """Nobody listens any more: nor is what was interrupted kept for whoever comes next (law 10)."""
        self._drop()
        self._interrupted, self._paused = [], []

    def _count_down(self) -> None:
        overlay = self._snapshot.overlay
        self._soon.stop()
        if overlay is not None and overlay.seconds > SOON_S:
            self._soon.start((overlay.seconds - SOON_S) * 1000)

    def _say_soon(self) -> None:
        if self._audible() and self._snapshot.overlay is not None:
            self._say(script.phrase(self._snapshot, "seconds", n=str(SOON_S)))


def _whole(snapshot: Snapshot) -> tuple[object, ...]:
    """Two snapshots that are alike in this are one screen to who listens."""
    question = snapshot.overlay and tuple(action.intent for action in snapshot.overlay.actions)
    return snapshot.screen, snapshot.language, question, snapshot.voice is None

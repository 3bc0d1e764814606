"""Telling a scanner that types from a person who does, by time alone. Pure: no Qt, no clock.

A USB scanner types a character every 1 to 20 ms; the fastest typists on record keep some 60 ms (16 characters a second).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from kiosk.visit.screens import MOST_VALUE

GAP_MS = 35
"""The longest pause between two characters of a scanner; a person's key reaches the screen this much later."""
SETTLED_MS = 120
"""The same once it is known to be a scanner: nothing of a scan may leak because the machine behind it was busy for a moment."""
MACHINE = 4
"""So many characters without a longer pause are no person's. No scan is shorter: its AIM identifier, a character, Enter."""

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Judged(Generic[Key]):
    """`keys` were a person's and go on; `scan` is what a scanner typed, its Enter as a newline. It is empty for one that was too
    long or not ended by Enter, None for no scan."""

    keys: tuple[Key, ...] = ()
    scan: str | None = None


class Wedge(Generic[Key]):
    """Keys held back until time tells whose they were. Times are milliseconds of one clock, as the keyboard's driver has them."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._text = ""
        self._last = 0

    @property
    def holding(self) -> bool:
        """Whether there are keys that may yet go on to the screen."""
        return bool(self._keys)

    @property
    def patience(self) -> int:
        """Milliseconds without a character after which what is held can be judged."""
        return SETTLED_MS if self._is_machine else GAP_MS

    @property
    def _is_machine(self) -> bool:
        return len(self._text) >= MACHINE

    def press(self, key: Key, text: str, at: int) -> Judged[Key]:
        """Holds a character. What was held before is judged when the pause was too long."""
        judged: Judged[Key] = Judged() if 0 <= at - self._last <= self.patience else self.judge()
        self._last = at
        self._text = (self._text + text)[: MOST_VALUE + 1]  # no more is needed to know that it is too long
        self._keys.append(key)
        if self._is_machine:
            self._keys = []  # nobody gets them back
        return judged

    def follow(self, key: Key) -> None:
        """Holds what belongs to a held character: its key going up."""
        self._keys.append(key)

    def judge(self) -> Judged[Key]:
        """Says whose keys these were, and holds nothing any more."""
        keys, text, machine = tuple(self._keys), self._text, self._is_machine
        self._keys, self._text = [], ""
        if not machine:
            return Judged(keys)
        return Judged(scan=text if text.endswith("\n") and len(text) <= MOST_VALUE else "")

"""What a visit asks of words: a message by its id in one language. The catalogue behind it is kiosk.words; this stays pure."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from domain.money import Money
from kiosk.visit.screens import Said


class Words(Protocol):
    """One language."""

    @property
    def right_to_left(self) -> bool: ...

    @property
    def on_screen(self) -> Words:
        """The same words as a screen draws them: no line breaks in a date, a moment or a reference. What is no screen, as paper,
        a letter or a log, never asks for them: a printer has no such characters."""

    def say(self, message: str, **arguments: str | int | Said) -> Said:
        """The message with its arguments filled in, written and spoken. An unknown id or a missing argument is a bug."""

    def as_written(self, text: str) -> Said:
        """What somebody else wrote, as the hospital's own word for a service: not ours to translate."""

    def money(self, amount: Money) -> Said: ...

    def date(self, date: dt.date) -> Said: ...

    def moment(self, moment: dt.datetime) -> Said:
        """Date and time of day, in the kiosk's own time zone."""

"""The languages that statements are printed in, and how each writes money and dates."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """Each has a catalogue in assets/words/statement."""

    EN = "en"
    ES = "es"

    @property
    def locale(self) -> str:
        """As CLDR names it."""
        return f"{self.value}_US"

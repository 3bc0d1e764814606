"""What a printed statement says: Project Fluent catalogues of its own, one a language (assets/words/statement/*.ftl)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from babel.dates import format_date
from fluent.runtime import FluentBundle, FluentResource

from domain.money import Money, format_money
from hub.paper.language import Language

WORDS = Path(__file__).resolve().parents[2] / "assets" / "words" / "statement"


class PaperWords:
    """One language's words."""

    def __init__(self, language: Language) -> None:
        self.locale = language.locale
        self._bundle = FluentBundle([self.locale], use_isolating=False)
        self._bundle.add_resource(FluentResource((WORDS / f"{language}.ftl").read_text(encoding="utf-8")))

    def say(self, message: str, **arguments: str) -> str:
        """The message with its arguments filled in. Raises LookupError, a bug, for one that is not there or lacks an argument."""
        pattern = self._bundle.get_message(message).value
        assert pattern is not None, message
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise LookupError(f"message {message!r} in {self.locale}: {errors[0]}")
        return str(text)

    def money(self, amount: Money) -> str:
        return format_money(amount, self.locale)

    def date(self, date: dt.date) -> str:
        return str(format_date(date, "medium", locale=self.locale))

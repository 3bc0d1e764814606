"""The catalogue of words: Project Fluent files, one a language, for screen, speech and paper alike (assets/words/*.ftl)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_precision
from fluent.runtime import FluentBundle, FluentResource

from domain.money import Money, format_money
from kiosk.visit.screens import Said

WORDS = Path(__file__).resolve().parent.parent / "assets" / "words"

LOCALES = {"en": "en_US", "es": "es_US"}
"""The languages there are, and how each writes money and dates (CLDR)."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class WordsError(Exception):
    """A message that is not there, or an argument that is missing: a bug, never a patient's problem."""


class FluentWords:
    """One language's words; implements kiosk.visit.words.Words."""

    def __init__(self, language: str, zone: dt.tzinfo, source: str | None = None) -> None:
        """`language` is one of LOCALES; `zone` is the kiosk's own; `source` is a catalogue's text, else the shipped file."""
        self._locale = LOCALES[language]
        self._zone = zone
        self.right_to_left = language in RIGHT_TO_LEFT
        text = source if source is not None else (WORDS / f"{language}.ftl").read_text(encoding="utf-8")
        # Bidi isolation marks go around arguments only where a language runs the other way: elsewhere they would
        # reach paper and speech, which have no use for them.
        self._bundle = FluentBundle([self._locale], use_isolating=self.right_to_left)
        self._bundle.add_resource(FluentResource(text))

    def say(self, message: str, **arguments: str | int) -> Said:
        """See kiosk.visit.words.Words.say. Raises WordsError."""
        if not self._bundle.has_message(message):
            raise WordsError(f"no message {message!r} in {self._locale}")
        found = self._bundle.get_message(message)
        text = self._format(found.value, message, arguments)
        spoken = found.attributes.get("speech")
        return Said(text, self._format(spoken, message, arguments) if spoken else text)

    def _format(self, pattern: Any, message: str, arguments: dict[str, str | int]) -> str:
        text, errors = self._bundle.format_pattern(pattern, arguments)
        if errors:
            raise WordsError(f"message {message!r} in {self._locale}: {errors[0]}")
        return str(text)

    def money(self, amount: Money) -> Said:
        """Written as the locale writes it, spoken with the currency's name: "125.50 US dollars"."""
        return Said(format_money(amount, self._locale), _spoken_money(amount, self._locale))

    def date(self, date: dt.date) -> Said:
        text = format_date(date, "medium", locale=self._locale)
        return Said(text, format_date(date, "long", locale=self._locale))

    def moment(self, moment: dt.datetime) -> Said:
        text = format_datetime(moment, "short", tzinfo=self._zone, locale=self._locale)
        text = text.replace("\N{NARROW NO-BREAK SPACE}", " ")  # CLDR's, before "PM": printers have no such character
        return Said(text, text)


def _spoken_money(amount: Money, locale: str) -> str:
    value = Decimal(amount.minor).scaleb(-get_currency_precision(amount.currency))
    return str(format_currency(value, amount.currency, format_type="name", locale=locale))

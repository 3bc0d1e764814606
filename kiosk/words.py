"""The catalogue of words: Project Fluent files, one a language, for screen, speech and paper alike (assets/words/*.ftl)."""

from __future__ import annotations

import copy
import datetime as dt
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_precision
from fluent.runtime import FluentBundle, FluentResource

from domain.money import Money, format_money
from kiosk.visit.screens import Privacy, Said

WORDS = Path(__file__).resolve().parent.parent / "assets" / "words"

LOCALES = {"en": "en_US", "es": "es_US", "zh": "zh_Hans_CN", "vi": "vi_VN", "ar": "ar_EG"}
"""The languages there are, and the locale by which each writes dates and speaks of money (CLDR)."""

ON_PAPER = "en_US"
"""How an amount is written in a language that has no locale of this country: as the hospital's own paper writes it. CLDR would
write $1,250.40 as "1.250,40 US$" for Vietnam; a patient must be able to compare the screen with the bill, digit by digit. For
the same reason Arabic has Latin digits here, in amounts, numbers and dates alike."""

MONEY_LOCALES = {"en": "en_US", "es": "es_US"}

DATES = {"ar": "long"}
MOMENTS = {"es": "d MMM y, h:mm a", "vi": "HH:mm, d MMM y", "ar": "d MMMM y، h:mm a"}
"""The CLDR form of a date where it is not "medium", and of a moment where it is not "short": 3/4 is two days in two countries,
and who reads Spanish or Vietnamese here sees both; in Arabic some read digits from the left and some from the right."""

RIGHT_TO_LEFT = frozenset({"ar"})

_LRI, _FSI, _PDI, _RLM = "\u2066", "\u2068", "\u2069", "\u200f"
_ISOLATED = re.compile("[\u2066\u2068][^\u2069]*\u2069")
_DIRECTIONS = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Every character that steers the direction of text (Unicode, UAX #9, section 2)."""

_NBSP, _JOINER = "\u00a0", "\u2060"
"""What no line breaks at, on the screen: a space that has a glyph in our faces, and a word joiner, which draws nothing. A hyphen
keeps its own glyph so; the non-breaking one (U+2011) is not in Atkinson, and another face would draw it."""
_IN_A_DATE = re.compile("(?<=月)(?=[0-9])|(?<=[0-9])(?=[年月日])")
_BESIDE_TIME = re.compile("(?<=[,،]) |(?<=[0-9]) (?=[0-9]+:)")
_NOT_BEFORE_YEAR = re.compile(" (?![0-9]{4})")
_GROUPS = re.compile("(?<![0-9:/])[0-9]+(?: [0-9]+)+(?![0-9:/])")
_HYPHENS = re.compile("(?<=[0-9]-)(?=[0-9])|(?<=\\b[A-Z2-7]{4}-)(?=[A-Z2-7]{4}\\b)|(?<=\\be-)(?=mail)")
"""Where a line may break (UAX #14) in a date, in digits by groups, in a telephone number, a payment's reference and "e-mail". The
largest letters have no room for a moment on one line: it breaks between day and time alone; nor for a date whose month is a whole
word or that has three signs besides its digits: it breaks beside the year alone."""

_TWO_STOPS = re.compile("(?<![.])[.](\u2069?)[.](?![.])")
"""An abbreviation at the end of a sentence, "3:05 p.m.", has the sentence's full stop in it."""


class WordsError(Exception):
    """A message that is not there, or an argument that is missing: a bug, never a patient's problem."""


class FluentWords:
    """One language's words; implements kiosk.visit.words.Words."""

    def __init__(self, language: str, zone: dt.tzinfo, source: str | None = None) -> None:
        """`language` is one of LOCALES; `zone` is the kiosk's own; `source` is a catalogue's text, else the shipped file."""
        self._language = language
        self._locale = LOCALES[language]
        self._zone = zone
        self.right_to_left = language in RIGHT_TO_LEFT
        text = source if source is not None else (WORDS / f"{language}.ftl").read_text(encoding="utf-8")
        self._bundle = FluentBundle([self._locale], use_isolating=False)  # `_isolated` does it, where it is of use
        self._bundle.add_resource(FluentResource(text))
        self._held = False

    @property
    def on_screen(self) -> FluentWords:
        """See kiosk.visit.words.Words.on_screen."""
        held = copy.copy(self)
        held._held = True
        return held

    def say(self, message: str, **arguments: str | int | Said) -> Said:
        """See kiosk.visit.words.Words.say. Raises WordsError."""
        if not self._bundle.has_message(message):
            raise WordsError(f"no message {message!r} in {self._locale}")
        found = self._bundle.get_message(message)
        seen = {name: value.text if isinstance(value, Said) else value for name, value in arguments.items()}
        loud = {name: value.speech if isinstance(value, Said) else value for name, value in arguments.items()}
        text = self._format(found.value, message, seen)
        spoken = self._format(found.attributes.get("speech", found.value), message, loud)
        privacy = Privacy(self._format(found.attributes["privacy"], message, {}) if "privacy" in found.attributes else "open")
        return Said(self._led(self._together(text)), heard(spoken), privacy)

    def _together(self, text: str) -> str:
        """Digits by groups and references of one piece. Right to left each group stands by itself, or the space that does not
        break would make one number of them, which runs the other way (UAX #9, W4)."""
        if not self._held:
            return text
        return _GROUPS.sub(self._grouped, _HYPHENS.sub(_JOINER, text))

    def _grouped(self, groups: re.Match[str]) -> str:
        alone = (f"{_LRI}{group}{_PDI}" if self.right_to_left else group for group in groups[0].split())
        return _NBSP.join(alone)

    def _led(self, text: str) -> str:
        """A line that is nothing but isolated values, "4 March, Harbor Clinic: Ada", has no letter that gives it a direction."""
        own = _ISOLATED.sub("", text)
        runs_back = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in own)
        return f"{_RLM}{text}" if self.right_to_left and not runs_back else text

    def _format(self, pattern: Any, message: str, arguments: dict[str, str | int]) -> str:
        filled = {name: self._isolated(value) if isinstance(value, str) else value for name, value in arguments.items()}
        text, errors = self._bundle.format_pattern(pattern, filled)
        if errors:
            raise WordsError(f"message {message!r} in {self._locale}: {errors[0]}")
        return _TWO_STOPS.sub(r".\1", str(text))

    def _isolated(self, value: str) -> str:
        """A value that cannot turn the sentence around it, nor be turned by it. A name may run either way, and one that was typed
        elsewhere may hold marks that would reverse what follows. Marks of our own go only where something runs the other way:
        elsewhere they would reach paper, which has no use for them."""
        plain = value.translate(_DIRECTIONS)
        runs_back = any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in plain)
        return f"{_FSI}{plain}{_PDI}" if self.right_to_left or runs_back else plain

    def as_written(self, text: str) -> Said:
        return Said(self._isolated(text), heard(text))

    def money(self, amount: Money) -> Said:
        """Written as the locale writes it, spoken with the currency's name: "125.50 US dollars"."""
        written = format_money(amount, MONEY_LOCALES.get(self._language, ON_PAPER))
        return Said(f"{_LRI}{written}{_PDI}" if self.right_to_left else written, _spoken_money(amount, self._locale))

    def date(self, date: dt.date) -> Said:
        text = format_date(date, DATES.get(self._language, "medium"), locale=self._locale)
        return Said(self._one_piece(text), format_date(date, "long", locale=self._locale))

    def moment(self, moment: dt.datetime) -> Said:
        form = MOMENTS.get(self._language, "short")
        text, speech = self._moment(moment, form), self._moment(moment, form.replace(" MMM ", " MMMM "))
        return Said(" ".join(map(self._one_piece, _BESIDE_TIME.split(text))), speech)

    def _moment(self, moment: dt.datetime, form: str) -> str:
        text = format_datetime(moment, form, tzinfo=self._zone, locale=self._locale)
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ")  # CLDR's, before "PM": printers have no such character

    def _one_piece(self, text: str) -> str:
        if not self._held:
            return text
        together = _NOT_BEFORE_YEAR.sub(_NBSP, text) if self._language in DATES else text.replace(" ", _NBSP)
        return _IN_A_DATE.sub(_JOINER, together)


def heard(text: str) -> str:
    """The text without the marks that steer its direction and hold it together: a voice has no use for them."""
    return text.translate(_DIRECTIONS).replace(_NBSP, " ").replace(_JOINER, "")


def _spoken_money(amount: Money, locale: str) -> str:
    value = Decimal(amount.minor).scaleb(-get_currency_precision(amount.currency))
    return str(format_currency(value, amount.currency, format_type="name", locale=locale))

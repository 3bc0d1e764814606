"""Whether two spellings of a person's name may be the same one: case, accents, spacing, order and middle names do not matter.

A name alone lets nobody in: it only finds whose birth date and secret to compare (reference: kiosk, "Identification"). So it may
be generous with how a name is written; it is not generous with which letters are in it.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Proof(StrEnum):
    """What somebody who has named themselves has with them, so that it is them."""

    STATEMENT_PIN = "statement-pin"
    """Printed on a statement, which is the one that is then shown."""
    APPOINTMENT = "appointment"
    """The code in the message that reminds of today's appointment."""


PIN_DIGITS = 6
"""Of either."""

MOST_NAME = 200
"""Characters of a name, as the hub keeps them; a longer one is nobody's."""

MOST_WORDS = 10
"""Of a name that are looked at. What comes after them is left out, on either side."""

LEAST_WORDS = 2
"""So many words have to stand in both names whole: a last name alone, or initials, are no name."""

_APOSTROPHES = frozenset("'`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}")
"""They stand inside of a word (O'Connor). The modifier letters that look like them are dropped with their own kind."""

_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}  # casefold knows ß
)
"""Letters that Unicode does not take apart, as they are written where a keyboard has none of them."""

_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Müller is Mueller in a passport's lines (ICAO 9303, part 3, section 6); both become Muller here."""


def words(name: str) -> tuple[str, ...]:
    """The comparable words of a name, in their order: at most MOST_WORDS, without accents, case, punctuation, or anything that is
    no letter. Empty for what is no name, or longer than MOST_NAME."""
    if len(name) > MOST_NAME:
        return ()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).translate(_LETTERS)
    return tuple("".join(map(_kept, plain)).split())[:MOST_WORDS]


def same_name(one: str, other: str) -> bool:
    """Whether these may be the same person's name. Symmetric; false where either of them is no name."""
    first, second = words(one), words(other)
    return _within(first, second) or _within(second, first)


def initials(name: str) -> str:
    """What may be shown of a name before its person is known: "M. A.". Empty for what is no name."""
    return " ".join(f"{word[0].upper()}." for word in words(name))


def _kept(char: str) -> str:
    """The letter, a space where words end, nothing for what has no part in a name: an accent, an emoji, a direction mark."""
    kind = unicodedata.category(char)
    if kind[0] == "L":
        return "" if kind == "Lm" else char
    if char in _APOSTROPHES:
        return ""
    if kind[0] in "ZP" or char in "\t\n\r":
        return " "
    return char if kind[0] == "M" and not unicodedata.combining(char) else ""  # a vowel of Devanagari is no accent


def _within(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    """Whether each of `few` stands in `many`: as one of its words, as several that stand side by side ("Mac Donald"), or one
    as the initial of the other. Enough of them must stand there whole: LEAST_WORDS, or all that `many` has."""
    free = list(range(len(many)))
    whole, left = 0, list[str]()
    for word in sorted(few, key=lambda word: (-len(word), word)):
        run = _run(word, many, free)
        if run is None:
            left.append(word)
        else:
            whole += 1
            free = [place for place in free if place not in run]
    enough = whole >= LEAST_WORDS or (whole > 0 and not free and not left)
    for word in left:
        place = next((place for place in free if _initial(word, many[place])), None)
        if place is None:
            return False
        free.remove(place)
    return enough


def _run(word: str, many: tuple[str, ...], free: list[int]) -> range | None:
    """The free places side by side whose words make up `word`: one word before several, and as it is written before how it might
    be, or "ae" were a bare "a", and the "yo" of "y o yo" its first two words."""
    runs = [range(begin, end) for begin in free for end in range(begin + 1, len(many) + 1) if set(range(begin, end)) <= set(free)]
    for spelled in (str, _plain):
        for run in sorted(runs, key=len):
            if spelled("".join(many[run.start : run.stop])) == spelled(word):
                return run
    return None


def _initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def _plain(word: str) -> str:
    for two, letter in _DIGRAPHS:
        word = word.replace(two, letter)
    return word

"""A biller's regular expression, matched by RE2: in time that grows with the text, whatever stands in the pattern.

Python's own `re` goes back and tries again: `(a+)+b` takes it years over fifty letters, and what a camera sees is judged on the
loop that serves the card terminal. RE2 never goes back; what cannot be matched otherwise (backreferences, looking around) it
refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

import re2

MOST_INSTRUCTIONS = 1_000
MOST_FIELDS = 12
"""RE2 may run through a pattern's whole program, with every field's place, for each character. The worst pattern that was found
within these takes 10 ms over the longest code; the shipped ones take some hundredths of one."""


class PatternError(ValueError):
    """The text says what is wrong, for whoever wrote the pattern."""


class Pattern:
    """Compiled. `fields` are the names of its groups; every group has one of its own. Raises PatternError."""

    def __init__(self, text: str) -> None:
        options = re2.Options()
        options.log_errors = False  # they are raised
        try:
            self._compiled = re2.compile(text, options)
        except re2.error as error:
            raise PatternError(f"it is no regular expression of RE2's: {error.args[0].decode()}") from error
        self.fields: frozenset[str] = frozenset(self._compiled.groupindex)
        if len(self.fields) != self._compiled.groups:
            raise PatternError("each group is a field with a name of its own; what is none is grouped with (?:...)")
        if len(self.fields) > MOST_FIELDS:
            raise PatternError(f"it has more than {MOST_FIELDS} fields")
        if self._compiled.programsize > MOST_INSTRUCTIONS:
            raise PatternError("it is too much work for each code: count less, as x+ instead of x{1,70}; length bounds the whole")

    def read(self, text: str) -> Mapping[str, str] | None:
        """The fields of a text that matches from end to end, empty where a field is not there; None where it does not match."""
        found = self._compiled.fullmatch(text)
        return None if found is None else found.groupdict(default="")

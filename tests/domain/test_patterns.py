"""Billers' regular expressions: what they say of a text, and that none of them stops the kiosk."""

from __future__ import annotations

import pytest

from domain.patterns import MOST_FIELDS, Pattern, PatternError
from domain.statement_codes import LONGEST


def test_a_text_that_matches_from_end_to_end_gives_its_fields() -> None:
    pattern = Pattern("AC(?P<account>[0-9]+)(?P<check>X)?")
    assert pattern.fields == {"account", "check"}
    assert pattern.read("AC12X") == {"account": "12", "check": "X"}
    assert pattern.read("AC12") == {"account": "12", "check": ""}
    assert pattern.read("AC12\n") is None
    assert pattern.read(" AC12") is None


def test_fields_are_where_they_are_beside_letters_of_several_bytes() -> None:
    assert Pattern("(?P<name>[^\n]*)\n(?P<number>[0-9]+)").read("Zoë Müller 😀\n12") == {"name": "Zoë Müller 😀", "number": "12"}


def test_digits_are_ascii() -> None:
    assert Pattern(r"\d").read("\N{ARABIC-INDIC DIGIT ONE}") is None


@pytest.mark.parametrize("catastrophe", ["(?:a+)+b", "(?:a|a)*b", "(?:a|aa)+b", "(?:a*)*b", "(?:a?){240}a{240}b", "(?:.*a){20}b"])
def test_what_would_stop_python_for_years_is_answered(catastrophe: str) -> None:
    """The test ends: that is what is tested."""
    assert Pattern(catastrophe).read("a" * LONGEST) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(a", "it is no regular expression of RE2's: missing ): (a"),
        (r"(?P<x>a)\1", r"it is no regular expression of RE2's: invalid escape sequence: \1"),
        ("(?=a)", "it is no regular expression of RE2's: invalid perl operator: (?="),
        ("(a)", "each group is a field with a name of its own; what is none is grouped with (?:...)"),
        ("(?P<x>a)(?P<x>b)", "each group is a field with a name of its own; what is none is grouped with (?:...)"),
        ("".join(f"(?P<x{each}>a)" for each in range(MOST_FIELDS + 1)), "it has more than 12 fields"),
        ("[^x]{900}", "it is too much work for each code: count less, as x+ instead of x{1,70}; length bounds the whole"),
    ],
)
def test_what_cannot_be_matched_in_time_is_refused(text: str, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Once, by whoever loads the profile: RE2 itself prints nothing."""
    with pytest.raises(PatternError) as caught:
        Pattern(text)
    assert str(caught.value) == why
    assert capfd.readouterr().err == ""

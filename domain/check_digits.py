"""Check digits: what standards and billers put at the end (or the front) of a number so that a misread one is found out.

All take digits as text, most significant first, and give the check character or characters as text. One wrong digit is always
found, but for the Dutch rule, which misses 2 in 100. Of two in one number, 11 in 100 get past Luhn and mod 10 recursive, 10
past mod 11, 1 past MOD 97-10 (measured by tests/domain/test_check_digits.py): a check digit stands beside a fixed length and
two frames that agree, never alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import cycle

MOD11_WEIGHTS = (2, 3, 4, 5, 6, 7)
"""From the right, over and over: the weights of most numbers that say "mod 11" and nothing else (IBM's)."""

MOD11_ANSWERS = "0X987654321"
"""What each remainder by eleven is answered with, 0 first; the tenth digit is an X, as in ISO 2108 (ISBN-10)."""

_RECURSIVE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")


def luhn(digits: str) -> str:
    """ISO/IEC 7812-1, annex B: every second digit from the right twice, the digits of the products summed, up to the next ten.
    Finds every wrong digit, and neighbours changed round but for 0 and 9."""
    total = 0
    for place, digit in enumerate(_values(digits)[::-1]):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def mod10_recursive(digits: str) -> str:
    """The Swiss QR reference's (Swiss Implementation Guidelines QR-bill, annex B): a carry through a table, up to the next ten.
    Finds every wrong digit, and most neighbours changed round."""
    carry = 0
    for digit in _values(digits):
        carry = _RECURSIVE[(carry + digit) % 10]
    return str(-carry % 10)


def mod97_10(text: str) -> str:
    """ISO/IEC 7064 MOD 97-10, two digits; capitals count as ISO 13616 and ISO 11649 have them, A 10 to Z 35.
    Finds every wrong digit, all neighbours changed round, and all but one in a hundred of what else is misread."""
    if not _ALPHANUMERIC.fullmatch(text):
        raise ValueError("neither digits nor capitals")
    number = int("".join(str(int(char, 36)) for char in text))
    return f"{98 - number * 100 % 97:02d}"


def is_iban(text: str) -> bool:
    """Whether it has the form and the check digits of an account's number by ISO 13616, written without spaces."""
    return _IBAN.fullmatch(text) is not None and mod97_10(text[4:] + text[:2]) == text[2:4]


def weighted(digits: str, weights: Sequence[int], answers: str) -> str:
    """Each digit times its weight, from the right and the weights over and over; the sum's remainder by the number of `answers`
    is answered with the character there. Mod 11 is eleven of them, 3-7-1 of the US routing number ten. A "-" there is no check
    digit: a number that comes to it is never given out. What it finds is as good as the weights."""
    total = sum(digit * weight for digit, weight in zip(_values(digits)[::-1], cycle(weights), strict=False))
    answer = answers[total % len(answers)]
    if answer == "-":
        raise ValueError("a number that has no check digit")
    return answer


def _values(digits: str) -> list[int]:
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError("not digits")
    return [int(digit) for digit in digits]

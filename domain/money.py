"""An amount of money: an integer of minor units and its currency (law 1). No float is ever involved."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

MOST_MINOR = 999_999_999_999
"""The largest amount the card protocol can carry: ZVT's BMP 04 is BCD6, twelve digits (reference: ZVT fact sheet)."""

CURRENCY_NUMBERS = {"CAD": 124, "CHF": 756, "EUR": 978, "GBP": 826, "MXN": 484, "USD": 840}
"""ISO 4217 numbers of the currencies that a kiosk can be set up for."""

_CURRENCY = re.compile(r"[A-Z]{3}")


class MoneyError(ValueError):
    """An amount that cannot be: another currency, out of range, or text that is not an amount."""


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents) of `currency` (ISO 4217 letters). May be negative: a credit balance is."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise MoneyError("an amount is a whole number of minor units")
        if abs(self.minor) > MOST_MINOR:
            raise MoneyError("the amount is out of range")
        if not _CURRENCY.fullmatch(self.currency):
            raise MoneyError("a currency is three capital letters")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MoneyError("two currencies cannot be combined")
        return other


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, zero of `currency` when there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def from_digits(digits: str, currency: str) -> Money:
    """What a patient typed on a keypad that fills from the right: "1250" is 12.50. Empty is zero.

    Raises MoneyError for anything but ASCII digits, and above MOST_MINOR.
    """
    if not re.fullmatch(r"[0-9]{0,20}", digits):
        raise MoneyError("an amount is typed in digits")
    return Money(int(digits or "0"), currency)


def format_money(amount: Money, locale: str) -> str:
    """The amount as `locale` (a Babel locale, as "en_US" or "es_US") writes it: "$125.50"."""
    places = get_currency_precision(amount.currency)
    value = Decimal(amount.minor).scaleb(-places)
    return str(format_currency(value, amount.currency, locale=locale))

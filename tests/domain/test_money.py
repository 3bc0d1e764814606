"""Amounts: whole minor units, one currency, within what the card protocol can carry; and how each locale writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.money import MOST_MINOR, Money, MoneyError, format_money, from_digits, total

minors = make.integers(-MOST_MINOR, MOST_MINOR)
small = make.integers(-(10**9), 10**9)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@given(small, small)
def test_sums_are_the_sums_of_whole_numbers(one: int, other: int) -> None:
    assert usd(one) + usd(other) == usd(one + other)
    assert usd(one) - usd(other) == usd(one - other)
    assert -usd(one) == usd(-one)
    assert (usd(one) < usd(other), usd(one) <= usd(other)) == (one < other, one <= other)


@given(make.lists(small, max_size=20))
def test_a_total_is_the_sum_and_zero_of_nothing(minor: list[int]) -> None:
    assert total(map(usd, minor), "USD") == usd(sum(minor))


@given(minors)
def test_every_amount_in_range_exists(minor: int) -> None:
    assert usd(minor).minor == minor


@pytest.mark.parametrize("minor", [MOST_MINOR + 1, -MOST_MINOR - 1, 1.0, 12.5, True, "5", None])
def test_what_is_not_a_whole_amount_in_range_is_refused(minor: object) -> None:
    with pytest.raises(MoneyError):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDX", "US1", "USD\n", "ÜSD"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(MoneyError, match="currency"):
        Money(1, currency)


def test_currencies_never_mix() -> None:
    dollar, euro = usd(100), Money(100, "EUR")
    for combine in (
        lambda: dollar + euro,
        lambda: dollar - euro,
        lambda: dollar < euro,
        lambda: dollar <= euro,
        lambda: total([dollar, euro], "USD"),
    ):
        with pytest.raises(MoneyError, match="two currencies"):
            combine()
    assert dollar != euro


def test_a_sum_out_of_range_is_refused_and_not_wrapped() -> None:
    with pytest.raises(MoneyError, match="range"):
        usd(MOST_MINOR) + usd(1)


@pytest.mark.parametrize(
    ("digits", "minor"), [("", 0), ("0", 0), ("5", 5), ("1250", 1250), ("00012", 12), ("99999999999", 99_999_999_999)]
)
def test_typed_digits_fill_from_the_right(digits: str, minor: int) -> None:
    assert from_digits(digits, "USD") == usd(minor)


@pytest.mark.parametrize(
    "digits", ["12.50", "-1", "+1", " 1", "1 ", "1_0", "1e3", "٣", "１", "1\n", "9" * 13, "9" * 20, "0" * 21, "9" * 5000]
)
def test_what_was_not_typed_in_digits_or_is_too_much_is_refused(digits: str) -> None:
    with pytest.raises(MoneyError):
        from_digits(digits, "USD")


@given(make.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = from_digits(text, "USD")
    except MoneyError:
        return
    assert amount.minor == int(text or "0")


@pytest.mark.parametrize(
    ("amount", "locale", "written"),
    [
        (usd(12550), "en_US", "$125.50"),
        (usd(12550), "es_US", "$125.50"),
        (usd(0), "en_US", "$0.00"),
        (usd(5), "en_US", "$0.05"),
        (usd(-4000), "en_US", "-$40.00"),
        (usd(99_999_999_999), "en_US", "$999,999,999.99"),
        (usd(MOST_MINOR), "es_US", "$9,999,999,999.99"),
        (Money(12550, "EUR"), "en_US", "€125.50"),
        (Money(12550, "EUR"), "de_DE", "125,50\N{NO-BREAK SPACE}€"),
        (Money(12550, "JPY"), "en_US", "¥12,550"),
        (Money(12550, "KWD"), "en_US", "KWD12.550"),
    ],
)
def test_an_amount_is_written_as_its_locale_writes_it(amount: Money, locale: str, written: str) -> None:
    """CLDR's own forms; the number of places is the currency's (ISO 4217): two, none for yen, three for dinars."""
    assert format_money(amount, locale) == written


@given(minors)
def test_no_cent_is_lost_in_writing(minor: int) -> None:
    written = format_money(usd(minor), "en_US")
    assert int(written.replace("$", "").replace(",", "").replace(".", "")) == minor

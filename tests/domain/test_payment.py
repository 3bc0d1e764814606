"""Attempts: the id that names one for ever, the code that a person can read out, and what each outcome means for money."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.money import Money, MoneyError
from domain.payment import MOST_PARTS, Outcome, Part, attempt_id_of, check_parts, new_attempt_id, receipt_code, shared

RFC_EXAMPLE = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
"""RFC 9562, appendix A.6: 2022-02-22 14:22:22 GMT-05:00, rand_a CC3, rand_b 18C4DC0C0C07398F."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
moments = make.timedeltas(dt.timedelta(0), dt.timedelta(days=365 * 8000)).map(lambda since: EPOCH + since)
random_bytes = make.binary(min_size=10, max_size=10)


def test_the_example_of_the_rfc() -> None:
    moment = dt.datetime(2022, 2, 22, 14, 22, 22, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    for version_bits in ("0", "f"):  # the bits that the version and the variant overwrite do not matter
        random = bytes.fromhex(f"{version_bits}cc3" + ("1" if version_bits == "0" else "d") + "8c4dc0c0c07398f")
        assert new_attempt_id(moment, random) == RFC_EXAMPLE


@given(moments, random_bytes)
def test_an_id_is_a_uuid_of_version_7_of_its_very_millisecond(moment: dt.datetime, random: bytes) -> None:
    made = uuid.UUID(new_attempt_id(moment, random))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    stamp = dt.timedelta(milliseconds=made.int >> 80)
    assert stamp <= moment - EPOCH < stamp + dt.timedelta(milliseconds=1)
    assert made.bytes[9:] == random[3:]


@given(make.lists(moments, min_size=2, max_size=8), random_bytes)
def test_ids_sort_as_their_moments_do(times: list[dt.datetime], random: bytes) -> None:
    times.sort()
    ids = [new_attempt_id(moment, random) for moment in times]
    assert ids == sorted(ids)


@pytest.mark.parametrize("count", [0, 9, 11, 16])
def test_an_id_takes_ten_random_bytes(count: int) -> None:
    with pytest.raises(ValueError, match="ten random bytes"):
        new_attempt_id(dt.datetime(2026, 3, 4, tzinfo=dt.UTC), bytes(count))


def test_a_moment_without_a_time_zone_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        new_attempt_id(dt.datetime(2026, 3, 4), bytes(10))  # noqa: DTZ001


@given(moments, random_bytes)
def test_a_receipt_code_leads_back_to_its_attempt(moment: dt.datetime, random: bytes) -> None:
    attempt = new_attempt_id(moment, random)
    code = receipt_code(attempt)
    assert len(code) == 26
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert attempt_id_of(code) == attempt_id_of(code.lower()) == attempt


@pytest.mark.parametrize(
    "code", ["", "A" * 25, "A" * 27, "1" * 26, "=" * 26, "A" * 25 + "=", "ß" * 26, "A" * 25 + " ", "A" * 4000]
)
def test_what_is_no_receipt_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError):
        attempt_id_of(code)


def test_a_last_letter_that_no_code_ends_with_is_refused() -> None:
    """26 letters hold two bits more than an id has: they are zero, or a letter was mistaken for another."""
    code = receipt_code(RFC_EXAMPLE)
    others = [code[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if letter != code[-1]]
    same = [other for other in others if _id_or_none(other) == RFC_EXAMPLE]
    assert same == []


@given(make.text(min_size=26, max_size=26))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    attempt = _id_or_none(text)
    assert attempt is None or receipt_code(attempt) == text.upper()


def _id_or_none(code: str) -> str | None:
    try:
        return attempt_id_of(code)
    except ValueError:
        return None


def test_money_moved_when_it_was_approved_or_captured() -> None:
    """Law 3: and an unknown outcome is neither yes nor no."""
    assert {outcome for outcome in Outcome if outcome.money_moved} == {Outcome.APPROVED, Outcome.CAPTURED}
    assert len(Outcome) == 5


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def parts(*minors: int) -> tuple[Part, ...]:
    return tuple(Part(f"{number:010}", f"A{number}", "", usd(minor)) for number, minor in enumerate(minors, start=1))


@pytest.mark.parametrize(
    ("asked", "taken", "expected"),
    [
        ((), 500, []),
        ((500,), 500, [("A1", 500)]),
        ((500,), 300, [("A1", 300)]),
        ((300, 200), 500, [("A1", 300), ("A2", 200)]),
        ((300, 200), 400, [("A1", 300), ("A2", 100)]),
        ((300, 200), 300, [("A1", 300)]),
        ((300, 200, 100), 250, [("A1", 250)]),
        ((300, 200), 700, [("A1", 300), ("A2", 400)]),
    ],
)
def test_an_amount_is_shared_out_over_the_parts_in_their_order(
    asked: tuple[int, ...], taken: int, expected: list[tuple[str, int]]
) -> None:
    assert [(part.account, part.amount.minor) for part in shared(parts(*asked), usd(taken))] == expected


@given(make.lists(make.integers(1, 10**9), min_size=1, max_size=MOST_PARTS), make.integers(1, 10**11))
def test_not_a_cent_is_lost_in_sharing(asked: list[int], taken: int) -> None:
    result = shared(parts(*asked), usd(taken))
    check_parts(result, usd(taken))
    assert all(part.amount.minor <= asked[int(part.account[1:]) - 1] for part in result[:-1])


@pytest.mark.parametrize(
    ("asked", "amount"),
    [((300, 200), 499), ((300, 200), 501), ((300, 0), 300), ((300, -100), 200), ((1,) * (MOST_PARTS + 1), MOST_PARTS + 1)],
)
def test_parts_that_are_not_the_amount_are_refused(asked: tuple[int, ...], amount: int) -> None:
    with pytest.raises(ValueError, match="payment"):
        check_parts(parts(*asked), usd(amount))


def test_parts_are_of_one_currency() -> None:
    with pytest.raises(MoneyError):
        check_parts((*parts(100), Part("0000000009", "A9", "", Money(100, "EUR"))), usd(200))

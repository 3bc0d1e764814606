"""When the terminal's day is ended: by the site's clock, once, and again soon when it failed."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kiosk.day_end import AGAIN, DayEnd

CHICAGO = ZoneInfo("America/Chicago")
HALF_PAST_TWO = dt.time(2, 30)


def local(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=CHICAGO).astimezone(dt.UTC)  # type: ignore[arg-type,misc]


class Clock:
    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def test_once_a_day_at_the_sites_hour() -> None:
    clock = Clock(local(2026, 11, 20, 23, 0))
    day = DayEnd(HALF_PAST_TWO, CHICAGO, clock)
    assert not day.is_due()
    clock.now = local(2026, 11, 21, 2, 29)
    assert not day.is_due()
    clock.now = local(2026, 11, 21, 2, 30)
    assert day.is_due()
    day.tried(ended=True)
    assert not day.is_due()
    clock.now = local(2026, 11, 22, 2, 29)
    assert not day.is_due()
    clock.now = local(2026, 11, 22, 2, 31)
    assert day.is_due()


def test_a_kiosk_that_starts_after_the_hour_waits_for_the_next_day() -> None:
    clock = Clock(local(2026, 11, 21, 2, 31))
    day = DayEnd(HALF_PAST_TWO, CHICAGO, clock)
    assert not day.is_due()
    clock.now = local(2026, 11, 22, 2, 30)
    assert day.is_due()


def test_it_stays_due_while_somebody_is_there() -> None:
    clock = Clock(local(2026, 11, 21, 2, 0))
    day = DayEnd(HALF_PAST_TWO, CHICAGO, clock)
    clock.now += dt.timedelta(hours=9)
    assert day.is_due()


def test_what_failed_is_due_again_soon_and_at_the_latest_the_next_day() -> None:
    clock = Clock(local(2026, 11, 21, 2, 0))
    day = DayEnd(HALF_PAST_TWO, CHICAGO, clock)
    clock.now = local(2026, 11, 21, 2, 30)
    day.tried(ended=False)
    assert not day.is_due()
    clock.now += AGAIN
    assert day.is_due()
    clock.now = local(2026, 11, 22, 2, 25)
    day.tried(ended=False)
    clock.now = local(2026, 11, 22, 2, 30)
    assert day.is_due()


@pytest.mark.parametrize(
    ("before", "due"),
    [
        # the night the clocks go forward, 02:30 is not on them: 03:30 summer time is the same moment
        (local(2026, 3, 8, 1, 0), dt.datetime(2026, 3, 8, 8, 30, tzinfo=dt.UTC)),
        # the night they go back, 01:30 comes twice, and the first is taken
        (local(2026, 11, 1, 0, 0), dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)),
    ],
)
def test_the_nights_when_clocks_change(before: dt.datetime, due: dt.datetime) -> None:
    clock = Clock(before)
    day = DayEnd(dt.time(2, 30) if before.month == 3 else dt.time(1, 30), CHICAGO, clock)
    clock.now = due - dt.timedelta(seconds=1)
    assert not day.is_due()
    clock.now = due
    assert day.is_due()
    day.tried(ended=True)
    clock.now = due + dt.timedelta(hours=12)
    assert not day.is_due()

"""Points in time in the database."""

from __future__ import annotations

import datetime as dt

import pytest

from offline_queue.stamps import read_stamp, stamp


def test_text_order_is_time_order_in_any_zone() -> None:
    east = dt.timezone(dt.timedelta(hours=9))
    first = dt.datetime(2026, 1, 2, 8, 59, 59, 999_999, tzinfo=east)
    second = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    assert stamp(first) == "2026-01-01T23:59:59.999999+00:00"
    assert stamp(first) < stamp(second) < stamp(second + dt.timedelta(microseconds=1))
    assert read_stamp(stamp(first)) == first


def test_a_time_without_a_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        stamp(dt.datetime(2026, 1, 1))  # noqa: DTZ001

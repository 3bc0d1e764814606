"""Points in time as the database writes them: UTC, ISO 8601, always with microseconds, so that text order is time order."""

from __future__ import annotations

import datetime as dt


def stamp(when: dt.datetime) -> str:
    """`when` (aware) as text."""
    if when.tzinfo is None:
        raise ValueError("a point in time needs its zone")
    return when.astimezone(dt.UTC).isoformat(timespec="microseconds")


def read_stamp(text: str) -> dt.datetime:
    """The point in time, in UTC."""
    return dt.datetime.fromisoformat(text)

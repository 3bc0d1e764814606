"""When the terminal's day is to be ended: once a day, at an hour of the site's, and only while nobody is at the kiosk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

AGAIN = dt.timedelta(minutes=10)
"""After a try that did not end well: the bank's line may be down for a while at night."""


class DayEnd:
    """Tells when it is time. `at` is a time of day in `zone`; `clock` gives aware times.

    A kiosk that was off at that hour waits for the next: a terminal that cannot wait says so (ZVT status F0), and its driver ends
    its day then.
    """

    def __init__(self, at: dt.time, zone: ZoneInfo, clock: Callable[[], dt.datetime]) -> None:
        self._at = at
        self._zone = zone
        self._clock = clock
        self._due = self._next()

    def is_due(self) -> bool:
        return self._clock() >= self._due

    def tried(self, *, ended: bool) -> None:
        """The day was `ended`, or could not be: then it is due again soon, until the next day's hour comes."""
        self._due = self._next() if ended else min(self._next(), self._clock() + AGAIN)

    def _next(self) -> dt.datetime:
        """The first such hour after now. Where the clocks leap over it, the moment after the leap; of two, the first."""
        now = self._clock()
        today = now.astimezone(self._zone).date()
        days = (dt.datetime.combine(today + dt.timedelta(days=later), self._at, self._zone) for later in (0, 1))
        return next(moment for day in days if (moment := day.astimezone(dt.UTC)) > now)

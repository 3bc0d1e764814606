"""Limited tries: so many in a sliding window, counted before the work is done, so that trying in parallel gains nothing."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable


class Tries:
    """At most `most` tries of one key within `window` seconds of `monotonic`. Kept in memory; used from the event loop only."""

    def __init__(self, most: int, window: float, monotonic: Callable[[], float]) -> None:
        self._most = most
        self._window = window
        self._monotonic = monotonic
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str) -> int:
        """Takes a try and returns 0; or, when there is none left, the whole seconds until there is."""
        now = self._monotonic()
        self._forget_old(now)
        taken = self._taken.setdefault(key, deque())
        if len(taken) >= self._most:
            return max(1, math.ceil(taken[0] + self._window - now))
        taken.append(now)
        return 0

    def give_back(self, key: str) -> None:
        """Takes back the last try of `key`: it was right."""
        taken = self._taken.get(key)
        if taken:
            taken.pop()

    def _forget_old(self, now: float) -> None:
        for key, taken in list(self._taken.items()):
            while taken and taken[0] + self._window <= now:
                taken.popleft()
            if not taken:
                del self._taken[key]

"""When a code counts: two different frames agree on it, and it counts until it has left the view."""

from __future__ import annotations

from collections.abc import Iterable

from devices.scanners.port import Code

WITHIN_S = 1.0
"""Two sightings further apart than this do not agree: a hand may have changed the paper in between."""
GONE_S = 2.0
"""Out of view for this long, a code has to be agreed on anew."""


class Agreement:
    """The codes in view. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._once: dict[Code, float] = {}
        self._agreed: dict[Code, float] = {}

    @property
    def agreed(self) -> frozenset[Code]:
        """The codes that two frames agreed on and that have not left the view."""
        return frozenset(self._agreed)

    @property
    def met(self) -> frozenset[Code]:
        """The codes that one frame has shown, lately or just now."""
        return frozenset(self._once) | self.agreed

    def see(self, codes: Iterable[Code], now: float) -> frozenset[Code]:
        """Takes one frame's codes; returns those that are agreed on with it."""
        self._agreed = {code: last for code, last in self._agreed.items() if now - last < GONE_S}
        self._once = {code: last for code, last in self._once.items() if now - last <= WITHIN_S}
        for code in set(codes):
            if code in self._agreed or code in self._once:
                self._once.pop(code, None)
                self._agreed[code] = now
            else:
                self._once[code] = now
        return self.agreed

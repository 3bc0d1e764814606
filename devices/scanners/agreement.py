"""When a code counts: two frames agree on it, and it counts once until it has left the view."""

from __future__ import annotations

from collections.abc import Iterable

from devices.scanners.port import Code

WITHIN_S = 1.0
"""Two sightings further apart than this do not agree: a hand may have changed the paper in between."""
GONE_S = 2.0
"""Out of view for this long, a code may count again."""


class Agreement:
    """The codes in view. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._once: dict[Code, float] = {}
        self._counted: dict[Code, float] = {}

    @property
    def counted(self) -> frozenset[Code]:
        """The codes that counted and have not left the view."""
        return frozenset(self._counted)

    def see(self, codes: Iterable[Code], now: float) -> list[Code]:
        """Takes one frame's codes; returns those that count with this frame."""
        self._counted = {code: last for code, last in self._counted.items() if now - last < GONE_S}
        self._once = {code: last for code, last in self._once.items() if now - last <= WITHIN_S}
        agreed = []
        for code in set(codes):
            if code in self._counted:
                self._counted[code] = now
            elif code in self._once:
                del self._once[code]
                self._counted[code] = now
                agreed.append(code)
            else:
                self._once[code] = now
        return agreed

"""A camera and a hand-held scanner at one kiosk, or more of them: one scanner to the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from devices.health import Condition, Health
from devices.scanners.port import NO_PICTURE, Code, Scanner, View


class Several:
    """A scanner (devices.scanners.port) made of others, the first of which has the picture if any has."""

    def __init__(self, scanners: Sequence[Scanner]) -> None:
        self._scanners = tuple(scanners)
        self._views: dict[int, View] = {}

    async def open(self) -> None:
        for scanner in self._scanners:
            await scanner.open()

    async def close(self) -> None:
        for scanner in self._scanners:
            await scanner.close()

    def health(self) -> Health:
        """It works while one of them does; a technician is told of the first that does not."""
        healths = [scanner.health() for scanner in self._scanners]
        faulty = next((health for health in healths if health.condition is not Condition.READY), None)
        if faulty is None:
            return Health(Condition.READY)
        return replace(faulty, condition=Condition.LOW) if any(health.usable for health in healths) else faulty

    def watch(self, seen: Callable[[View], None]) -> None:
        self._views = {}
        for place, scanner in enumerate(self._scanners):
            scanner.watch(partial(self._see, place, seen))

    def rest(self) -> None:
        for scanner in self._scanners:
            scanner.rest()
        self._views = {}

    def _see(self, place: int, seen: Callable[[View], None], view: View) -> None:
        """What all of them have in view, with the picture of the one that has one."""
        self._views[place] = view
        views = [self._views[one] for one in sorted(self._views)]
        pictured = next((one for one in views if one.size != NO_PICTURE), view)
        seen(replace(pictured, agreed=frozenset[Code]().union(*(one.agreed for one in views))))

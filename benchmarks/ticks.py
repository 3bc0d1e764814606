"""How late the ticks of a 16 ms timer are: since the tick before, less the period; early is not late. One during which the host
took the processor away is not counted; see benchmarks.steal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.figure import Figure
from benchmarks.steal import stolen

PERIOD_MS = 16
P99_LIMIT_MS = 5


class Ticks:
    """What one process has seen of its own timer, which calls `tick`."""

    def __init__(self) -> None:
        self._late_ms: list[float] = []
        self._disturbed_ms: list[float] = []
        self.begin()

    def begin(self) -> None:
        """The first tick is counted from here."""
        self._before, self._taken = time.perf_counter(), stolen()

    def tick(self) -> None:
        now, taken = time.perf_counter(), stolen()
        ticks = self._late_ms if taken == self._taken else self._disturbed_ms
        ticks.append(max(0.0, (now - self._before) * 1000 - PERIOD_MS))
        self._before, self._taken = now, taken

    def enough(self, seconds: float) -> bool:
        return max(len(self._late_ms), len(self._disturbed_ms)) * PERIOD_MS >= seconds * 1000

    def as_json(self) -> dict[str, Any]:
        return {"late_ms": self._late_ms, "disturbed_ms": self._disturbed_ms}


def figures_of(name: str, measured: dict[str, Any], note: str) -> Iterator[Figure]:
    """NAMEp99_ms and NAMEmissed, of what `as_json` gave. A tick is missed when it is a whole period or more late: a frame that a
    person could see stumble. Raises RuntimeError where the host leaves nothing to measure."""
    late: list[float] = sorted(measured["late_ms"])
    if len(late) <= len(measured["disturbed_ms"]):
        raise RuntimeError("the host takes the processor away at every other tick: no place to measure milliseconds")
    note = (
        f"{len(late)} ticks, {note}; the latest tick {late[-1]:.1f} ms; the host disturbed {len(measured['disturbed_ms'])} more, "
    )
    note += f"the latest {max(measured['disturbed_ms'], default=0):.1f} ms"
    yield Figure(f"{name}p99_ms", late[int(len(late) * 0.99)], P99_LIMIT_MS, "lower", note)
    yield Figure(f"{name}missed", sum(one >= PERIOD_MS for one in late), 0, "lower", f"ticks {PERIOD_MS} ms late or more")

"""A figure: one measured number beside what was promised of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`figure` is its name ("card.p99_ms_over_commit"); `value` and `limit` in the unit that the name says (a duration, a
    ratio or a count, never money); `better` is the side on which the limit lets pass; `note` says how it was measured."""

    figure: str
    value: float
    limit: float
    better: Literal["lower", "higher"]
    note: str

    @property
    def ok(self) -> bool:
        """Whether the promise is kept. The limit itself may be reached; a value that is not a number keeps nothing."""
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit

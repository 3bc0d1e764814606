"""How far a long piece of work is, for a person who waits for it: told now and then, never at each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Told = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

EVERY = 1_000
"""Rows between two words: a bar that is drawn for each would take longer than the work."""

_T = TypeVar("_T")


def nobody(_done: int, _of: int) -> None:
    """Nobody waits."""


class Rows:
    """Counts the rows of one piece of work, through all its loops, up to `of`."""

    def __init__(self, told: Told, of: int) -> None:
        self._told = told
        self._of = of
        self._done = 0

    def each(self, rows: Iterable[_T]) -> Iterator[_T]:
        """`rows` as they are."""
        for row in rows:
            self._done += 1
            if self._done % EVERY == 0:
                self._told(self._done, self._of)
            yield row

"""What may go wrong where: a path is the choices it made, and all paths up to a number of faults are walked depth-first.

Nothing is remembered but the path: each one is played again from its beginning, and the same choices meet the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Choice:
    """At `point` one of `options` was taken. The first is that all goes well; any other is a fault, unless it is `free`: then
    it says of what make the world is, and costs nothing."""

    point: str
    options: tuple[str, ...]
    taken: int
    free: bool

    def __str__(self) -> str:
        return f"{self.point}: {self.options[self.taken]}"


class Path(Protocol):
    """Where a world asks what becomes of it."""

    def choose(self, point: str, *options: str) -> str:
        """The first is that all goes well, any other is a fault."""

    def make(self, point: str, *options: str) -> str:
        """Of what make the world is; none is a fault."""

    def arrives(self, world: Hashable) -> None:
        """What happens from here on depends on `world` and the faults that are left, and on nothing else."""


class Walked(BaseException):
    """From here on this path is one that has been walked. No Exception: nothing on the way may take it for its own."""


class PlannedPath:
    """It follows `plan`, which says for each choice which option to take, and takes the first of each after it;
    where no fault is left, there is no choice but a free one. `known` are worlds from which all paths have been walked."""

    def __init__(self, plan: tuple[int, ...], faults: int, known: set[Hashable]) -> None:
        self.trail: list[Choice] = []
        self.left = faults
        self._plan = plan
        self._known = known

    def choose(self, point: str, *options: str) -> str:
        return options[0] if self.left == 0 else self._take(point, options, free=False)

    def make(self, point: str, *options: str) -> str:
        return self._take(point, options, free=True)

    def arrives(self, world: Hashable) -> None:
        """Raises Walked."""
        if len(self.trail) < len(self._plan):
            return  # still on the way to where this path leaves the one before
        if (world, self.left) in self._known:
            raise Walked
        self._known.add((world, self.left))

    def _take(self, point: str, options: tuple[str, ...], *, free: bool) -> str:
        number = len(self.trail)
        taken = self._plan[number] if number < len(self._plan) else 0
        self.trail.append(Choice(point, options, taken, free))
        if taken and not free:
            self.left -= 1
        return options[taken]

    def __str__(self) -> str:
        return "; ".join(str(choice) for choice in self.trail if choice.taken or choice.free) or "all goes well"


@dataclass
class Walk:
    """All paths with at most `faults` faults. Of `shares` walks, each takes those whose first fault is at its own places; with
    `at`, only those whose first fault is at a choice so called."""

    faults: int
    share: int = 0
    shares: int = 1
    at: str = ""
    paths: int = 0
    cut_short: int = 0
    """How many of `paths` ended where one had gone on before."""
    _known: set[Hashable] = field(default_factory=set)

    def all(self, play: Callable[[Path], None]) -> Iterator[PlannedPath]:
        """Plays each path and yields it."""
        plan: tuple[int, ...] | None = ()
        while plan is not None:
            path = PlannedPath(plan, self.faults, self._known)
            self.paths += 1
            try:
                play(path)
            except Walked:
                self.cut_short += 1
            yield path
            plan = self._next(path.trail)

    def told(self) -> str:
        return f"{self.paths} paths, {self.cut_short} of them up to a crash that left the world as another had"

    def _next(self, trail: list[Choice]) -> tuple[int, ...] | None:
        for number in reversed(range(len(trail))):
            choice = trail[number]
            first = not any(before.taken for before in trail[: number + 1])
            if first and not (number % self.shares == self.share and choice.point.startswith(self.at)):
                continue
            if choice.taken + 1 < len(choice.options):
                return (*(before.taken for before in trail[:number]), choice.taken + 1)
        return None


@dataclass
class Scattered:
    """A path whose faults were drawn: at the choices of these numbers these options, counted round; the rest goes well."""

    faults: Mapping[int, int]
    makes: tuple[int, ...]
    trail: list[Choice] = field(default_factory=list, repr=False)
    made: int = 0

    def choose(self, point: str, *options: str) -> str:
        drawn = self.faults.get(len(self.trail), 0)
        return self._take(point, options, drawn and 1 + (drawn - 1) % (len(options) - 1), free=False)

    def make(self, point: str, *options: str) -> str:
        drawn = self.makes[self.made % len(self.makes)] if self.makes else 0
        self.made += 1
        return self._take(point, options, drawn % len(options), free=True)

    def arrives(self, world: Hashable) -> None:
        """It goes on."""

    def _take(self, point: str, options: tuple[str, ...], taken: int, *, free: bool) -> str:
        self.trail.append(Choice(point, options, taken, free))
        return options[taken]

"""Walks the whole graph of visits, breadth first: every state that can be reached, and every step between two of them."""

from __future__ import annotations

import functools
from collections import deque
from dataclasses import dataclass

from kiosk.visit import events as ev
from kiosk.visit.stages import Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.world import HUB_AWAY, UP, everything, fresh


@dataclass(frozen=True, slots=True)
class Edge:
    """A step that changed something, or asked for something. `before` and `after` are numbers of states."""

    before: int
    event: ev.Event
    after: int
    effects: tuple[ev.Effect, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    states: tuple[Visit, ...]
    edges: tuple[Edge, ...]
    tried: int
    """How many steps were taken, those that changed nothing included."""


@functools.cache
def walk() -> Walk:
    """From a kiosk at rest, with the hub there and with the hub away."""
    states = [fresh(UP), fresh(HUB_AWAY)]
    number = {visit: i for i, visit in enumerate(states)}
    waiting = deque(range(len(states)))
    edges: list[Edge] = []
    tried = 0
    while waiting:
        before = waiting.popleft()
        visit = states[before]
        for event in everything(visit):
            tried += 1
            after, effects = step(visit, event)
            if after is visit and not effects:
                continue
            if after not in number:
                number[after] = len(states)
                states.append(after)
                waiting.append(number[after])
            edges.append(Edge(before, event, number[after], effects))
    return Walk(tuple(states), tuple(edges), tried)

"""What goes wrong between a simulated terminal and its wire, by order, while it runs. Knows frames as bytes, and no protocol.

An order is {"fault": NAME} with, where they mean something,
  way    "out" (to the till, the default) or "in" (from it)
  unit   "frame" (the default), "ack" (a link acknowledgement), or "byte": one byte of a frame, picked by the seed
  count  how many units it strikes, 1 by default; 0 strikes until {"fault": "clear"}
  ms     milliseconds, for delay (500 by default) and dribble (1)
and NAME is one of
  drop       it does not pass
  duplicate  it passes twice
  flip       one bit of it, picked by the seed, is the other one
  truncate   its first half passes
  delay      it passes later, and whatever follows it waits behind it
  dribble    it passes one byte at a time
  hold       it passes after the next unit that goes the same way
  nak        inward frames only: it is answered with the protocol's NAK, and not heard
Each strike is reported as {"fault": {"name", "way", "unit", "left"}}.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.terminals.simulator.rules import Report

Onward = Callable[[bytes], None]

NAMES = frozenset({"drop", "duplicate", "flip", "truncate", "delay", "dribble", "hold", "nak"})
_MS = {"delay": 500, "dribble": 1}


@dataclass
class Order:
    """One armed fault; `left` is None when it lasts."""

    name: str
    way: str
    unit: str
    left: int | None
    seconds: float


class Faults:
    """Everything that passes between the terminal and its wire passes here: `through` gives it onward once, as it is, unless an
    order strikes it. `strikes` counts what was struck, so that nobody blames the till for it."""

    def __init__(self, seed: int, report: Report) -> None:
        self._random = random.Random(seed)
        self._report = report
        self._orders: list[Order] = []
        self._held: dict[str, list[tuple[bytes, Onward]]] = {"in": [], "out": []}
        self._lines = {"in": _Later(), "out": _Later()}
        self.strikes = 0

    def arm(self, command: dict[str, Any]) -> None:
        """Raises ValueError for an order that means nothing."""
        name = command["fault"]
        if name == "clear":
            self._orders.clear()
            return
        way, unit, count = command.get("way", "out"), command.get("unit", "frame"), command.get("count", 1)
        ms = command.get("ms", _MS.get(name, 0))
        unknown = set(command) - {"fault", "way", "unit", "count", "ms"}
        if unknown or name not in NAMES or way not in ("in", "out") or unit not in ("frame", "ack", "byte"):
            raise ValueError("no such fault")
        if not isinstance(count, int) or count < 0 or not isinstance(ms, int) or ms < 0:
            raise ValueError("a fault's count and ms are whole numbers, 0 or more")
        if name == "nak" and (way, unit) != ("in", "frame"):
            raise ValueError("a NAK answers an inward frame")
        if unit == "byte" and name not in ("drop", "duplicate", "flip"):
            raise ValueError("a byte can be dropped, duplicated or flipped")
        self._orders.append(Order(name, way, unit, count or None, ms / 1000))

    def reset(self) -> None:
        """The cable is out: what was under way is lost."""
        for way, later in self._lines.items():
            later.clear()
            self._held[way].clear()

    def refuses(self) -> bool:
        """Whether the inward frame at hand is to be answered with a NAK."""
        return self._struck("in", "frame", nak=True) is not None

    def through(self, way: str, unit: str, data: bytes, onward: Onward) -> None:
        """Gives `data`, one `unit` on its `way`, to `onward`: at once and whole, or as the orders say."""
        held, self._held[way] = self._held[way], []
        self._pass(way, unit, data, onward)
        for kept, later in held:
            self._lines[way].put(0, kept, later)

    def _pass(self, way: str, unit: str, data: bytes, onward: Onward) -> None:
        order = self._struck(way, unit)
        pieces, seconds = [self._bitten(way, unit, data)], 0.0
        match order.name if order else "":
            case "drop":
                return
            case "hold":
                self._held[way].append((data, onward))
                return
            case "duplicate":
                pieces *= 2
            case "flip":
                pieces = [self._flipped(pieces[0])]
            case "truncate":
                pieces = [pieces[0][: len(pieces[0]) // 2]]
            case "dribble":
                pieces = [bytes([byte]) for byte in pieces[0]]
        for piece in pieces:
            seconds = order.seconds if order else 0.0
            self._lines[way].put(seconds, piece, onward)

    def _bitten(self, way: str, unit: str, data: bytes) -> bytes:
        """What the orders for single bytes make of a frame."""
        order = self._struck(way, "byte") if unit == "frame" else None
        if order is None:
            return data
        at = self._random.randrange(len(data))
        if order.name == "flip":
            return data[:at] + self._flipped(data[at : at + 1]) + data[at + 1 :]
        return data[:at] + data[at : at + 1] * (2 if order.name == "duplicate" else 0) + data[at + 1 :]

    def _flipped(self, data: bytes) -> bytes:
        bit = self._random.randrange(8 * len(data))
        return bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(data))

    def _struck(self, way: str, unit: str, nak: bool = False) -> Order | None:
        """The first order for it, spent once."""
        fits = (order for order in self._orders if (order.way, order.unit, order.name == "nak") == (way, unit, nak))
        order = next(fits, None)
        if order is None:
            return None
        if order.left is not None:
            order.left -= 1
            if order.left == 0:
                self._orders.remove(order)
        self.strikes += 1
        self._report({"fault": {"name": order.name, "way": way, "unit": unit, "left": order.left}})
        return order


class _Later:
    """What passes one way, in its order, each some seconds after the one before it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, bytes, Onward]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, seconds: float, data: bytes, onward: Onward) -> None:
        if seconds == 0 and not self._waiting:
            onward(data)
            return
        self._waiting.append((seconds, data, onward))
        if self._timer is None:
            self._arm()

    def clear(self) -> None:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._waiting[0][0], self._pass)

    def _pass(self) -> None:
        _, data, onward = self._waiting.popleft()
        self._timer = None
        if self._waiting:
            self._arm()
        onward(data)

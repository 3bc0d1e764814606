"""What every simulated terminal is made of, whatever it speaks, and what it can do to itself."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devices.terminals.simulator.books import Books, Charge
from devices.terminals.simulator.cards import Cardholder, Pace
from devices.terminals.simulator.rules import Report


@dataclass
class AnyDevice:
    """The machine that it is put into says how its cable is pulled and its power fails."""

    books: Books
    cards: Cardholder
    pace: Pace
    report: Report
    chance: random.Random
    unplug: Callable[[], None] = field(default=lambda: None, kw_only=True)
    """Pulls the cable."""
    power_fails: Callable[[], None] = field(default=lambda: None, kw_only=True)
    """Cuts the power, at the next turn of the loop."""

    def state(self, amount: int, state: str, charge: Charge | None = None) -> None:
        """Tells how far a payment has come."""
        happening: dict[str, Any] = {"amount": amount, "state": state, "at_ns": time.monotonic_ns()}
        self.report({"sale": happening | ({"receipt": charge.receipt} if charge else {})})

    async def power_cut(self) -> None:
        """Never returns: whoever asked is ended with everything else."""
        self.power_fails()
        await asyncio.get_running_loop().create_future()

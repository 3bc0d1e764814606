"""What the simulated terminal has charged: kept in memory, across pulled cables, so that it answers truthfully afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Charge:
    """One approved sale: `amount` in minor units, the terminal's own numbers, and the card it was paid with."""

    amount: int
    receipt: int
    trace: int
    brand: str
    pan: str
    offline: bool
    made_at: dt.datetime
    """By the terminal's own clock, in its own time zone."""


@dataclass
class Books:
    """Charges that stand, numbers that never come back, and the sale that a repeat receipt shows."""

    standing: list[Charge] = field(default_factory=list)
    shown: Charge | None = None
    receipt: int = 0
    trace: int = 0

    def charge(self, amount: int, brand: str, pan: str, offline: bool) -> Charge:
        self.receipt = self.receipt % 9999 + 1
        self.trace = self.trace % 999_999 + 1
        self.shown = Charge(amount, self.receipt, self.trace, brand, pan, offline, dt.datetime.now(dt.UTC).astimezone())
        self.standing.append(self.shown)
        return self.shown

    def reverse(self, charge: Charge, shows_it_still: bool) -> None:
        """Terminals differ in what they show afterwards: the reversed sale as if it stood, or the one before."""
        self.standing.remove(charge)
        if not shows_it_still:
            self.shown = self.standing[-1] if self.standing else None

    def totals(self) -> dict[str, object]:
        charges = [{"receipt": charge.receipt, "trace": charge.trace, "amount": charge.amount} for charge in self.standing]
        return {"count": len(charges), "amount": sum(charge.amount for charge in self.standing), "charges": charges}

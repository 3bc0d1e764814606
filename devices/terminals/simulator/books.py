"""What the simulated terminal has charged: kept in memory, across pulled cables, so that it answers truthfully afterwards."""

from __future__ import annotations

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


@dataclass
class Books:
    """Charges that stand, and numbers that never come back."""

    standing: list[Charge] = field(default_factory=list)
    receipt: int = 0
    trace: int = 0

    def charge(self, amount: int, brand: str, pan: str, offline: bool) -> Charge:
        self.receipt = self.receipt % 9999 + 1
        self.trace = self.trace % 999_999 + 1
        charge = Charge(amount, self.receipt, self.trace, brand, pan, offline)
        self.standing.append(charge)
        return charge

    def reverse(self, charge: Charge) -> None:
        self.standing.remove(charge)

    def totals(self) -> dict[str, object]:
        charges = [{"receipt": charge.receipt, "trace": charge.trace, "amount": charge.amount} for charge in self.standing]
        return {"count": len(charges), "amount": sum(charge.amount for charge in self.standing), "charges": charges}

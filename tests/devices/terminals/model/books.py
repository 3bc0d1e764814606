"""Who has the patient's money: every charge that was ever made for an attempt, and whether it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

HANDED_BACK, POWER = "handed-back", "power"
NOT_SHOWN, STILL_SHOWN, AS_REVERSAL = "is not shown", "is still shown", "is shown as a reversal"


@dataclass(slots=True)
class Charge:
    """The number after `receipt` is its reversal's. `told`: the kiosk was told of it while it was selling; `accepted`: the kiosk
    has acknowledged it. `gone` says why it no longer stands: HANDED_BACK at our word, or "silence" or POWER when whoever has the
    books took it back by itself; `to` is then the number of the kiosk's process."""

    receipt: int
    minor: int
    attempt: str
    told: bool = False
    accepted: bool = False
    gone: str = ""
    to: int = 0


BEFORE = Charge(7, 100, "before this kiosk came", accepted=True)
"""What the device sold last, of the amount that our patients pay: no attempt of ours may take it for its own."""


@dataclass
class Books:
    """`accepting` is told of a charge that the kiosk is about to have accepted."""

    charges: list[Charge] = field(default_factory=list)
    shows_gone: str = ""
    """How it tells of a charge that it took back: NOT_SHOWN, STILL_SHOWN or AS_REVERSAL; empty while that was not asked."""
    accepting: Callable[[Charge], None] = lambda charge: None

    def charge(self, minor: int, attempt: str) -> Charge:
        self.charges.append(Charge(BEFORE.receipt + 2 * len(self.charges) + 1, minor, attempt))
        return self.charges[-1]

    def newest_standing(self) -> Charge:
        return next((charge for charge in reversed(self.charges) if not charge.gone), BEFORE)

    def accept(self, charge: Charge) -> None:
        self.accepting(charge)
        charge.accepted = True

    def of(self, attempt: str) -> list[Charge]:
        return [charge for charge in self.charges if charge.attempt == attempt]

    def standing(self, attempt: str) -> list[Charge]:
        return [charge for charge in self.of(attempt) if not charge.gone]

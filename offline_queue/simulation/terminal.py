"""What truly happened at the card terminal, whatever anybody was told."""

from __future__ import annotations

from random import Random

from domain.money import Money
from domain.payment import Attempt, Card, Outcome, Result

_OUTCOMES = (Outcome.APPROVED,) * 6 + (Outcome.CAPTURED,) * 2 + (Outcome.DECLINED, Outcome.CANCELLED)
_CAPTURED_OFFLINE = 0.5


class Terminal:
    """Sales by attempt id. It is never switched off: what it has taken, it remembers."""

    def __init__(self, chance: Random) -> None:
        self.odd = 0.0
        self.sales: dict[str, Result] = {}
        self._chance = chance

    def sale(self, attempt: Attempt) -> Result:
        """Runs the sale and returns what the kiosk hears: the truth, or that the line broke."""
        outcome = self._chance.choice(_OUTCOMES)
        if attempt.offline and outcome is Outcome.APPROVED and self._chance.random() < _CAPTURED_OFFLINE:
            outcome = Outcome.CAPTURED
        number = len(self.sales) + 1
        taken = attempt.amount if outcome.money_moved else Money(0, attempt.amount.currency)
        self.sales[attempt.id] = Result(outcome, taken, Card("VISA", "4242"), receipt=number, trace=number, terminal_id="1")
        return self.inquiry(attempt)

    def inquiry(self, attempt: Attempt) -> Result:
        """What it says of this attempt when asked: it may not be able to tell. Of one that never reached it, that it ended
        without money."""
        if self._chance.random() < self.odd:
            return Result(Outcome.UNKNOWN, Money(0, attempt.amount.currency), reason="no-answer")
        return self.truth(attempt)

    def truth(self, attempt: Attempt) -> Result:
        """What a person finds in its own journal."""
        never = Result(Outcome.CANCELLED, Money(0, attempt.amount.currency), reason="never-began")
        return self.sales.get(attempt.id, never)

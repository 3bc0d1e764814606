"""The hub's gateway as a test wants it: answers by script, remembers what it was asked, and keeps books like a bank."""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.terminals.authorizer import Authorization, NotReached, Unanswered
from domain.money import Money
from domain.payment import CardData

YES = Authorization(True, "A1B2C3", response=bytes.fromhex("8A023030910A00112233445566778899"))
NO = Authorization(False, reason="gateway-05", response=bytes.fromhex("8A023035"))
LOST = Unanswered("hub-timeout")
AWAY = NotReached("hub-away")
APPROVED_UNHEARD = "approves, and the answer is lost"
VOIDED_UNHEARD = "voids, and the answer is lost"


@dataclass
class Bank:
    """Each list's next entry is what becomes of the next call; when it is empty the bank just answers. `holds` is the money that
    it has moved, by attempt."""

    says: Authorization = YES
    authorize_says: list[object] = field(default_factory=list)
    inquire_says: list[object] = field(default_factory=list)
    void_says: list[object] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    cards: list[CardData] = field(default_factory=list)
    holds: dict[str, Money] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    answered: dict[str, Authorization] = field(default_factory=dict)

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        self.calls.append("authorize")
        self.cards.append(card)
        what = self.authorize_says.pop(0) if self.authorize_says else None
        if isinstance(what, (NotReached, Unanswered)):
            raise what
        if attempt in self.closed:
            return Authorization(False, reason="gateway-closed")
        said = self.answered.setdefault(attempt, self.says)
        if said.approved:
            self.holds[attempt] = amount
        if what == APPROVED_UNHEARD:
            raise LOST
        return said

    async def inquire(self, attempt: str) -> Authorization | None:
        self.calls.append("inquire")
        what = self.inquire_says.pop(0) if self.inquire_says else None
        if isinstance(what, (NotReached, Unanswered)):
            raise what
        if attempt in self.closed or attempt not in self.answered:
            self.closed.add(attempt)
            return None
        return self.answered[attempt]

    async def void(self, attempt: str) -> None:
        self.calls.append("void")
        what = self.void_says.pop(0) if self.void_says else None
        if isinstance(what, (NotReached, Unanswered)):
            raise what
        self.closed.add(attempt)
        self.holds.pop(attempt, None)
        if what == VOIDED_UNHEARD:
            raise LOST

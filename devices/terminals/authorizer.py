"""The port to whoever authorises what an encrypting reader hands over: the hub's gateway. The reader itself asks no bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.money import Money
from domain.payment import CardData


@dataclass(frozen=True, slots=True)
class Authorization:
    """The gateway's word on an attempt, the same however often it is asked. `authorization` is the bank's code, empty when it was
    not approved; `reason` a code ("gateway-05"); `response` the host's EMV objects for the card (8A, 91, 71, 72) or empty."""

    approved: bool
    authorization: str = ""
    reason: str = ""
    response: bytes = b""


class NotReached(Exception):
    """The hub has certainly not heard the question: nothing can have moved. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unanswered(Exception):
    """The hub may have heard the question, and no answer came: money may have moved. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Authorizer(Protocol):
    """Idempotent by our attempt id in every method: a question asked again gets the first answer."""

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        """Raises NotReached or Unanswered."""

    async def inquire(self, attempt: str) -> Authorization | None:
        """What became of `attempt`. None when it was never authorised, and from then on it never will be: the hub closes it, so
        that a question still under way cannot charge later. Raises NotReached or Unanswered, both of which change nothing."""

    async def void(self, attempt: str) -> None:
        """Takes an approval back (the card declined what the bank had approved) and closes `attempt`. Raises NotReached or
        Unanswered; after either, `inquire` tells."""

"""The port to whoever asks the bank for this hub. Its methods block: call them from a thread, outside of any transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.money import Money
from domain.payment import CardData


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's word on `amount`, the same however often it is asked. `authorization` is its code, empty when it was not
    approved; `reason` a code of ours ("gateway-51": the number is ISO 8583's); `response` the host's EMV objects for the card, or
    empty."""

    approved: bool
    amount: Money
    authorization: str = ""
    reason: str = ""
    response: bytes = b""


class GatewayAway(Exception):
    """The gateway has certainly not heard the question: nothing can have moved. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class GatewaySilent(Exception):
    """The gateway may have heard the question, and gave no answer: money may have moved. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gateway(Protocol):
    """Idempotent by our payment id in every method, for ever: who crashed between an answer and its own record asks again."""

    def authorize(self, payment: str, amount: Money, card: CardData) -> Answer:
        """Raises GatewayAway or GatewaySilent. Declines what was closed before with "gateway-closed"."""

    def inquire(self, payment: str) -> Answer | None:
        """What became of it; None when it was never authorised, and from then on it never will be: a question that is still under
        way is refused when it arrives. Where a bank has no such question, its reversal by reference does it. Raises GatewayAway
        or GatewaySilent."""

    def void(self, payment: str) -> None:
        """Takes an approval back, and closes what was never asked. Raises GatewayAway or GatewaySilent."""

"""A gateway that a test can make fail around the real sandbox, at any call, before or after the bank has heard it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from domain.money import Money
from domain.payment import CardData
from hub.gateway.port import Answer
from hub.gateway.sandbox import Sandbox

_T = TypeVar("_T")


class Bank:
    """`calls` counts what was asked; `before` and `after` hold what is raised at the next call of a method, or is done there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.calls: Counter[str] = Counter()
        self.before: dict[str, Exception | Callable[[], None]] = {}
        self.after: dict[str, Exception | Callable[[], None]] = {}

    def authorize(self, payment: str, amount: Money, card: CardData) -> Answer:
        return self._call("authorize", lambda: self.sandbox.authorize(payment, amount, card))

    def inquire(self, payment: str) -> Answer | None:
        return self._call("inquire", lambda: self.sandbox.inquire(payment))

    def void(self, payment: str) -> None:
        self._call("void", lambda: self.sandbox.void(payment))

    def _call(self, name: str, run: Callable[[], _T]) -> _T:
        self.calls[name] += 1
        _happen(self.before.pop(name, None))
        answer = run()
        _happen(self.after.pop(name, None))
        return answer


def _happen(what: Exception | Callable[[], None] | None) -> None:
    if isinstance(what, Exception):
        raise what
    if what is not None:
        what()

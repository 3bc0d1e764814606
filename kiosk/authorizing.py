"""The hub as the reader's authorizer (devices.terminals.authorizer): what may have been heard is never called unheard."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from devices.terminals.authorizer import Authorization, NotReached, Unanswered
from domain.money import Money
from domain.payment import Attempt, CardData
from offline_queue.client import Blocked, HubAway, HubConfused, HubRefused
from offline_queue.wire.messages import Authorized

_REFUSED_FIRST = frozenset({400, 401, 403, 408, 413, 415, 429, 503})
"""With one of these and its own word for it, the hub says that it has not begun (docs/sync-protocol.md)."""


class Hub(Protocol):
    """What is asked of the hub; offline_queue.client.HubClient is one."""

    async def authorize(self, attempt: Attempt, amount: Money, card: CardData) -> Authorized | Blocked: ...

    async def inquire_authorization(self, pid: str) -> Authorized: ...

    async def void_authorization(self, pid: str) -> Authorized: ...


class NoHub:
    """For a terminal that is looked at and not sold with: it asks nobody."""

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        raise NotReached("no-hub")

    async def inquire(self, attempt: str) -> Authorization | None:
        raise NotReached("no-hub")

    async def void(self, attempt: str) -> None:
        raise NotReached("no-hub")


class HubAuthorizer:
    """`find` gives a committed attempt (offline_queue.journal): the hub is told whose bill is paid, the reader is not."""

    def __init__(self, hub: Hub, find: Callable[[str], Awaitable[Attempt]]) -> None:
        self._hub = hub
        self._find = find
        self._doubtful: set[str] = set()

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        about = await self._find(attempt)
        with self._told_apart(attempt):
            answer = await self._hub.authorize(about, amount, card)
        if isinstance(answer, Blocked):
            raise NotReached("payment-unknown")
        return _authorization(answer)

    async def inquire(self, attempt: str) -> Authorization | None:
        with self._told_apart(attempt):
            answer = await self._hub.inquire_authorization(attempt)
        return _authorization(answer) if answer.state in ("approved", "declined") else None

    async def void(self, attempt: str) -> None:
        with self._told_apart(attempt):
            await self._hub.void_authorization(attempt)

    @contextmanager
    def _told_apart(self, attempt: str) -> Iterator[None]:
        """An answer that was lost once leaves its doubt, whatever becomes of the next question about the same attempt."""
        try:
            yield
        except HubAway as error:
            raise self._unheard(attempt, error.code, sure=error.unsent) from error
        except HubConfused as error:
            sure = isinstance(error, HubRefused) and error.status in _REFUSED_FIRST
            raise self._unheard(attempt, error.code, sure=sure) from error
        self._doubtful.discard(attempt)

    def _unheard(self, attempt: str, code: str, *, sure: bool) -> NotReached | Unanswered:
        if sure and attempt not in self._doubtful:
            return NotReached(code)
        self._doubtful.add(attempt)
        return Unanswered(code)


def _authorization(answer: Authorized) -> Authorization:
    """What was closed or voided before is a no: nothing of it can move any more."""
    approved = answer.state == "approved"
    reason = "" if approved else answer.reason or f"authorization-{answer.state}"
    return Authorization(approved, answer.authorization if approved else "", reason, base64.b64decode(answer.response))

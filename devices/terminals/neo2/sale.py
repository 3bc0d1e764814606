"""The money path: what the hub is asked about a card that was read, and the one result that is committed. Knows no frames.

The reader asks no bank. Money moves when the hub's gateway approves our attempt, and by that id the gateway keeps it for ever: so
until it was asked nothing has moved, whatever the line does, and after that the hub can be asked again. The order that follows:

* The card's step (60-12) comes before the commit. A card may decline what the bank has approved; then the approval is taken
  back, and a committed one could not be. A crash in between loses nothing: the attempt is open, and the hub says "approved".
* Only a card that says no undoes what the bank has approved. Where its word was not heard (a cable, a crash), the money has moved
  and it is approved.
* What is taken back counts as not taken only once the hub has heard that. Until then it is unknown, and the driver remembers to
  ask again (`owed`). A crash forgets that, and then what the bank has approved stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from devices.terminals.authorizer import Authorization, Authorizer, NotReached, Unanswered
from devices.terminals.neo2.card import CardRead
from devices.terminals.neo2.packets import host_word
from devices.terminals.neo2.session import Timers
from devices.terminals.port import Commit, Progress, Sale, Step, nothing
from domain.money import Money
from domain.payment import COMMIT_FAILED, Card, Outcome, Result

UNABLE_TO_GO_ONLINE = "Z3"
"""The response code that a terminal makes itself when it reached no host (EMV book 4, annex A6): the card declines, and a
deferred authorisation goes on without it."""

T = TypeVar("T")
NO_CARD = Card("", "")
_log = structlog.get_logger()


def settled(sale: Sale, said: Authorization | None, card: Card = NO_CARD, serial: str = "") -> Result:
    """What the hub's word makes of a sale. None: it was never authorised, and never will be."""
    if said is None:
        return nothing(sale, Outcome.CANCELLED, "never-authorised")
    return Result(
        outcome=Outcome.APPROVED if said.approved else Outcome.DECLINED,
        amount=sale.amount if said.approved else Money(0, sale.amount.currency),
        card=card,
        terminal_id=serial,
        authorization=said.authorization,
        reason=said.reason,
        hub_authorised=said.approved,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sale comes to if its card does not object, and what the card is told (60-12)."""

    result: Result
    word: bytes


async def asked(question: Callable[[], Awaitable[T]], timers: Timers) -> T:
    """The hub's answer to a question that may be asked again: until it answers or `recovery` has passed. Raises NotReached or
    Unanswered, the last one."""
    last: NotReached | Unanswered = Unanswered("no-answer")
    wait = timers.retry
    try:
        async with asyncio.timeout(timers.recovery):
            while True:
                try:
                    return await question()
                except (NotReached, Unanswered) as lost:
                    last = lost
                await asyncio.sleep(wait)
                wait = min(2 * wait, timers.retry_most)
    except TimeoutError:
        raise last from None


class SaleRun:
    """One sale in progress, from its first progress to the one result that is committed."""

    def __init__(self, sale: Sale, commit: Commit, progress: Progress, authorizer: Authorizer, timers: Timers) -> None:
        self._sale = sale
        self._commit = commit
        self._progress = progress
        self._authorizer = authorizer
        self._timers = timers
        self._step: Step | None = None
        self.card_in = False
        """A card is in the slot, as far as we know."""
        self.owed: Result | None = None
        """What the sale comes to once the hub has heard that its approval is taken back; None when it has, or none was."""

    def show(self, step: Step) -> None:
        if step is not self._step:
            self._step = step
            self._progress(step)

    def unasked(self, outcome: Outcome, reason: str) -> Verdict:
        """No word of the hub's: the card is told that no host was reached."""
        return Verdict(nothing(self._sale, outcome, reason), host_word(UNABLE_TO_GO_ONLINE))

    def captured(self, read: CardRead, serial: str) -> Verdict:
        """The hub is away: the card, as the reader has encrypted it, waits for it."""
        result = Result(Outcome.CAPTURED, self._sale.amount, card=read.card, terminal_id=serial, card_data=read.data)
        return Verdict(result, host_word(UNABLE_TO_GO_ONLINE))

    async def authorised(self, read: CardRead, serial: str) -> Verdict:
        """Asks the hub, once; after silence, what became of it."""
        self.show(Step.WAIT)
        said: Authorization | None
        try:
            said = await self._ask(read)
        except NotReached as away:
            return self.unasked(Outcome.CANCELLED, away.reason)
        except Unanswered:
            self.show(Step.CHECKING)
            try:
                said = await asked(lambda: self._authorizer.inquire(self._sale.attempt), self._timers)
            except (NotReached, Unanswered) as lost:
                unknown = self.unasked(Outcome.UNKNOWN, lost.reason)
                return replace(unknown, result=replace(unknown.result, card=read.card))
        result = settled(self._sale, said, read.card, serial)
        if said is None:
            return Verdict(result, host_word(UNABLE_TO_GO_ONLINE))
        return Verdict(result, said.response or host_word("00" if said.approved else "05"))

    async def _ask(self, read: CardRead) -> Authorization:
        try:
            async with asyncio.timeout(self._timers.recovery):
                return await self._authorizer.authorize(self._sale.attempt, self._sale.amount, read.data)
        except TimeoutError as silent:
            raise Unanswered("no-answer") from silent

    async def taken_back(self, outcome: Outcome, reason: str) -> Result:
        """Takes an approval back. `outcome` once the hub has heard it, UNKNOWN before."""
        _log.warning("terminal.unconfirmed", attempt=self._sale.attempt, reason=reason)
        self.show(Step.CHECKING)
        ended = nothing(self._sale, outcome, reason)
        try:
            await asked(lambda: self._authorizer.void(self._sale.attempt), self._timers)
        except (NotReached, Unanswered):
            self.owed = ended
            return nothing(self._sale, Outcome.UNKNOWN, reason)
        return ended

    async def close(self, result: Result) -> Result:
        """Commits `result` and returns it. An approval that cannot be committed is taken back, a capture is dropped, and that is
        committed. Raises what the first commit raised when that fails too: the attempt stays open, and is inquired later."""
        failure = await self._try(result)
        if failure is None:
            return result
        if result.outcome is Outcome.APPROVED:
            result = await self.taken_back(Outcome.CANCELLED, COMMIT_FAILED)
        elif result.outcome is Outcome.CAPTURED:
            result = nothing(self._sale, Outcome.CANCELLED, COMMIT_FAILED)
        else:
            raise failure
        if await self._try(result) is not None:
            raise failure
        return result

    async def _try(self, result: Result) -> BaseException | None:
        """The commit runs as a task of its own, so that a sale which is cancelled from outside cannot cut it in half."""
        task = asyncio.ensure_future(self._commit(result))
        await asyncio.wait({task})
        failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        if failure is not None:
            _log.error("terminal.unconfirmed", attempt=self._sale.attempt, reason=type(failure).__name__)
        return failure

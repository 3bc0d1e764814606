"""The money path: one sale, from its first progress to the one result that is committed. Knows packets, but no line and no timer.

The order that everything else here serves: an approval is committed before it is accepted (80 00 00); while that takes longer
than a moment the terminal is told to ask again (84 9C); what cannot be committed, is not the sale's amount, or does not say how
it ended is answered "goods not issued" (84 66), once why is committed, and the terminal reverses it. Where the terminal's last
word goes against an approval that is committed, that is committed too (IN_DOUBT): both words stand, and a person compares them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import structlog

from devices.terminals.port import Commit, Progress, Sale, Step, nothing
from devices.terminals.zvt.codes import ABORTED, BUSY, CARD_TYPES, GOODS_NOT_ISSUED, step_of
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, for_patient, printed_lines, refused
from devices.terminals.zvt.session import Timers, answer_to
from domain.money import CURRENCY_NUMBERS, Money
from domain.payment import COMMIT_FAILED, HANDED_BACK, IN_DOUBT, Card, Mark, Outcome, Result

NOT_BELIEVED = HANDED_BACK | {IN_DOUBT}
"""Of such a sale no terminal is asked again."""

SECOND = "zvt-second-approval"

MOST_LINES = 400
"""Printed lines kept for the patient's slip."""

_log = structlog.get_logger()


def result_of(asked: Money, status: Packet) -> Result:
    """What a status information says of a sale: approved, declined or stopped. `asked` stands in for an amount that it does not
    name, and is not judged here. One without a result code is no word on the outcome (UNKNOWN): what could not be read of it
    may have been an approval."""
    said = status.fields
    code = status.result
    if code is None:
        return Result(Outcome.UNKNOWN, Money(0, asked.currency), reason="zvt-no-result")
    outcome = {0: Outcome.APPROVED, ABORTED: Outcome.CANCELLED}.get(code, Outcome.DECLINED)
    taken = said.number(0x04)
    online = status.tlv(0x1F11)
    return Result(
        outcome=outcome,
        amount=Money((asked.minor if taken is None else taken) if code == 0 else 0, asked.currency),
        card=Card(said.text(0x8B) or CARD_TYPES.get(said.byte(0x8A) or 0, ""), said.last4),
        receipt=said.number(0x87),
        trace=said.number(0x0B),
        terminal_id=said.digits(0x29),
        authorization=said.text(0x3B),
        # 1F11, the online flag: 00 is offline. Our sources name the tag; its values were not at hand to check.
        approved_offline=code == 0 and online is not None and online.value == b"\0",
        reason="" if code == 0 else status.why(code),
    )


def is_for(sale: Sale, status: Packet) -> bool:
    """Whether an approval is of the sale's amount and currency.

    A terminal that names no amount has been told only ours (GP terminals leave it out); one whose packet could not be read to
    its end may have named it there, and is not believed.
    """
    amount, currency = status.fields.number(0x04), status.fields.number(0x49)
    if amount is None and (status.fields.raw(0x04) is not None or status.fields.unread):
        return False
    return amount in (None, sale.amount.minor) and currency in (None, CURRENCY_NUMBERS[sale.amount.currency])


def paper_of(packets: Iterable[Packet], charset: str) -> tuple[str, ...]:
    """What `packets` print, MOST_LINES at most."""
    return tuple(islice((line for packet in packets for line in printed_lines(packet, charset)), MOST_LINES))


def slip_of(packets: Iterable[Packet], charset: str) -> tuple[str, ...]:
    """What of it the patient may have."""
    return paper_of(filter(for_patient, packets), charset)


class SaleRun:
    """One sale in progress: listens to the terminal (a session's Listener) and holds what has been committed."""

    def __init__(self, sale: Sale, commit: Commit, progress: Progress, timers: Timers, charset: str) -> None:
        self.patience = self._usual = timers.t4
        self._closing = timers.closing
        self._moment = timers.moment
        self._charset = charset
        self._sale = sale
        self._commit = commit
        self._progress = progress
        self._step: Step | None = None
        self._printed: list[Packet] = []
        self._said: Result | None = None
        """The last status information that was not an approval."""
        self.trouble = 0
        """The result code of that."""
        self.refused = ""
        """Why an approval, or what may have been one, was answered "goods not issued"; empty when none was."""
        self._committing: asyncio.Future[None] | None = None
        self._offered: Result | None = None
        """What was given to the commit last."""
        self._kept: Result | None = None
        """What is durable, the newest word."""
        self.committed: Result | None = None
        """The approval that is durable."""
        self.against = ""
        """What the terminal has said since that goes against its approval: SECOND, or the result code of a no."""
        self.yes = False
        """The terminal was told that its approval is accepted."""
        self.still_on = False
        """It fell silent on a line that held: what was sent last has arrived."""

    def began(self) -> None:
        self.show(Step.INSERT_CARD)

    def show(self, step: Step) -> None:
        """Tells the patient's screen where the sale is, once for each change."""
        if step is not self._step:
            self._step = step
            self._progress(step)

    async def hear(self, packet: Packet) -> Packet:
        answer = await self._hear(packet)
        self.patience = max(self._usual, 60 * packet.minutes)
        return answer

    async def _hear(self, packet: Packet) -> Packet:
        match packet.kind:
            case Kind.STATUS_INFORMATION:
                return await self._status(packet)
            case Kind.INTERMEDIATE_STATUS:
                self.show(step_of(packet.head[0][0]))
            case Kind.PRINT_LINE | Kind.PRINT_TEXT_BLOCK if len(self._printed) < MOST_LINES:
                self._printed.append(packet)
        return answer_to(packet)

    async def _status(self, packet: Packet) -> Packet:
        result = result_of(self._sale.amount, packet)
        if result.outcome not in (Outcome.APPROVED, Outcome.UNKNOWN):
            self._said, self.trouble = result, packet.result or 0
            if self._offered is not None and not self.refused:
                self._goes_against(result.reason)
            return ACCEPTED
        if self._offered is not None and not self.refused:
            return await self._again(result, self._offered)
        if not self.refused:
            if result.outcome is Outcome.UNKNOWN:
                self._hand_back(result.reason)
            elif is_for(self._sale, packet):
                self._offer(result)
            else:
                self._hand_back("zvt-other-amount")
        return await self._answer()

    async def _again(self, result: Result, offered: Result) -> Packet:
        """An approval after the first: the same again gets the same answer, any other payment is not ours to keep."""
        if (result.receipt, result.trace, result.amount) == (offered.receipt, offered.trace, offered.amount):
            return await self._answer()
        self._goes_against(SECOND)
        return refused(GOODS_NOT_ISSUED)

    def _goes_against(self, reason: str) -> None:
        self.against = reason
        _log.warning("terminal.unconfirmed", attempt=self._sale.attempt, reason=reason)

    async def _answer(self) -> Packet:
        """The word on what was offered: yes once an approval is durable; no once it is durable why not, or nothing can be made
        so; until then that the terminal may ask again (84 9C)."""
        assert self._committing is not None, "something was offered"
        await asyncio.wait({self._committing}, timeout=self._moment)
        if not self._committing.done():
            return refused(BUSY)
        failure = self._outcome(self._committing)
        if failure is not None:
            _log.error("terminal.unconfirmed", attempt=self._sale.attempt, reason=type(failure).__name__)
            if not self.refused:
                self._hand_back(COMMIT_FAILED)
                return await self._answer()
        self._usual = self._closing
        if self.refused:
            return refused(GOODS_NOT_ISSUED)
        self.yes = True
        return ACCEPTED

    def _hand_back(self, reason: str) -> None:
        """Once refused, a sale stays refused: the terminal may have begun to reverse what it now repeats. Why is kept before the
        terminal hears of it, for a process that knew nothing of this would believe what it repeats."""
        assert reason in HANDED_BACK, reason
        self.refused = reason
        _log.warning("terminal.unconfirmed", attempt=self._sale.attempt, reason=reason)
        self._offer(nothing(self._sale, Outcome.UNKNOWN, reason))

    def _offer(self, result: Result) -> None:
        """The commit runs as a task of its own, so that a sale which is cancelled from outside cannot cut it in half."""
        self._offered = result
        self._committing = asyncio.ensure_future(self._commit(replace(result, slip=slip_of(self._printed, self._charset))))

    def _outcome(self, commit: asyncio.Future[None]) -> BaseException | None:
        """What became of a commit that has ended."""
        failure = asyncio.CancelledError() if commit.cancelled() else commit.exception()
        if failure is None:
            self._kept = self._offered
            if self._kept is not None and self._kept.outcome is Outcome.APPROVED:
                self.committed = self._kept
        return failure

    async def settled(self) -> None:
        """Waits for a commit that the terminal did not wait for."""
        if self._committing is not None:
            await asyncio.wait({self._committing})
            failure = self._outcome(self._committing)
            if failure is not None and self.against == SECOND:
                self.refused = COMMIT_FAILED  # what it repeats now may be the second, which was handed back

    async def abandon(self) -> None:
        """The sale is cut off from outside: an approval of which the terminal has not had our yes is in doubt."""
        await self.settled()
        if self.committed is not None and not self.yes:
            await self.close(nothing(self._sale, Outcome.UNKNOWN, IN_DOUBT))

    async def close(self, result: Result) -> Result:
        """Ends the sale with `result`, commits it unless that has been done, and returns it with the slip as far as it was
        printed. An approval that is committed stands: with any other word it is in doubt, and that is committed beside it. Raises
        what the commit raised: then the attempt stays as it was."""
        approved = self.committed
        if approved is not None:
            same = result.outcome is Outcome.APPROVED and approved.receipt in (None, result.receipt)
            result = approved if same else nothing(self._sale, Outcome.UNKNOWN, IN_DOUBT)
        if result != self._kept:
            self._offer(result)
            assert self._committing is not None
            await asyncio.wait({self._committing})
            failure = self._outcome(self._committing)
            if failure is not None:
                raise failure
        return replace(result, slip=slip_of(self._printed, self._charset))

    def verdict(self, final: Packet) -> Result | None:
        """What the terminal's last word makes of the sale. None when it does not say, and has to be asked."""
        if self.committed is not None:
            if final.kind is Kind.ABORT:
                self._goes_against("zvt-abort-after-approval")
            return nothing(self._sale, Outcome.UNKNOWN, IN_DOUBT) if self.against else self.committed
        if self.refused:
            # An abort after 84 66 is the terminal's word that the payment did not happen; a completion is not.
            gone = final.kind is Kind.ABORT
            return nothing(self._sale, Outcome.CANCELLED if gone else Outcome.UNKNOWN, self.refused)
        if self._said is None and final.kind is Kind.ABORT:
            outcome = Outcome.CANCELLED if final.code == ABORTED else Outcome.DECLINED
            return nothing(self._sale, outcome, final.why(final.code))
        return self._said

    def newest(self, final: Packet) -> Mark | None:
        """Where the terminal's numbers stand after this sale: known from one approval that ended as it should. Anything else,
        a reversal above all, may have taken numbers of its own."""
        approved = self.committed
        if final.kind is not Kind.COMPLETION or approved is None or approved.receipt is None or self.against:
            return None
        return Mark(approved.receipt, approved.trace or 0)

"""What a terminal has really taken back, beside what it was asked to: some take back their last sale whatever they are asked."""

from __future__ import annotations

from devices.terminals.port import Reversal, ReversalEnd, Reversed
from devices.terminals.zvt.packets import Packet
from devices.terminals.zvt.recovery import is_newer_receipt
from devices.terminals.zvt.sale import result_of
from domain.money import Money
from domain.payment import Outcome


def judge_reversal(asked: Reversal, before: Packet | None, said: Packet) -> Reversed:
    """What `said`, the status information of a reversal, says of it. `before` is the last receipt before it, None when unknown.

    A terminal names the sale that it took back, or numbers the reversal as a transaction of its own (EVerest's captures: 231 was
    reversed as 232) and names the sale by its trace (BMP 37). Only what names at least the amount or the receipt counts.
    """
    result = result_of(Money(0, asked.amount.currency), said)
    named = said.fields.number(0x04)
    amount = None if named is None else result.amount
    reached = ReversalEnd.REVERSED
    if result.outcome is Outcome.UNKNOWN:
        reached = ReversalEnd.UNKNOWN
    elif result.outcome is not Outcome.APPROVED:
        reached = ReversalEnd.REFUSED
    elif amount not in (None, asked.amount) or not _may_be(asked, before, said):
        reached = ReversalEnd.OTHER
    elif result.receipt != asked.receipt and (amount is None or not _names(asked, before, said)):
        reached = ReversalEnd.UNKNOWN
    reason = "zvt-other-reversal" if reached is ReversalEnd.OTHER else result.reason
    return Reversed(reached, amount, result.receipt, result.trace, reason)


def judge_silence(asked: Reversal, before: Packet | None, after: Packet | None) -> Reversed:
    """What the last receipt `after` a silence proves: a reversal of the sale asked for, or nothing. It proves one only if it is a
    new transaction that names as its original (BMP 37) the trace of that sale, which was the last one `before`."""
    if after is not None and before is not None and before.fields.number(0x87) == asked.receipt:
        original, trace = after.fields.number(0x37), after.fields.number(0x0B)
        if original and original == before.fields.number(0x0B) != trace:
            return judge_reversal(asked, before, after)
    return Reversed(ReversalEnd.UNKNOWN, reason="no-answer")


def _names(asked: Reversal, before: Packet | None, said: Packet) -> bool:
    """Whether something says which sale it was: its trace, or that there was only one that could be meant. Without either, a
    terminal that takes back its last sale whatever it is asked looks like one that does as it was told."""
    return bool(said.fields.number(0x37)) or (before is not None and before.fields.number(0x87) == asked.receipt)


def _may_be(asked: Reversal, before: Packet | None, said: Packet) -> bool:
    """Whether the numbers fit the sale that was asked for."""
    receipt, original = said.fields.number(0x87), said.fields.number(0x37)
    last = None if before is None else before.fields.number(0x87)
    trace = None if before is None else before.fields.number(0x0B)
    if original and trace and (original == trace) != (last == asked.receipt):
        return False  # it was the last sale and is not now, or the other way round
    own = receipt is not None and last is not None and is_newer_receipt(receipt, last)
    return receipt in (None, asked.receipt) or own

"""What became of a sale whose end was not heard: the last receipt is believed only if it can be no other sale's."""

from __future__ import annotations

from devices.terminals.port import Sale
from devices.terminals.zvt.packets import Kind, Packet
from devices.terminals.zvt.sale import is_for, nothing, result_of
from domain.payment import Outcome, Result

_RECEIPTS = 10_000
"""Receipt numbers have four digits and start again."""


def is_newer(receipt: int, last: int) -> bool:
    """Whether `receipt` comes after `last`, the numbers' starting again included; half of them at most lie ahead."""
    return 0 < (receipt - last) % _RECEIPTS < _RECEIPTS // 2


def last_status(packets: list[Packet]) -> Packet | None:
    """The status information among what a repeat receipt brought. It may be missing (Portalum.Zvt#26)."""
    return next((packet for packet in reversed(packets) if packet.kind is Kind.STATUS_INFORMATION), None)


def judge(sale: Sale, status: Packet | None, last_receipt: int | None, last_trace: int | None) -> Result:
    """The sale's result if `status` is certainly of this sale: its amount named and equal, its receipt newer than the newest one
    known before the sale, its trace another. UNKNOWN, with the reason, in every other case: an empty answer proves nothing.
    """
    reason = _doubt(sale, status, last_receipt, last_trace)
    if status is None or reason:
        return nothing(sale, Outcome.UNKNOWN, reason)
    return result_of(sale, status)


def _doubt(sale: Sale, status: Packet | None, last_receipt: int | None, last_trace: int | None) -> str:
    if last_receipt is None:
        return "no-baseline"
    if status is None:
        return "no-last-receipt"
    receipt, trace = status.fields.number(0x87), status.fields.number(0x0B)
    if receipt is None or not is_newer(receipt, last_receipt):
        return "last-receipt-older"
    if trace is not None and trace == last_trace:
        return "last-receipt-older"
    if status.fields.number(0x04) is None or not is_for(sale, status):
        return "last-receipt-differs"
    return ""

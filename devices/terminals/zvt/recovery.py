"""What became of a sale whose end was not heard: the last receipt is believed only if it can be no other sale's."""

from __future__ import annotations

import datetime as dt

from devices.terminals.port import TOOK_BACK, Sale, nothing
from devices.terminals.zvt.packets import Kind, Packet
from devices.terminals.zvt.sale import is_for, result_of
from domain.payment import Mark, Outcome, Result

_RECEIPTS = 10_000
_TRACES = 1_000_000
"""Receipt numbers have four digits and traces six, and both start again."""

_DAYS_OFF = 2
"""How far the terminal's calendar may be from ours."""


def is_newer(number: int, last: int, numbers: int) -> bool:
    """Whether `number` comes after `last`, starting again after `numbers` included; half of them at most lie ahead."""
    return 0 < (number - last) % numbers < numbers // 2


def is_newer_receipt(receipt: int, last: int) -> bool:
    return is_newer(receipt, last, _RECEIPTS)


def last_status(packets: list[Packet]) -> Packet | None:
    """The status information among what a repeat receipt brought. It may be missing (Portalum.Zvt#26)."""
    return next((packet for packet in reversed(packets) if packet.kind is Kind.STATUS_INFORMATION), None)


def mark_of(packets: list[Packet]) -> Mark | None:
    """Where the terminal's numbers stand, from all that a repeat receipt brought. A completion alone tells nothing either: it may
    be a terminal without any receipt yet, or one that leaves its last receipt out this once (Portalum.Zvt#26), after which any
    older sale would pass for a new one."""
    status = last_status(packets)
    receipt = None if status is None else status.fields.number(0x87)
    return None if status is None or receipt is None else Mark(receipt, status.fields.number(0x0B) or 0)


def judge(sale: Sale, status: Packet | None) -> Result:
    """The sale's result if `status` is certainly of this sale: its amount named and equal, its numbers newer than the newest
    before the sale (`sale.newest`). UNKNOWN, with the reason, in every other case: an empty answer proves nothing.
    """
    reason = _doubt(sale, status)
    if status is None or reason:
        return nothing(sale, Outcome.UNKNOWN, reason)
    return result_of(sale.amount, status)  # UNKNOWN itself when the terminal does not say how that sale ended


def is_shown(approved: Result, status: Packet | None) -> bool:
    """Whether the terminal's last receipt is this very approval, by its own numbers."""
    if status is None or approved.receipt is None:
        return False
    said = result_of(approved.amount, status)
    numbers = approved.receipt, approved.trace, approved.amount
    return said.outcome is Outcome.APPROVED and (said.receipt, said.trace, said.amount) == numbers


def takes_back(status: Packet) -> bool:
    """Whether it is of a reversal, which looks like a sale but for the trace of the one that it took back (BMP 37): a terminal
    may reverse by itself what it had no answer to."""
    original = status.fields.number(0x37)
    return bool(original) and original != status.fields.number(0x0B)


def _doubt(sale: Sale, status: Packet | None) -> str:
    if sale.newest is None:
        return "no-baseline"
    if status is None:
        return "no-last-receipt"
    receipt, trace = status.fields.number(0x87), status.fields.number(0x0B)
    if receipt is None or not is_newer(receipt, sale.newest.receipt, _RECEIPTS):
        return "last-receipt-older"
    # A terminal that counts no traces leaves them out or at 0, which decides nothing.
    if trace and sale.newest.trace and not is_newer(trace, sale.newest.trace, _TRACES):
        return "last-receipt-older"
    if takes_back(status):
        return TOOK_BACK
    if status.fields.number(0x04) is None or not is_for(sale, status):
        return "last-receipt-differs"
    if not _is_of_that_time(sale, status):
        return "last-receipt-other-day"
    return ""


def _is_of_that_time(sale: Sale, status: Packet) -> bool:
    """Whether the terminal's date may be that of the sale. Month and day are all it says, by a clock that we do not set, in its
    own time zone, and a zone alone can be a day off ours. So a date may be up to two days from `opened_at`, either way; the time
    of day could exclude nothing more. A date further off (or no date at all, 30 February) is another sale's, or of a clock that
    proves nothing; one that is not there or all zeros decides nothing.
    """
    day = status.fields.digits(0x0D)
    if day in ("", "0000"):
        return True
    opened = sale.opened_at.astimezone(dt.UTC)
    near = (opened + dt.timedelta(days=days) for days in range(-_DAYS_OFF, _DAYS_OFF + 1))
    return any(f"{date:%m%d}" == day for date in near)

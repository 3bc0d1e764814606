"""The totals that an end of day brings (BMP 60): two receipt numbers, then a count and a sum for each of seven kinds of card."""

from __future__ import annotations

from devices.terminals.port import DayTotals
from devices.terminals.zvt.packets import Kind, Packet
from domain.money import Money

_KINDS = 7
"""girocard, JCB, Mastercard, American Express, Visa, Diners, all others (EVerest/zvt: SingleAmounts)."""
_EACH = 1 + 6

NO_TOTALS = DayTotals(None, None)


def closing_totals(closing: list[Packet], turnover: list[Packet], currency: str) -> DayTotals:
    """What a day was closed with. Where the closing does not say of which receipts, what was asked just before it counts."""
    closed, before = day_totals(closing, currency), day_totals(turnover, currency)
    return closed if closed.receipts is not None or before.receipts is None else before


def day_totals(packets: list[Packet], currency: str) -> DayTotals:
    """Without the slip. The amount is the terminal's own (BMP 04), or else the sum of its kinds."""
    status = next((packet for packet in reversed(packets) if packet.kind is Kind.STATUS_INFORMATION), None)
    if status is None:
        return NO_TOTALS
    counts = _counts(status.fields.raw(0x60) or b"")
    total = status.fields.number(0x04)
    if total is None and counts is not None:
        total = sum(amount for _, amount in counts)
    count = None if counts is None else sum(number for number, _ in counts)
    amount = None if total is None else Money(total, currency)
    receipts = None if counts is None else _receipts(status.fields.raw(0x60) or b"")
    return DayTotals(count, amount, receipts, status.fields.digits(0x29))


def _receipts(raw: bytes) -> tuple[int, int] | None:
    first, last = raw[0:2].hex(), raw[2:4].hex()
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() else None


def _counts(raw: bytes) -> list[tuple[int, int]] | None:
    parts = [raw[at : at + _EACH] for at in range(4, 4 + _KINDS * _EACH, _EACH)]
    if len(raw) < 4 + _KINDS * _EACH or not all(part[1:].hex().isdecimal() for part in parts):
        return None
    return [(part[0], int(part[1:].hex())) for part in parts]

"""What the simulated ZVT terminal says of a payment: status informations, receipts as lines or blocks, the day's totals."""

from __future__ import annotations

from collections.abc import Iterator

from devices.terminals.simulator.ber import tlv
from devices.terminals.simulator.books import Charge
from devices.terminals.simulator.zvt.codec import apdu, bcd, bmps
from devices.terminals.simulator.zvt.device import Config, Device

MERCHANT, CUSTOMER, ADMINISTRATION = 1, 2, 3
"""Types of receipt (TLV 1F07)."""

COMPLETED = apdu(0x060F)

_LAST_LINE = 0x81
"""Attribute of a line: normal, and one line feed after it."""

_KINDS = ("girocard", "JCB", "Mastercard", "American Express", "VISA", "Diners")
"""The order of the totals in BMP 60; everything else comes after them."""

_CARD_TYPES = {"VISA": 0x0A, "Mastercard": 0x06, "American Express": 0x08}


def status(device: Device, code: int, *more: tuple[int, bytes]) -> bytes:
    """A status information that says how it ended, and by whose terminal."""
    return apdu(0x040F, bmps((0x27, bytes([code])), (0x29, bytes.fromhex(device.tid)), *more))


def intermediate(code: int, text: str = "", minutes: int | None = None) -> bytes:
    """`text` for the till's display, with a time-out in minutes before it, since only a container that comes third is one."""
    if not text:
        return apdu(0x04FF, bytes([code]))
    shown = tlv(0x24, tlv(0x07, text.encode("cp437")))
    return apdu(0x04FF, bytes([code]) + bcd(minutes or 0, 1) + bmps((0x06, shown)))


def aborted(code: int, *more: tuple[int, bytes]) -> bytes:
    return apdu(0x061E, bytes([code]) + bmps(*more))


def extended(number: str, words: str) -> tuple[int, bytes]:
    """A maker's own error number and its words, as a container."""
    return 0x06, tlv(0x1F16, bytes.fromhex(number)) + tlv(0x1F17, words.encode("cp437"))


def approval(device: Device, charge: Charge, *, result: bool = True) -> bytes:
    """A status information about `charge`. `result` False leaves BMP 27 out."""
    fields = [
        (0x04, bcd(abs(charge.amount), 6)),
        (0x49, device.currency),
        (0x0C, bytes.fromhex(f"{charge.made_at:%H%M%S}")),
        (0x0D, bytes.fromhex(f"{charge.made_at:%m%d}")),
        (0x22, bytes.fromhex(charge.pan)),
        (0x87, bcd(charge.receipt, 2)),
        (0x3B, f"{charge.trace % 10**6:06d}".encode("ascii") + b"\0\0"),
        (0x0B, bcd(charge.trace, 3)),
        (0x29, bytes.fromhex(device.tid)),
        (0x8A, bytes([_CARD_TYPES.get(charge.brand, 0xFF)])),
        (0x8B, charge.brand.encode("ascii") + b"\0"),
        (0x06, tlv(0x1F11, b"\0" if charge.offline else b"\1")),
    ]
    if charge.original:
        fields.insert(-1, (0x37, bcd(charge.original, 3)))
    return apdu(0x040F, bmps(*([(0x27, b"\0")] if result else []), *fields))


def money(amount: int) -> str:
    return f"{abs(amount) // 100}.{abs(amount) % 100:02d}"


def receipt(device: Device, charge: Charge) -> Iterator[bytes]:
    """The merchant's copy and the patient's, if the till prints them at all."""
    if not device.configured(Config.TILL_PRINTS_PAYMENTS | Config.RECEIPT_AS_LINES):
        return
    lines = [
        f"Terminal {device.tid}",
        f"Receipt {charge.receipt:04d}",
        f"{charge.brand} ...{charge.pan[-4:]}",
        f"Total {money(charge.amount)}",
    ]
    for copy in (MERCHANT, CUSTOMER):
        yield from printed(device, copy, lines)
    if device.profile.closing_line:
        yield line(device, device.profile.closing_line)


def administration(device: Device, lines: list[str]) -> Iterator[bytes]:
    if device.configured(Config.TILL_PRINTS_ADMINISTRATION | Config.RECEIPT_AS_LINES):
        yield from printed(device, ADMINISTRATION, lines)


def printed(device: Device, copy: int, lines: list[str]) -> Iterator[bytes]:
    """One receipt, as a block or as lines. Lines do not say whose copy they are: of two copies only the patient's is sent."""
    if device.profile.blocks or device.till_takes_blocks:
        yield block(device, copy, lines)
    elif copy != MERCHANT:
        for text in lines:
            yield line(device, text)


def line(device: Device, text: str) -> bytes:
    said = text.encode(device.profile.charset)
    return apdu(0x06D1, b"\0" + said + (bmps((0x06, tlv(0x1F07, bytes([CUSTOMER])))) if device.profile.tlv_after_line else b""))


def block(device: Device, copy: int, lines: list[str]) -> bytes:
    """Each line with its attribute, or one for all at the end (both are seen: Portalum.Zvt's and EVerest's captures)."""
    attribute = tlv(0x09, bytes([_LAST_LINE]))
    texts = [tlv(0x07, text.encode(device.profile.charset)) for text in lines]
    each = [part for text in texts for part in (text, attribute)] if device.profile.attribute_each else [*texts, attribute]
    return apdu(0x06D3, bmps((0x06, tlv(0x1F07, bytes([copy])) + tlv(0x25, *each))))


def totals(device: Device, charges: list[Charge]) -> bytes:
    """BMP 60: the first and the last receipt, then a count and a sum of each kind of card, and of all others."""
    numbers = [charge.receipt for charge in charges] or [0]
    said = bcd(min(numbers), 2) + bcd(max(numbers), 2)
    for kind in (*_KINDS, None):
        of_kind = [charge.amount for charge in charges if (charge.brand if charge.brand in _KINDS else None) == kind]
        said += bytes([len(of_kind) & 0xFF]) + bcd(abs(sum(of_kind)), 6)
    amount = sum(charge.amount for charge in charges)
    return apdu(
        0x040F,
        bmps(
            (0x27, b"\0"), (0x04, bcd(abs(amount), 6)), (0x49, device.currency), (0x60, said), (0x29, bytes.fromhex(device.tid))
        ),
    )

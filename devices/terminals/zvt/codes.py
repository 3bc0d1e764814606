"""What ZVT's numbers mean to us: card types, terminal status to health, intermediate status to a patient's step."""

from __future__ import annotations

from devices.health import Condition, Health
from devices.terminals.port import Step

CARD_TYPES = {
    5: "girocard",
    6: "Mastercard",
    8: "American Express",
    10: "Visa",
    12: "Diners",
    13: "V PAY",
    14: "JCB",
    46: "Maestro",
}
"""Brands behind BMP 8A, for a terminal that sends no card name."""

ABORTED = 0x6C
"""Result code: stopped by time-out or by the abort key."""
GOODS_NOT_ISSUED = 0x66
"""84 66 in answer to a status information: the terminal reverses the sale by itself, no card needed."""
BUSY = 0x9C
"""Result code and terminal status: please wait."""
NOT_SUPPORTED = 0x83
NOT_REGISTERED = 0x6B
OUT_OF_ORDER = 0xDF
RECONCILE = 0xF0
REGISTER_FULL = 0x6A
NO_RESERVATION = 0xB8
"""With the receipt of one that is open, or FFFF: the answer to asking what is reserved."""

_STATUS = {
    0x00: Health(Condition.READY),
    BUSY: Health(Condition.BUSY, "terminal-busy"),
    0xE0: Health(Condition.BUSY, "terminal-busy"),
    0xDC: Health(Condition.OUT, "terminal-card-left"),
    0xE1: Health(Condition.OUT, "terminal-card-left"),
    OUT_OF_ORDER: Health(Condition.LATCHED, "terminal-out-of-order"),
    RECONCILE: Health(Condition.OUT, "terminal-needs-end-of-day"),
    REGISTER_FULL: Health(Condition.OUT, "terminal-needs-end-of-day"),
}


def health_of(status: int, why: str = "") -> Health:
    """What terminal status `status` (answer to 05 01) means. Anything unknown wants a technician, with the code as detail."""
    known = _STATUS.get(status, Health(Condition.OUT, "terminal-needs-service"))
    return known if status == 0 else Health(known.condition, known.fault, why or f"zvt-{status:02x}")


def health_of_refusal(code: int) -> Health:
    """What it means that the terminal answered a command with 84 `code`."""
    if code == BUSY:
        return Health(Condition.BUSY, "terminal-busy")
    return Health(Condition.OUT, "terminal-refused", f"zvt-{code:02x}")


def step_of(status: int) -> Step:
    """The step behind the status byte of 04 FF; vendors add their own codes, which mean "wait"."""
    if 0x41 <= status <= 0x67 or status == 0x0B:
        return Step.REMOVE_CARD
    match status:
        case 0x0A | 0x0C | 0x2A:
            return Step.INSERT_CARD
        case 0x01 | 0x02 | 0x15 | 0xCC:
            return Step.ENTER_PIN
        case 0x68:
            return Step.READING
        case _:
            return Step.WAIT

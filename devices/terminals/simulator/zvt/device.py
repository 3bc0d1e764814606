"""What the simulated ZVT terminal is and remembers: who it is, how it has been set up, and how it is to behave."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from devices.terminals.simulator.device import AnyDevice
from devices.terminals.simulator.zvt.profiles import PROFILES, Profile


class Behaviour(StrEnum):
    """How the next payments go. Those from SILENT to POWER_OFF charge the card and then fail to say so; NO_RESULT says so without
    a result code; RESULT_FIRST says so before it has accepted the command, which it never does; LATE_APPROVAL charges after it
    has agreed to an abort; REVERSES_UNHEARD loses its cable when it is handed a sale back, and still shows that sale.
    REVERSES_UNANSWERED reverses, as a transaction of its own, an approval that nobody answers, where others let it stand.
    OTHER_REVERSAL takes back another amount than the sale's; UNSENT cannot tell the bank of what was approved offline."""

    APPROVE = "approve"
    DECLINE = "decline"
    SLOW = "slow"
    SILENT = "silent-after-approve"
    CABLE_OUT = "cable-out"
    GARBAGE = "garbage"
    HALF_FRAME = "half-frame"
    POWER_OFF = "power-off"
    OTHER_AMOUNT = "other-amount"
    NOTHING = "nothing"
    OFFLINE = "approve-offline"
    BUSY = "busy"
    TAMPERED = "tampered"
    LOST_ACK = "lost-ack"
    NO_RESULT = "no-result"
    RESULT_FIRST = "result-before-accept"
    LATE_APPROVAL = "approves-after-abort"
    REVERSES_UNHEARD = "reverses-unheard"
    REVERSES_UNANSWERED = "reverses-unanswered"
    OTHER_REVERSAL = "other-reversal"
    UNSENT = "offline-unsent"


CARD_LEFT = 0xDC
"""Terminal status: a card is in."""


class Config:
    """Bits of the registration's config byte."""

    TILL_PRINTS_PAYMENTS = 0x02
    TILL_PRINTS_ADMINISTRATION = 0x04
    INTERMEDIATE_STATUS = 0x08
    TILL_PAYS = 0x10
    TILL_ADMINISTERS = 0x20
    RECEIPT_AS_LINES = 0x80


@dataclass
class Device(AnyDevice):
    """`status` is the answer to a status enquiry and the reason why nothing is sold, 0 when all is well."""

    tid: str
    serial: str = "SIM0000042"
    password: str = "123456"
    profile: Profile = field(default_factory=lambda: PROFILES["plain"])
    behaviour: Behaviour = Behaviour.APPROVE
    status: int = 0
    sets_time: bool = False
    """A diagnosis sets the till's clock (04 01)."""
    config: int | None = None
    """None until a till has registered."""
    currency: bytes = b"\x09\x78"
    till_takes_blocks: bool = False

    def forget(self) -> None:
        """The power was off."""
        self.config = None
        self.till_takes_blocks = False
        self.cards.forget()

    @property
    def now(self) -> int:
        """Its status: what keeps it from selling."""
        match self.behaviour:
            case Behaviour.BUSY:
                return 0x9C
            case Behaviour.TAMPERED:
                return 0xDF
        if self.status == CARD_LEFT and self.cards.taken_out():
            self.status = 0
        return self.status

    def configured(self, bits: int) -> bool:
        return self.config is not None and self.config & bits == bits

    def set(self, name: str, value: Any) -> None:
        """Raises ValueError for what cannot be set."""
        match name, value:
            case "tid", str() if len(value) == 8 and value.isdecimal():
                self.tid = value
            case "serial" | "password", str():
                setattr(self, name, value)
            case "status", str():
                self.status = int(value, 16)
            case "profile", str() if value in PROFILES:
                self.profile = PROFILES[value]
            case "sets-time", bool():
                self.sets_time = value
            case _:
                raise ValueError(f"{name} cannot be set to {value}")

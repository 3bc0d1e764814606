"""What the simulated NEO 2 reader is and remembers: who it is, its keys, and how it is to behave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.terminals.simulator.device import AnyDevice
from devices.terminals.simulator.neo2.card_data import Keys
from domain.dukpt import initial_key, next_ksn

TEST_BDK = "0123456789ABCDEFFEDCBA9876543210"
"""ANSI X9.24-1's base derivation key: public, so that a test gateway may have it too."""
TEST_KSN = "FFFF9876543210E00000"


class Behaviour(StrEnum):
    """How the next cards go. SILENT to POWER_OFF read the card and fail to say so; IN_CLEAR hands it over unencrypted, NO_KSN
    without saying with which key; LATE_RESPONSE answers a cancel or stop with the card it has read meanwhile; CARD_DECLINES
    declines what the bank has approved; ASKS has a choice to make for the till's patient (61-01) in the middle of a contact
    transaction, TELLS only a text to show."""

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
    BUSY = "busy"
    TAMPERED = "tampered"
    OFFLINE = "approve-offline"
    IN_CLEAR = "in-clear"
    NO_KSN = "no-ksn"
    LATE_RESPONSE = "late-response"
    CARD_DECLINES = "card-declines"
    READ_ERROR = "read-error"
    ASKS = "asks"
    TELLS = "tells"
    CARD_LEFT = "card-left-in"


@dataclass
class Device(AnyDevice):
    """`bdk` has 16 bytes; `ksn` 10 for TDES, 12 for AES. `tampered` stays until the reader is another one. `events` tells the
    till that a card was seen (status 0E)."""

    bdk: bytes
    ksn: bytes
    serial: str = "SIM0000042"
    firmware: str = "Kiosk V NEO 2 SIM-1.0"
    behaviour: Behaviour = Behaviour.APPROVE
    tampered: bool = False
    encrypts: bool = True
    events: bool = False
    marks: bool = False
    """Lengths of objects say what is encrypted and what is masked."""
    on_demand: bool = True
    """Poll mode: a card is read when it is asked for; otherwise whenever one is there (01-01)."""
    card_in: bool = False
    last: bytes = b""
    """What was read last in the other poll mode."""

    def forget(self) -> None:
        """The power was off. Poll mode is kept; what was read is not."""
        self.last = b""
        self.card_in = False
        self.cards.forget()

    def keys(self) -> Keys | None:
        """The next transaction's, counted in the books so that none is ever used twice. None when encryption is off."""
        if not self.encrypts or self.behaviour is Behaviour.IN_CLEAR:
            return None
        at = self.ksn
        for _ in range(self.books.counter + 1):
            at = next_ksn(at)
        self.books.counter += 1
        self.books.save()
        return Keys(initial_key(self.bdk, at), at)

    @property
    def opened(self) -> bool:
        """Somebody has opened it."""
        return self.tampered or self.behaviour is Behaviour.TAMPERED

    def set(self, name: str, value: Any) -> None:
        """Raises ValueError for what cannot be set."""
        match name, value:
            case "serial" | "firmware", str():
                setattr(self, name, value)
            case "tampered" | "encrypts" | "events" | "marks", bool():
                setattr(self, name, value)
            case _:
                raise ValueError(f"{name} cannot be set to {value}")

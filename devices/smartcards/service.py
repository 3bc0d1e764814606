"""What the reader's process asks of PC/SC, so that the same loop runs over pcscd and over a simulated slot."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from devices.smartcards.apdu import Line


@dataclass(frozen=True, slots=True)
class Slot:
    """What is in the reader: `atr` is the card's answer to reset, empty for a card that gives none; `serial` is another each time
    that a card is put on."""

    card: bool
    atr: bytes = b""
    serial: int = 0


class ServiceAway(Exception):
    """There is no looking at the slot: `fault` is "smartcard-service-away" or "smartcard-reader-away", `detail` a code of theirs.

    Whatever was open is of no use any more (contexts stay dead when pcscd restarts) and has been closed.
    """

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(f"{fault} {detail}")
        self.fault = fault
        self.detail = detail


class Service(Protocol):
    """One reader of PC/SC's."""

    def wait(self, seconds: float) -> Slot:
        """What is in the reader: at once when that has changed, else after so long. Raises ServiceAway."""

    def connect(self) -> AbstractContextManager[Line]:
        """A way to the card, for nobody else at the same time; it is powered down in the end. Raises CardError."""

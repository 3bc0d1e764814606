"""The port to a smart-card reader: it says whose card was put on it, or that the card is not for here. Nobody pays with it.

A payment card is never read: a reader like this has no secure path for what it would say (PCI DSS 3.3.1, FAQ 1247). It is
refused, and the patient is shown to the payment terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from devices.health import Health


class Kind(StrEnum):
    """What may be asked for. A card is asked for nothing else."""

    BADGE = "badge"
    INSURANCE = "insurance"
    WRISTBAND = "wristband"


class Refusal(StrEnum):
    """Why a card says nothing about anybody here. Each has words for the person who holds it."""

    PAYMENT_CARD = "payment-card"
    """Its answer to reset names a payment scheme: not one command was sent to it. "Use the payment terminal"."""
    UNKNOWN_CARD = "unknown-card"
    """None of what was asked for, as most payment cards are. "This card is not read here. To pay, use the payment terminal"."""
    UNREADABLE = "unreadable"
    """It answered against its own rules, or too much."""
    TAKEN_AWAY = "taken-away"
    BADGE_UNTRUSTED = "badge-untrusted"
    """No certificate, none of our authority's, or a key that is too weak."""
    BADGE_EXPIRED = "badge-expired"
    BADGE_REVOKED = "badge-revoked"
    BADGE_FALSE = "badge-false"
    """It could not prove that it holds the certificate's key: a copy."""
    BADGE_LOCKED = "badge-locked"
    """Every key on it wants a PIN of the card's own, which nobody types into a kiosk."""


@dataclass(frozen=True, slots=True)
class Badge:
    """Staff, proved by challenge and response. `holder` is the certificate's common name, `serial` its number in hexadecimal."""

    holder: str
    serial: str
    kind: Literal["badge"] = "badge"


@dataclass(frozen=True, slots=True)
class Insured:
    """A German health card's holder: `number` is the insurant's (a letter and nine digits, check digit right), `born` is YYYYMMDD
    as written there (an unknown day or month is 00), `insurer` the insurer's number of nine digits, empty where it is not said.

    It identifies and does not authenticate: whoever holds the card can show it.
    """

    number: str
    first_name: str
    last_name: str
    born: str
    insurer: str
    kind: Literal["insured"] = "insured"


@dataclass(frozen=True, slots=True)
class Wristband:
    """`uid` in hexadecimal; `text` of its first NDEF text record, empty where there is none. A UID can be copied: it identifies,
    and never authenticates."""

    uid: str
    text: str
    kind: Literal["wristband"] = "wristband"


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Refusal
    kind: Literal["refused"] = "refused"


Seen = Badge | Insured | Wristband | Refused


class CardReader(Protocol):
    """One reader. All methods belong to one asyncio loop; `seen` is called on it."""

    async def open(self) -> None:
        """Starts looking after the reader; returns at once, `health` says how it goes. Comes back by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health: ...

    def watch(self, wanted: frozenset[Kind], seen: Callable[[Seen], None]) -> None:
        """From now on each card that is put on, and the one that lies there, is asked for what is `wanted`."""

    def rest(self) -> None:
        """Cards that are put on are asked nothing."""


class CardError(Exception):
    """A card did what no card may, or left: `reason` says which, its words are a place in our code's names and never its data."""

    def __init__(self, reason: Refusal, where: str) -> None:
        super().__init__(f"{reason}: {where}")
        self.reason = reason

"""The port to a card terminal: what the engine may ask of any terminal, whatever it speaks.

The shape makes the unsafe thing impossible to write: `pay` takes the way to commit its result, and no driver may
acknowledge money to the terminal before that has returned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from devices.health import Health
from domain.money import Money
from domain.payment import HANDED_BACK, Mark, Outcome, Result


class Reverses(StrEnum):
    """Which sale a terminal can take back."""

    NONE = "none"
    LAST = "last"
    """The newest only, whatever receipt it is asked for (Portalum.Zvt#24): what it took back is compared."""
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a terminal can do, as data: who wants to know looks here, never at its kind.

    `hub_authorises` is for a reader that hands over encrypted card data: each sale needs the hub, and while that is away it can
    only be captured. `approves_offline` is for one that may approve without asking the bank, and says so. `last_result`: whether
    it can be asked what it did last.
    """

    protocol: str
    hub_authorises: bool
    approves_offline: bool
    last_result: bool
    reverses: Reverses
    end_of_day: bool


class Step(StrEnum):
    """Where a sale is, for the patient's eyes."""

    INSERT_CARD = "insert-card"
    READING = "reading"
    ENTER_PIN = "enter-pin"
    WAIT = "wait"
    REMOVE_CARD = "remove-card"
    CHECKING = "checking"
    """The terminal fell silent and we are asking it what happened."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What is to be charged. `attempt` is our id, already committed together with `newest`, where the terminal's own numbers
    stood before (`Terminal.newest`), so that an older sale is never taken for this one; `opened_at` (aware) is when. `offline` is
    whether the hub was away when the patient said yes: where the hub authorises, this sale is captured or not made. `doubt` is
    why an earlier word on it left its end unknown (its reason), empty where none was said: some reasons no inquiry cures."""

    attempt: str
    amount: Money
    newest: Mark | None
    opened_at: dt.datetime
    offline: bool
    doubt: str = ""


def nothing(sale: Sale, outcome: Outcome, reason: str) -> Result:
    """A result in which nothing was taken that we know of."""
    return Result(outcome, Money(0, sale.amount.currency), reason=reason)


@dataclass(frozen=True, slots=True)
class Reversal:
    """A sale to be taken back: its number on the terminal and what must come back, all of it."""

    receipt: int
    amount: Money


class ReversalEnd(StrEnum):
    """What became of a reversal. OTHER: the terminal took back another sale, or another amount, and a person must see to it."""

    REVERSED = "reversed"
    REFUSED = "refused"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reversed:
    """`amount`, `receipt` and `trace` are what the terminal says it took back, None where it did not say; `reason` is a code."""

    end: ReversalEnd
    amount: Money | None = None
    receipt: int | None = None
    trace: int | None = None
    reason: str = ""
    slip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What the terminal closed its day with: how many sales and how much, the first and the last receipt number among them, each
    None where it did not say; its id, empty where it did not; and what it printed."""

    count: int | None
    amount: Money | None
    receipts: tuple[int, int] | None = None
    terminal_id: str = ""
    slip: tuple[str, ...] = ()

    @property
    def under(self) -> tuple[str, tuple[int, int], str] | None:
        """Under which terminal id, receipt numbers and currency a journal has that day; None where it did not say all of them."""
        if self.amount is None or self.receipts is None or not self.terminal_id:
            return None
        return self.terminal_id, self.receipts, self.amount.currency


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Who the terminal says it is, for a technician: empty where it did not say."""

    software: str
    serial: str
    terminal_id: str
    slip: tuple[str, ...] = ()


Commit = Callable[[Result], Awaitable[None]]
"""Makes a result durable. Awaited before money is acknowledged to the terminal; if it raises, the terminal is told
that the goods were not issued (ZVT 84 66) and the sale reverses itself."""

Progress = Callable[[Step], None]


class NotStarted(Exception):
    """The sale was not begun and no money can have moved. `fault` says why (devices.health)."""

    def __init__(self, fault: str, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}".strip())
        self.fault = fault
        self.detail = detail


TOOK_BACK = "last-receipt-reversal"
"""The reason of a last result that is of taking a sale back, and of an UNKNOWN where the terminal showed such a one."""

CANNOT_TELL = HANDED_BACK | {
    "no-baseline",
    "no-last-receipt",
    "last-receipt-older",
    "last-receipt-differs",
    "last-receipt-other-day",
    TOOK_BACK,
}
"""Reasons of an UNKNOWN after which the terminal has been asked, or need not be: its memory holds nothing more of that sale."""


class Terminal(Protocol):
    """One terminal, one sale at a time. All methods belong to one asyncio loop."""

    async def open(self) -> None:
        """Starts looking after the connection; returns at once, `health` says how it goes. Reconnects by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def newest(self) -> Mark | None:
        """Where the terminal's own numbers stand now; asked of it where the driver does not know. None when it cannot tell:
        then a sale whose end is not heard stays unknown, unless the hub knows it by our id. Raises NotStarted when the terminal
        cannot be reached."""

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        """Runs the sale to its end and returns what was committed. Never raises for something that may have moved money:
        that is Outcome.UNKNOWN, after the driver itself has reconnected and asked. Raises NotStarted when nothing was sent."""

    async def cancel(self) -> None:
        """Asks the terminal to stop the running sale. A request: only `pay`'s result says what happened."""

    async def inquire(self, sale: Sale) -> Result:
        """What became of a sale whose end we did not hear, by status and last receipt, judged by `sale.newest`, its amount and
        its time. UNKNOWN when it cannot be told, and for a sale that was refused to the terminal (goods not issued,
        `sale.doubt`): what it says of that one may be what it reverses.
        Never charges. Raises DeviceError when the terminal cannot be reached."""

    def inquiry_owed(self, owed: bool) -> None:
        """Says whether a sale has still to be asked after. While one has, the driver does nothing by itself that may push it out
        of the terminal's memory (an end of the day, an initialisation), unless the terminal refuses to tell without."""


class Serviced(Terminal, Protocol):
    """What a terminal can be asked between sales: by a technician, and by the kiosk when nobody is there."""

    async def last(self) -> Result | None:
        """What the terminal says it did last, whosever sale that was: for a technician's eyes, never for a patient's. With the
        reason TOOK_BACK where it took a sale back. None where it has done nothing yet or cannot tell. Raises NotStarted when it
        cannot be asked."""

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        """Takes a sale back and compares what was taken back with what was asked. Never raises for what may have moved money.
        Raises NotStarted when nothing was sent."""

    async def end_of_day(self, progress: Progress) -> DayTotals:
        """Closes the terminal's day, open reservations taken back first. Raises NotStarted when it was not begun, DeviceError
        when it was and did not end."""

    def day_closed(self) -> DayTotals | None:
        """What a day that has been closed since this was asked last came to, whatever it was closed for: the driver closes one by
        itself where the terminal sells nothing without. None where none was."""

    async def diagnose(self) -> Diagnosis:
        """Has the terminal look at itself and its line to the bank. Raises NotStarted, DeviceError."""

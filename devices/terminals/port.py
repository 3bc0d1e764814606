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
from domain.payment import Mark, Result


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
    stood before (`Terminal.newest`), so that an older sale is never taken for this one; `opened_at` (aware) is when."""

    attempt: str
    amount: Money
    newest: Mark | None
    opened_at: dt.datetime


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


class Terminal(Protocol):
    """One terminal, one sale at a time. All methods belong to one asyncio loop."""

    async def open(self) -> None:
        """Starts looking after the connection; returns at once, `health` says how it goes. Reconnects by itself."""

    async def close(self) -> None: ...

    def health(self) -> Health: ...

    async def newest(self) -> Mark | None:
        """Where the terminal's own numbers stand now; asked of it where the driver does not know. None when it cannot tell:
        then a sale whose end is not heard stays unknown. Raises NotStarted when the terminal cannot be reached."""

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        """Runs the sale to its end and returns what was committed. Never raises for something that may have moved money:
        that is Outcome.UNKNOWN, after the driver itself has reconnected and asked. Raises NotStarted when nothing was sent."""

    async def cancel(self) -> None:
        """Asks the terminal to stop the running sale. A request: only `pay`'s result says what happened."""

    async def inquire(self, sale: Sale) -> Result:
        """What became of a sale whose end we did not hear, by status and last receipt, judged by `sale.newest`, its amount and
        its time. UNKNOWN when it cannot be told, and for a sale that this driver has refused (goods not issued).
        Never charges. Raises DeviceError when the terminal cannot be reached."""

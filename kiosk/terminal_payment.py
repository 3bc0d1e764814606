"""A technician's payment: journalled as a visit's is, so that one attempt id never charges twice. Knows the port and the journal.

Until the terminal hears of money nothing is promised; from the attempt's opening on, every path ends with an outcome in the
journal, or leaves the attempt open, to be asked about by the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from devices.health import Condition, DeviceError, Health
from devices.terminals.port import CANNOT_TELL, NotStarted, Progress, Sale, Step, Terminal
from domain.money import Money, format_money
from domain.payment import Outcome, Result
from kiosk.terminal_journal import Entry, JournalRefused, TerminalJournal

CANCELLED = "cancelled"
"""The fault of a payment that was stopped before it had begun."""
HUB_AUTHORISES = "hub-authorises"
"""The fault of a payment with a reader whose cards the hub authorises, for bills and nothing else."""
NEWER_ATTEMPT = "newer-attempt"
"""The reason of an UNKNOWN that can be asked about no more: the terminal remembers one payment, and has made another since."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid: `attempt` is the technician's id for it, `terminal` names where (address_of its URI)."""

    attempt: str
    amount: Money
    terminal: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an order. `result` says it, or where that is None `fault`: why it was not started, and no money moved then.
    `detail` is the driver's, or a sentence about the journal."""

    order: Order
    result: Result | None = None
    fault: str = ""
    detail: str = ""


def known_end(order: Order, journal: TerminalJournal) -> Ended | None:
    """How an attempt of that id ended, without any terminal; None when that has yet to be seen. Raises JournalRefused when the id
    is another order's, or an older attempt has to be asked about first."""
    found = journal.find(order.attempt)
    if found is None:
        refuse_older(journal)
        return None
    if found.amount != order.amount:
        raise JournalRefused(
            "attempt-differs",
            f"Attempt {order.attempt} is of {_money(found.amount)}, not {_money(order.amount)}. "
            "Nothing was charged; another amount is another attempt.",
        )
    if found.ended:
        return Ended(order, found.result, found.fault)
    newest = journal.newest()
    if newest is not None and newest.id != found.id:
        # The terminal remembers one sale: what it says now is the newer one's, however equal the amounts.
        return Ended(order, _unknown(order, NEWER_ATTEMPT))
    if found.terminal != order.terminal:
        raise JournalRefused(
            "attempt-elsewhere",
            f"Attempt {order.attempt} was made at {found.terminal}, and only that terminal can say what became of it. "
            "Nothing was charged. (With its tid in the URI, or by /dev/serial/by-id, a terminal is the same one on any port.)",
        )
    return None


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until the terminal is there, until one that is busy with the attempt in question is free, between two looks."""

    reach: float = 20.0
    """A serial line with nobody on it is known as such after three times five seconds."""
    busy: float = 200.0
    """A terminal that lost its till in the middle of a sale ends it by itself, within three minutes."""
    look: float = 0.05


class Payment:
    """One order, carried out once."""

    def __init__(
        self,
        order: Order,
        terminal: Terminal,
        journal: TerminalJournal,
        clock: Callable[[], dt.datetime],
        progress: Progress,
        patience: Patience,
    ) -> None:
        self._order = order
        self._terminal = terminal
        self._journal = journal
        self._clock = clock
        self._progress = progress
        self._patience = patience
        self._stopped = asyncio.Event()

    async def cancel(self) -> None:
        """Asks for the end; only `run` says whether it came to that."""
        self._stopped.set()
        await self._terminal.cancel()

    async def run(self) -> Ended:
        """Pays, or asks what became of the same attempt before. Raises JournalRefused before the terminal has heard of money."""
        if (ended := known_end(self._order, self._journal)) is not None:
            return ended
        await reached(self._terminal, self._patience, self._stopped)
        found = self._journal.find(self._order.attempt)
        return await (self._pay() if found is None else self._ask(found))

    async def _pay(self) -> Ended:
        order = self._order
        if self._terminal.capabilities.hub_authorises:
            return Ended(order, fault=HUB_AUTHORISES)
        try:
            newest = await self._terminal.newest()
        except NotStarted as refusal:
            return Ended(order, fault=CANCELLED if self._stopped.is_set() else refusal.fault, detail=refusal.detail)
        if self._stopped.is_set():
            return Ended(order, fault=CANCELLED)
        entry = Entry(order.attempt, order.terminal, order.amount, newest, self._clock())
        self._journal.open_attempt(entry)
        try:
            result = await self._terminal.pay(_sale(entry), self._commit, self._progress)
        except NotStarted as refusal:
            self._journal.not_started(order.attempt, refusal.fault)
            return Ended(order, fault=refusal.fault, detail=refusal.detail)
        except JournalRefused as refusal:
            return Ended(order, _unknown(order, refusal.reason), detail=str(refusal))
        return Ended(order, result)

    async def _commit(self, result: Result) -> None:
        self._journal.settle(self._order.attempt, result, asked=result.reason in CANNOT_TELL)

    async def _ask(self, entry: Entry) -> Ended:
        """Asks until the terminal answers; one that does not leaves the attempt as it was, to be asked about another time."""
        self._progress(Step.CHECKING)
        end = _time() + self._patience.busy
        while True:
            try:
                result = await self._terminal.inquire(_sale(entry))
            except DeviceError as error:
                if error.fault != "terminal-busy" or self._stopped.is_set() or _time() >= end:
                    return Ended(self._order, _unknown(self._order, error.fault), detail=error.detail)
                await _until(self._stopped, 20 * self._patience.look)
            else:
                self._journal.settle(entry.id, result, asked=True)
                return Ended(self._order, result)


async def reached(terminal: Terminal, patience: Patience, stopped: asyncio.Event) -> Health:
    """The terminal's health once its first connection has come to something and it is not busy any more; when `patience` has run
    out, or one has stopped, whatever it is then. The port tells no changes: it is looked at again and again."""
    end = _time() + patience.reach
    while _may_come(health := terminal.health()) and not stopped.is_set() and _time() < end:
        await _until(stopped, patience.look)
    return health


def _may_come(health: Health) -> bool:
    first_try = health.condition is Condition.AWAY and not health.detail
    return first_try or health.condition is Condition.BUSY


async def _until(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _time() -> float:
    return asyncio.get_running_loop().time()


def _sale(entry: Entry) -> Sale:
    doubt = entry.result.reason if entry.result else ""
    return Sale(entry.id, entry.amount, entry.newest, entry.opened_at, offline=False, doubt=doubt)


def _unknown(order: Order, reason: str) -> Result:
    return Result(Outcome.UNKNOWN, Money(0, order.amount.currency), reason=reason)


def refuse_older(journal: TerminalJournal) -> None:
    """Nothing else may be done with the terminal while its newest attempt has still to be asked about. Raises JournalRefused."""
    older = journal.to_inquire()
    if older is not None:
        raise JournalRefused(
            "older-attempt",
            f"The attempt before this one, {older.id} of {_money(older.amount)} at {older.terminal}, has no known end, so "
            f"nothing was done. Ask the terminal about it first: `pay` with its amount and --attempt {older.id}.",
        )


def _money(amount: Money) -> str:
    return format_money(amount, "en_US")

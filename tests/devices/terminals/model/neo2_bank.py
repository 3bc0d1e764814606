"""The hub's gateway as a kiosk reaches it: it has the money's books, and each question and answer may be lost on the way."""

from __future__ import annotations

import asyncio

from devices.terminals.authorizer import Authorization, NotReached, Unanswered
from domain.money import Money
from domain.payment import CardData
from tests.devices.terminals.model.books import HANDED_BACK, Books
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.house import House
from tests.devices.terminals.neo2.bank import NO, YES

LATE_S = 150.0
"""How long a question may be under way: longer than the kiosk asks after it at once."""
LOST, AWAY = Unanswered("hub-timeout"), NotReached("hub-away")

GONE_S = 200.0
"""How long the hub may be gone: longer than a sale asks for it, and than a question is under way."""

FAULTS = ("away", "lost", "answer lost", "gone before", "gone after", "crash before", "crash after")
"""AWAY says that the hub was certainly not reached; where it is gone after, it has heard and nobody hears its answer."""


class ModelBank:
    """Idempotent by attempt, for ever: what was answered once is the answer, and what was asked after and not there is closed."""

    def __init__(self, path: Path) -> None:
        self.books = Books()
        self._path = path
        self._closed: set[str] = set()
        self._answered: dict[str, bool] = {}
        self._gone_until = 0.0
        self._under_way: list[tuple[str, int, float]] = []
        """Questions to authorise that will come yet: the attempt, the amount, and when."""

    def frozen(self) -> object:
        now = asyncio.get_running_loop().time()
        return (
            frozenset(self._closed),
            tuple(self._answered.items()),
            tuple((charge.attempt, charge.minor, charge.gone) for charge in self.books.charges),
            max(0.0, self._gone_until - now),
            tuple((attempt, minor, when - now) for attempt, minor, when in self._under_way),
        )

    def gone(self) -> bool:
        return asyncio.get_running_loop().time() < self._gone_until

    def leave(self) -> None:
        self._gone_until = asyncio.get_running_loop().time() + GONE_S

    def arrive(self) -> None:
        """What was under way long enough is heard."""
        now = asyncio.get_running_loop().time()
        for question in [question for question in self._under_way if question[2] <= now]:
            self._under_way.remove(question)
            self.authorize(*question[:2])

    def settle(self) -> None:
        """Whatever is still under way is heard in the end."""
        for attempt, minor, _ in self._under_way:
            self.authorize(attempt, minor)

    def authorize(self, attempt: str, minor: int) -> Authorization:
        if attempt in self._closed:
            return Authorization(False, reason="gateway-closed")
        if attempt not in self._answered:
            self._answered[attempt] = self._path.choose("the bank", "approves", "declines") == "approves"
            if self._answered[attempt]:
                self.books.charge(minor, attempt)
        return YES if self._answered[attempt] else NO

    def delay(self, attempt: str, minor: int) -> None:
        self._under_way.append((attempt, minor, asyncio.get_running_loop().time() + LATE_S))

    def inquire(self, attempt: str) -> Authorization | None:
        if attempt in self._closed or attempt not in self._answered:
            self._closed.add(attempt)
            return None
        return YES if self._answered[attempt] else NO

    def void(self, attempt: str) -> None:
        self._closed.add(attempt)
        for charge in self.books.standing(attempt):
            charge.gone = HANDED_BACK


class BankLine:
    """An authorizer.Authorizer of one process: the way to the bank and back, with a fault at each."""

    def __init__(self, bank: ModelBank, path: Path, house: House) -> None:
        self._bank = bank
        self._path = path
        self._house = house

    async def authorize(self, attempt: str, amount: Money, card: CardData) -> Authorization:
        self._bank.arrive()
        fault = await self._asks("the bank is asked", *FAULTS, "late")
        self._house.sends_sale(attempt)
        if fault == "lost":
            raise LOST
        if fault == "late":
            self._bank.delay(attempt, amount.minor)
            raise LOST
        said = self._bank.authorize(attempt, amount.minor)
        await self._answers(fault)
        return said

    async def inquire(self, attempt: str) -> Authorization | None:
        self._bank.arrive()
        fault = await self._asks("the bank is asked again", *FAULTS)
        if fault == "lost":
            raise LOST
        said = self._bank.inquire(attempt)
        await self._answers(fault)
        return said

    async def void(self, attempt: str) -> None:
        self._bank.arrive()
        self._house.takes_back(attempt)
        fault = await self._asks("the bank is told to take it back", *FAULTS)
        if fault == "lost":
            raise LOST
        self._bank.void(attempt)
        await self._answers(fault)

    async def _asks(self, what: str, *faults: str) -> str:
        await self._house.alive()
        if self._bank.gone():
            raise AWAY
        fault = self._path.choose(what, "well", *faults)
        match fault:
            case "crash before":
                self._house.dies()
                await self._house.alive()
            case "gone before":
                self._bank.leave()
                raise AWAY
            case "away":
                raise AWAY
        return fault

    async def _answers(self, fault: str) -> None:
        if fault == "crash after":
            self._house.dies()
        await self._house.alive()
        if fault == "gone after":
            self._bank.leave()
        if fault in ("answer lost", "gone after"):
            raise LOST

"""Who holds a card to a simulated terminal: a person, by command, or a card that comes by itself."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

SHOWN = ("insert", "tap", "decline")
"""`decline` is an inserted card whose bank says no."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: until a card comes by itself, for the bank, between signs of life when slow, for the till's answers, until nobody
    is expected with a card any more, and before a terminal repeats what the till was not ready for."""

    card: float
    bank: float
    slow: float
    answer: float
    card_timeout: float
    repeat: float


class Cardholder:
    """`manual` waits for `show`; otherwise a card comes by itself, in that `way`, and is taken out again."""

    def __init__(self, manual: bool, way: str, pace: Pace) -> None:
        self.manual = manual
        self._way = way
        self._pace = pace
        self._shown: asyncio.Queue[str] = asyncio.Queue()

    def show(self, what: str) -> None:
        """Raises ValueError for what nobody can do with a card."""
        if what not in (*SHOWN, "remove"):
            raise ValueError("nobody can do that with a card")
        self._shown.put_nowait(what)

    def forget(self) -> None:
        """What was shown before counts no more."""
        while not self._shown.empty():
            self._shown.get_nowait()

    def taken_out(self) -> bool:
        """Whether a card that had been left in was taken out since; what else was shown meanwhile counts no more."""
        shown = [self._shown.get_nowait() for _ in range(self._shown.qsize())]
        return "remove" in shown

    async def card(self) -> str:
        """How the next card is shown, one of SHOWN."""
        if not self.manual:
            await asyncio.sleep(self._pace.card)
            return self._way
        while (what := await self._shown.get()) not in SHOWN:
            continue
        return what

    async def removed(self) -> bool:
        """Whether the card was taken out before nobody waits any longer."""
        if not self.manual:
            await asyncio.sleep(self._pace.card)
            return True
        try:
            async with asyncio.timeout(self._pace.card_timeout):
                while await self._shown.get() != "remove":
                    continue
        except TimeoutError:
            return False
        return True


def some_card(chance: random.Random) -> tuple[str, str]:
    """A brand, and a number as receipts show it."""
    brand, first = chance.choice((("VISA", "4"), ("Mastercard", "5"), ("American Express", "3")))
    return brand, f"{first}{chance.randrange(10**5):05d}eeeeee{chance.randrange(10**4):04d}"

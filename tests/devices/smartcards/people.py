"""Who issues badges in the tests, and when."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from devices.smartcards.apdu import Line
from devices.smartcards.port import Seen
from devices.smartcards.simulator.cards import Card
from devices.smartcards.simulator.issuer import Issuer, Period
from devices.smartcards.trust import Trust

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
GOOD = Period(NOW - DAY, NOW + 365 * DAY)
PAST = Period(NOW - 9 * DAY, NOW - DAY)


def clock() -> dt.datetime:
    return NOW


def random(size: int) -> bytes:
    """The same each time: only whether two differ would matter, and nobody compares."""
    return bytes(range(size))


def trust_in(*issuers: Issuer) -> Trust:
    return Trust(tuple(issuer.certificate for issuer in issuers), (), clock)


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Made once: it takes its time."""
    return rsa.generate_private_key(65_537, bits)


def line_to(card: Card) -> Line:
    """A line without a reader in between."""
    return lambda command: bytearray(card.answer(command) or b"")


def scripted(*answers: str) -> tuple[Line, list[str]]:
    """A line that gives these answers (hexadecimal), one after the other, and what it was sent."""
    left, sent = [bytearray.fromhex(answer) for answer in answers], list[str]()

    def line(command: bytes) -> bytearray:
        sent.append(command.hex())
        return left.pop(0)

    return line, sent


async def until(true: Callable[[], bool]) -> None:
    """Waits for what another process does; a minute is more than any of them needs, on a busy machine too."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - it has no event of ours
            await asyncio.sleep(0.01)


async def first(seen: asyncio.Queue[Seen]) -> Seen:
    """What was seen next."""
    return await asyncio.wait_for(seen.get(), 60)

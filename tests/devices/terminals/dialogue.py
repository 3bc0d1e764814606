"""One sale, or one service, with a terminal in memory, in virtual time: what the tests of dialogues share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from devices.health import Condition
from devices.terminals.port import Sale, Step
from devices.terminals.zvt.bmp import fields
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet
from domain.payment import IN_DOUBT, Mark, Outcome, Result
from tests.devices.terminals.simulated import Journal, becomes, sale
from tests.devices.terminals.virtual import (
    COMPLETION,
    Answers,
    FakeLink,
    Peer,
    Script,
    approval,
    driver,
    shows,
    until_sale,
)
from tests.virtual_time import now, run

T = TypeVar("T")
OLD = approval(500, receipt=7, trace=70)
SALE = sale(1234, Mark(7, 70))


async def ready(terminal: ZvtTerminal) -> None:
    await terminal.open()
    await becomes(terminal, Condition.READY)


def after(*, says: tuple[Packet, ...] = (), ends: Callable[[Peer], None] = lambda peer: None) -> Script:
    """Accepts a sale, says `says`, then ends as told and is deaf."""

    async def script(peer: Peer) -> None:
        await until_sale(peer, last=OLD)
        peer.say(ACCEPTED)
        for packet in says:
            await peer.ask(packet)
        ends(peer)
        await asyncio.Event().wait()

    return script


def paid(*scripts: Script, journal: Journal | None = None, what: Sale = SALE, sends: int = 1) -> tuple[Result, FakeLink, float]:
    """The result of one sale, the link it went over, and the virtual seconds it took."""
    kept = journal or Journal()

    async def main() -> tuple[Result, FakeLink, float]:
        link = FakeLink(*scripts, sends=sends)
        terminal = driver(link)
        await ready(terminal)
        began = now()
        result = await terminal.pay(what, kept.commit, kept.steps.append)
        took = now() - began
        await terminal.close()
        return result, link, took

    result, link, took = run(main)
    *before, last = kept.results
    assert last.outcome is result.outcome
    assert len(before) <= 1
    assert all(word.outcome is (Outcome.APPROVED if last.reason == IN_DOUBT else Outcome.UNKNOWN) for word in before)
    assert link.sent(Kind.AUTHORISATION) <= 1
    return result, link, took


# Between sales

LINE = Packet(Kind.PRINT_LINE, (b"\0",), text="Day closed")
NONE_RESERVED = Packet(Kind.ABORT, (b"\xb8",), fields((0x87, b"\xff\xff")))
CLOSED: Answers = {
    Kind.RESERVATION_BOOKING: (ACCEPTED, NONE_RESERVED),
    Kind.END_OF_DAY: (ACCEPTED, COMPLETION),
}

GOOD: Answers = {Kind.DIAGNOSIS: (ACCEPTED, shows(0x04), Packet(Kind.TILL_CLOCK), LINE, COMPLETION)}


def asked(link: FakeLink, doing: Callable[[ZvtTerminal], Awaitable[T]], *, able: bool = True) -> T:
    async def main() -> T:
        terminal = driver(link)
        if able:
            await ready(terminal)
        else:
            await terminal.open()
            await becomes(terminal, Condition.OUT)
        result = await doing(terminal)
        await terminal.close()
        return result

    return run(main)


def commands(link: FakeLink) -> list[Kind]:
    """What was asked of the terminal, apart from how it is."""
    idle = (Kind.REGISTRATION, Kind.STATUS_ENQUIRY, Kind.ACCEPTED, Kind.REFUSED)
    return [packet.kind for packet in link.heard if packet.kind not in idle]


def nowhere(step: Step) -> None:
    """Nobody watches."""

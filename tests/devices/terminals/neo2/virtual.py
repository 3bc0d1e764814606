"""A NEO 2 reader in memory, for tests in virtual time. It holds the driver to the protocol's rule, whatever the driver thinks."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from devices.health import Condition
from devices.terminals.neo2.driver import Neo2Terminal, Setup
from devices.terminals.neo2.framing import Frame, FrameParser, encode, response
from devices.terminals.neo2.session import Timers
from devices.terminals.port import Sale
from domain.money import Money
from domain.payment import Outcome, Result
from tests.devices.terminals.neo2.bank import Bank
from tests.devices.terminals.neo2.cards import contact_word, inserted, tapped
from tests.devices.terminals.scripted import FarEnd, ScriptedLink
from tests.devices.terminals.simulated import Journal, becomes
from tests.virtual_time import run

SERIAL = "630Z000001"
SETUP = Setup("USD", 840, captures=True)
SALE = Sale("attempt-1", Money(1234, "USD"), None, dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC), offline=False)
OFFLINE = replace(SALE, offline=True)
ACCEPTED = response(0x60, 0x63)


class Peer(FarEnd[Frame, Frame]):
    """The far end of a FakeLink."""

    def __init__(self) -> None:
        super().__init__()
        self.running: int | None = None
        """The command of the transaction that is under way."""
        self.stopping = False

    def say(self, frame: Frame) -> None:
        """Every frame that is said is one of its own: the driver wipes what it has read."""
        if frame.response and frame.command == self.running and frame.code not in (0x0E, 0x63):
            self.running = None
        if frame.response and frame.command == 0x05:
            self.running, self.stopping = None, False
        (said,) = FrameParser().feed(encode(frame))
        assert isinstance(said, Frame)
        self.to_till.put(said)

    def told(self, frame: Frame) -> None:
        """The rule, from the reader's side: while a card's transaction runs only cancel and stop, and after that nothing."""
        if frame.response:
            assert frame.command == 0x61, "an answer that nobody asked for"
        else:
            assert not self.stopping, f"{frame!r} after a cancel that was not answered"
            assert self.running is None or frame.command == 0x05, f"{frame!r} while a transaction runs"
            self.stopping = frame.command == 0x05
            if frame.command in (0x02, 0x60):
                self.running = frame.command
        self.from_till.put_nowait(frame)


Script = Callable[[Peer], Coroutine[Any, Any, None]]


class FakeLink(ScriptedLink[Peer, Frame, Frame]):
    """A link.Link in memory."""

    def __init__(self, *scripts: Script) -> None:
        super().__init__(Peer, *scripts)
        self.garbled = False
        self.handed: list[Frame] = []
        """Frames that the driver has received: the very ones, so that it can be seen what it leaves in them."""

    async def send(self, frame: Frame) -> None:
        peer = self._reach()
        self.heard.append(frame)
        peer.told(frame)

    async def receive(self) -> Frame:
        frame = await super().receive()
        self.handed.append(frame)
        return frame

    def card_data_left(self) -> list[Frame]:
        return [frame for frame in self.handed if frame.command in (0x02, 0x03, 0x60) and any(frame.data)]

    def sent(self, command: int, code: int) -> int:
        return sum((frame.command, frame.code) == (command, code) for frame in self.heard)


def driver(link: FakeLink, bank: Bank | None = None, setup: Setup = SETUP, timers: Timers | None = None) -> Neo2Terminal:
    return Neo2Terminal(link, bank or Bank(), setup, timers or Timers())


# What a well-behaved reader says

SAYS = {
    (0x05, 0x01): response(0x05, 0),
    (0x18, 0x01): response(0x18, 0),
    (0x29, 0x00): response(0x29, 0, b"Kiosk V 1.00\0"),
    (0x12, 0x01): response(0x12, 0, SERIAL.encode("ascii").ljust(15, b"\0")),
    (0x01, 0x01): response(0x01, 0),
    (0x09, 0x20): response(0x09, 0, b"FW, Vendi V1.00,,\r\nCL L1,EMV 4.3 L1, v1.00\r\n\0"),
    (0x2C, 0x18): response(0x2C, 0),
}


async def until(peer: Peer, *commands: tuple[int, int], says: dict[tuple[int, int], Frame] | None = None) -> Frame:
    """Serves until one of `commands` comes, which is left unanswered."""
    while True:
        frame = await peer.hear()
        if (frame.command, frame.code) in commands:
            return frame
        known = (SAYS | (says or {})).get((frame.command, frame.code))
        if known is not None:
            peer.say(known)


ACTIVATE, AUTHENTICATE, COMPLETE, CANCEL = (0x02, 0x40), (0x60, 0x11), (0x60, 0x12), (0x05, 0x01)


def serving(**says: Frame) -> Script:
    """A reader that answers everything but cards, for ever. `says` by the command and its sub-command: c18_01=..."""
    others = {(int(name[1:3], 16), int(name[4:], 16)): frame for name, frame in says.items()}

    async def script(peer: Peer) -> None:
        await until(peer, (0xFF, 0xFF), says=others)

    return script


def tapping(*says: Frame, after: Script | None = None) -> Script:
    """A reader at which a card is tapped: `says` in answer to each activation."""

    async def script(peer: Peer) -> None:
        while True:
            await until(peer, ACTIVATE)
            for frame in says or (tapped(),):
                peer.say(frame)
            if after is not None:
                await after(peer)

    return script


def inserting(
    *completes: Frame, authenticates: tuple[Frame, ...] = (ACCEPTED, contact_word(4)), start: Frame | None = None
) -> Script:
    """A reader into which a card is put: it wants to go online, and `completes` is its last word."""

    async def script(peer: Peer) -> None:
        while True:
            await until(peer, ACTIVATE)
            peer.say(start or inserted())
            await until(peer, AUTHENTICATE, CANCEL)
            for frame in authenticates:
                peer.say(frame)
            if authenticates[-1].data[:2] == b"\0\4":
                await until(peer, COMPLETE, CANCEL)
                for frame in completes or (ACCEPTED, contact_word(2)):
                    peer.say(frame)

    return script


async def silence(peer: Peer) -> None:
    await asyncio.Event().wait()


async def hangs_up(peer: Peer) -> None:
    peer.cut()
    await asyncio.Event().wait()


async def ready(terminal: Neo2Terminal) -> None:
    await terminal.open()
    await becomes(terminal, Condition.READY)


def paid(
    *scripts: Script,
    bank: Bank | None = None,
    journal: Journal | None = None,
    what: Sale = SALE,
    during: Callable[[Neo2Terminal, FakeLink], Coroutine[Any, Any, None]] | None = None,
    setup: Setup = SETUP,
    timers: Timers | None = None,
) -> tuple[Result, FakeLink]:
    """The result of one sale, and the link it went over. `during` runs beside it."""
    kept = journal or Journal()

    async def main() -> tuple[Result, FakeLink]:
        link = FakeLink(*scripts)
        terminal = driver(link, bank, setup, timers)
        await ready(terminal)
        beside = asyncio.ensure_future(during(terminal, link)) if during is not None else None
        result = await terminal.pay(what, kept.commit, kept.steps.append)
        if beside is not None:
            await beside
        await terminal.close()
        return result, link

    result, link = run(main)
    assert kept.results == [result]
    assert link.card_data_left() == []
    assert link.sent(*ACTIVATE) <= 1
    assert (result.card_data is not None) is (result.outcome is Outcome.CAPTURED)
    return result, link

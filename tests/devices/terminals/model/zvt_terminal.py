"""A ZVT terminal from its own side of the protocol, with its own books, and the line to it: APDU by APDU, a fault at each."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import suppress
from dataclasses import astuple
from typing import Protocol

from devices.terminals.errors import LinkDown
from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.codes import ABORTED, BUSY, GOODS_NOT_ISSUED, NOT_SUPPORTED
from devices.terminals.zvt.connection import Registering
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode, refused
from devices.terminals.zvt.session import Timers
from tests.devices.terminals.model.books import (
    AS_REVERSAL,
    HANDED_BACK,
    NOT_SHOWN,
    POWER,
    STILL_SHOWN,
    Books,
    Charge,
)
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.house import House
from tests.devices.terminals.model.line import ModelLine
from tests.devices.terminals.virtual import COMPLETION, NOON, abort, approval, failure, shows

CARD_S = 10.0
"""Until the patient's card is in."""
ANSWER_S = 10.0
"""How long the terminal waits for the till's answer."""
REPEAT_S = 3.0
"""After 84 9C it says its status information again."""
ALONE_S = 120.0
"""How long a sale may go on that nobody listens to: longer than the driver asks at once."""
DECLINED, NOT_POSSIBLE = 0x05, 0xB5
REVERSED = "reversed"

TALK = Generator[Packet | float, Packet | None, None]
"""One conversation of the terminal's: it says a packet and is sent the till's answer, or lets seconds pass."""


class Unheard(Exception):
    """The till does not answer. `line`: whether there still is one to it."""

    def __init__(self, line: bool) -> None:
        super().__init__()
        self.line = line


class ModelTerminal:
    """house.Device: a terminal whose line is a ModelLink."""

    tells = False

    def __init__(self, path: Path) -> None:
        self.books = Books()
        self.path = path
        self.process = 0
        self.selling = ""
        """The attempt of the sale that it was last sent."""
        self._line: ModelLink | None = None
        self._talk: TALK | None = None
        self._about_money = False
        self._timer: asyncio.TimerHandle | None = None
        self._waits = False
        """For the till's answer."""
        self._charge: Charge | None = None
        self._abort = False
        self._early = False
        self._busy_until = 0.0
        self._last_word: Packet | None = None
        """Of a reversal, which is its last transaction then."""

    def frozen(self) -> object:
        """All that it knows while nobody is connected."""
        charges = tuple(astuple(charge) for charge in self.books.charges)
        return charges, max(0.0, self._busy_until - _now()), self.books.shows_gone

    def settle(self) -> None:
        """It is alone with its sale, and has ended it."""

    def driver(self, house: House) -> ZvtTerminal:
        self.process = house.processes
        return ZvtTerminal(ModelLink(self, house), Registering("123456", "USD"), Timers(idle=60), lambda: NOON)

    # The line

    def connect(self, line: ModelLink) -> None:
        self.disconnect()
        self._line = line

    def disconnect(self) -> None:
        """The till has left, by whatever way."""
        line, self._line = self._line, None
        if line is not None:
            line.cut()
        if self._talk is not None and self._about_money:
            self._resume(Unheard(line=False))
        else:
            self._end()

    def impatient(self) -> None:
        """The till takes longer for its answer than this terminal waits."""
        if self._waits:
            self._resume(Unheard(line=True))

    def power_off(self) -> None:
        """What it had in hand is kept or lost, as it was made; what was accepted is kept. Its line goes with it."""
        charge, self._charge = self._charge, None
        self._end()
        if charge is not None:
            self._unanswered(charge, POWER, "power comes back, the running sale", "is kept", "is lost")
        line, self._line = self._line, None
        if line is not None:
            line.cut()

    def hear(self, packet: Packet) -> None:
        match packet.kind:
            case Kind.TILL_ABORT:
                self._abort = True
                self._say(ACCEPTED)
                if self._talk is not None and not self._waits:
                    self._resume(None)  # it was waiting for a card
            case Kind.ACCEPTED | Kind.REFUSED:
                if self._waits:
                    self._resume(packet)
            case _ if self._talk is not None and self._about_money:
                self._say(refused(BUSY))
            case _ if _now() < self._busy_until:
                self._command(packet, self._busy(packet))
            case Kind.AUTHORISATION:
                self._authorise(packet)
            case Kind.REVERSAL:
                self._end()
                self._about_money = True
                self._talk = self._takes_back(packet.fields.number(0x87))
                self._resume(None)
            case Kind.REGISTRATION:
                identity = fields((0x29, bytes.fromhex("52523535")))
                self._command(packet, _says(ACCEPTED, Packet(Kind.COMPLETION, fields=identity)))
            case Kind.STATUS_ENQUIRY:
                self._command(packet, _says(ACCEPTED, Packet(Kind.COMPLETION, version=b"1", status=0)))
            case Kind.REPEAT_RECEIPT:
                self._command(packet, self._repeat())
            case _:
                self._command(packet, _says(refused(NOT_SUPPORTED)))

    # Conversations

    def _command(self, packet: Packet, talk: TALK) -> None:
        """One that moves no money: it is answered as a whole, or not at all."""
        self._end()
        self._about_money = False
        match self.path.choose(f"{packet.kind} is answered", "well", "cut", "silence"):
            case "cut":
                self.disconnect()
            case "well":
                self._talk = talk
                self._resume(None)

    def _authorise(self, packet: Packet) -> None:
        self._end()
        self._about_money = True
        self._abort = self._early = False
        minor = packet.fields.number(0x04) or 0
        match self.path.choose("the sale begins", "well", "result before its acceptance", "refused as repeated", "busy"):
            case "busy":
                self._talk = _says(refused(BUSY))
            case "refused as repeated":
                assert self._line is not None
                self._line.sends = 2
                self._talk = self._sale(minor, refused(BUSY))
            case "result before its acceptance":
                self._early = True
                self._talk = self._at_once(minor)
            case _:
                self._talk = self._sale(minor, ACCEPTED)
        self._resume(None)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._talk, self._charge, self._waits = None, None, None, False

    def _resume(self, what: Packet | Unheard | None) -> None:
        talk = self._talk
        assert talk is not None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waits = False
        try:
            step = talk.throw(what) if isinstance(what, Unheard) else talk.send(what)
            while isinstance(step, Packet) and step.kind in (Kind.ACCEPTED, Kind.REFUSED):
                self._say(step)
                if self._talk is not talk:
                    return  # the line, or the power, has gone
                step = talk.send(None)
        except (StopIteration, Unheard):
            if self._talk is talk:
                self._end()
            return
        if isinstance(step, Packet):
            self._waits = True
            self._timer = asyncio.get_running_loop().call_later(ANSWER_S, self._resume, Unheard(line=True))
            self._say(step)
        else:
            self._timer = asyncio.get_running_loop().call_later(step, self._resume, None)

    def _say(self, packet: Packet) -> None:
        if self._line is None:
            return
        fault = "well"
        if self._about_money:
            fault = self.path.choose(f"terminal says {packet.kind}", "well", "cut", "lost", "power off")
        match fault:
            case "well":
                self._line.deliver(packet)
                if self._charge is not None and packet.kind is Kind.STATUS_INFORMATION:
                    self._charge.told = True
                if self._early and packet.kind is Kind.STATUS_INFORMATION:
                    self._early = False
                    self._line.deliver(ACCEPTED)
            case "cut":
                self.disconnect()
            case "power off":
                self.power_off()

    # A sale

    def _at_once(self, minor: int) -> TALK:
        try:
            yield from self._approved(minor)
        except Unheard as unheard:
            yield from self._alone(minor, unheard.line)

    def _sale(self, minor: int, answer: Packet) -> TALK:
        try:
            yield answer
            yield shows(0x0A)
            yield CARD_S
            if self._abort and self.path.make("the till's abort comes", "in time", "too late") == "in time":
                yield from _fails(ABORTED)
                return
            match self.path.choose("the bank", "approves", "declines", "approves another amount"):
                case "declines":
                    yield from _fails(DECLINED)
                    return
                case word:
                    taken = minor + (word == "approves another amount")
            yield from self._approved(taken)
        except Unheard as unheard:
            yield from self._alone(minor, unheard.line)

    def _approved(self, minor: int) -> TALK:
        charge = self._charge = self.books.charge(minor, self.selling)
        heard = yield self._status(charge)
        while heard is not None and heard.kind is Kind.REFUSED and heard.code == BUSY:
            yield REPEAT_S
            heard = yield self._status(charge)
        assert heard is not None
        if heard.kind is Kind.ACCEPTED:
            self.books.accept(charge)
            yield COMPLETION
        elif self.path.choose("the reversal", "well", "fails") == "well":
            assert heard.code == GOODS_NOT_ISSUED
            charge.gone, charge.to = HANDED_BACK, self.process
            yield abort(ABORTED)
        else:
            yield COMPLETION

    def _alone(self, minor: int, line: bool) -> TALK:
        """Nobody answers. What becomes of the sale then is its maker's choice."""
        charge = self._charge
        if charge is None:
            match self.path.make("a sale that nobody listens to", "is given up", "goes on", "goes on slowly"):
                case "goes on":
                    charge = self.books.charge(minor, self.selling)
                case "goes on slowly":
                    self._busy_until = _now() + ALONE_S
                    self.books.charge(minor, self.selling)
                    return
        if charge is not None:
            self._unanswered(charge, "silence", "an approval that nobody answers", "is booked", "is reversed")
        if line:
            yield COMPLETION if charge is not None and not charge.gone else abort(ABORTED)

    def _unanswered(self, charge: Charge, why: str, point: str, *options: str) -> None:
        """The till has neither accepted it nor handed it back: it stands, or is taken back."""
        if not charge.accepted and not charge.gone and self.path.make(point, *options) != options[0]:
            charge.gone = why

    def _takes_back(self, receipt: int | None) -> TALK:
        """A reversal. Which sale that is, and what is said of it, is its maker's choice; one that it has taken back is gone,
        whether anybody hears that or not."""
        with suppress(Unheard):
            if self.path.choose("the reversal", "well", "is not possible") != "well":
                yield ACCEPTED
                yield abort(NOT_POSSIBLE)
                return
            standing = [charge for charge in self.books.charges if not charge.gone]
            asked = next((charge for charge in standing if charge.receipt == receipt), standing[-1])
            charge = (
                asked
                if self.path.make("a reversal takes back", "what is named", "the last sale") == "what is named"
                else standing[-1]
            )
            yield ACCEPTED
            charge.gone = REVERSED
            own = self.books.charges[-1].receipt + 1
            said = self.path.make("a reversal says", "the sale's number", "its own and the sale's trace", "its own")
            numbers = self._status(charge) if said == "the sale's number" else approval(charge.minor, own, own)
            if said == "its own and the sale's trace":
                numbers = Packet(numbers.kind, fields=fields(*numbers.fields.values, (0x37, bcd(charge.receipt, 3))))
            self._last_word = numbers
            yield numbers
            yield COMPLETION

    def _status(self, charge: Charge) -> Packet:
        return approval(charge.minor, charge.receipt, charge.receipt)

    def _busy(self, packet: Packet) -> TALK:
        if packet.kind is Kind.STATUS_ENQUIRY:
            return _says(ACCEPTED, Packet(Kind.COMPLETION, version=b"1", status=BUSY))
        return _says(ACCEPTED, COMPLETION) if packet.kind is Kind.REGISTRATION else _says(refused(BUSY))

    def _repeat(self) -> TALK:
        shown = self._shown()
        there = self.path.choose("the last receipt", "is there", "is left out") == "is there"
        yield ACCEPTED
        if there:
            yield self._last_word or shown
        yield COMPLETION

    def _shown(self) -> Packet:
        """The newest charge that stands; a terminal that takes one back may show it all the same, or its reversal."""
        newest = self.books.charges[-1] if self.books.charges else None
        if newest is not None and newest.gone:
            if not self.books.shows_gone:
                self.books.shows_gone = self.path.make("a charge taken back", NOT_SHOWN, STILL_SHOWN, AS_REVERSAL)
            if self.books.shows_gone == AS_REVERSAL:
                return _reversal(newest)
            if self.books.shows_gone == STILL_SHOWN:
                return self._status(newest)
        return self._status(self.books.newest_standing())


def _reversal(charge: Charge) -> Packet:
    """As a transaction of its own, which names the trace of the sale that it took back."""
    own = approval(charge.minor, charge.receipt + 1, charge.receipt + 1)
    return Packet(own.kind, fields=fields(*own.fields.values, (0x37, bcd(charge.receipt, 3))))


def _fails(code: int) -> TALK:
    """A sale that has failed stays so, whether anybody hears it or not."""
    with suppress(Unheard):
        yield failure(code)
        yield abort(code)


def _says(*packets: Packet) -> TALK:
    yield from (packet for packet in packets)  # a tuple's own iterator takes no answers


class Process(Protocol):
    """Whose link it is: a kiosk's (house.House), or a technician's."""

    def dies(self) -> None: ...

    async def alive(self) -> None: ...

    def sends_sale(self) -> str: ...

    def sends_reversal(self) -> None: ...


class ModelLink(ModelLine[bytes]):
    """A devices.terminals.zvt.link.Link."""

    def __init__(self, terminal: ModelTerminal, house: Process) -> None:
        super().__init__(terminal, house)
        self.sends = 1
        self._path = terminal.path
        self._terminal = terminal
        self._house = house
        self._about_money = False

    def deliver(self, packet: Packet) -> None:
        self._inbox.put(encode(packet))

    async def send(self, apdu: bytes) -> int:
        await self._reach()
        packet = decode(apdu)
        if packet.kind not in (Kind.ACCEPTED, Kind.REFUSED, Kind.TILL_ABORT):
            self._about_money = packet.kind in (Kind.AUTHORISATION, Kind.REVERSAL)
        fault = self._fault(packet)
        if packet.kind is Kind.REVERSAL:
            self._house.sends_reversal()
        if packet.kind is Kind.AUTHORISATION and fault != "crash before":
            self._terminal.selling = self._house.sends_sale()
        match fault:
            case "crash before":
                self._house.dies()
                await self._house.alive()
            case "cut before":
                self._terminal.disconnect()
                self.cut()
                raise LinkDown("lost")
            case "power off":
                self._terminal.power_off()
            case "well":
                self._terminal.hear(packet)
        sends, self.sends = self.sends, 1
        return sends

    def _fault(self, packet: Packet) -> str:
        name = f"till says {packet.kind}{f' {packet.code:02x}' if packet.kind is Kind.REFUSED else ''}"
        if self._about_money:
            return self._path.choose(name, "well", "cut before", "lost", "power off", "crash before")
        if packet.kind is Kind.ACCEPTED:
            return "well"
        return self._path.choose(name, "well", "crash before")


def _now() -> float:
    return asyncio.get_running_loop().time()

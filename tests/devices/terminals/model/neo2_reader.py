"""A NEO 2 reader from its own side of the protocol, and the line to it: frame by frame, a fault at each. It has no money."""

from __future__ import annotations

import asyncio

from devices.terminals.errors import LinkDown
from devices.terminals.neo2.driver import Neo2Terminal, Setup
from devices.terminals.neo2.framing import Frame, FrameParser, encode
from devices.terminals.neo2.packets import name_of
from devices.terminals.neo2.session import Timers
from tests.devices.terminals.model.choices import Path
from tests.devices.terminals.model.house import House
from tests.devices.terminals.model.line import ModelLine
from tests.devices.terminals.model.neo2_bank import BankLine, ModelBank
from tests.devices.terminals.neo2.cards import contact_word, inserted, tapped
from tests.devices.terminals.neo2.virtual import ACCEPTED, ACTIVATE, AUTHENTICATE, CANCEL, COMPLETE, SAYS

CARD_S = 10.0
"""Until the patient's card is there."""
ONLINE, AGREES, OBJECTS = 4, 2, 3
"""A contact card's results: go online, and its last word after the host's."""


class ModelReader:
    """house.Device: a reader whose line is a ReaderLink, and the bank behind the hub."""

    tells = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bank = ModelBank(path)
        self.books = self.bank.books
        self._line: ReaderLink | None = None
        self._card: asyncio.TimerHandle | None = None

    def driver(self, house: House) -> Neo2Terminal:
        setup = Setup("USD", 840, captures=True)
        return Neo2Terminal(ReaderLink(self, house), BankLine(self.bank, self.path, house), setup, Timers(idle=60))

    def disconnect(self) -> None:
        self._forget()
        line, self._line = self._line, None
        if line is not None:
            line.cut()

    def impatient(self) -> None:
        """A reader waits for nobody's answer."""

    def frozen(self) -> object:
        """A reader whose line was opened afresh is told to cancel first: it remembers nothing."""
        return self.bank.frozen()

    def settle(self) -> None:
        self.bank.settle()

    def connect(self, line: ReaderLink) -> None:
        self.disconnect()
        self._line = line

    def hear(self, frame: Frame) -> None:
        match (frame.command, frame.code):
            case command if command == CANCEL:
                crossed = self._card is not None and self.path.make("the stop comes", "in time", "too late") == "too late"
                if crossed:
                    self._shown()
                self._forget()
                self._say(SAYS[CANCEL])
            case command if command == ACTIVATE:
                self._forget()
                self._card = asyncio.get_running_loop().call_later(CARD_S, self._shown)
            case command if command == AUTHENTICATE:
                self._say(ACCEPTED)
                self._say(contact_word(ONLINE))
            case command if command == COMPLETE:
                word = AGREES if self.path.choose("the card", "agrees", "declines") == "agrees" else OBJECTS
                self._say(ACCEPTED)
                self._say(contact_word(word))
            case command:
                self._say(SAYS[command])

    def _shown(self) -> None:
        self._forget()
        self._say(inserted() if self.path.make("the card is", "tapped", "put in") == "put in" else tapped())

    def _forget(self) -> None:
        if self._card is not None:
            self._card.cancel()
            self._card = None

    def _say(self, frame: Frame) -> None:
        if self._line is None:
            return
        selling = frame.command in (0x02, 0x60)
        match self.path.choose(f"reader says {name_of(frame)}", "well", "cut", "lost") if selling else "well":
            case "well":
                self._line.deliver(frame)
            case "cut":
                self.disconnect()


class ReaderLink(ModelLine[Frame]):
    """A devices.terminals.neo2.link.Link."""

    garbled = False

    def __init__(self, reader: ModelReader, house: House) -> None:
        super().__init__(reader, house)
        self._reader = reader
        self._house = house

    def deliver(self, frame: Frame) -> None:
        """Each is one of its own: the driver wipes what it has read."""
        (said,) = FrameParser().feed(encode(frame))
        assert isinstance(said, Frame)
        self._inbox.put(said)

    async def send(self, frame: Frame) -> None:
        await self._reach()
        match self._reader.path.choose(f"host says {name_of(frame)}", "well", "cut before", "lost", "crash before"):
            case "crash before":
                self._house.dies()
                await self._house.alive()
            case "cut before":
                self._reader.disconnect()
                raise LinkDown("lost")
            case "well":
                self._reader.hear(frame)

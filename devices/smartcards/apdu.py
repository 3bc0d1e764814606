"""Commands to a card and its answers (ISO 7816-4): short lengths, chaining, 61xx and 6Cxx, all of it bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.smartcards.port import CardError, Refusal

Line = Callable[[bytes], bytearray]
"""Sends one command and gives the card's answer, its two status bytes last. Raises CardError when the card has left."""

OK = 0x9000
MOST_DATA = 255
MOST_PIECE = 256 + 2
"""Of one answer: what a short command can ask for, and the status. Drivers pass on 5,000 bytes as well; we do not."""
MOST_PIECES = 64
"""Answers to one question, so that a card that always says "more" ends there: 16 KiB, four times the largest file we read."""


@dataclass(frozen=True, slots=True)
class Command:
    """`expects` is how many bytes are wanted, 1 to 256, 0 for none. Data of more than 255 bytes goes in a chain."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expects: int = 256


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` without the status; whoever asked wipes it."""

    data: bytearray
    status: int

    @property
    def ok(self) -> bool:
        return self.status == OK


def ask(line: Line, command: Command) -> Answer:
    """The whole answer to one command, however many pieces it comes in. Raises CardError."""
    *before, asked = _chained(command)
    for link in before:
        said = _send(line, link)
        if not said.ok:
            return said
    whole = bytearray()
    for _ in range(MOST_PIECES):
        said = _send(line, asked)
        whole += said.data
        wipe(said.data)
        more = said.status & 0xFF or 256
        match said.status >> 8:
            case 0x61:  # more bytes wait
                asked = Command(command.cla & 0x03, 0xC0, 0x00, 0x00, expects=more)
            case 0x6C:  # the same again, and ask for so many
                asked = replace(asked, expects=more)
            case _:
                return Answer(whole, said.status)
    wipe(whole)
    raise CardError(Refusal.UNREADABLE, "an answer without an end")


def select(line: Line, application: bytes) -> Answer:
    """Chooses an application by its name. "Not here" is an answer as good as any."""
    return ask(line, Command(0x00, 0xA4, 0x04, 0x00, application))


def wipe(data: bytearray) -> None:
    """Overwrites what a card said. Only a bytearray can be: that is why its answers come in one."""
    data[:] = bytes(len(data))


def _chained(command: Command) -> list[Command]:
    """The command in parts that fit; bit 5 of the class says that the next one goes on with it (ISO 7816-4, 5.3.3)."""
    *before, last = [command.data[at : at + MOST_DATA] for at in range(0, len(command.data), MOST_DATA)] or [b""]
    links = [replace(command, cla=command.cla | 0x10, data=part, expects=0) for part in before]
    return [*links, replace(command, data=last)]


def _send(line: Line, command: Command) -> Answer:
    length = bytes((len(command.data),)) if command.data else b""
    expects = bytes((command.expects % 256,)) if command.expects else b""
    said = line(bytes((command.cla, command.ins, command.p1, command.p2)) + length + command.data + expects)
    if not 2 <= len(said) <= MOST_PIECE:  # less is no answer: a card torn out looks so (with "successful" beside it)
        short = len(said) < 2
        wipe(said)
        raise CardError(Refusal.TAKEN_AWAY if short else Refusal.UNREADABLE, "an answer's length")
    status = int.from_bytes(said[-2:], "big")
    data = said[:-2]
    wipe(said)
    return Answer(data, status)

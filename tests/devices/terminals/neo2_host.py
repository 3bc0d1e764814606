"""The till's side of NEO 2 in a few lines, by the fact sheet alone, with crcmod for the check: to try the simulated reader on."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import crcmod.predefined

from tests.devices.terminals.benched import FakeWire

HEADER = b"ViVOtech2\0"
check = crcmod.predefined.mkCrcFun("crc-ccitt-false")
LIMIT_S = 20.0

AMOUNT = "9F0206000000001250"
ACTIVATE = "0240" + "1E" + AMOUNT + "9C0100" + "5F2A020840"


class Said(NamedTuple):
    """What the reader said: `low_first` is how its check was written, which tells its commands from its responses."""

    command: int
    code: int
    data: bytes
    low_first: bool


def ordered(words: str) -> bytes:
    """A command of hex digits: command, sub-command, data; length and check are put in."""
    raw = bytes.fromhex(words)
    whole = HEADER + raw[:2] + len(raw[2:]).to_bytes(2, "big") + raw[2:]
    value: int = check(whole)
    return whole + value.to_bytes(2, "little")


def answer(words: str) -> bytes:
    """The same as a response to one of the reader's own questions."""
    whole = ordered(words)
    return whole[:-2] + whole[-1:] + whole[-2:-1]


def objects(data: bytes) -> dict[str, bytes]:
    """Short BER objects, by their tags in hex."""
    found, at = {}, 0
    while at < len(data):
        end = at + 1
        if data[at] & 0x1F == 0x1F:
            while data[end] & 0x80:
                end += 1
            end += 1
        size = data[end]
        assert size < 0x80
        found[data[at:end].hex().upper()] = data[end + 1 : end + 1 + size]
        at = end + 1 + size
    return found


class Host:
    """The far end of a simulated reader's wire."""

    def __init__(self, wire: FakeWire) -> None:
        self._wire = wire
        self._heard = b""

    def write(self, data: bytes) -> None:
        self._wire.arrived(data)

    def order(self, words: str) -> None:
        self.write(ordered(words))

    async def hear(self) -> Said:
        head = await self.raw(14)
        assert head[:10] == HEADER
        rest = await self.raw(int.from_bytes(head[12:14], "big") + 2)
        value = check(head + rest[:-2])
        assert rest[-2:] in (value.to_bytes(2, "little"), value.to_bytes(2, "big"))
        return Said(head[10], head[11], rest[:-2], rest[-2:] == value.to_bytes(2, "little"))

    async def ask(self, words: str) -> Said:
        self.order(words)
        return await self.hear()

    async def raw(self, size: int) -> bytes:
        async with asyncio.timeout(LIMIT_S):
            while len(self._heard) < size:
                self._heard += await self._wire.out.get()
        said, self._heard = self._heard[:size], self._heard[size:]
        return said

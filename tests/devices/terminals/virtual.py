"""A terminal in memory, for tests in virtual time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.connection import Registering
from devices.terminals.zvt.driver import ZvtTerminal
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode, refused
from devices.terminals.zvt.session import Timers
from devices.tlv import Tlv
from tests.devices.terminals.scripted import FarEnd, ScriptedLink


class Peer(FarEnd[bytes, Packet]):
    """The far end of a FakeLink: a test's terminal hears and says packets."""

    def say(self, packet: Packet) -> None:
        self.to_till.put(encode(packet))

    def say_bytes(self, apdu: bytes) -> None:
        self.to_till.put(apdu)

    async def ask(self, packet: Packet) -> Packet:
        self.say(packet)
        return await self.hear()


Script = Callable[[Peer], Coroutine[Any, Any, None]]


class FakeLink(ScriptedLink[Peer, bytes, Packet]):
    """A link.Link in memory. `sends` is how often a sale is sent before it is acknowledged."""

    def __init__(self, *scripts: Script, sends: int = 1) -> None:
        super().__init__(Peer, *scripts)
        self.sends = sends

    async def send(self, apdu: bytes) -> int:
        peer = self._reach()
        packet = decode(apdu)
        self.heard.append(packet)
        peer.from_till.put_nowait(packet)
        return self.sends if packet.kind is Kind.AUTHORISATION else 1

    def sent(self, kind: Kind) -> int:
        return sum(packet.kind is kind for packet in self.heard)


NOON = dt.datetime(2026, 11, 22, 12, 30, 5, tzinfo=dt.UTC)


def driver(
    link: FakeLink, timers: Timers | None = None, terminal_id: str = "", serial: str = "", mends: bool = True
) -> ZvtTerminal:
    return ZvtTerminal(link, Registering("123456", "EUR", terminal_id, serial, mends=mends), timers or Timers(), lambda: NOON)


# What a well-behaved terminal says


def approval(minor: int | None = 1234, receipt: int | None = 8, trace: int | None = 80, **more: bytes) -> Packet:
    values = [(0x27, b"\0")]
    if minor is not None:
        values.append((0x04, bcd(minor, 6)))
    if receipt is not None:
        values.append((0x87, bcd(receipt, 2)))
    if trace is not None:
        values.append((0x0B, bcd(trace, 3)))
    if more.get("date"):
        values.append((0x0D, more["date"]))
    if "currency" in more:
        values.append((0x49, more["currency"]))
    tlv = (Tlv(0x1F11, more["online"]),) if "online" in more else ()
    return Packet(Kind.STATUS_INFORMATION, fields=fields(*values, tlv=tlv))


def took_back(minor: int | None = 500, receipt: int | None = 7, trace: int = 71, original: int | None = None) -> Packet:
    said = approval(minor, receipt, trace)
    more = () if original is None else ((0x37, bcd(original, 3)),)
    return Packet(said.kind, fields=fields(*said.fields.values, *more))


def failure(code: int) -> Packet:
    return Packet(Kind.STATUS_INFORMATION, fields=fields((0x27, bytes([code]))))


def abort(code: int) -> Packet:
    return Packet(Kind.ABORT, (bytes([code]),))


def shows(code: int) -> Packet:
    return Packet(Kind.INTERMEDIATE_STATUS, (bytes([code]),))


COMPLETION = Packet(Kind.COMPLETION)


async def answer(peer: Peer, packet: Packet, status: int = 0, last: Packet | None = None) -> bool:
    """Answers registration, status enquiry and repeat receipt; False for any other command."""
    match packet.kind:
        case Kind.REGISTRATION:
            peer.say(ACCEPTED)
            await peer.ask(Packet(Kind.COMPLETION, fields=fields((0x29, bytes.fromhex("52523535")))))
        case Kind.STATUS_ENQUIRY:
            peer.say(ACCEPTED)
            await peer.ask(Packet(Kind.COMPLETION, version=b"1", status=status))
        case Kind.REPEAT_RECEIPT:
            peer.say(ACCEPTED)
            if last is not None:
                await peer.ask(last)
            await peer.ask(COMPLETION)
        case _:
            return False
    return True


# What it says between sales


Answers = dict[Kind, tuple[Packet, ...]]


def served(answers: Answers, status: Sequence[int] = (0,), last: Packet | None = None, info: Packet | None = None) -> Script:
    """A terminal that says what `answers` has for a command, and for those that are not in it, that it cannot. Its status is each
    of `status` in turn, and then the last of them for ever; `info` is the whole answer to a status enquiry."""

    async def script(peer: Peer) -> None:
        left = list(status)
        while True:
            packet = await peer.hear()
            if packet.kind is Kind.STATUS_ENQUIRY:
                now_is = left.pop(0) if len(left) > 1 else left[0]
                peer.say(ACCEPTED)
                await peer.ask(info or Packet(Kind.COMPLETION, version=b"1", status=now_is))
            elif packet.kind in answers:
                for said in answers[packet.kind]:
                    peer.say(said)
                    if said.kind not in (Kind.ACCEPTED, Kind.REFUSED):
                        await peer.hear()
            elif not await answer(peer, packet, last=last):
                peer.say(refused(0x83))

    return script


async def until_sale(peer: Peer, status: int = 0, last: Packet | None = None) -> Packet:
    """Serves until an authorisation comes, which is left unanswered."""
    while True:
        packet = await peer.hear()
        if not await answer(peer, packet, status, last):
            return packet


def serving(status: int = 0, last: Packet | None = None) -> Script:
    """A terminal that answers everything but sales, for ever."""

    async def script(peer: Peer) -> None:
        await until_sale(peer, status, last)

    return script


def selling(*says: Packet, last: Packet | None = None) -> Script:
    """A terminal that accepts a sale, says all of `says` one after the other answered, and serves on."""

    async def script(peer: Peer) -> None:
        while True:
            await until_sale(peer, last=last)
            peer.say(ACCEPTED)
            for packet in says:
                await peer.ask(packet)

    return script

"""The simulated terminal's mind: what it answers to each command, and how a sale goes under each scripted behaviour."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.terminals.simulator.books import Books, Charge
from devices.terminals.simulator.line import Line, framed
from devices.terminals.zvt.bmp import bcd, fields
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode, refused
from devices.terminals.zvt.tlv import Tlv

Report = Callable[[dict[str, object]], None]


class Behaviour(StrEnum):
    """How the next sales go. Those from SILENT to HALF_FRAME charge the card and then fail to say so; NO_RESULT
    says so without a result code; REVERSES_UNHEARD loses its cable when it is handed a sale back, and still shows that sale."""

    APPROVE = "approve"
    DECLINE = "decline"
    SLOW = "slow"
    SILENT = "silent-after-approve"
    CABLE_OUT = "cable-out"
    GARBAGE = "garbage"
    HALF_FRAME = "half-frame"
    OTHER_AMOUNT = "other-amount"
    NOTHING = "nothing"
    OFFLINE = "approve-offline"
    BUSY = "busy"
    LOST_ACK = "lost-ack"
    NO_RESULT = "no-result"
    REVERSES_UNHEARD = "reverses-unheard"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: until a card comes by itself, for the bank, between signs of life when slow, and for the till's answers."""

    card: float
    bank: float
    slow: float
    answer: float
    card_timeout: float


class Terminal:
    """One terminal on one line. `manual` waits for a person's card; otherwise it comes by itself."""

    def __init__(self, line_to: Callable[[Callable[[bytes], bool]], Line], pace: Pace, tid: str, seed: int, manual: bool) -> None:
        self.line = line_to(self._ignores)
        self.behaviour = Behaviour.APPROVE
        self.books = Books()
        self.cards: asyncio.Queue[str] = asyncio.Queue()
        self.report: Report = lambda happening: None
        self._pace = pace
        self._tid = tid
        self._random = random.Random(seed)
        self._manual = manual
        self._currency = b"\x09\x78"
        self._held = b""
        self._abort = False

    def _ignores(self, apdu: bytes) -> bool:
        """NOTHING is deaf to authorisations; LOST_ACK hears the first copy, says nothing, and acts on the second."""
        if apdu[:2] != b"\x06\x01":
            return False
        if self.behaviour is Behaviour.LOST_ACK and apdu != self._held:
            self._held = apdu
            return True
        self._held = b""
        return self.behaviour is Behaviour.NOTHING

    async def serve(self) -> None:
        """Answers commands for ever."""
        while True:
            packet = decode(await self.line.inbox.get())
            await self._command(packet)

    async def _command(self, packet: Packet) -> None:
        busy = self.behaviour is Behaviour.BUSY
        match packet.kind:
            case Kind.REGISTRATION:
                self._currency = packet.head[2] if len(packet.head) > 2 else self._currency
                await self._tell(ACCEPTED)
                identity = fields((0x19, b"\0"), (0x29, bytes.fromhex(self._tid)), (0x49, self._currency))
                await self._say(Packet(Kind.COMPLETION, fields=identity))
            case Kind.STATUS_ENQUIRY:
                await self._tell(ACCEPTED)
                await self._say(Packet(Kind.COMPLETION, version=b"SIM-1.0", status=0x9C if busy else 0))
            case Kind.REPEAT_RECEIPT:
                await self._repeat()
            case Kind.AUTHORISATION if not busy:
                await self._tell(ACCEPTED)
                await self._sale(packet.fields.number(0x04) or 0)
            case Kind.AUTHORISATION:
                await self._tell(refused(0x9C))
            case Kind.LOG_OFF | Kind.TILL_ABORT:
                await self._tell(ACCEPTED)
            case Kind.ACCEPTED | Kind.REFUSED:
                return
            case _:
                await self._tell(refused(0x83))

    async def _tell(self, packet: Packet, copies: int = 1) -> bool:
        self.line.spoke()
        return await self.line.send(encode(packet), copies)

    async def _say(self, packet: Packet, copies: int = 1) -> Packet | None:
        """Sends and waits for the till's answer. None when none came."""
        if not await self._tell(packet, copies):
            return None
        try:
            async with asyncio.timeout(self._pace.answer):
                while True:
                    answer = decode(await self.line.inbox.get())
                    if answer.kind in (Kind.ACCEPTED, Kind.REFUSED):
                        return answer
                    # An abort is taken note of; once the card is in it changes nothing. Any other command has to wait.
                    self._abort |= answer.kind is Kind.TILL_ABORT
                    await self._tell(ACCEPTED if answer.kind is Kind.TILL_ABORT else refused(0x9C))
        except TimeoutError:
            return None

    async def _status(self, code: int) -> None:
        await self._say(Packet(Kind.INTERMEDIATE_STATUS, (bytes([code]),)))

    # One sale

    def _state(self, amount: int, state: str, charge: Charge | None = None) -> None:
        happening: dict[str, object] = {"amount": amount, "state": state, "at_ns": time.monotonic_ns()}
        self.report({"sale": happening | ({"receipt": charge.receipt} if charge else {})})

    async def _sale(self, amount: int) -> None:
        behaviour = self.behaviour
        while not self.cards.empty():
            self.cards.get_nowait()
        self._abort = False
        self._state(amount, "waiting-card")
        await self._status(0x0A)
        card = await self._card()
        if card is None:
            self._state(amount, "cancelled")
            await self._stopped(0x6C)
            return
        self._state(amount, "authorising")
        await self._status(0x68)
        await self._bank(behaviour)
        if behaviour is Behaviour.DECLINE or card == "decline":
            self._state(amount, "declined")
            await self._stopped(0x05)
            return
        taken = amount + 100 if behaviour is Behaviour.OTHER_AMOUNT else amount
        charge = self.books.charge(taken, *self._some_card(), offline=behaviour is Behaviour.OFFLINE)
        self._state(amount, "approved", charge)
        if not self._fails(behaviour, charge):
            await self._tell_approved(amount, charge, card, behaviour)

    async def _bank(self, behaviour: Behaviour) -> None:
        signs = 3 if behaviour is Behaviour.SLOW else 1
        for _ in range(signs):
            await self._status(0xF3 if behaviour is Behaviour.OFFLINE else 0x04)
            await asyncio.sleep(self._pace.slow if behaviour is Behaviour.SLOW else self._pace.bank)

    def _fails(self, behaviour: Behaviour, charge: Charge) -> bool:
        """Whether the till will not be told in so many words. The charge stands."""
        match behaviour:
            case Behaviour.SILENT:
                return True
            case Behaviour.CABLE_OUT:
                self.line.cut()
                return True
            case Behaviour.GARBAGE:
                self.line.raw(bytes(self._random.randrange(256) for _ in range(64)))
                return True
            case Behaviour.HALF_FRAME:
                whole = framed(encode(self._approval(charge)))
                self.line.raw(whole[: len(whole) // 2])
                return True
            case _:
                return False

    async def _tell_approved(self, amount: int, charge: Charge, card: str, behaviour: Behaviour) -> None:
        approval = self._approval(charge)
        if behaviour is Behaviour.NO_RESULT:
            approval = Packet(approval.kind, fields=fields(*(said for said in approval.fields.values if said[0] != 0x27)))
        answer = await self._say(approval, copies=2 if behaviour is Behaviour.LOST_ACK else 1)
        if answer is None:
            self._state(amount, "unanswered", charge)
            return
        if answer.kind is Kind.REFUSED:
            unheard = behaviour is Behaviour.REVERSES_UNHEARD
            self.books.reverse(charge, shows_it_still=unheard)
            self._state(amount, "reversed", charge)
            if unheard:
                self.line.cut()
                return
            await self._status(0x05)
            await self._say(Packet(Kind.ABORT, (b"\x6c",)))
            return
        self._state(amount, "acknowledged", charge)
        for packet in self._printed(charge):
            await self._say(packet)
        if card == "insert":
            await self._status(0x4B)
            await self._removed()
        self._state(amount, "completing", charge)
        await self._say(Packet(Kind.COMPLETION))
        self._state(amount, "ended", charge)

    async def _stopped(self, code: int) -> None:
        tid = (0x29, bytes.fromhex(self._tid))
        await self._say(Packet(Kind.STATUS_INFORMATION, fields=fields((0x27, bytes([code])), tid)))
        await self._say(Packet(Kind.ABORT, (bytes([code]),)))

    async def _card(self) -> str | None:
        """What the patient does with a card; None when the till aborts, or has already, or nobody comes."""
        if self._abort:
            return None
        if not self._manual:
            asyncio.get_running_loop().call_later(self._pace.card, self.cards.put_nowait, "insert")
        shown = asyncio.ensure_future(self.cards.get())
        told = asyncio.ensure_future(self.line.inbox.get())
        try:
            async with asyncio.timeout(self._pace.card_timeout):
                while True:
                    await asyncio.wait({shown, told}, return_when=asyncio.FIRST_COMPLETED)
                    if told.done():
                        packet = decode(told.result())
                        told = asyncio.ensure_future(self.line.inbox.get())
                        if packet.kind is Kind.TILL_ABORT:
                            await self._tell(ACCEPTED)
                            return None
                        if packet.kind not in (Kind.ACCEPTED, Kind.REFUSED):
                            await self._tell(refused(0x9C))
                    elif shown.result() in ("insert", "tap", "decline"):
                        return shown.result()
                    else:
                        shown = asyncio.ensure_future(self.cards.get())
        except TimeoutError:
            return None
        finally:
            shown.cancel()
            told.cancel()

    async def _removed(self) -> None:
        if not self._manual:
            await asyncio.sleep(self._pace.card)
            return
        try:
            async with asyncio.timeout(self._pace.card_timeout):
                while await self.cards.get() != "remove":
                    continue
        except TimeoutError:
            return

    def _some_card(self) -> tuple[str, str]:
        brand, first = self._random.choice((("VISA", "4"), ("Mastercard", "5"), ("American Express", "3")))
        return brand, f"{first}{self._random.randrange(10**5):05d}eeeeee{self._random.randrange(10**4):04d}"

    # What it remembers

    async def _repeat(self) -> None:
        await self._tell(ACCEPTED)
        charge = self.books.shown
        if charge is not None:
            await self._say(self._approval(charge))
            for packet in self._printed(charge):
                await self._say(packet)
        await self._say(Packet(Kind.COMPLETION))

    def _approval(self, charge: Charge) -> Packet:
        bitmaps = fields(
            (0x27, b"\0"),
            (0x04, bcd(charge.amount, 6)),
            (0x49, self._currency),
            (0x0C, bytes.fromhex(f"{charge.made_at:%H%M%S}")),
            (0x0D, bytes.fromhex(f"{charge.made_at:%m%d}")),
            (0x22, bytes.fromhex(charge.pan)),
            (0x87, bcd(charge.receipt, 2)),
            (0x3B, f"{charge.trace % 10**6:06d}".encode("ascii") + b"\0\0"),
            (0x0B, bcd(charge.trace, 3)),
            (0x29, bytes.fromhex(self._tid)),
            (0x8B, charge.brand.encode("ascii") + b"\0"),
            tlv=(Tlv(0x1F11, b"\0" if charge.offline else b"\1"),),
        )
        return Packet(Kind.STATUS_INFORMATION, fields=bitmaps)

    def _printed(self, charge: Charge) -> tuple[Packet, ...]:
        """The merchant's copy and the patient's as text blocks, and one line of the old kind."""
        amount = f"{charge.amount // 100}.{charge.amount % 100:02d}"
        lines = (
            f"Terminal {self._tid}",
            f"Receipt {charge.receipt:04d}",
            f"{charge.brand} ...{charge.pan[-4:]}",
            f"Total {amount}",
        )
        texts = Tlv(0x25, children=tuple(Tlv(0x07, line.encode("ascii")) for line in lines))
        blocks = tuple(
            Packet(Kind.PRINT_TEXT_BLOCK, fields=fields(tlv=(Tlv(0x1F07, copy), texts))) for copy in (b"\x01", b"\x02")
        )
        return (*blocks, Packet(Kind.PRINT_LINE, (b"\0",), text="APPROVED"))

"""The simulated NEO 2 reader's mind: cards on demand, contact EMV in three steps, and the rule that anything said while a card is
awaited stops it.

Of contact EMV the fact sheet gives the commands and the result 00 04 ("go online"), not every byte. Here a result's data is two
bytes of result, the attribution byte, and objects; the other results are ID TECH's (00 02 approved, 00 03 declined ...).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from devices.terminals.simulator import ber
from devices.terminals.simulator.neo2 import card_data
from devices.terminals.simulator.neo2.card_data import CARDS, CONTACT, CONTACTLESS, Keys, SampleCard
from devices.terminals.simulator.neo2.device import Behaviour, Device
from devices.terminals.simulator.neo2.frames import Frame, ReaderLine, burst, command, response
from devices.terminals.simulator.rules import Complaint

OK, UNKNOWN_COMMAND, UNKNOWN_SUB, BAD_PARAMETER, TIMED_OUT, FAILED = 0x00, 0x02, 0x03, 0x05, 0x08, 0x0A
NOT_ALLOWED, UI_EVENT, TAMPER, ASK_ONLINE, NO_DATA, FIRST_RESPONSE = 0x0B, 0x0E, 0x1D, 0x23, 0x60, 0x63
DECLINED_OFFLINE, APPROVED, DECLINED, GO_ONLINE, STARTED = 0x0001, 0x0002, 0x0003, 0x0004, 0x0010

TO_ASK, TO_APPROVE, TO_DECLINE = 0x80, 0x40, 0x00
"""What a card's cryptogram asks for (9F27)."""

_KNOWN = {0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x12, 0x14, 0x18, 0x29, 0x2C, 0x60, 0x61}
_QUESTIONS = {Behaviour.ASKS: b"\x01VISA CREDIT\0VISA DEBIT\0", Behaviour.TELLS: b"\x03PLEASE WAIT\0"}
"""61-01's first byte is the display mode: 1 is a menu, 3 a text (ID TECH's SDK)."""
_NO_CARD_READ = 0x20
_MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Sale:
    amount: int
    amount_bytes: bytes
    currency: bytes


@dataclass(frozen=True, slots=True)
class _Contact:
    """A contact transaction that waits for its next step."""

    sale: _Sale
    card: SampleCard
    keys: Keys | None
    how: str
    step: str


class Reader:
    """Serves one till for ever."""

    def __init__(self, device: Device, line: ReaderLine, complain: Complaint) -> None:
        self._device = device
        self._line = line
        self._complain = complain
        self._contact: _Contact | None = None
        self._commands: dict[tuple[int, int], Callable[[Frame], Awaitable[None]]] = {
            (0x01, 0x01): self._poll_mode,
            (0x01, 0x02): self._nod,
            (0x02, 0x40): self._activate,
            (0x03, 0x00): self._last_in_clear,
            (0x03, 0x40): self._last,
            (0x05, 0x01): self._nod,
            (0x05, 0x02): self._nod,
            (0x09, 0x20): self._tell(lambda: b"K81 SIM-1.0\r\nEMV Kernel SIM-1.0\r\n"),
            (0x12, 0x01): self._tell(lambda: self._device.serial.encode("ascii")),
            (0x14, 0x01): self._nod,
            (0x18, 0x01): self._nod,
            (0x29, 0x00): self._tell(lambda: self._device.firmware.encode("ascii")),
            (0x2C, 0x18): self._nod,
            (0x60, 0x10): self._start_contact,
            (0x60, 0x11): self._authenticate,
            (0x60, 0x12): self._complete,
            (0x61, 0x17): self._nod,
        }

    async def serve(self) -> None:
        while True:
            frame = await self._line.inbox.get()
            if frame is not None:
                await self._hear(frame)

    def forget(self) -> None:
        """The power was off."""
        self._contact = None

    async def _hear(self, frame: Frame) -> None:
        does = self._commands.get((frame.command, frame.code))
        if does is not None:
            await does(frame)
        elif frame.command == 0x04 and not frame.data:
            self._answer(frame, OK, bytes([1 if self._device.opened else 2]))
        else:
            self._answer(frame, UNKNOWN_SUB if frame.command in _KNOWN else UNKNOWN_COMMAND)

    def _answer(self, frame: Frame, status: int, data: bytes = b"") -> None:
        self._line.send(response(frame.command, status, data))

    async def _nod(self, frame: Frame) -> None:
        self._answer(frame, OK)

    def _tell(self, what: Callable[[], bytes]) -> Callable[[Frame], Awaitable[None]]:
        async def tell(frame: Frame) -> None:
            self._answer(frame, OK, what())

        return tell

    async def _poll_mode(self, frame: Frame) -> None:
        if frame.data not in (b"\0", b"\1"):
            self._answer(frame, BAD_PARAMETER)
            return
        self._device.on_demand = frame.data == b"\1"
        self._answer(frame, OK)

    async def _last(self, frame: Frame) -> None:
        """What was read while polling by itself, once."""
        if self._device.on_demand:
            self._answer(frame, NOT_ALLOWED)
            return
        found, self._device.last = self._device.last, b""
        self._answer(frame, ASK_ONLINE if found else NO_DATA, found)

    async def _last_in_clear(self, frame: Frame) -> None:
        """03-00 has nothing to say where data is encrypted: three tracks of no length."""
        self._answer(frame, NOT_ALLOWED if self._device.on_demand else OK, b"" if self._device.on_demand else bytes(3))

    # A card on demand

    async def _activate(self, frame: Frame) -> None:
        device = self._device
        sale = self._able(frame, frame.data[1:])
        if sale is None or device.behaviour is Behaviour.NOTHING:
            return
        device.state(sale.amount, "waiting-card")
        how = await self._card(min(frame.data[0] or _MOST_SECONDS, device.pace.card_timeout))
        if isinstance(how, Frame):
            self._stop(frame, sale, how)
            return
        if how is None:
            device.state(sale.amount, "cancelled")
            self._answer(frame, TIMED_OUT)
            return
        if device.events:
            self._answer(frame, UI_EVENT, b"\1")
        await self._read(sale)
        if how == "tap":
            await self._hand_over(frame, sale)
        else:
            await self._hand_contact(frame, sale, how)

    def _able(self, frame: Frame, objects: bytes) -> _Sale | None:
        """What is to be paid. None when it cannot be, which has then been said."""
        device = self._device
        if device.card_in and (device.behaviour is not Behaviour.CARD_LEFT or device.cards.taken_out()):
            device.card_in = False
        if device.opened:
            self._answer(frame, TAMPER)
        elif device.behaviour is Behaviour.BUSY or device.card_in or not device.on_demand:
            self._answer(frame, NOT_ALLOWED)
        else:
            try:
                found = ber.read(objects)
                digits = found[0x9F02].hex()
                return _Sale(int(digits), found[0x9F02], found.get(0x5F2A, b"\x08\x40"))
            except (ValueError, KeyError, IndexError):
                self._answer(frame, BAD_PARAMETER)
        return None

    async def _card(self, seconds: float) -> str | Frame | None:
        """How a card came, or what the till stopped it with, or None when neither came."""
        self._device.cards.forget()
        card = asyncio.ensure_future(self._device.cards.card())
        said = asyncio.ensure_future(self._stop_command())
        try:
            await asyncio.wait({card, said}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if said.done():
                return said.result()
            return card.result() if card.done() else None
        finally:
            for task in (card, said):
                task.cancel()
            await asyncio.wait({card, said})

    async def _stop_command(self) -> Frame:
        """The till's next word while a card is awaited. Anything but cancel and stop breaks the rule, and is taken for one."""
        while (frame := await self._line.inbox.get()) is None:
            continue
        if frame.command != 0x05:
            self._complain("command-while-active", bytes([frame.command, frame.code]))
        return frame

    def _stop(self, frame: Frame, sale: _Sale, said: Frame) -> None:
        if self._device.behaviour is Behaviour.LATE_RESPONSE:
            self._answer(frame, ASK_ONLINE, self._contactless(sale, TO_ASK))
            if said.code == 0x01:
                self._answer(said, OK)
            return
        self._device.state(sale.amount, "cancelled")
        self._answer(said, OK if said.command == 0x05 else FAILED)

    async def _read(self, sale: _Sale) -> None:
        pace, slow = self._device.pace, self._device.behaviour is Behaviour.SLOW
        self._device.state(sale.amount, "authorising")
        await asyncio.sleep(3 * pace.slow if slow else pace.bank)
        self._device.state(sale.amount, "approved")

    async def _hand_over(self, frame: Frame, sale: _Sale) -> None:
        match self._device.behaviour:
            case Behaviour.DECLINE | Behaviour.READ_ERROR as why:
                code = 0x30 if why is Behaviour.DECLINE else _NO_CARD_READ
                self._device.state(sale.amount, "declined")
                self._answer(frame, FAILED, card_data.error(CONTACTLESS, code, self._device.encrypts))
            case Behaviour.OFFLINE:
                await self._say(sale, response(frame.command, OK, self._contactless(sale, TO_APPROVE)))
            case _:
                await self._say(sale, response(frame.command, ASK_ONLINE, self._contactless(sale, TO_ASK)))

    def _contactless(self, sale: _Sale, cryptogram: int) -> bytes:
        return self._objects(sale, self._device.chance.choice(CARDS), CONTACTLESS, self._device.keys(), cryptogram)

    def _objects(self, sale: _Sale, card: SampleCard, source: int, keys: Keys | None, cryptogram: int) -> bytes:
        device = self._device
        amount = sale.amount_bytes
        if device.behaviour is Behaviour.OTHER_AMOUNT:
            amount = bytes.fromhex(f"{sale.amount + 100:012d}")
        agreed = card_data.emv(amount, sale.currency, device.chance, cryptogram)
        tells_ksn = device.behaviour is not Behaviour.NO_KSN
        return card_data.handed_over(card, source, keys, agreed, tells_ksn=tells_ksn, marks=device.marks)

    async def _say(self, sale: _Sale, whole: bytes) -> None:
        """The card's answer, unless it is to get lost."""
        device = self._device
        match device.behaviour:
            case Behaviour.SILENT:
                return
            case Behaviour.CABLE_OUT:
                device.unplug()
            case Behaviour.POWER_OFF:
                await device.power_cut()
            case Behaviour.GARBAGE:
                self._line.raw(device.chance.randbytes(64))
            case Behaviour.HALF_FRAME:
                self._line.raw(whole[: len(whole) // 2])
            case _:
                self._line.send(whole)
                device.state(sale.amount, "ended")

    # Contact EMV

    async def _start_contact(self, frame: Frame) -> None:
        sale = self._able(frame, frame.data[5:])
        if sale is None or self._device.behaviour is Behaviour.NOTHING:
            return
        self._answer(frame, FIRST_RESPONSE)
        self._device.state(sale.amount, "waiting-card")
        seconds = int.from_bytes(frame.data[1:3], "big") or _MOST_SECONDS
        how = await self._card(min(seconds, self._device.pace.card_timeout))
        if isinstance(how, Frame):
            self._device.state(sale.amount, "cancelled")
            self._answer(how, OK if how.command == 0x05 else FAILED)
            return
        if how is None:
            self._device.state(sale.amount, "cancelled")
            self._answer(frame, TIMED_OUT)
            return
        await self._read(sale)
        await self._hand_contact(frame, sale, "insert" if how == "tap" else how)

    async def _hand_contact(self, frame: Frame, sale: _Sale, how: str) -> None:
        """A card is in the slot: its objects, and then the till goes on with 60-11."""
        device = self._device
        if device.behaviour is Behaviour.READ_ERROR:
            self._answer(frame, FAILED, card_data.error(CONTACT, _NO_CARD_READ, device.encrypts))
            return
        self._contact = _Contact(sale, device.chance.choice(CARDS), device.keys(), how, "started")
        device.card_in = device.behaviour is Behaviour.CARD_LEFT
        data = self._objects(sale, self._contact.card, CONTACT, self._contact.keys, TO_ASK)
        await self._say(sale, response(frame.command, OK, STARTED.to_bytes(2, "big") + data))

    async def _authenticate(self, frame: Frame) -> None:
        contact = self._contact
        if contact is None or contact.step != "started":
            self._answer(frame, NOT_ALLOWED)
            return
        self._answer(frame, FIRST_RESPONSE)
        if self._device.behaviour in _QUESTIONS and not await self._asked(_QUESTIONS[self._device.behaviour]):
            self._contact = None
            self._answer(frame, FAILED)
            return
        sale, declines = contact.sale, self._device.behaviour is Behaviour.DECLINE or contact.how == "decline"
        result, cryptogram = (DECLINED_OFFLINE, TO_DECLINE) if declines else (GO_ONLINE, TO_ASK)
        self._contact = None if declines else _Contact(sale, contact.card, contact.keys, contact.how, "authenticated")
        data = self._objects(sale, contact.card, CONTACT, contact.keys, cryptogram)
        await self._say(sale, response(frame.command, OK, result.to_bytes(2, "big") + data))

    async def _asked(self, question: bytes) -> bool:
        """Something for whoever stands there, on the till's screen (61-01): whether it was answered well."""
        self._line.send(command(0x61, 0x01, question))
        try:
            async with asyncio.timeout(self._device.pace.answer):
                answer = await self._line.inbox.get()
        except TimeoutError:
            self._complain("no-answer", b"\x61\x01")
            return False
        return answer is not None and (answer.command, answer.code) == (0x61, OK)

    async def _complete(self, frame: Frame) -> None:
        contact, self._contact = self._contact, None
        if contact is None or contact.step != "authenticated":
            self._answer(frame, NOT_ALLOWED)
            return
        try:
            word = ber.read(frame.data).get(0x8A, b"")
        except ValueError:
            self._answer(frame, BAD_PARAMETER)
            return
        self._answer(frame, FIRST_RESPONSE)
        agrees = word == b"00" and self._device.behaviour is not Behaviour.CARD_DECLINES
        self._device.state(contact.sale.amount, "acknowledged" if agrees else "declined")
        result = APPROVED if agrees else DECLINED
        cryptogram = TO_APPROVE if agrees else TO_DECLINE
        said = ber.tlv(0x9F27, bytes([cryptogram])) + ber.tlv(0x95, bytes(5))
        await self._say(contact.sale, response(frame.command, OK, result.to_bytes(2, "big") + bytes([CONTACT]) + said))

    # By itself

    def poll(self) -> None:
        """A card is tapped while it polls by itself."""
        if not self._device.on_demand:
            self._device.last = self._contactless(_Sale(0, bytes(6), b"\x08\x40"), TO_ASK)

    def burst(self) -> None:
        self._line.send(burst(bytes.fromhex("03030000")))

    def boots(self) -> None:
        """Tells that it has started (14-01)."""
        self._line.send(command(0x14, 0x01, b"NEO 2.0 v1.00\0"))

"""The simulated ZVT terminal's money: sales, refunds, reservations and reversals, and what the till's last word makes of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devices.terminals.simulator.books import Charge
from devices.terminals.simulator.cards import some_card
from devices.terminals.simulator.zvt import papers
from devices.terminals.simulator.zvt.codec import Message, bcd
from devices.terminals.simulator.zvt.device import CARD_LEFT, Behaviour, Config, Device
from devices.terminals.simulator.zvt.floor import ACCEPTED, Floor, refused

NO_RECEIPT = b"\xff\xff"
GOODS_NOT_ISSUED, NOT_YET, PART_ISSUED = 0x66, 0x9C, 0x9D
DECLINED, NOT_REGISTERED, STOPPED, OTHER_CURRENCY, BUSY = 0x05, 0x6B, 0x6C, 0x6F, 0x9C
REVERSAL_NOT_POSSIBLE, NO_RESERVATION, OUT_OF_ORDER, REGISTER_FULL = 0xB5, 0xB8, 0xDF, 0xF0

_HURRY_S = 0.008
"""Between repeats of a hurried profile: 255 of them in two seconds."""

Enters = Callable[[int, str, str, bool], Charge]
"""Enters an amount, paid with a card of that brand and number, offline or not, in the books."""


class Payments:
    """Each command has been read and not yet answered."""

    def __init__(self, device: Device, floor: Floor) -> None:
        self._device = device
        self._books = device.books
        self._floor = floor

    async def sale(self, message: Message) -> None:
        await self._with_card(message, self._books.charge)

    async def refund(self, message: Message) -> None:
        await self._with_card(message, lambda amount, *card: self._books.charge(-amount, *card))

    async def reserve(self, message: Message) -> None:
        await self._with_card(message, self._books.reserve)

    async def reverse(self, message: Message) -> None:
        """Takes a sale back by its receipt number, without a card; which one that really is depends on the maker."""
        await self._floor.tell(ACCEPTED)
        if not await self._able(message):
            return
        books = self._books
        charge = books.find(message.number(0x87))
        if self._device.profile.reverses == "last" and books.standing:
            charge = books.standing[-1]
        if charge is None:
            await self._stopped(REVERSAL_NOT_POSSIBLE)
            return
        await self._status(0x05)
        if self._device.behaviour is Behaviour.OTHER_REVERSAL:
            charge = books.change(charge, charge.amount + 100)
        taken_back = books.reverse(charge)
        self._device.state(charge.amount, "reversed", charge)
        if self._device.behaviour is Behaviour.SILENT:
            return
        await self._floor.say(papers.approval(self._device, taken_back))
        await self._completed(taken_back)

    async def book(self, message: Message) -> None:
        """06 23 frees a part of a reservation and charges the rest, 06 24 says how much is charged. FF FF asks what is open."""
        await self._floor.tell(ACCEPTED)
        if message.fields.get(0x87) == NO_RECEIPT:
            open_ones = self._books.reserved
            number = bcd(open_ones[0].receipt, 2) if open_ones else NO_RECEIPT
            await self._floor.say(papers.aborted(NO_RESERVATION, (0x87, number)))
            return
        reserved = self._books.find_reserved(message.number(0x87))
        amount = message.number(0x04)
        if reserved is None or amount is None or amount > reserved.amount:
            await self._stopped(NO_RESERVATION)
            return
        charged = amount if message.control == 0x0624 else reserved.amount - amount
        charge = self._books.book(reserved, charged)
        self._device.state(charged, "approved", charge)
        await self._floor.say(papers.approval(self._device, charge))
        await self._completed(charge)

    async def release(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        reserved = self._books.find_reserved(message.number(0x87))
        if reserved is None:
            number = bcd(self._books.reserved[0].receipt, 2) if self._books.reserved else NO_RECEIPT
            await self._floor.say(papers.aborted(NO_RESERVATION, (0x87, number)))
            return
        released = self._books.release(reserved)
        await self._floor.say(papers.approval(self._device, released))
        await self._completed(released)

    # One payment with a card

    async def _with_card(self, message: Message, enters: Enters) -> None:
        device, floor = self._device, self._floor
        amount, behaviour = message.number(0x04) or 0, device.behaviour
        if device.now == BUSY:
            await floor.tell(refused(BUSY))
            return
        if behaviour is not Behaviour.RESULT_FIRST:
            await floor.tell(ACCEPTED)
        if not await self._able(message):
            return
        floor.abort_answer = refused(0x83) if device.profile.aborts == "never" else ACCEPTED
        card = await self._asks_for_card(amount, behaviour)
        if card is None:
            device.state(amount, "cancelled")
            await self._stopped(STOPPED)
            return
        if not await self._bank_says_yes(amount, behaviour, card):
            return
        taken = amount + 100 if behaviour is Behaviour.OTHER_AMOUNT else amount
        charge = enters(taken, *some_card(device.chance), behaviour is Behaviour.OFFLINE)
        device.state(amount, "approved", charge)
        if not await self._fails_to_say_so(charge):
            await self._tell_approved(message, charge, card)

    async def _able(self, message: Message) -> bool:
        """Says why not, if it cannot."""
        device = self._device
        currency = message.fields.get(0x49, device.currency)
        if device.config is None:
            await self._floor.say(papers.aborted(NOT_REGISTERED))
        elif device.now == OUT_OF_ORDER:
            why = papers.extended("173A", "Terminal ist blockiert")
            await self._floor.say(papers.status(device, OUT_OF_ORDER, why))
            await self._floor.say(papers.aborted(OUT_OF_ORDER, why))
        elif device.now:
            await self._stopped(device.now)
        elif currency != device.currency:
            await self._stopped(OTHER_CURRENCY)
        else:
            return True
        return False

    async def _asks_for_card(self, amount: int, behaviour: Behaviour) -> str | None:
        device, floor = self._device, self._floor
        device.cards.forget()
        device.state(amount, "waiting-card")
        if behaviour is not Behaviour.RESULT_FIRST:
            await self._status(0x0A, "Karte bitte", 1)
        card = await floor.meanwhile(device.cards.card(), device.pace.card_timeout)
        if card is None and floor.aborted.is_set() and behaviour is Behaviour.LATE_APPROVAL:
            return "insert"
        return card

    async def _bank_says_yes(self, amount: int, behaviour: Behaviour, card: str) -> bool:
        device = self._device
        device.state(amount, "authorising")
        if behaviour is not Behaviour.RESULT_FIRST:
            await self._status(0x68)
            await self._ask_bank(behaviour)
        if behaviour is not Behaviour.LATE_APPROVAL and device.profile.aborts == "always" and self._floor.aborted.is_set():
            device.state(amount, "cancelled")
            await self._stopped(STOPPED)
            return False
        if behaviour is Behaviour.DECLINE or card == "decline":
            device.state(amount, "declined")
            await self._stopped(DECLINED)
            return False
        return True

    async def _ask_bank(self, behaviour: Behaviour) -> None:
        pace = self._device.pace
        slow = behaviour is Behaviour.SLOW
        for _ in range(3 if slow else 1):
            await self._status(0xF3 if behaviour is Behaviour.OFFLINE else 0x04)
            await asyncio.sleep(pace.slow if slow else pace.bank)
        if self._device.profile.odd_status is not None:
            await self._status(self._device.profile.odd_status)

    async def _fails_to_say_so(self, charge: Charge) -> bool:
        """Whether the till will not be told in so many words. The charge stands."""
        device, line = self._device, self._floor.line
        match device.behaviour:
            case Behaviour.SILENT:
                return True
            case Behaviour.CABLE_OUT:
                device.unplug()
                return True
            case Behaviour.POWER_OFF:
                await device.power_cut()
                return True
            case Behaviour.GARBAGE:
                line.raw(bytes(device.chance.randrange(256) for _ in range(64)))
                return True
            case Behaviour.HALF_FRAME:
                line.part(papers.approval(device, charge))
                return True
            case _:
                return False

    async def _tell_approved(self, message: Message, charge: Charge, card: str) -> None:
        device, amount = self._device, message.number(0x04) or 0
        answer = await self._answered(message, charge)
        if answer is None:
            reverses = device.behaviour is Behaviour.REVERSES_UNANSWERED
            if reverses:
                self._books.reverse(charge)
            device.state(amount, "reversed" if reverses else "unanswered", charge)
            return
        if answer.error == PART_ISSUED and device.profile.part_issued:
            charge = self._books.change(charge, answer.number(0x04) or 0)
        elif answer.error is not None:
            await self._hand_back(amount, charge)
            return
        device.state(amount, "acknowledged", charge)
        for paper in papers.receipt(device, charge):
            await self._floor.say(paper)
        if card == "insert":
            await self._status(0x4B)
            device.status = 0 if await device.cards.removed() else CARD_LEFT
        device.state(amount, "completing", charge)
        await self._floor.say(papers.COMPLETED)
        device.state(amount, "ended", charge)

    async def _answered(self, message: Message, charge: Charge) -> Message | None:
        """The till's word on an approval, which is repeated while it asks for time (84 9C), as often and as long as it said in
        its command (BMP 02, BMP 01), or as the maker likes."""
        device = self._device
        said = papers.approval(device, charge, result=device.behaviour is not Behaviour.NO_RESULT)
        copies = 2 if device.behaviour is Behaviour.LOST_ACK else 1
        timeout, most = message.fields.get(0x01), message.fields.get(0x02)
        left = most[0] if most else device.profile.most_repeats
        pause = _HURRY_S if device.profile.hurried and not timeout else device.pace.repeat
        until = asyncio.get_running_loop().time() + timeout[0] if timeout else None
        while (answer := await self._floor.say(said, copies)) is not None and answer.error == NOT_YET:
            late = until is not None and asyncio.get_running_loop().time() + pause > until
            if left == 0 or late:
                return Message(0x8400 | GOODS_NOT_ISSUED)
            left -= 1
            await asyncio.sleep(pause)
        return answer

    async def _hand_back(self, amount: int, charge: Charge) -> None:
        """The goods were not issued: the sale reverses itself, without a card."""
        unheard = self._device.behaviour is Behaviour.REVERSES_UNHEARD
        if charge in self._books.reserved:
            self._books.release(charge)
        else:
            self._books.take_back(charge, shows_it_still=unheard)
        self._device.state(amount, "reversed", charge)
        if unheard:
            self._device.unplug()
            return
        await self._status(0x05)
        await self._floor.say(papers.aborted(STOPPED))

    # What every payment says

    async def _status(self, code: int, text: str = "", minutes: int | None = None) -> None:
        if self._device.configured(Config.INTERMEDIATE_STATUS):
            await self._floor.say(papers.intermediate(code, text, minutes))

    async def _stopped(self, code: int) -> None:
        await self._floor.say(papers.status(self._device, code))
        await self._floor.say(papers.aborted(code))

    async def _completed(self, charge: Charge) -> None:
        for paper in papers.receipt(self._device, charge):
            await self._floor.say(paper)
        await self._floor.say(papers.COMPLETED)

"""The simulated ZVT terminal's mind: which command it answers how, and everything that moves no money."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from devices.terminals.simulator.ber import tlv
from devices.terminals.simulator.zvt import papers
from devices.terminals.simulator.zvt.codec import Message, apdu, bmps, counted
from devices.terminals.simulator.zvt.device import Behaviour, Config, Device
from devices.terminals.simulator.zvt.floor import ACCEPTED, TILL_ABORT, Floor, refused
from devices.terminals.simulator.zvt.payments import Payments

_WRONG_PASSWORD, _DAY_NOT_POSSIBLE, _RECONCILE, _OFFLINE_NOT_SENT = 0x83, 0x77, 0xF0, 0xFA
_TURNOVER_FULL, _JOURNAL_FULL = 0x6A, (0xB1, 0xB2)
_NEEDS_INITIALISATION, _NEEDS_DIAGNOSIS, _NEEDS_ACTIVATION, _WRONG_DATE = 0x51, 0xC2, 0xE4, 0x62

_BLOCK = b"\x06\xd3"
"""The command that a till permits when it takes text blocks (registration, TLV 26)."""

Command = Callable[[Message], Awaitable[None]]


class Terminal:
    """Serves one till for ever; `device` is what is remembered."""

    def __init__(self, device: Device, floor: Floor) -> None:
        self._device = device
        self._floor = floor
        payments = Payments(device, floor)
        self._commands: dict[int, Command] = {
            0x0600: self._register,
            0x0601: payments.sale,
            0x0602: self._nod,
            0x0610: self._turnover,
            0x0618: self._reset,
            0x061A: self._print_setup,
            0x0620: self._repeat,
            0x0622: payments.reserve,
            0x0623: payments.book,
            0x0624: payments.book,
            0x0625: payments.release,
            0x0630: self._guarded(payments.reverse),
            0x0631: self._guarded(payments.refund),
            0x0650: self._guarded(self._close_day),
            0x0651: self._send_offline,
            0x0670: self._diagnose,
            0x0679: self._self_test,
            0x0691: self._set_clock,
            0x0693: self._guarded(self._initialise),
            TILL_ABORT: self._nod,
            0x0501: self._enquiry,
            0x0830: self._nod,
        }

    async def serve(self) -> None:
        while True:
            message = await self._floor.command()
            command = self._commands.get(message.control)
            if command is None:
                await self._floor.tell(refused(0x83))
            else:
                await command(message)

    async def _nod(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)

    def _guarded(self, command: Command) -> Command:
        """Only for who knows the password."""

        async def ask(message: Message) -> None:
            if message.head[:3].hex() == self._device.password:
                await command(message)
            else:
                await self._floor.tell(ACCEPTED)
                await self._floor.say(papers.aborted(_WRONG_PASSWORD))

        return ask

    async def _register(self, message: Message) -> None:
        device = self._device
        await self._floor.tell(ACCEPTED)
        if message.head[:3].hex() != device.password or len(message.head) < 4:
            await self._floor.say(papers.aborted(_WRONG_PASSWORD))
            return
        device.config = message.head[3]
        device.currency = message.head[4:6] if len(message.head) == 6 else device.currency
        device.till_takes_blocks = _BLOCK in message.tlv.get(0x26, b"")
        identity = bmps((0x19, b"\0"), (0x29, bytes.fromhex(device.tid)), (0x49, device.currency))
        await self._floor.say(apdu(0x060F, identity))

    async def _enquiry(self, message: Message) -> None:
        device = self._device
        await self._floor.tell(ACCEPTED)
        said = counted(device.profile.version.encode("ascii"), 3) + bytes([device.now])
        if device.profile.tells_identity:
            named = tlv(0x1F40, b"SIM"), tlv(0x1F41, device.profile.version.encode("ascii"))
            state = tlv(0x1F42, device.serial.encode("ascii")), tlv(0x1F43, bytes([device.now]))
            said += bmps((0x06, tlv(0x1F44, bytes.fromhex(device.tid)) + tlv(0xE4, *named, *state)))
        await self._floor.say(apdu(0x060F, said))

    async def _repeat(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        if charge := self._device.books.shown if self._repeats() else None:
            await self._floor.say(papers.approval(self._device, charge))
            for paper in papers.receipt(self._device, charge):
                await self._floor.say(paper)
        await self._floor.say(papers.COMPLETED)

    def _repeats(self) -> bool:
        how = self._device.profile.repeats_receipt
        controls = self._device.configured(Config.TILL_PAYS | Config.TILL_ADMINISTERS)
        return how == "always" or (how == "administered" and controls)

    # The day and its service

    async def _close_day(self, message: Message) -> None:
        books = self._device.books
        await self._floor.tell(ACCEPTED)
        if books.reserved:
            await self._floor.say(papers.aborted(_DAY_NOT_POSSIBLE))
            return
        await self._status(0x05)
        books.send_offline()
        await self._say_totals("Day closed")
        books.close_day()
        self._cured(_TURNOVER_FULL, *_JOURNAL_FULL, _RECONCILE)
        await self._floor.say(papers.COMPLETED)

    async def _turnover(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._say_totals("Turnover")
        await self._floor.say(papers.COMPLETED)

    async def _say_totals(self, title: str) -> None:
        charges = self._device.books.of_the_day()
        await self._floor.say(papers.totals(self._device, charges))
        amount = sum(charge.amount for charge in charges)
        await self._print([title, f"Count {len(charges)}", f"Total {papers.money(amount)}"])

    async def _send_offline(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._status(0x05)
        if self._device.behaviour is Behaviour.UNSENT:
            await self._floor.say(papers.aborted(_OFFLINE_NOT_SENT))
            return
        sent = self._device.books.send_offline()
        self._cured(*_JOURNAL_FULL, _OFFLINE_NOT_SENT)
        await self._print([f"Offline transactions sent: {sent}"])
        await self._floor.say(papers.COMPLETED)

    async def _diagnose(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._status(0x04)
        if self._device.sets_time:
            now = self._device.books.clock()
            clock = bmps((0xAA, bytes.fromhex(f"{now:%y%m%d}")), (0x0C, bytes.fromhex(f"{now:%H%M%S}")))
            await self._floor.say(apdu(0x0401, clock))
        self._cured(_NEEDS_DIAGNOSIS, _NEEDS_ACTIVATION)
        await self._print([f"Terminal {self._device.tid}", "Diagnosis: line good"])
        await self._floor.say(papers.COMPLETED)

    async def _self_test(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._print(["Self-test: good"])
        await self._floor.say(papers.COMPLETED)

    async def _initialise(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._status(0x05)
        self._cured(_NEEDS_INITIALISATION)
        await self._floor.say(papers.COMPLETED)

    async def _print_setup(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        await self._print([f"Terminal {self._device.tid}", f"Software {self._device.profile.version}"])
        await self._floor.say(papers.COMPLETED)

    async def _set_clock(self, message: Message) -> None:
        await self._floor.tell(ACCEPTED)
        self._cured(_WRONG_DATE)
        await self._floor.say(papers.COMPLETED)

    async def _reset(self, message: Message) -> None:
        """It starts again: whoever is there has to register anew."""
        await self._floor.tell(ACCEPTED)
        await self._floor.say(papers.COMPLETED)
        self._device.forget()

    def _cured(self, *needs: int) -> None:
        if self._device.status in needs:
            self._device.status = 0

    async def _status(self, code: int) -> None:
        if self._device.configured(Config.INTERMEDIATE_STATUS):
            await self._floor.say(papers.intermediate(code))

    async def _print(self, lines: list[str]) -> None:
        for paper in papers.administration(self._device, lines):
            await self._floor.say(paper)


def ignoring(device: Device) -> Callable[[bytes], bool]:
    """What the terminal's ears do under its behaviours: NOTHING is deaf to authorisations; LOST_ACK hears the first copy, says
    nothing, and acts on the second."""
    held = b""

    def ignores(raw: bytes) -> bool:
        nonlocal held
        if raw[:2] != b"\x06\x01":
            return False
        if device.behaviour is Behaviour.LOST_ACK and raw != held:
            held = raw
            return True
        held = b""
        return device.behaviour is Behaviour.NOTHING

    return ignores

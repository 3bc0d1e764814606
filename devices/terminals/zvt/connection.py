"""A ZVT terminal between sales: registered by itself, asked how it is, and mended where it can be."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import structlog

from devices.health import Condition, DeviceError, Health
from devices.terminals.errors import Broken, LinkDown
from devices.terminals.kept import AWAY, KeptTerminal
from devices.terminals.port import DayTotals, NotStarted
from devices.terminals.zvt.bmp import bcd
from devices.terminals.zvt.codes import NO_RESERVATION, health_of, health_of_refusal
from devices.terminals.zvt.errors import Refused
from devices.terminals.zvt.identity import Identity, identity_of
from devices.terminals.zvt.link import Link
from devices.terminals.zvt.packets import NO_RECEIPT, Kind, Packet, command, registration
from devices.terminals.zvt.profiles import KIOSK_CONFIG, PLAIN, Profile
from devices.terminals.zvt.session import Collect, Session, Timers
from devices.terminals.zvt.totals import closing_totals
from devices.terminals.zvt.upkeep import Cure, Upkeep
from domain.money import CURRENCY_NUMBERS
from domain.payment import Mark

MOST_RESERVATIONS = 50
"""Open reservations that are taken back before an end of day; a terminal that still names one then is left to it."""

_NOT_ZVT = Health(Condition.OUT, "terminal-not-zvt")
_log = structlog.get_logger()

Clock = Callable[[], dt.datetime]
"""The time, aware, in the zone that the terminal lives in."""


@dataclass(frozen=True, slots=True)
class Registering:
    """What we tell the terminal, and expect of it: `terminal_id` is the eight digits it must have and `serial` its serial number,
    each empty to take any. `mends`: a terminal that cannot sell is given what it says it needs (upkeep.py)."""

    password: str
    currency: str
    terminal_id: str = ""
    serial: str = ""
    config: int = KIOSK_CONFIG
    profile: Profile = PLAIN
    mends: bool = False


class Connection(KeptTerminal):
    """What every conversation with it begins with, and what is done for it between sales."""

    def __init__(self, link: Link, registering: Registering, timers: Timers, clock: Clock) -> None:
        super().__init__(link, timers)
        self._registering = registering
        self._timers = timers
        self._clock = clock
        self._session = Session(link, timers)
        self._upkeep = Upkeep(timers.cure)
        self._trouble = 0
        """Why it cannot sell, as it says: the status it gave last, unless it owes something."""
        self._owed = 0
        """A result code that a sale ended with, and that stays in the way until it is cured, whatever the status says."""
        self._inquiry_owed = False
        self._silent = 0
        """How many inquiries in a row it did not answer."""
        self._tells_turnover = True
        self._closed: DayTotals | None = None
        """What the day that was closed last came to, until somebody has asked."""
        self._newest: Mark | None = None
        """None until asked, and again after whatever may have moved the terminal's numbers unheard."""

    def inquiry_owed(self, owed: bool) -> None:
        self._inquiry_owed = owed

    def day_closed(self) -> DayTotals | None:
        closed, self._closed = self._closed, None
        return closed

    # What a conversation begins with

    @contextlib.asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        """Whatever fails while nothing has been begun is NotStarted."""
        try:
            yield
        except (LinkDown, Broken) as lost:
            await self._drop(AWAY)
            raise NotStarted("terminal-away", lost.reason) from lost
        except Refused as refusal:
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal

    @contextlib.asynccontextmanager
    async def _serving(self, work: str) -> AsyncIterator[None]:
        """Service of a terminal that is there; until it has ended nobody is sold anything."""
        async with self._reaching():
            await self._there()
        before = self._health
        self._set_health(Health(Condition.BUSY, "terminal-busy", work))
        try:
            yield
        except Refused as refusal:
            self._set_health(before)
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal
        except (LinkDown, Broken) as lost:
            await self._drop(AWAY)
            raise DeviceError("terminal-away", lost.reason) from lost

    async def _ready(self) -> None:
        """Proves that the terminal is alive and able. One that was busy or wanted service may be well by now, and is asked; one
        that is latched is not."""
        if self._health.condition is Condition.LATCHED:
            raise NotStarted(self._health.fault, self._health.detail)
        await self._there()
        if not self._health.usable:
            raise NotStarted(self._health.fault, self._health.detail)

    async def _there(self) -> None:
        """Proves that the terminal is alive, able or not."""
        if not self._connected:
            raise NotStarted(self._health.fault, self._health.detail)
        await self._enquire()

    # Conversations that move no money

    async def _say(self, kind: Kind, *values: tuple[int, bytes], heard: Collect | None = None) -> Packet:
        """A command that takes the password; its last word. `heard` gathers the others."""
        packet = command(kind, *values, password=self._registering.password)
        return await self._session.converse(packet, heard or Collect(self._timers.closing))

    async def _connect(self) -> None:
        """Opens the line and registers. Raises LinkDown, Broken, Refused, or DeviceError for a terminal that is not ours."""
        await self._link.open()
        asking = self._registering
        telling = registration(asking.password, asking.config, CURRENCY_NUMBERS[asking.currency], blocks=asking.profile.blocks)
        final = await self._session.converse(telling, Collect(self._timers.closing))
        if final.kind is Kind.ABORT:
            raise Refused(final.code)
        said = final.fields.digits(0x29)
        if asking.terminal_id and said != asking.terminal_id:
            raise DeviceError("terminal-other", said or "no-terminal-id")
        status = await self._status()
        identity = identity_of(status)
        if asking.serial and asking.serial not in identity.serials:
            raise DeviceError("terminal-other", identity.serial or "no-serial")
        self._connected = True
        self._judge(status)

    async def _enquire(self) -> Identity:
        status = await self._status()
        self._judge(status)
        return identity_of(status)

    async def _look(self) -> None:
        """How it is now, if it says: what was done before is done all the same."""
        try:
            await self._enquire()
        except (LinkDown, Broken, Refused):
            await self._drop(AWAY)

    async def _status(self) -> Packet:
        return await self._say(Kind.STATUS_ENQUIRY, heard=Collect(self._timers.t3))

    def _judge(self, final: Packet) -> None:
        status = final.status if final.kind is Kind.COMPLETION else final.code
        self._trouble = self._owed or status or 0
        self._set_health(health_of(self._trouble, final.why(self._trouble)))

    async def _repeat(self) -> list[Packet]:
        """All that a repeat receipt brings, the terminal's last word included."""
        listener = Collect(self._timers.closing)
        final = await self._say(Kind.REPEAT_RECEIPT, heard=listener)
        return [*listener.heard, final]

    async def _release_reservations(self) -> None:
        """Takes back what is reserved: nobody at a kiosk reserves anything, and it keeps the day from being closed (R15)."""
        currency = (0x49, bcd(CURRENCY_NUMBERS[self._registering.currency], 2))
        for _ in range(MOST_RESERVATIONS):
            asking = command(Kind.RESERVATION_BOOKING, (0x87, NO_RECEIPT))
            try:
                final = await self._session.converse(asking, Collect(self._timers.closing))
            except Refused:
                return  # it knows no reservations
            receipt = final.fields.number(0x87)
            if final.kind is not Kind.ABORT or final.code != NO_RESERVATION or receipt is None:
                return
            taking_back = command(Kind.RESERVATION_REVERSAL, (0x19, b"\x40"), (0x87, bcd(receipt, 2)), currency)
            await self._session.converse(taking_back, Collect(self._timers.t4))

    async def _turnover(self) -> list[Packet]:
        """What the day comes to so far. A terminal that does not know the question, or fell silent at it, is asked no more: that
        must not keep it from closing its day."""
        if not self._tells_turnover:
            return []
        self._tells_turnover = False
        heard = Collect(self._timers.closing)
        with contextlib.suppress(Refused):
            await self._say(Kind.TURNOVER, heard=heard)
            self._tells_turnover = True
        return heard.heard

    async def _close_day(self, heard: Collect) -> Packet:
        await self._release_reservations()
        turnover = await self._turnover()
        self._newest = None
        final = await self._say(Kind.END_OF_DAY, heard=heard)
        if final.kind is not Kind.ABORT:
            self._closed = closing_totals(heard.heard, turnover, self._registering.currency)
        return final

    # Looking after it

    async def _tend(self) -> None:
        try:
            if self._connected:
                await self._enquire()
            else:
                await self._connect()
            if self._registering.mends and not (self._health.usable or self._working or self._inquiry_owed):
                await self._mend()
        except LinkDown as down:
            await self._drop(_unreached(down))
        except Broken as broken:
            known = broken.reason in ("silence", "refused-repeat")
            await self._drop(Health(Condition.AWAY, "terminal-away", broken.reason) if known else _NOT_ZVT)
        except Refused as refusal:
            await self._drop(health_of_refusal(refusal.code))
        except DeviceError as other:
            await self._drop(Health(Condition.OUT, other.fault, other.detail))

    async def _mend(self) -> None:
        """Tries what may help a terminal that cannot sell, one cure after the other until it can."""
        for cure in self._upkeep.due(self._trouble, asyncio.get_running_loop().time()):
            with self._alone(cure.value):
                self._set_health(Health(Condition.BUSY, "terminal-busy", cure.value))
                with contextlib.suppress(Refused):
                    final = await self._treat(cure)
                    self._owed = self._owed if final.kind is Kind.ABORT else 0
                await self._enquire()
            if self._health.usable:
                return

    async def _treat(self, cure: Cure) -> Packet:
        _log.info("terminal.frame", direction="out", name=cure.value, reason=f"zvt-{self._trouble:02x}")
        heard = Collect(self._timers.t4)
        match cure:
            case Cure.END_OF_DAY:
                return await self._close_day(heard)
            case Cure.INITIALISATION:
                return await self._say(Kind.INITIALISATION, heard=heard)
            case Cure.SEND_OFFLINE:
                return await self._say(Kind.SEND_OFFLINE, heard=heard)
            case Cure.DIAGNOSIS:
                return await self._session.converse(command(Kind.DIAGNOSIS), heard)
            case _:  # Cure.SET_CLOCK
                now = self._clock()
                date, time = (0xAA, bytes.fromhex(f"{now:%y%m%d}")), (0x0C, bytes.fromhex(f"{now:%H%M%S}"))
                return await self._session.converse(command(Kind.SET_CLOCK, date, time), heard)

    async def _drop(self, health: Health) -> None:
        self._newest = None
        await super()._drop(health)


def _unreached(down: LinkDown) -> Health:
    """What is said where a terminal should be: nothing, or something that is not ZVT."""
    if down.reason == "garbage":
        return Health(Condition.OUT, "terminal-not-zvt", down.detail)
    return Health(Condition.AWAY, "terminal-away", f"{down.reason} {down.detail}".strip())

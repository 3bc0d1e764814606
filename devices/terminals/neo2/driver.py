"""A NEO 2 reader as the engine sees it: connects by itself, keeps alive, reads a card at a time, and has the hub authorise it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from devices.health import Condition, DeviceError, Health
from devices.terminals.authorizer import Authorizer, NotReached, Unanswered
from devices.terminals.errors import Broken, LinkDown
from devices.terminals.kept import AWAY, KeptTerminal
from devices.terminals.neo2 import codes, packets
from devices.terminals.neo2.card import CardRead, read_card
from devices.terminals.neo2.errors import Refused, Tampered, Unencrypted, Unreadable
from devices.terminals.neo2.framing import Frame, command
from devices.terminals.neo2.link import Link
from devices.terminals.neo2.reading import Ended, Reading
from devices.terminals.neo2.sale import NO_CARD, SaleRun, asked, settled
from devices.terminals.neo2.session import Session, Timers
from devices.terminals.port import (
    Capabilities,
    Commit,
    DayTotals,
    Diagnosis,
    NotStarted,
    Progress,
    Reversal,
    ReversalEnd,
    Reversed,
    Reverses,
    Sale,
    Step,
    nothing,
)
from domain.money import Money
from domain.payment import Card, Mark, Outcome, Result

CAPABILITIES = Capabilities(
    protocol="neo2",
    hub_authorises=True,
    approves_offline=False,
    last_result=True,
    reverses=Reverses.LAST,
    end_of_day=False,
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Setup:
    """What the reader is used for. `currency` in letters and `currency_number` are ISO 4217's; `serial` is the number that it
    must have, empty to take any; `tamper` the command and sub-command that ask for its tamper state (guide, p378; models differ),
    None to rely on status 1D; `captures` whether the site takes cards while the hub is away."""

    currency: str
    currency_number: int
    serial: str = ""
    tamper: tuple[int, int] | None = None
    captures: bool = False


class Neo2Terminal(KeptTerminal):
    """devices.terminals.port.Serviced over any Link."""

    def __init__(self, link: Link, authorizer: Authorizer, setup: Setup, timers: Timers) -> None:
        super().__init__(link, timers)
        self._authorizer = authorizer
        self._setup = setup
        self._timers = timers
        self._session = Session(link, timers)
        self._serial = ""
        self._firmware = ""
        self._owed: dict[str, Result] = {}
        """Attempts whose approval is to be taken back, and what they come to when the hub has heard that."""
        self._cards: dict[str, Card] = {}
        """Cards of attempts whose end is unknown, as far as a receipt may show them: the hub does not tell them again."""
        self._card_was_in = False
        """The newest sale was a contact card's."""
        self._sold: Sale | None = None
        """The newest sale that was approved: all that can be reversed."""

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def newest(self) -> Mark | None:
        """None: the reader numbers nothing. A sale whose end was not heard is the hub's to tell, by our attempt id."""
        self._free()
        self._stop.clear()  # here an attempt begins: what is cancelled from now on is this one, before its `pay` too
        if not self._health.usable:
            async with self._conversation():
                await self._ready()
        return None

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        if sale.amount.minor <= 0:
            raise ValueError("a sale takes something")
        if sale.amount.currency != self._setup.currency:
            raise NotStarted("terminal-currency")
        with self._alone("sale-running"):
            if sale.offline and not self._setup.captures:
                raise NotStarted("hub-away")
            if not self._connected:
                raise NotStarted(self._health.fault, self._health.detail)
            run = SaleRun(sale, commit, progress, self._authorizer, self._timers)
            try:
                async with self._turn, self._line():
                    return await self._pay(sale, run)
            finally:
                self._stop.clear()
                if run.owed is not None:
                    self._owed[sale.attempt] = run.owed

    def inquiry_owed(self, owed: bool) -> None:
        """The reader remembers no sale, so nothing that is done to it loses one."""

    async def inquire(self, sale: Sale) -> Result:
        """The hub's to tell, not the reader's. An offline sale is committed whole or not at all, so one that is still open has
        captured nothing. An approval whose card step was not heard is approved: see sale.py. A sale that begins at a mark was
        another terminal's (`newest`), of which nobody here can tell."""
        if sale.newest is not None:
            return nothing(sale, Outcome.UNKNOWN, "other-terminal")
        async with self._turn:
            try:
                if sale.attempt in self._owed:
                    await self._authorizer.void(sale.attempt)
                    return self._owed.pop(sale.attempt)
                if sale.offline:
                    return nothing(sale, Outcome.CANCELLED, "capture-lost")
                said = await self._authorizer.inquire(sale.attempt)
                return settled(sale, said, self._cards.get(sale.attempt, NO_CARD), self._serial)
            except (NotReached, Unanswered) as lost:
                raise DeviceError("hub-away", lost.reason) from lost

    # What a technician asks

    async def last(self) -> Result | None:
        """The card that the reader read last, by itself: of what a bank said to it the reader knows nothing, so it is UNKNOWN."""
        async with self._conversation():
            await self._ready()
            try:
                found = await self._session.ask(packets.last_result(), accepts=frozenset({packets.OK, packets.GO_ONLINE}))
            except Refused:
                return None
            try:
                read = read_card(memoryview(found.data))
            except Unreadable:  # nothing was read, or nothing of use
                return None
            except Unencrypted:
                self._set_health(codes.UNENCRYPTED)
                return None
            finally:
                found.wipe()
            amount = Money(read.minor or 0, self._setup.currency)
            return Result(Outcome.UNKNOWN, amount, card=read.card, terminal_id=self._serial, reason="neo2-last-read")

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        """Takes back the newest sale that this driver has had approved, whatever receipt is named: the reader numbers none."""
        self._free()
        sold = self._sold
        if sold is None:
            raise NotStarted("no-last-sale")
        if sold.amount != reversal.amount:
            raise NotStarted("last-sale-differs")
        progress(Step.WAIT)
        async with self._turn:
            try:
                await self._authorizer.void(sold.attempt)
            except NotReached as away:
                raise NotStarted("hub-away", away.reason) from away
            except Unanswered as silent:
                return await self._reversal_end(sold, silent.reason, progress)
            self._sold = None
            return Reversed(ReversalEnd.REVERSED, sold.amount)

    async def _reversal_end(self, sold: Sale, reason: str, progress: Progress) -> Reversed:
        progress(Step.CHECKING)
        try:
            said = await asked(lambda: self._authorizer.inquire(sold.attempt), self._timers)
        except (NotReached, Unanswered):
            return Reversed(ReversalEnd.UNKNOWN, reason=reason)
        if said is not None and said.approved:
            return Reversed(ReversalEnd.REFUSED, reason=reason)
        self._sold = None
        return Reversed(ReversalEnd.REVERSED, sold.amount)

    async def end_of_day(self, progress: Progress) -> DayTotals:
        raise NotStarted("no-end-of-day")

    def day_closed(self) -> DayTotals | None:
        return None

    async def diagnose(self) -> Diagnosis:
        async with self._conversation():
            await self._ready()
            modules = await self._told(packets.module_versions())
        return Diagnosis(self._firmware, self._serial, "", tuple(line for line in modules.splitlines() if line.strip()))

    # One sale

    async def _pay(self, sale: Sale, run: SaleRun) -> Result:
        async with self._reaching():
            await self._ready()
        if self._stop.is_set():
            return await run.close(nothing(sale, Outcome.CANCELLED, "cancelled-before-start"))
        result = await run.close(await self._sell(sale, run))
        if result.outcome is Outcome.APPROVED:
            self._sold = sale
        elif result.outcome is Outcome.UNKNOWN:
            self._cards[sale.attempt] = result.card
        if run.card_in:
            run.show(Step.REMOVE_CARD)
            await self._release()
        return result

    async def _sell(self, sale: Sale, run: SaleRun) -> Result:
        """Reads a card, has the hub decide, and tells the card. What the sale comes to, not yet committed."""
        reading = Reading(self._session, self._timers, self._stop, run, self._card_was_in)
        try:
            read = await self._read(sale, reading)
        except Ended as ended:
            self._card_was_in = run.card_in
            return nothing(sale, ended.outcome, ended.reason)
        self._card_was_in = run.card_in
        if self._stop.is_set():
            verdict = run.unasked(Outcome.CANCELLED, "cancelled")
        elif read.minor not in (None, sale.amount.minor):
            verdict = run.unasked(Outcome.CANCELLED, "neo2-other-amount")
        elif sale.offline:
            verdict = run.captured(read, self._serial)
        else:
            verdict = await run.authorised(read, self._serial)
        agrees = await self._complete(reading, verdict.word) if reading.waits else None
        if agrees is False and verdict.result.outcome is Outcome.APPROVED:
            return await run.taken_back(Outcome.DECLINED, "card-declined")
        return verdict.result

    async def _read(self, sale: Sale, reading: Reading) -> CardRead:
        """A card, encrypted. Nothing can move here: raises Ended for whatever else comes, NotStarted when it did not begin."""
        try:
            return await reading.card(sale.amount.minor, self._setup.currency_number)
        except Unencrypted as shown:
            self._set_health(codes.UNENCRYPTED)
            raise Ended(Outcome.CANCELLED, codes.UNENCRYPTED.fault) from shown
        except Tampered as opened:
            self._set_health(codes.TAMPERED)
            raise Ended(Outcome.CANCELLED, codes.TAMPERED.fault) from opened
        except (LinkDown, Broken) as lost:
            await self._lost("activate", lost.reason)
            raise Ended(Outcome.CANCELLED, "cancelled" if self._stop.is_set() else f"neo2-{lost.reason}") from lost

    async def _complete(self, reading: Reading, word: bytes) -> bool | None:
        """Whether the card agrees to what it was told; None when its word was not heard."""
        try:
            return await reading.complete(word)
        except Tampered:
            self._set_health(codes.TAMPERED)
        except (LinkDown, Broken) as lost:
            await self._lost("contact-complete", lost.reason)
        return None

    async def _release(self) -> None:
        """Takes the power off a contact card. Whether that works changes nothing about the sale."""
        if not self._session.quiet:
            return
        try:
            await self._session.ask(packets.power_off(), accepts=frozenset(range(0x100)))
        except Tampered:
            self._set_health(codes.TAMPERED)
        except (LinkDown, Broken) as lost:
            await self._lost("contact-power-off", lost.reason)

    async def _lost(self, name: str, reason: str) -> None:
        _log.warning("terminal.frame", direction="in", name=name, reason=reason)
        await self._drop(AWAY)

    # Conversations that move no money

    @contextlib.asynccontextmanager
    async def _conversation(self) -> AsyncIterator[None]:
        """What is asked between sales."""
        self._free()
        async with self._turn, self._line(), self._reaching():
            yield

    async def _ready(self) -> None:
        """Proves that the reader is alive and able."""
        # One that wanted service may be well by now, and is asked; one that is latched or gone is not.
        if not self._connected or self._health.condition is Condition.LATCHED:
            raise NotStarted(self._health.fault, self._health.detail)
        await self._enquire()

    @contextlib.asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        """Whatever fails while nothing has been sold is NotStarted."""
        try:
            yield
        except (LinkDown, Broken) as lost:
            await self._drop(AWAY)
            raise NotStarted("terminal-away", lost.reason) from lost
        except Tampered as opened:
            self._set_health(codes.TAMPERED)
            raise NotStarted(codes.TAMPERED.fault) from opened
        except Refused as refusal:
            raise NotStarted("terminal-refused", f"neo2-{refusal.status:02x}") from refusal

    async def _enquire(self) -> None:
        await self._session.ask(packets.ping())
        if self._setup.tamper is not None:
            state = await self._session.ask(command(*self._setup.tamper))
            if bytes(state.data[:1]) == b"\x01":
                raise Tampered
        self._set_health(Health(Condition.READY))

    async def _connect(self) -> None:
        """Opens the line and finds out who answers. Raises LinkDown, Broken, Refused, Tampered, or DeviceError for a reader that
        is not ours."""
        await self._session.open()
        await self._session.ask(packets.ping())
        self._firmware = await self._told(packets.firmware())
        self._serial = await self._told(packets.serial_number())
        if self._setup.serial and self._serial != self._setup.serial:
            raise DeviceError("terminal-other", self._serial or "no-serial")
        await self._session.ask(packets.poll_on_demand())
        await self._enquire()
        self._connected = True

    async def _told(self, question: Frame) -> str:
        """The text that answers `question`; empty where the reader does not say."""
        try:
            said = await self._session.ask(question)
        except Refused:
            return ""
        return bytes(said.data).rstrip(b"\0").decode("ascii", errors="replace")

    # Looking after the line

    async def _tend(self) -> None:
        try:
            if self._connected:
                await self._enquire()
            else:
                await self._connect()
        except (LinkDown, Broken) as lost:
            not_ours = lost.reason == "garbage"
            await self._drop(codes.NOT_NEO2 if not_ours else Health(Condition.AWAY, "terminal-away", lost.reason))
        except Refused as refusal:
            await self._drop(Health(Condition.OUT, "terminal-refused", f"neo2-{refusal.status:02x}"))
        except Tampered:
            await self._drop(codes.TAMPERED)
        except DeviceError as other:
            await self._drop(Health(Condition.OUT, other.fault, other.detail))

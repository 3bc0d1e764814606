"""A ZVT terminal as the engine sees it: connects by itself, keeps alive, and runs one sale at a time to an outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from devices.health import Condition, DeviceError, Health
from devices.terminals.port import Capabilities, Commit, NotStarted, Progress, Reverses, Sale, Step
from devices.terminals.zvt.codes import BUSY, CURRENCY_NUMBERS, health_of, health_of_refusal
from devices.terminals.zvt.errors import Broken, LinkDown, Refused
from devices.terminals.zvt.link import Link
from devices.terminals.zvt.packets import Kind, Packet, authorisation, registration, repeat_receipt, status_enquiry
from devices.terminals.zvt.recovery import judge, last_status, mark_of
from devices.terminals.zvt.sale import SaleRun, nothing
from devices.terminals.zvt.session import Collect, Session, Timers
from domain.payment import Mark, Outcome, Result

KIOSK_CONFIG = 0xBE
"""Registration's config byte: we print both receipts, want intermediate status, start payments and administration, and the
terminal writes its receipts as print lines (fact sheet; with 10 or 20 cleared some terminals repeat no receipt)."""

CAPABILITIES = Capabilities(
    protocol="zvt",
    hub_authorises=False,
    approves_offline=True,
    last_result=True,
    reverses=Reverses.LAST,
    end_of_day=True,
)

_AWAY = Health(Condition.AWAY, "terminal-away")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Registering:
    """What we tell the terminal, and expect of it. `terminal_id` is the eight digits it must have, empty to take any."""

    password: str
    currency: str
    terminal_id: str = ""


class ZvtTerminal:
    """devices.terminals.port.Terminal over any Link. Every conversation holds `_turn`; only one that ended properly leaves the
    line open, so that no late word of one conversation is taken for a word of the next."""

    def __init__(self, link: Link, registering: Registering, timers: Timers) -> None:
        self._link = link
        self._registering = registering
        self._timers = timers
        self._session = Session(link, timers)
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._connected = False
        self._health = _AWAY
        self._keeper: asyncio.Task[None] | None = None
        self._selling = False
        self._refused: dict[str, str] = {}
        """Attempts answered "goods not issued" (84 66) and why: what the terminal says of them later may be what it reverses."""
        self._newest: Mark | None = None
        """None until asked, and again after whatever may have moved the terminal's numbers unheard."""

    async def open(self) -> None:
        self._set_health(_AWAY)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
            self._keeper.add_done_callback(_tell_bug)

    async def close(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait({keeper})
        async with self._turn:
            await self._drop(_AWAY)

    def health(self) -> Health:
        return self._health

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def newest(self) -> Mark | None:
        if self._selling:
            raise NotStarted("terminal-busy", "sale-running")
        self._stop.clear()  # here an attempt begins: what is cancelled from now on is this one, before its `pay` too
        if self._newest is None or not self._health.usable:
            async with self._turn, self._line(), self._reaching():
                await self._ready()
                self._newest = await self._ask_newest()
        return self._newest

    async def pay(self, sale: Sale, commit: Commit, progress: Progress) -> Result:
        if sale.amount.minor <= 0:
            raise ValueError("a sale takes something")
        if sale.amount.currency != self._registering.currency:
            raise NotStarted("terminal-currency")
        if self._selling:
            raise NotStarted("terminal-busy", "sale-running")
        if not self._connected:
            raise NotStarted(self._health.fault, self._health.detail)
        self._selling = True
        run = SaleRun(sale, commit, progress, self._timers.t4, self._timers.closing)
        try:
            async with self._turn, self._line():
                return await self._pay(sale, run)
        finally:
            self._selling = False
            self._stop.clear()
            if run.refused:
                self._refused[sale.attempt] = run.refused

    async def cancel(self) -> None:
        self._stop.set()

    async def inquire(self, sale: Sale) -> Result:
        if sale.attempt in self._refused:
            return nothing(sale, Outcome.UNKNOWN, self._refused[sale.attempt])
        async with self._turn, self._line():
            try:
                if not self._connected:
                    await self._connect()
                packets = await self._ask()
            except (LinkDown, Broken) as lost:
                await self._drop(_AWAY)
                raise DeviceError("terminal-away", lost.reason) from lost
            except Refused as refusal:
                raise DeviceError("terminal-busy", f"zvt-{refusal.code:02x}") from refusal
            return judge(sale, last_status(packets))

    # One sale

    async def _pay(self, sale: Sale, run: SaleRun) -> Result:
        async with self._reaching():
            await self._ready()
        if self._stop.is_set():
            return await run.close(nothing(sale, Outcome.CANCELLED, "cancelled-before-start"))
        result = await self._charge(sale, run)
        if result is None:
            run.show(Step.CHECKING)
            result = await self._recover(sale)
        return await run.close(result)

    async def _ready(self) -> None:
        """Proves that the terminal is alive and able."""
        # One that was busy or wanted service may be well by now, and is asked; one that is latched or gone is not.
        if not self._connected or self._health.condition is Condition.LATCHED:
            raise NotStarted(self._health.fault, self._health.detail)
        await self._enquire()
        if not self._health.usable:
            raise NotStarted(self._health.fault, self._health.detail)

    @contextlib.asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        """Whatever fails while nothing has been sold is NotStarted."""
        try:
            yield
        except (LinkDown, Broken) as lost:
            await self._drop(_AWAY)
            raise NotStarted("terminal-away", lost.reason) from lost
        except Refused as refusal:
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal

    async def _charge(self, sale: Sale, run: SaleRun) -> Result | None:
        """Sends the authorisation, once, and hears it out. None when the terminal's last word is missing."""
        command = authorisation(sale.amount.minor, CURRENCY_NUMBERS[sale.amount.currency])
        try:
            final = await self._session.converse(command, run, self._stop)
        except Refused as refusal:
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal
        except (LinkDown, Broken) as lost:
            _log.warning("terminal.frame", direction="in", name="authorisation", reason=lost.reason)
            await self._drop(_AWAY)
            if run.committed is not None:
                # Committed, and perhaps not heard by the terminal: what it books then is its maker's choice, and
                # for reconciliation to find.
                _log.warning("terminal.unconfirmed", attempt=sale.attempt, reason=lost.reason)
                return run.committed
            return nothing(sale, Outcome.UNKNOWN, run.refused) if run.refused else None
        self._newest = run.newest(final)
        return run.verdict(final)

    async def _recover(self, sale: Sale) -> Result:
        """Asks until `recovery` has passed: reconnect, register, wait while busy, repeat the receipt. Never sends a sale."""
        reason = "no-answer"
        wait = self._timers.retry
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timers.recovery):
                while True:
                    try:
                        if not self._connected:
                            await self._connect()
                        return judge(sale, last_status(await self._ask()))
                    except (LinkDown, Broken):
                        await self._drop(_AWAY)
                        reason = "no-answer"
                    except Refused:
                        reason = "terminal-busy"
                    except DeviceError as other:
                        reason = other.fault
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, self._timers.retry_most)
        await self._drop(_AWAY)
        return nothing(sale, Outcome.UNKNOWN, reason)

    # Conversations that move no money

    async def _ask(self) -> list[Packet]:
        """What a repeat receipt brings, once the terminal is not busy. Raises Refused while it is."""
        await self._enquire()
        if self._health.condition is Condition.BUSY:
            raise Refused(BUSY)
        return await self._repeat()

    async def _repeat(self) -> list[Packet]:
        """All that a repeat receipt brings, the terminal's last word included."""
        listener = Collect(self._timers.closing)
        final = await self._session.converse(repeat_receipt(self._registering.password), listener)
        return [*listener.heard, final]

    async def _ask_newest(self) -> Mark | None:
        """A terminal that is able, and does not repeat receipts, cannot tell; one that is busy is asked another time."""
        try:
            return mark_of(await self._repeat())
        except Refused as refusal:
            if refusal.code == BUSY:
                raise
            return None

    async def _enquire(self) -> None:
        final = await self._session.converse(status_enquiry(self._registering.password), Collect(self._timers.t3))
        status = final.status if final.kind is Kind.COMPLETION else final.code
        self._set_health(health_of(0 if status is None else status))

    async def _connect(self) -> None:
        """Opens the line and registers. Raises LinkDown, Broken, Refused, or DeviceError for a terminal that is not ours."""
        await self._link.open()
        asking = self._registering
        command = registration(asking.password, KIOSK_CONFIG, CURRENCY_NUMBERS[asking.currency])
        final = await self._session.converse(command, Collect(self._timers.closing))
        if final.kind is Kind.ABORT:
            raise Refused(final.code)
        said = final.fields.digits(0x29)
        if asking.terminal_id and said != asking.terminal_id:
            raise DeviceError("terminal-other", said or "no-terminal-id")
        self._connected = True
        await self._enquire()

    # Looking after the line

    async def _keep(self) -> None:
        """Connects, keeps alive, notices loss, connects again; waits longer each time in vain, up to `retry_most`."""
        wait = self._timers.retry
        while True:
            async with self._turn, self._line():
                await self._tend()
            if self._connected:
                wait = self._timers.retry
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._timers.idle):
                        await self._link.down()
            else:
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._timers.retry_most)

    async def _tend(self) -> None:
        try:
            if self._connected:
                await self._enquire()
            else:
                await self._connect()
        except LinkDown as down:
            await self._drop(_unreached(down))
        except Broken as broken:
            known = broken.reason in ("silence", "refused-repeat")
            await self._drop(Health(Condition.AWAY, "terminal-away", broken.reason) if known else _NOT_ZVT)
        except Refused as refusal:
            await self._drop(health_of_refusal(refusal.code))
        except DeviceError as other:
            await self._drop(Health(Condition.OUT, other.fault, other.detail))

    @contextlib.asynccontextmanager
    async def _line(self) -> AsyncIterator[None]:
        """A conversation that is cut off, by a cancelled task or a bug, leaves no line behind on which its end could arrive."""
        whole = False
        try:
            yield
            whole = True
        except (NotStarted, DeviceError):
            whole = True
            raise
        finally:
            if not whole:
                await self._drop(_AWAY)

    async def _drop(self, health: Health) -> None:
        self._connected = False
        self._newest = None
        self._set_health(health)
        await self._link.close()

    def _set_health(self, health: Health) -> None:
        if health == self._health:
            return
        if self._health.condition is Condition.LATCHED and self._keeper is not None:
            return
        self._health = health
        _log.info("terminal.health", condition=health.condition.value, fault=health.fault, detail=health.detail)


_NOT_ZVT = Health(Condition.OUT, "terminal-not-zvt")


def _unreached(down: LinkDown) -> Health:
    """What is said where a terminal should be: nothing, or something that is not ZVT."""
    if down.reason == "garbage":
        return Health(Condition.OUT, "terminal-not-zvt", down.detail)
    return Health(Condition.AWAY, "terminal-away", f"{down.reason} {down.detail}".strip())


def _tell_bug(keeper: asyncio.Task[None]) -> None:
    """The keeper ends only when cancelled; anything else is a bug, and goes to the loop's handler at once."""
    if not keeper.cancelled() and (bug := keeper.exception()) is not None:
        keeper.get_loop().call_exception_handler({"message": "the terminal's keeper failed", "exception": bug})

"""A ZVT terminal as the engine and the technician see it: one sale at a time to an outcome, and what is done between sales."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import structlog

from devices.health import Condition, DeviceError
from devices.terminals.errors import Broken, LinkDown
from devices.terminals.kept import AWAY
from devices.terminals.port import (
    TOOK_BACK,
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
from devices.terminals.zvt.bmp import bcd
from devices.terminals.zvt.codes import BUSY, NOT_REGISTERED, OUT_OF_ORDER, health_of, health_of_refusal
from devices.terminals.zvt.connection import Connection
from devices.terminals.zvt.errors import Refused
from devices.terminals.zvt.packets import Kind, Packet, authorisation, command
from devices.terminals.zvt.recovery import is_shown, judge, last_status, mark_of, takes_back
from devices.terminals.zvt.reversal import judge_reversal, judge_silence
from devices.terminals.zvt.sale import NOT_BELIEVED, SaleRun, paper_of, result_of, slip_of
from devices.terminals.zvt.session import Collect
from devices.terminals.zvt.totals import NO_TOTALS
from devices.terminals.zvt.upkeep import CURES, OWED
from domain.money import CURRENCY_NUMBERS, Money
from domain.payment import IN_DOUBT, Mark, Outcome, Result

CAPABILITIES = Capabilities(
    protocol="zvt",
    hub_authorises=False,
    approves_offline=True,
    last_result=True,
    reverses=Reverses.LAST,
    end_of_day=True,
)

MOST_SILENT = 3
"""So many unanswered inquiries, and a terminal that says that it needs something is given that before it is asked again."""

_log = structlog.get_logger()


class ZvtTerminal(Connection):
    """devices.terminals.port.Serviced over any Link."""

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    # One sale

    async def newest(self) -> Mark | None:
        self._free()
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
        with self._alone("sale-running"):
            if not self._connected:
                raise NotStarted(self._health.fault, self._health.detail)
            run = SaleRun(sale, commit, progress, self._timers, self._registering.profile.charset)
            try:
                async with self._turn, self._line():
                    return await self._pay(sale, run)
            except asyncio.CancelledError:
                await run.abandon()
                raise
            finally:
                self._stop.clear()

    async def inquire(self, sale: Sale) -> Result:
        if sale.doubt in NOT_BELIEVED:
            return nothing(sale, Outcome.UNKNOWN, sale.doubt)
        async with self._turn, self._line():
            try:
                if not self._connected:
                    await self._connect()
                packets = await self._ask()
            except (LinkDown, Broken) as lost:
                self._silent += 1
                if self._silent >= MOST_SILENT and self._trouble in CURES:
                    self._inquiry_owed = False  # as below: it does not even say that it cannot
                await self._drop(AWAY)
                raise DeviceError("terminal-away", lost.reason) from lost
            except Refused as refusal:
                if refusal.code != BUSY:
                    self._inquiry_owed = False  # it cannot tell as it is: what it needs comes first
                raise DeviceError("terminal-busy", f"zvt-{refusal.code:02x}") from refusal
            self._silent = 0
            return judge(sale, last_status(packets))

    async def _pay(self, sale: Sale, run: SaleRun) -> Result:
        async with self._reaching():
            await self._ready()
        if self._stop.is_set():
            return await run.close(nothing(sale, Outcome.CANCELLED, "cancelled-before-start"))
        result = await self._charge(sale, run)
        if result is None:
            run.show(Step.CHECKING)
            result = await self._recover(sale, run)
        return await run.close(result)

    async def _charge(self, sale: Sale, run: SaleRun) -> Result | None:
        """Sends the authorisation, once, and hears it out. None when the terminal's last word is missing."""
        telling = authorisation(sale.amount.minor, CURRENCY_NUMBERS[sale.amount.currency])
        try:
            final = await self._session.converse(telling, run, self._stop)
        except Refused as refusal:
            await self._note(refusal.code, f"zvt-{refusal.code:02x}")
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal
        except (LinkDown, Broken) as lost:
            _log.warning("terminal.frame", direction="in", name="authorisation", reason=lost.reason)
            await self._drop(AWAY)
            await run.settled()
            run.still_on = lost.reason == "silence"
            if run.committed is not None:  # whether it has heard our yes, and what it makes of it if not, it has to say
                _log.warning("terminal.unconfirmed", attempt=sale.attempt, reason=lost.reason)
                return nothing(sale, Outcome.UNKNOWN, IN_DOUBT) if run.against else None
            return nothing(sale, Outcome.UNKNOWN, run.refused) if run.refused else None
        await run.settled()
        self._newest = run.newest(final)
        trouble = run.trouble or (final.code if final.kind is Kind.ABORT else 0)
        await self._note(trouble, final.why(trouble))
        return run.verdict(final)

    async def _note(self, trouble: int, why: str) -> None:
        """What a sale that came to nothing says of the terminal: out of order for good, in need of something, or a stranger."""
        if trouble == OUT_OF_ORDER:
            self._set_health(health_of(trouble, why))
        elif trouble in OWED:
            self._owed = trouble
            self._set_health(health_of(trouble, why))
        elif trouble == NOT_REGISTERED:
            await self._drop(AWAY)

    # After silence

    async def _recover(self, sale: Sale, run: SaleRun) -> Result:
        """What the terminal shows of the sale: where an approval is committed, that very one is looked for. One that took our yes
        over a line that held, and then says nothing for long (a card left in), is no doubt."""
        packets, reason = await self._ask_until_answered()
        if packets is None:
            taken = run.committed if run.yes and run.still_on else None
            return taken or nothing(sale, Outcome.UNKNOWN, reason)
        status = last_status(packets)
        return run.committed if run.committed is not None and is_shown(run.committed, status) else judge(sale, status)

    async def _ask_until_answered(self) -> tuple[list[Packet] | None, str]:
        """All that a repeat receipt brings, asked for until `recovery` has passed: reconnect, register, wait while busy, ask.
        None and why, when it could not be had. Sends nothing that moves money."""
        reason = "no-answer"
        wait = self._timers.retry
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timers.recovery):
                while True:
                    try:
                        if not self._connected:
                            await self._connect()
                        return await self._ask(), ""
                    except (LinkDown, Broken):
                        await self._drop(AWAY)
                        reason = "no-answer"
                    except Refused:
                        reason = "terminal-busy"
                    except DeviceError as other:
                        reason = other.fault
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, self._timers.retry_most)
        await self._drop(AWAY)
        return None, reason

    async def _ask(self) -> list[Packet]:
        """What a repeat receipt brings, once the terminal is not busy. Raises Refused while it is."""
        await self._enquire()
        if self._health.condition is Condition.BUSY:
            raise Refused(BUSY)
        return await self._repeat()

    async def _ask_newest(self) -> Mark | None:
        """A terminal that is able, and does not repeat receipts, cannot tell; one that is busy is asked another time."""
        packets = await self._repeat_if_it_can()
        return None if packets is None else mark_of(packets)

    async def _repeat_if_it_can(self) -> list[Packet] | None:
        try:
            return await self._repeat()
        except Refused as refusal:
            if refusal.code == BUSY:
                raise
            return None

    # Between sales

    async def last(self) -> Result | None:
        with self._alone("last"):
            async with self._turn, self._line(), self._reaching():
                await self._there()
                packets = await self._repeat_if_it_can() or []
        status = last_status(packets)
        if status is None:
            return None
        said = result_of(Money(0, self._registering.currency), status)
        reason = TOOK_BACK if takes_back(status) else said.reason
        return replace(said, reason=reason, slip=slip_of(packets, self._registering.profile.charset))

    async def reverse(self, reversal: Reversal, progress: Progress) -> Reversed:
        with self._alone("reversal"):
            async with self._turn, self._line():
                async with self._reaching():
                    await self._ready()
                    before = last_status(await self._repeat_if_it_can() or [])
                return await self._reverse(reversal, before, progress)

    async def _reverse(self, reversal: Reversal, before: Packet | None, progress: Progress) -> Reversed:
        """Sends the reversal, once, and hears it out, or asks what became of it."""
        self._newest = None
        heard = Collect(self._timers.t4, progress)
        try:
            final = await self._say(Kind.REVERSAL, (0x87, bcd(reversal.receipt, 2)), heard=heard)
        except Refused as refusal:
            raise NotStarted(health_of_refusal(refusal.code).fault, f"zvt-{refusal.code:02x}") from refusal
        except (LinkDown, Broken) as lost:
            _log.warning("terminal.frame", direction="in", name="reversal", reason=lost.reason)
            await self._drop(AWAY)
            progress(Step.CHECKING)
            packets, _ = await self._ask_until_answered()
            return judge_silence(reversal, before, last_status(packets or []))
        said = last_status(heard.heard)
        if said is None:
            end = ReversalEnd.REFUSED if final.kind is Kind.ABORT else ReversalEnd.UNKNOWN
            return Reversed(end, reason=final.why(final.code) if final.kind is Kind.ABORT else "zvt-no-result")
        done = judge_reversal(reversal, before, said)
        if done.end is ReversalEnd.REVERSED and final.kind is Kind.ABORT:
            done = replace(done, end=ReversalEnd.UNKNOWN, reason=final.why(final.code))
        return replace(done, slip=slip_of(heard.heard, self._registering.profile.charset))

    async def end_of_day(self, progress: Progress) -> DayTotals:
        heard = Collect(self._timers.t4, progress)
        with self._alone("end-of-day"):
            async with self._turn, self._line(), self._serving("end-of-day"):
                final = await self._close_day(heard)
                totals = self._closed or NO_TOTALS
                if final.kind is not Kind.ABORT:
                    self._owed = 0
                await self._look()
        _served(final)
        return replace(totals, slip=paper_of(heard.heard, self._registering.profile.charset))

    async def diagnose(self) -> Diagnosis:
        heard = Collect(self._timers.t4)
        with self._alone("diagnosis"):
            async with self._turn, self._line(), self._serving("diagnosis"):
                final = await self._session.converse(command(Kind.DIAGNOSIS), heard)
                who = await self._enquire()
        _served(final)
        return Diagnosis(who.software, who.serial, who.terminal_id, paper_of(heard.heard, self._registering.profile.charset))


def _served(final: Packet) -> None:
    if final.kind is Kind.ABORT:
        raise DeviceError("terminal-refused", final.why(final.code))

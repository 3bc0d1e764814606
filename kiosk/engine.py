"""The engine: carries out what the visit asks for. One asyncio loop owns devices, journal, hub link and the UI's socket.

A known failure of the world becomes an event of the visit. Anything else is a bug: it ends `run`, and the process with it;
whatever was under way is found in the journal at the next start and asked after.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import assert_never

import structlog

from devices.health import Condition, DeviceError
from devices.smartcards.port import Badge, Kind, Refused, Seen
from devices.smartcards.port import Refusal as CardRefusal
from devices.terminals.port import DayTotals, NotStarted, Sale, Step, nothing
from domain.payment import Attempt, Outcome, Result, Tender, new_attempt_id
from domain.receipt import Receipt
from kiosk.belated import KEY_BYTES, Belated
from kiosk.day_end import DayEnd
from kiosk.engine_ports import Memory, Screen, Staff, Sync
from kiosk.hub_link import HubLink
from kiosk.place import Hands, Place
from kiosk.scanning import Scanning
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.receipts import document, letter
from kiosk.visit.screens import Intent
from kiosk.visit.staff_report import DeviceSeen
from kiosk.visit.stages import Asking
from kiosk.visit.visit import patience, step
from kiosk.visit.words import Words
from offline_queue.errors import AccountBlocked, DatabaseFault, LimitReached, NotEnrolled

log = structlog.get_logger()

GLANCE_S = 0.2
"""How often the devices' health is looked at; looking costs nothing, the drivers keep it."""

SCREEN_FIRST_S = 0.3
"""How long a settled record waits before the network is used for it; it is safe on disk meanwhile."""

INQUIRY_S = 5.0
"""Seconds between two inquiries that brought no answer."""

LONGEST_SALE_S = 900.0
"""The longest that a driver is waited for. Each has time limits of its own for every step, and they end far sooner together
(docs/technician.md); this is for one that hangs all the same, or a disk that does while a result is committed."""

PRINT_S = 20.0
"""The longest a receipt may take; then the patient is told that it did not come."""


class Engine:
    """Runs visits, one after the other. All methods belong to one loop; `clock` is aware, `random(n)` gives n bytes."""

    def __init__(
        self,
        visit: st.Visit,
        place: Place,
        hands: Hands,
        memory: Memory,
        hub: HubLink,
        sync: Sync,
        screen: Screen,
        staff: Staff,
        day_end: DayEnd,
        clock: Callable[[], dt.datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._visit = visit
        self._place = place
        self._hands = hands
        self._memory = memory
        self._hub = hub
        self._sync = sync
        self._screen = screen
        self._staff = staff
        self._day_end = day_end
        self._clock = clock
        self._random = random
        self._serial = 0
        self._visits = 0
        self._questions: set[asyncio.Task[None]] = set()
        self._shown = ""
        self._attempts: dict[str, Attempt] = {}
        self._to_inquire: Sale | None = None
        self._inquire_from = 0.0
        self._day_differs = False
        self._ending_day = False
        self._heard_end = False
        self._hanging = False
        self._belated = Belated(clock, random(KEY_BYTES))
        self._scanning = Scanning(place.profiles, lambda: clock().astimezone(place.zone).date(), self._post)
        self._idle: asyncio.TimerHandle | None = None
        self._tasks: asyncio.TaskGroup

    async def run(self) -> None:
        """Until cancelled, or until a bug ends it."""
        found = await self._memory.to_inquire()
        self._owe(None if found is None else _sale(found.attempt, found.result.reason if found.result else ""))
        async with asyncio.TaskGroup() as self._tasks:
            for _, device in self._hands.named():
                await device.open()
            self._show()
            self._tasks.create_task(self._watch_world())
            self._tasks.create_task(self._sync.run())

    async def close(self) -> None:
        for _, device in self._hands.named():
            await device.close()

    def intend(self, intent: Intent) -> None:
        """What a person did at the screen."""
        self._post(intent)

    # the visit

    def _post(self, event: ev.Event) -> None:
        before = self._visit
        self._visit, effects = step(before, event)
        turned = replace(self._visit, world=before.world) != before
        unheard = isinstance(event, Intent) and before.asking is Asking.STILL_THERE
        if (turned and not ev.names_no_bill(event)) or (isinstance(event, Intent) and not unheard):
            self._wait_for_person()
        if isinstance(self._visit.stage, st.Paid):
            self._belated.keep(self._visit.stage)
        if self._visit != before:
            self._ask_for_badges(before)
            self._show()
        for effect in effects:
            self._carry_out(effect)

    @property
    def _words(self) -> Words:
        """The patient's language."""
        return self._place.words[self._visit.language]

    def _show(self) -> None:
        self._serial += 1
        snapshot = present(self._visit, self._place.words, self._place.site, self._serial)
        self._screen.show(snapshot)
        if snapshot.screen != self._shown:
            self._shown = snapshot.screen
            log.info("visit.screen", screen=snapshot.screen)

    def _wait_for_person(self) -> None:
        """Every touch and every turn of the visit gives the person their time anew; a device that comes and goes does not, nor
        what its picture looks like, nor a paper left there: they would keep a visit alive in an empty room."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        seconds = patience(self._visit)
        if seconds is not None:
            self._idle = asyncio.get_running_loop().call_later(seconds, self._post, ev.Idle())

    def _carry_out(self, effect: ev.Effect) -> None:
        match effect:
            case ev.StartScanning():
                self._scanning.begin()
                self._hands.scanner.watch(self._scanning.see)
                self._sync.nudge()  # somebody is here: what we know of the hub should be fresh
            case ev.StopScanning():
                self._hands.scanner.rest()
                self._scanning.end()
            case ev.Play(sound):
                if self._hands.speaker is not None:
                    self._hands.speaker.play(sound.value)
            case ev.LookUp(ref, birth_date):
                self._ask(partial(self._hub.look_up, ref, birth_date))
            case ev.LookUpNamed(named, birth_date, digits):
                self._ask(partial(self._hub.look_up_named, named, birth_date, digits))
            case ev.ProbeHub():
                self._ask(partial(self._hub.probe, effect))
            case ev.OpenAttempt():
                self._tasks.create_task(self._open(effect))
            case ev.ArmTerminal(attempt):
                self._tasks.create_task(self._sell(self._attempts[attempt]))
            case ev.AbandonAttempt(attempt):
                self._tasks.create_task(self._abandon(attempt))
            case ev.CancelTerminal():
                self._tasks.create_task(self._hands.terminal.cancel())
            case ev.Print(paper):
                paper_says = document(self._visit, self._words, self._place.site, self._clock())
                self._see_through(self._print(paper, paper_says))
            case ev.SendReceipt(channel, address):
                attempt, sent = letter(self._visit, channel, address, self._words, self._place.site, self._clock())
                self._ask(partial(self._hub.send_receipt, attempt, sent))
            case ev.CallStaff(why):
                self._see_through(self._hub.call_staff(why))
            case ev.LookForStaff(pin):
                self._ask(partial(self._staff.look, pin, self._devices()))
            case ev.LookForBadge():
                self._ask(partial(self._staff.look_with_badge, self._devices()))
            case ev.Wipe():
                self._wipe()
            case _:
                assert_never(effect)

    def _ask(self, question: Callable[[], Awaitable[ev.Event]]) -> None:
        task = self._tasks.create_task(self._answer(question))
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)

    async def _answer(self, question: Callable[[], Awaitable[ev.Event]]) -> None:
        """What came of it is a reason for sync to look now: it is the one that says whether the hub is there."""
        answer = await question()
        self._post(self._belated.told(answer) if isinstance(answer, ev.Found) else answer)
        self._sync.nudge()

    def _see_through(self, deed: Coroutine[None, None, ev.Event]) -> None:
        """What goes on though its visit ends: a paper that is coming out, a call for staff."""
        self._tasks.create_task(self._tell(deed, self._visits))

    async def _tell(self, deed: Awaitable[ev.Event], visit: int) -> None:
        """`visit` is which one it belongs to: a later patient is not told what became of it."""
        answer = await deed
        if visit == self._visits:
            self._post(answer)

    def _wipe(self) -> None:
        """What one patient asked must never be answered to the next: even on the same bill, who asked has changed."""
        for question in self._questions:
            question.cancel()
        self._scanning.forget()
        self._attempts = {}
        self._visits += 1
        log.info("visit.wiped")

    # badges

    def _ask_for_badges(self, before: st.Visit) -> None:
        """While the staff's PIN is asked for, and at no other time."""
        asked, ask = (isinstance(visit.stage, st.StaffPin) for visit in (before, self._visit))
        if self._hands.cards is None or asked == ask:
            return
        if ask:
            self._hands.cards.watch(frozenset({Kind.BADGE}), self._card_seen)
        else:
            self._hands.cards.rest()

    def _card_seen(self, seen: Seen) -> None:
        why = seen.reason if isinstance(seen, Refused) else CardRefusal.UNKNOWN_CARD
        self._post(ev.BadgeProved() if isinstance(seen, Badge) else ev.StaffRefused(why.value))

    # money

    async def _open(self, effect: ev.OpenAttempt) -> None:
        """Commits the attempt before anything can move money (law 2), the offline limits in the same breath (law 5)."""
        try:
            async with asyncio.timeout(LONGEST_SALE_S):
                newest = await self._hands.terminal.newest()
        except NotStarted as refusal:
            log.info("attempt.refused", reason=refusal.fault)
            self._post(ev.TerminalRefused("", refusal.fault))
            return
        except TimeoutError:
            log.error("attempt.refused", reason="no-answer")
            self._post(ev.TerminalRefused("", "terminal-away"))
            return
        now = self._clock()
        attempt_id = new_attempt_id(now, self._random(10))
        attempt = Attempt(
            id=attempt_id,
            ref=effect.ref,
            statement=effect.statement,
            account=effect.account,
            amount=effect.amount,
            tender=Tender.CARD,
            offline=effect.offline,
            newest=newest,
            opened_at=now,
            parts=effect.parts,
        )
        try:
            await self._memory.open_attempt(attempt, self._place.limits if effect.offline else None)
        except (LimitReached, AccountBlocked, NotEnrolled, DatabaseFault) as refusal:
            log.info("attempt.refused", reason=refusal.code)
            self._post(ev.OpenRefused(refusal.code))
            return
        log.info("attempt.opened", attempt=attempt_id, offline=effect.offline)
        self._attempts = {attempt_id: attempt}
        self._post(ev.Opened(attempt_id))

    async def _sell(self, attempt: Attempt) -> None:
        """One sale, from the armed terminal to the committed outcome."""
        self._heard_end = False
        backstop = asyncio.get_running_loop().call_later(LONGEST_SALE_S, self._sale_hangs, attempt)
        try:
            result = await self._hands.terminal.pay(_sale(attempt), self._committer(attempt.id), self._progress(attempt.id))
        except NotStarted as refusal:
            self._heard_end = True
            if not self._hanging:
                await self._memory.not_started(attempt.id, refusal.fault)
                self._post(ev.TerminalRefused(attempt.id, refusal.fault))
                return
            result = nothing(_sale(attempt), Outcome.CANCELLED, refusal.fault)  # it is unknown by now, to the hub too
            await self._memory.settle(attempt.id, result)
        finally:
            backstop.cancel()
            self._hanging = False
        self._settled(attempt, result)

    def _sale_hangs(self, attempt: Attempt) -> None:
        """The patient is told what is true: nobody knows, do not pay again (law 3). Nothing is cut off: what the driver says
        after all is still the attempt's end, for the screen too. Until then nobody is sold anything; and a driver that wakes late
        has heard that nobody wants that sale any more: somebody else may stand there by then, with another card."""
        log.error("terminal.unconfirmed", attempt=attempt.id, reason="no-answer")
        self._hanging = True
        self._glance()
        unknown = nothing(_sale(attempt), Outcome.UNKNOWN, "no-answer")
        self._post(ev.Settled(attempt.id, unknown))
        self._tasks.create_task(self._keep_unheard(attempt.id, unknown))
        self._tasks.create_task(self._hands.terminal.cancel())

    async def _keep_unheard(self, attempt_id: str, unknown: Result) -> None:
        """So that the hub hears of it. An end that the driver has said, and the disk hangs on, is not contradicted."""
        if not self._heard_end:
            await self._memory.settle(attempt_id, unknown)
        self._sync.nudge()

    def _committer(self, attempt_id: str) -> Callable[[Result], Coroutine[None, None, None]]:
        async def commit(result: Result) -> None:
            self._heard_end = True
            await self._memory.settle(attempt_id, self._of_hub(result))

        return commit

    def _of_hub(self, result: Result) -> Result:
        """Says whose approval it is: the hub compares what is said to be its own with what its gateway has heard."""
        of_hub = self._hands.terminal.capabilities.hub_authorises and result.outcome is Outcome.APPROVED
        return replace(result, hub_authorised=True) if of_hub else result

    def _progress(self, attempt_id: str) -> Callable[[Step], None]:
        return lambda where: self._post(ev.TerminalStep(attempt_id, ev.CardStep(where.value)))

    def _settled(self, attempt: Attempt, result: Result) -> None:
        log.info("attempt.settled", attempt=attempt.id, outcome=result.outcome.value, reason=result.reason)
        if result.outcome is Outcome.UNKNOWN:
            self._owe(_sale(attempt, result.reason))
            self._glance()
        self._post(ev.Settled(attempt.id, result))
        # The patient's screen first: signing and TLS would take the time in which it is drawn.
        asyncio.get_running_loop().call_later(SCREEN_FIRST_S, self._sync.nudge)

    async def _abandon(self, attempt_id: str) -> None:
        await self._memory.not_started(attempt_id, "cancelled")

    def _owe(self, inquiry: Sale | None) -> None:
        """What is to be asked after from now on; the terminal's own driver has to leave that in its memory."""
        self._to_inquire = inquiry
        self._hands.terminal.inquiry_owed(inquiry is not None)

    async def _inquire(self, sale: Sale) -> None:
        """Asks the terminal about a sale whose end we did not hear. No other sale begins before it has answered: a newer one
        would push this one out of the terminal's memory (reference: terminals, recovery)."""
        try:
            result = await self._hands.terminal.inquire(sale)
        except DeviceError:
            self._inquire_from = asyncio.get_running_loop().time() + INQUIRY_S
            return
        await self._memory.settle(sale.attempt, self._of_hub(result))
        self._owe(None)
        log.info("attempt.settled", attempt=sale.attempt, outcome=result.outcome.value, reason=result.reason)
        if result.outcome is not Outcome.UNKNOWN:
            self._post(ev.Settled(sale.attempt, result))
        self._sync.nudge()

    # paper

    async def _print(self, paper: ev.Paper, document: Receipt) -> ev.Printed | ev.PrintFailed:
        try:
            async with asyncio.timeout(PRINT_S):
                await self._hands.printer.print(document)
        except DeviceError as error:
            return ev.PrintFailed(paper, error.fault)
        except TimeoutError:
            return ev.PrintFailed(paper, "printer-away")
        return ev.Printed(paper)

    # the world

    async def _watch_world(self) -> None:
        while True:
            self._glance()
            if (closed := self._hands.terminal.day_closed()) is not None:
                self._day_differs = await self._differs(closed)
            if self._to_inquire is not None and self._can_inquire(self._to_inquire):
                await self._inquire(self._to_inquire)
            if self._day_end.is_due() and self._may_end_day():
                self._ending_day = True
                self._glance()
                self._tasks.create_task(self._end_day())
            await asyncio.sleep(GLANCE_S)

    def _can_inquire(self, sale: Sale) -> bool:
        """What the hub has authorised, the hub must be there to tell, and the reader need not be. A card that was only to be
        captured it was not told of. A terminal tells of the last sale even when it can make no other."""
        terminal = self._hands.terminal
        if terminal.capabilities.hub_authorises:
            there = self._hub.online or sale.offline
        else:
            there = terminal.health().condition not in (Condition.AWAY, Condition.BUSY)
        return there and asyncio.get_running_loop().time() >= self._inquire_from

    def _may_end_day(self) -> bool:
        """Nobody is here, and no sale is to be asked after: the end of the day may push it out of the terminal's memory."""
        terminal, nobody = self._hands.terminal, isinstance(self._visit.stage, st.Attract)
        able = terminal.capabilities.end_of_day and terminal.health().usable
        return nobody and able and self._to_inquire is None and not self._ending_day

    async def _end_day(self) -> None:
        """Meanwhile no card is taken: the screen says so to whoever comes."""
        try:
            totals = await self._hands.terminal.end_of_day(lambda _: None)
        except (NotStarted, DeviceError) as failure:
            log.warning("terminal.day_not_ended", reason=failure.fault, detail=failure.detail)
            self._day_end.tried(ended=False)
        else:
            log.info("terminal.day_ended", count=totals.count)
            self._day_end.tried(ended=True)
        self._ending_day = False
        self._glance()

    async def _differs(self, totals: DayTotals) -> bool:
        """Whether the day that the terminal has closed is another one than the journal's (reference: terminals, R20). What it
        does not say, or what cannot be looked up now, is not compared."""
        if totals.under is None:
            return False
        try:
            count, amount = await self._memory.taken_under(*totals.under)
        except DatabaseFault as fault:
            log.warning("terminal.day_not_compared", reason=fault.code)
            return False
        if (totals.count, totals.amount) == (count, amount):
            return False
        log.warning("terminal.day_differs", count=totals.count, kept=count)
        return True

    def _devices(self) -> tuple[DeviceSeen, ...]:
        """As staff see them. A terminal that is well sells nothing while a payment is asked after, or its driver hangs in one. A
        day that differs is told of until the next one is closed."""
        unclear = self._to_inquire is not None or self._hanging
        notes = {"terminal": "payment-unclear" if unclear else "day-differs" if self._day_differs else ""}
        seen = ((name, hand.health()) for name, hand in self._hands.named())
        return tuple(DeviceSeen(name, health.condition.value, health.fault or notes.get(name, "")) for name, health in seen)

    def _glance(self) -> None:
        world = ev.World(
            terminal=self._hands.terminal.health().usable
            and self._to_inquire is None
            and not (self._ending_day or self._hanging),
            scanner=self._hands.scanner.health().usable,
            printer=self._hands.printer.health().condition not in (Condition.OUT, Condition.AWAY),
            hub=self._hub.online,
            voice=self._hands.voice is not None and self._hands.voice.health().usable,
            channels=self._hub.channels,
            today=self._clock().astimezone(self._place.zone).date(),
        )
        if world != self._visit.world:
            self._post(ev.WorldChanged(world))


def _sale(attempt: Attempt, doubt: str = "") -> Sale:
    return Sale(attempt.id, attempt.amount, attempt.newest, attempt.opened_at, attempt.offline, doubt)

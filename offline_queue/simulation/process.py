"""One life of the kiosk's process on the shipped code, and what the world knows that it told and was told."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ssl
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from domain.limits import Limits
from domain.money import Money, total
from domain.payment import Attempt, Mark, Part, Result, Tender, new_attempt_id
from domain.statement_codes import RefKind, StatementRef
from offline_queue.client import HubClient
from offline_queue.errors import AccountBlocked, LimitReached
from offline_queue.journal import Journal
from offline_queue.simulation.network import Network
from offline_queue.simulation.power import PowerCut, journal_that_may_die
from offline_queue.simulation.terminal import Terminal
from offline_queue.sync import Sync

URL = "https://hub.example:8443"
LIMITS = Limits(payment=Money(30_000, "USD"), total=Money(40_000, "USD"), count=3, age=dt.timedelta(hours=4))


@dataclass(slots=True)
class Told:
    """The world's own memory of one attempt: `words` what the journal was told, in order, committed or not; `kept` how many of
    them there were when it last acknowledged one."""

    attempt: Attempt
    words: list[Result] = field(default_factory=list)
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """What a kiosk is given."""

    folder: Path
    ca: Path
    clock: Callable[[], dt.datetime]
    chance: Random
    network: Network
    terminal: Terminal
    limits: Limits
    note: Callable[..., None]
    taken_offline: Callable[[Journal, Attempt], Coroutine[None, None, None]]
    """Called with each attempt that was opened under limits."""


class Process:
    """One life of the kiosk's process: from the journal's opening to a power cut. A small engine: one sale at a time, and none
    before the terminal was asked about the last one."""

    def __init__(self, place: Place, told: dict[str, Told], peril: float) -> None:
        self.told = told
        self.peril = peril
        self.sync: Sync | None = None
        self.journal: Journal | None = None
        self._place = place
        self._online = False
        self._busy = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()
        self._tasks: list[asyncio.Task[None]] = []
        self._begin(self._run())

    @property
    def alive(self) -> bool:
        return not self._over.done()

    def cut_power(self) -> None:
        if self.alive:
            self._over.set_result(None)

    async def ended(self) -> None:
        """Waits for the end of this process, and buries it: what it was doing is gone. A bug in it is raised here."""
        await self._over
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.journal is not None:
            await self.journal.close()  # the kernel does, when a process dies
        for end in ends:
            if end is not None and not isinstance(end, (asyncio.CancelledError, PowerCut)):
                raise end

    def pay(self, parts: Sequence[Part], card_s: float) -> None:
        """A patient pays what comes to one bill or to several, if the kiosk is free and takes payments."""
        self._begin(self._sale(parts, card_s))

    def resolve(self) -> None:
        """Staff read in the terminal's own journal how the unknown ones ended, and say so."""
        self._begin(self._settle_unknown())

    async def at_rest(self) -> bool:
        """Whether it is idle, has nothing to send, and is at peace with its hub."""
        if self.sync is None or self.journal is None or not self.alive or self._busy.locked():
            return False
        return self.sync.attention is None and await self.journal.undelivered(1) is None

    def nudge(self) -> None:
        if self.sync is not None:
            self.sync.nudge()

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        task.add_done_callback(self._ends_with)
        self._tasks.append(task)

    def _ends_with(self, task: asyncio.Task[None]) -> None:
        """A power cut in one is the end of all; so is a bug, of which `ended` speaks."""
        if not task.cancelled() and task.exception() is not None:
            self.cut_power()

    def _step(self, where: str) -> None:
        if self.alive and self._place.chance.random() < self.peril:
            self._place.note("power", at=where)
            self.cut_power()
        if not self.alive:
            raise PowerCut

    async def _run(self) -> None:
        place = self._place
        kind = journal_that_may_die(self._step)
        self.journal = await kind.open(place.folder, clock=place.clock, random=place.chance.randbytes)
        self._show_certificate()
        client = HubClient(URL, place.ca, self.journal.identity(), clock=place.clock, transport=place.network)
        self.sync = Sync(
            self.journal,
            client,
            on_reachability=self._reached,
            limits=place.limits,
            clock=self._loop.time,
            random=place.chance.random,
        )
        self._begin(self._inquire())
        await self.sync.run()

    def _show_certificate(self) -> None:
        """What TLS would do with the client's certificate, which is another test's."""
        who = self.journal.identity() if self.journal else None
        shown = who.certificate if who else None
        self._place.network.certificate = ssl.DER_cert_to_PEM_cert(base64.b64decode(shown)) if shown else ""

    def _reached(self, online: bool) -> None:
        self._online = online

    async def _inquire(self) -> None:
        """After a start, the terminal is asked about the newest attempt whose end is not known, before anything else."""
        async with self._busy:
            assert self.journal is not None
            found = await self.journal.to_inquire()
            if found is not None:
                await asyncio.sleep(self._place.chance.uniform(1, 20))
                await self._settle(found.attempt, self._place.terminal.inquiry(found.attempt))

    async def _sale(self, parts: Sequence[Part], card_s: float) -> None:
        if self._busy.locked() or self.journal is None:
            return
        place = self._place
        async with self._busy:
            now, offline = place.clock(), not self._online
            first, several = parts[0], len(parts) > 1  # of several bills the hub has told the accounts, and may be gone since
            amount = total((part.amount for part in parts), "USD")
            attempt = Attempt(
                id=new_attempt_id(now, place.chance.randbytes(10)),
                ref=StatementRef(RefKind.NUMBER, first.statement),
                statement=first.statement,
                account=first.account if several or not offline else "",
                amount=amount,
                tender=Tender.CARD,
                offline=offline,
                newest=Mark(len(place.terminal.sales), len(place.terminal.sales)),
                opened_at=now,
                parts=tuple(parts) if several else (),
            )
            self.told[attempt.id] = Told(attempt)
            try:
                await self.journal.open_attempt(attempt, place.limits if offline else None)
            except (LimitReached, AccountBlocked) as refusal:
                place.note("refused", code=refusal.code)
                return
            place.note("opened", pid=attempt.id, minor=amount.minor, parts=len(attempt.parts), offline=offline)
            if offline:
                await place.taken_offline(self.journal, attempt)
            result = place.terminal.sale(attempt)
            await asyncio.sleep(card_s)
            await self._settle(attempt, result)

    async def _settle_unknown(self) -> None:
        if self._busy.locked() or self.journal is None:
            return
        async with self._busy:
            for attempt in await self.journal.unresolved():
                await self._settle(attempt, self._place.terminal.truth(attempt))

    async def _settle(self, attempt: Attempt, result: Result) -> None:
        assert self.journal is not None
        told = self.told[attempt.id]
        told.words.append(result)
        await self.journal.settle(attempt.id, result)
        told.kept = len(told.words)
        self._place.note("settled", pid=attempt.id, outcome=result.outcome)
        self.nudge()

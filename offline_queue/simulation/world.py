"""One simulated day: what can happen in it, verb by verb, and its end, when everything is mended and the laws are checked."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import tempfile
from collections.abc import Awaitable, Coroutine, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import structlog

from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt
from hub.folder import Folder
from offline_queue.journal import Journal
from offline_queue.simulation import laws
from offline_queue.simulation.kiosk import Place, Process, Told
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.loop import Loop
from offline_queue.simulation.network import Network
from offline_queue.simulation.office import Office
from offline_queue.simulation.stage import MORNING, stage
from offline_queue.simulation.temper import CALM, Temper
from offline_queue.simulation.template import BILLS, Template, account_of, copy_kiosk, number_of
from offline_queue.simulation.terminal import Terminal

LIMITS = Limits(payment=Money(30_000, "USD"), total=Money(60_000, "USD"), count=4, age=dt.timedelta(hours=4))

SOON_S = 3 * 3600
MOST_REQUESTS = 200
"""How long, and with how many requests, at most, a mended world takes to bring everything to the hub."""

_T = TypeVar("_T")


class World:
    """A kiosk, a hub and the network between them, from one seed. Its verbs belong to its own loop: see `does`."""

    def __init__(self, seed: int, made: Template, path: Path) -> None:
        self.chance = Random(seed)
        self.trace = hashlib.sha256()
        self.lines: list[str] = []
        self.loop = Loop()
        self.temper = CALM
        self.kiosk_clock = self.hub_clock = dt.timedelta(0)
        """How far each wall clock is from the truth."""
        self.told: dict[str, Told] = {}
        self._streams = {name: Random(f"{seed} {name}") for name in ("net", "hub", "kiosk", "terminal", "keys")}
        self._loose: list[asyncio.Task[Any]] = []
        stage().clock = lambda: self._now() + self.hub_clock
        stage().monotonic = self.loop.time
        stage().random = self._streams["keys"].randbytes
        copy_kiosk(made, path / "kiosk")
        self.office = Office(path, made.hub, made.backup, stage().front, stage().hub_world, self._streams["hub"], self.note)
        self.network = Network(self._streams["net"], self.office.answer, self.note, self._spawn)
        self.terminal = Terminal(self._streams["terminal"])
        self._place = Place(
            folder=path / "kiosk",
            ca=Folder(made.hub).ca_certificate,
            clock=lambda: self._now() + self.kiosk_clock,
            chance=self._streams["kiosk"],
            network=self.network,
            terminal=self.terminal,
            limits=LIMITS,
            note=self.note,
            taken_offline=self._check_limits,
        )
        self.process: Process | None = None
        self._off_until = 0.0
        self._newest_gen = 0

    # how it runs

    def does(self, verb: Coroutine[Any, Any, _T]) -> _T:
        """Runs `verb` to its end, with everything else that goes on meanwhile."""
        with self.listening():
            return self.loop.run_until_complete(verb)

    def close(self) -> None:
        async def all_end() -> None:
            if self.process is not None:
                self.process.cut_power()
                await asyncio.gather(self.process.ended(), return_exceptions=True)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.does(all_end())
        self.office.close()
        self.loop.close()

    def note(self, event: str, /, **fields: object) -> None:
        """One line of the day's trace."""
        line = f"{self.loop.time():.3f} {event} " + " ".join(f"{name}={value}" for name, value in fields.items())
        self.lines.append(line)
        self.trace.update(line.encode() + b"\n")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within it, what the shipped code logs belongs to the trace."""

        def hear(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
            self.note(event.pop("event"), **event)
            raise structlog.DropEvent

        before = structlog.get_config()
        structlog.configure(processors=[hear], cache_logger_on_first_use=False)
        try:
            yield
        finally:
            structlog.configure(**before)

    def _now(self) -> dt.datetime:
        return MORNING + dt.timedelta(seconds=self.loop.time())

    def _spawn(self, work: Awaitable[_T]) -> asyncio.Task[_T]:
        async def run() -> _T:
            return await work

        task = self.loop.create_task(run())
        self._loose.append(task)
        return task

    # what can happen

    async def open(self) -> None:
        """The kiosk is switched on for the first time."""
        self._spawn(self._keep())

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._off_until - self.loop.time()))
            self.note("kiosk-up")
            self.process = Process(self._place, self.told, self.temper.peril)
            await self.process.ended()
            self.process = None
            self.note("kiosk-down")
            await asyncio.sleep(self.chance.uniform(0.5, 60))

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def pay(self) -> None:
        """A patient comes."""
        bill = self.chance.randrange(BILLS)
        minor, card_s = self.chance.randrange(100, 35_000), self.chance.uniform(0.5, 25)
        if self.process is not None:
            self.process.pay(number_of(bill), account_of(bill), minor, card_s)

    async def resolve(self) -> None:
        if self.process is not None:
            self.process.resolve()

    async def cut_power(self, off_s: float = 0.0) -> None:
        """The kiosk is without power, for so many seconds or some."""
        self._off_until = self.loop.time() + off_s
        if self.process is not None:
            self.note("power", at="any")
            self.process.cut_power()

    async def jump(self) -> None:
        """Somebody, or a time server, sets one of the clocks."""
        by = dt.timedelta(seconds=self.chance.choice((-86_400, -3600, -400, 200, 400, 7200, 86_400 * 3)))
        if self.chance.random() < 0.5:
            self.kiosk_clock += by
        else:
            self.hub_clock += by
        self.note("jump", kiosk=self.kiosk_clock, hub=self.hub_clock)

    def set_temper(self, temper: Temper) -> None:
        self.temper = temper
        self.network.temper = temper
        self.office.haunted, self.office.fragile = temper.haunted, temper.fragile
        self.terminal.odd = temper.odd
        if self.process is not None:
            self.process.peril = temper.peril

    # how it ends

    async def mended(self) -> None:
        """Everything that was broken is repaired; the kiosk drains; then every law is checked.

        Raises LawBroken, also when that takes longer than SOON_S.
        """
        self.note("mended")
        self.set_temper(CALM)
        self.network.cut = False
        self.office.exorcise()
        if self.office.hub is None:
            self.office.start()
        await self.check_belief()
        self.office.deceived = False
        answered, quiet = self.network.answered, 0
        until, most = self.loop.time() + SOON_S, self.network.sent + MOST_REQUESTS
        while quiet < 2:
            if self.loop.time() > until or self.network.sent > most:
                raise LawBroken("converges", "the kiosk has not drained, long after all was well")
            await asyncio.sleep(20)
            self._raise_bugs()
            at_rest = self.process is not None and await self.process.at_rest() and self.network.answered > answered
            quiet = quiet + 1 if at_rest else 0
        await self.check()

    async def check(self) -> None:
        """The laws that hold whenever nothing is on its way."""
        process, hub = self.process, self.office.hub
        assert process is not None
        assert process.journal is not None
        assert hub is not None
        journal = process.journal

        await journal._transact(lambda connection: laws.kept(connection, self.told, self.terminal.sales))
        await journal._transact(laws.chained)
        await journal._transact(laws.drained)
        await journal._transact(lambda connection: laws.posted_once(hub, connection))
        self.note("lawful", told=len(self.told))

    async def check_belief(self) -> None:
        """In the middle of it all: what the kiosk takes for delivered is at the hub, unless the hub was set back in secret."""
        process, hub = self.process, self.office.hub
        if hub is None or process is None or self.office.deceived:
            return
        journal = process.journal
        if journal is not None and process.alive and journal.identity() is not None:
            peril, process.peril = process.peril, 0.0  # this look is the world's own
            self._newest_gen = await journal._transact(lambda connection: laws.believed(hub, connection, self._newest_gen))
            process.peril = peril

    async def _check_limits(self, journal: Journal, attempt: Attempt) -> None:
        now = self._place.clock()
        await journal._transact(lambda connection: laws.within_limits(connection, LIMITS, attempt, now))

    def _raise_bugs(self) -> None:
        for task in self._loose:
            if task.done() and not task.cancelled():
                task.result()


@contextmanager
def world(seed: int, made: Template) -> Iterator[World]:
    """The world of `seed`, its folders copied before and gone after."""
    with stage().set(), tempfile.TemporaryDirectory(prefix=f"day-{seed}-", dir=made.days) as path:
        day = World(seed, made, Path(path))
        try:
            yield day
        finally:
            day.close()

"""One simulated day: what can happen in it, verb by verb, and its end, when everything is mended and the laws are checked."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Coroutine, Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import structlog

from domain.payment import Attempt
from hub.folder import Folder
from hub.hub import Hub
from offline_queue.journal import Journal
from offline_queue.simulation import laws
from offline_queue.simulation.kiosk import Kiosk
from offline_queue.simulation.laws import LawBroken
from offline_queue.simulation.loop import Loop
from offline_queue.simulation.network import Network
from offline_queue.simulation.office import Office
from offline_queue.simulation.process import LIMITS
from offline_queue.simulation.stage import MORNING, stage
from offline_queue.simulation.temper import CALM, Temper
from offline_queue.simulation.template import NAMES, Template, copy_kiosk
from offline_queue.simulation.terminal import Terminal
from offline_queue.sqlcipher import Connection

SOON_S = 3 * 3600
MOST_REQUESTS = 200
"""How long, and with how many requests of a kiosk, at most, a mended world takes to bring everything to the hub."""

_T = TypeVar("_T")


class World:
    """Kiosks, a hub and the network between them, from one seed. Its verbs belong to its own loop: see `does`."""

    def __init__(self, seed: int, made: Template, path: Path, kiosks: int) -> None:
        self.chance = Random(seed)
        self.trace = hashlib.sha256()
        self.lines: list[str] = []
        self.loop = Loop()
        self.hub_clock = dt.timedelta(0)
        """How far the hub's wall clock is from the truth."""
        self._seed = seed
        self._loose: list[asyncio.Task[Any]] = []
        play = stage()
        play.clock = lambda: self._now() + self.hub_clock
        play.begin(self.loop.time)
        play.random = self._stream("keys").randbytes
        self.office = Office(path, made.hub, made.backup, play.front, play.hub_world, self._stream("hub"), self._noting("hub"))
        self.kiosks = [self._kiosk(name, made, path) for name in NAMES[:kiosks]]

    def _kiosk(self, name: str, made: Template, path: Path) -> Kiosk:
        folder = path / name
        copy_kiosk(made.kiosks[NAMES.index(name)], folder)
        note = self._noting(name)
        return Kiosk(
            name,
            folder,
            Folder(made.hub).ca_certificate,
            now=self._now,
            loop=self.loop,
            chance=self._stream(f"{name} kiosk"),
            network=Network(self._stream(f"{name} net"), self.office.answer, note, self._spawn),
            terminal=Terminal(self._stream(f"{name} terminal")),
            note=note,
            taken_offline=self._check_limits,
        )

    def _stream(self, name: str) -> Random:
        """Chance of its own for each part of the world: what one draws does not change another's luck."""
        return Random(f"{self._seed} {name}")

    def _noting(self, who: str) -> Callable[..., None]:
        def note(event: str, /, **fields: object) -> None:
            self.note(event, who=who, **fields)

        return note

    # how it runs

    def does(self, verb: Coroutine[Any, Any, _T]) -> _T:
        """Runs `verb` to its end, with everything else that goes on meanwhile."""
        with self.listening():
            return self.loop.run_until_complete(verb)

    def close(self) -> None:
        async def all_end() -> None:
            for kiosk in self.kiosks:
                if kiosk.process is not None:
                    kiosk.process.cut_power()
                    await asyncio.gather(kiosk.process.ended(), return_exceptions=True)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, *self._loose, return_exceptions=True)

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

    def _spawn(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = self.loop.create_task(work)
        self._loose.append(task)
        return task

    # what can happen

    async def open(self) -> None:
        """The kiosks are switched on for the first time."""
        for kiosk in self.kiosks:
            self._spawn(kiosk.keep())

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def jump(self, kiosk: Kiosk) -> None:
        """Somebody, or a time server, sets one of the clocks."""
        by = dt.timedelta(seconds=self.chance.choice((-86_400, -3600, -400, 200, 400, 7200, 86_400 * 3)))
        if self.chance.random() < 0.5:
            kiosk.clock_off += by
        else:
            self.hub_clock += by
        self.note("jump", kiosk=kiosk.clock_off, hub=self.hub_clock)

    async def enrol(self, kiosk: Kiosk) -> None:
        """Staff and a technician enrol a kiosk again, if the hub runs."""
        code = self.office.code_for(kiosk.name)
        if code is not None:
            await kiosk.enrol(code)

    def set_temper(self, temper: Temper) -> None:
        self.office.haunted, self.office.fragile = temper.haunted, temper.fragile
        for kiosk in self.kiosks:
            kiosk.set_temper(temper)

    # how it ends

    async def mended(self) -> None:
        """Everything that was broken is repaired, and a kiosk that asks for it, with reason, is enrolled again; the kiosks drain;
        then every law is checked.

        Raises LawBroken, also when that takes longer than SOON_S.
        """
        self.note("mended")
        self.set_temper(CALM)
        self.office.exorcise()
        if self.office.hub is None:
            self.office.start()
        await self.check_belief()
        self.office.deceived = False
        until = self.loop.time() + SOON_S
        for kiosk in self.kiosks:
            kiosk.network.cut = False
            await self._drains(kiosk, until)
        await self.check()

    async def _drains(self, kiosk: Kiosk, until: float) -> None:
        network = kiosk.network
        answered, most, quiet = network.answered, network.sent + MOST_REQUESTS, 0
        while quiet < 2:
            if self.loop.time() > until or network.sent > most:
                raise LawBroken("converges", f"{kiosk.name} has not drained, long after all was well")
            await asyncio.sleep(20)
            self._raise_bugs()
            if kiosk.stopped():
                if not kiosk.may_stop:
                    raise LawBroken("needless", f"{kiosk.name} asks for a new enrolment, and nothing was done to it")
                await self.enrol(kiosk)
            calm = network.answered > answered and await kiosk.at_rest(self.office.news_of(kiosk.name))
            quiet = quiet + 1 if calm else 0

    async def check(self) -> None:
        """The laws that hold whenever nothing is on its way."""
        hub = self.office.hub
        assert hub is not None
        laws.audited(hub)
        for kiosk in self.kiosks:
            await kiosk.look(partial(self._lawful, hub, kiosk))
            self.note("lawful", who=kiosk.name, told=len(kiosk.told))

    def _lawful(self, hub: Hub, kiosk: Kiosk, books: Connection) -> None:
        laws.kept(books, kiosk.told, kiosk.terminal.sales)
        laws.chained(books)
        laws.audited_here(books)
        laws.drained(books)
        laws.posted_once(hub, books, kiosk.terminal.sales, imaged=kiosk.imaged)
        laws.parted(hub, kiosk.told)
        laws.agreed(hub, books, set_back=self.office.set_back)

    async def check_belief(self) -> None:
        """In the middle of it all: what a kiosk takes for delivered is at the hub, unless the hub was set back in secret; and it
        does not go back to an older generation."""
        hub = None if self.office.deceived else self.office.hub
        for kiosk in self.kiosks:
            if kiosk.network.heard > kiosk.looked_at:  # nothing else makes it believe anything
                gen = await kiosk.look(partial(laws.believed, hub, newest_gen=kiosk.newest_gen))
                kiosk.newest_gen, kiosk.looked_at = gen or kiosk.newest_gen, kiosk.network.heard

    async def _check_limits(self, journal: Journal, attempt: Attempt, now: dt.datetime) -> None:
        await journal._transact(lambda books: laws.within_limits(books, LIMITS, attempt, now))

    def _raise_bugs(self) -> None:
        for task in self._loose:
            if task.done() and not task.cancelled():
                task.result()


@contextmanager
def world(seed: int, made: Template, kiosks: int = 1) -> Iterator[World]:
    """The world of `seed`, its folders copied before and gone after."""
    with stage().set(), tempfile.TemporaryDirectory(prefix=f"day-{seed}-", dir=made.days) as path:
        day = World(seed, made, Path(path), kiosks)
        try:
            yield day
        finally:
            day.close()

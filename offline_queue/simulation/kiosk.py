"""A kiosk as those have it who keep it: the process that comes and goes with the power, the disk, and the technician's work."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypeVar

from domain.money import Money
from domain.payment import Attempt, Part
from offline_queue.client import EnrolmentRefused, HubAway, HubClient, HubConfused
from offline_queue.enrolment import enrol
from offline_queue.errors import Forked, KioskRefused
from offline_queue.journal import Journal
from offline_queue.simulation.network import Network
from offline_queue.simulation.power import PowerCut, journal_that_may_die
from offline_queue.simulation.process import LIMITS, URL, Place, Process, Told
from offline_queue.simulation.stage import Now
from offline_queue.simulation.temper import CALM, Temper
from offline_queue.simulation.template import BILLS, account_of, number_of
from offline_queue.simulation.terminal import Terminal
from offline_queue.sqlcipher import Connection

TRIES = 3
"""How often a technician types one code."""

_T = TypeVar("_T")


class Kiosk:
    """`name` is what staff call it, `folder` its disk, `now` the true time. `taken_offline` hears of attempts under limits."""

    def __init__(
        self,
        name: str,
        folder: Path,
        ca: Path,
        *,
        now: Now,
        loop: asyncio.AbstractEventLoop,
        chance: Random,
        network: Network,
        terminal: Terminal,
        note: Callable[..., None],
        taken_offline: Callable[[Journal, Attempt, dt.datetime], Coroutine[None, None, None]],
    ) -> None:
        self.name = name
        self.clock_off = dt.timedelta(0)
        """How far its wall clock is from the truth."""
        self.told: dict[str, Told] = {}
        self.network = network
        self.terminal = terminal
        self.process: Process | None = None
        self.imaged = False
        """Its disk was set back: what it had not delivered by then, only the terminal knows."""
        self.may_stop = False
        """Something was done to it after which a person may have to enrol it again."""
        self.newest_gen = 0
        """The newest generation of the hub that it was seen to believe."""
        self.looked_at = 0
        """How many answers it had been given when that was seen."""
        self._temper = CALM
        self._image: dict[str, Told] | None = None
        self._off_until = 0.0
        self._loop = loop
        self._chance = chance
        self._note = note
        self._hands = asyncio.Lock()
        """Whoever has the kiosk's folder: its process, or a technician."""

        def clock() -> dt.datetime:
            return now() + self.clock_off

        async def check_limits(journal: Journal, attempt: Attempt) -> None:
            await taken_offline(journal, attempt, clock())

        self._place = Place(
            folder=folder,
            ca=ca,
            clock=clock,
            chance=chance,
            network=network,
            terminal=terminal,
            limits=LIMITS,
            note=note,
            taken_offline=check_limits,
        )

    def set_temper(self, temper: Temper) -> None:
        self._temper = temper
        self.network.temper = temper
        self.terminal.odd = temper.odd
        if self.process is not None:
            self.process.peril = temper.peril

    async def keep(self) -> None:
        """Starts its process, and again after each end. Raises a bug in it."""
        while True:
            await asyncio.sleep(max(0.0, self._off_until - self._loop.time()))
            async with self._hands:
                if self._off_until > self._loop.time():
                    continue  # put off while it slept, or while a technician was at it
                self._note("kiosk-up")
                self.process = Process(self._place, self.told, self._temper.peril)
                await self.process.ended()
                self.process = None
                self._note("kiosk-down")
            await asyncio.sleep(self._chance.uniform(0.5, 20))

    async def look(self, at: Callable[[Connection], _T]) -> _T | None:
        """What `at` makes of its database, which is the world's own look and in no danger; None while it is not open."""
        process = self.process
        if process is None or not process.alive or process.journal is None or process.journal.identity() is None:
            return None
        peril, process.peril = process.peril, 0.0
        try:
            return await process.journal._transact(at)
        finally:
            process.peril = peril

    def pay(self, chance: Random) -> None:
        """A patient comes, one in four for several bills."""
        bills = chance.sample(range(BILLS), chance.choice((1, 1, 1, chance.randint(2, BILLS))))
        most, card_s = chance.choice((4_000, 35_000)) // len(bills), chance.uniform(0.5, 25)
        parts = tuple(Part(number_of(bill), account_of(bill), "", Money(chance.randrange(100, most), "USD")) for bill in bills)
        if self.process is not None:
            self.process.pay(parts, card_s)

    def resolve(self) -> None:
        if self.process is not None:
            self.process.resolve()

    def cut_power(self, off_s: float = 0.0) -> None:
        """It is without power, for so many seconds or some."""
        self._off_until = self._loop.time() + off_s
        if self.process is not None:
            self._note("power", at="any")
            self.process.cut_power()

    def stopped(self) -> bool:
        """Whether it waits for a person to enrol it again."""
        sync = self.process.sync if self.process else None
        return sync is not None and isinstance(sync.attention, (Forked, KioskRefused))

    async def at_rest(self, news: int) -> bool:
        """Whether it is idle, has nothing to send, has read all outcomes up to number `news`, and is at peace with its hub."""
        process = self.process
        if process is None or process.journal is None or not await process.at_rest():
            return False
        return await process.journal.news() == news

    async def enrol(self, code: str) -> None:
        """A technician stops it and enrols it with `code`, which is typed once more when no answer came."""
        self.cut_power()
        async with self._hands:
            self.may_stop = True
            for _ in range(TRIES):
                try:
                    await self._enrol(code)
                    return
                except EnrolmentRefused as refused:
                    self._note("not-enrolled", code=refused.code)
                    return
                except (HubAway, HubConfused) as error:
                    self._note("not-enrolled", code=error.code)
                except PowerCut:
                    self._note("not-enrolled", code="power")

    async def _enrol(self, code: str) -> None:
        place = self._place
        kind = journal_that_may_die(self._perilous)
        journal = await kind.open(place.folder, clock=place.clock, random=place.chance.randbytes)
        self.network.certificate = ""
        client = HubClient(URL, place.ca, None, clock=place.clock, transport=place.network)
        try:
            who = await enrol(journal, client, code, self.name)
            self._note("enrolled", epoch=who.epoch)
        finally:
            await client.close()
            await journal.close()

    def _perilous(self, _where: str) -> None:
        if self._chance.random() < self._temper.peril:
            raise PowerCut

    async def take_image(self) -> None:
        """A technician copies its disk."""
        self.cut_power()
        async with self._hands:
            shutil.rmtree(self._image_folder, ignore_errors=True)
            shutil.copytree(self._place.folder, self._image_folder)
            self._image = {pid: replace(memory) for pid, memory in self.told.items()}
            self._note("image")

    async def restore_image(self) -> None:
        """Its disk is set back to the image, if there is one. What it acknowledged since is not on it."""
        self.cut_power()
        async with self._hands:
            if self._image is None:
                return
            shutil.rmtree(self._place.folder)
            shutil.copytree(self._image_folder, self._place.folder)
            for pid in list(self.told):
                if pid in self._image:
                    self.told[pid].kept = self._image[pid].kept
                else:
                    del self.told[pid]
            self.imaged = self.may_stop = True
            self.newest_gen = 0
            self._note("set-back")

    @property
    def _image_folder(self) -> Path:
        return self._place.folder.with_name(f"{self._place.folder.name}-image")

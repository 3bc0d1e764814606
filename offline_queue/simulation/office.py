"""The hub's side: the shipped application on its own folder, and what befalls the machine: crashes, backups, restores, ghosts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from sqlalchemy import select

from domain.payment import Outcome
from hub import second_thoughts
from hub.backups import back_up, restore
from hub.enrolment import add_kiosk, revoke
from hub.folder import Folder
from hub.hub import Hub, World, open_hub
from hub.keys import rotate_sealing_key
from hub.outcomes import is_declined
from hub.schema import kiosks, payments
from hub.second_thoughts import DeclineReason
from offline_queue.simulation.front import Front
from offline_queue.simulation.network import Letter, Reply

_ON_TRUST = (
    select(payments.c.pid).where(payments.c.state == Outcome.CAPTURED, ~is_declined(payments.c.pid)).order_by(payments.c.pid)
)


class Office:
    """The hub as its operators have it. `path` is an empty folder of this day; `template` a hub's folder to begin with, `backup`
    one that was made of it."""

    def __init__(
        self, path: Path, template: Path, backup: Path, front: Front, world: World, chance: Random, note: Callable[..., None]
    ) -> None:
        self.ghost: Hub | None = None
        """A copy that was taken out of service and answers all the same."""
        self.deceived = False
        """The hub was set back and does not say so: what a kiosk has heard may not be so."""
        self.set_back = False
        """It was restored at least once today: what its staff had decided since the backup is forgotten."""
        self.haunted = 0.0
        self.fragile = 0.0
        self._path = path
        self._front = front
        self._world = world
        self._chance = chance
        self._note = note
        self._machines = 1
        self._folder = Folder(path / "hub-1")
        self._backup = backup
        self._backups = 0
        shutil.copytree(template, self._folder.path)
        self.hub: Hub | None = None
        self.start()

    def start(self) -> None:
        self.hub = open_hub(self._folder, self._world)
        self._note("hub-up", gen=self.hub.generation)

    def die(self) -> None:
        """The process is gone; what it had committed is not."""
        if self.hub is not None:
            self._note("hub-down")
            self.hub.store.close()
            self.hub = None

    def backup(self) -> None:
        """Tonight's copy of the database."""
        if self.hub is not None:
            self._backups += 1
            self._backup = self._path / f"backup-{self._backups}"
            back_up(self.hub, self._backup)

    def restore(self, *, runbook: bool) -> None:
        """Another machine takes over with the newest backup; the old one was not switched off for good. Without the `runbook`
        nobody tells the hub that it was restored: its files were only put back."""
        self.exorcise()
        self.ghost, self.hub = self.hub, None
        self._machines += 1
        old, self._folder = self._folder, Folder(self._path / f"hub-{self._machines}")
        if runbook:
            self._folder.make()
            shutil.copyfile(old.generation, self._folder.generation)
            restore(self._backup, self._folder)
        else:
            shutil.copytree(self._backup, self._folder.path)
            shutil.copyfile(old.generation, self._folder.generation)
        self.deceived = self.deceived or not runbook
        self.set_back = True
        self._note("restore", runbook=runbook)
        self.start()

    def rotate_key(self) -> None:
        """A new key to seal to, by the technician's book: the hub is started again, and backed up because nobody else has it."""
        if self.hub is not None:
            rotate_sealing_key(self._folder)
            self._note("key-rotated")
            self.die()
            self.start()
            self.backup()

    def decline(self, chance: Random) -> None:
        """The bank says no to a payment that was taken on trust."""
        if self.hub is None:
            return
        with self.hub.store.reading() as books:
            taken = list(books.scalars(_ON_TRUST))
        if taken:
            pid = chance.choice(taken)
            second_thoughts.decline(self.hub, pid, DeclineReason.OTHER)
            self._note("declined", pid=pid)

    def code_for(self, name: str) -> str | None:
        """Staff make an enrolment code, if the hub runs."""
        return None if self.hub is None else add_kiosk(self.hub, name)[1]

    def revoke(self, name: str) -> None:
        """Somebody thinks that the kiosk of this name was stolen."""
        if self.hub is not None:
            with self.hub.store.reading() as books:
                kiosk = books.scalars(select(kiosks.c.id).where(kiosks.c.name == name)).one()
            revoke(self.hub, kiosk)
            self._note("revoked", kiosk=kiosk)

    def news_of(self, name: str) -> int:
        """The number of the newest outcome that the kiosk of this name will hear of."""
        assert self.hub is not None
        with self.hub.store.reading() as books:
            return int(books.scalars(select(kiosks.c.news).where(kiosks.c.name == name)).one())

    def exorcise(self) -> None:
        """The old machine is found and switched off."""
        if self.ghost is not None:
            self._note("ghost-gone")
            self.ghost.store.close()
            self.ghost = None

    def close(self) -> None:
        self.exorcise()
        self.die()

    async def answer(self, letter: Letter) -> Reply | None:
        """What a kiosk's request gets from whichever machine it reached."""
        hub = self.hub
        if self.ghost is not None and self._chance.random() < self.haunted:
            hub = self.ghost
        if hub is None:
            return None
        reply = await self._front.answer(hub, letter)
        if hub is self.hub and self._chance.random() < self.fragile:
            self.die()
            if self._chance.random() < 0.5:
                return None  # and nobody heard of it
        return reply

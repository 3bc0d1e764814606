"""A hub with bills and a kiosk enrolled at it, made once and copied for every day: keys and migrations take a second."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from domain.billing import Account, Charge, Guarantor, Statement, VisitLines
from domain.money import Money
from hub.app import make_app
from hub.backups import back_up
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import open_hub
from hub.statements import add_account, add_statement
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.journal import Journal
from offline_queue.simulation.loop import Loop
from offline_queue.simulation.process import URL
from offline_queue.simulation.stage import MORNING, stage

NAMES = ("Lobby One", "Lobby Two")
BILLS = 4
DAY = dt.date(2026, 10, 6)


def account_of(bill: int) -> str:
    return f"A1000{bill:02}"


def number_of(bill: int) -> str:
    return f"33421394{bill:02}"


@dataclass(frozen=True, slots=True)
class Template:
    """Folders to copy, and where the days may lie."""

    kiosks: tuple[Path, ...]
    """In the order of NAMES."""

    hub: Path
    backup: Path
    days: Path


@contextmanager
def template() -> Iterator[Template]:
    """Everything lies in memory where there is such a disk, and is gone at the end."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="lobbypay-days-", dir=memory if memory.is_dir() else None) as scratch:
        days = Path(scratch)
        kiosks = tuple(days / f"kiosk-{number}" for number in range(len(NAMES)))
        made = Template(kiosks=kiosks, hub=days / "hub", backup=days / "backup", days=days)
        loop = Loop()
        loop.run_until_complete(_make(made))
        loop.close()
        yield made


async def _make(made: Template) -> None:
    world = stage().hub_world
    hub = open_hub(Folder(made.hub), world)
    with hub.store.writing() as connection:
        for bill in range(BILLS):
            account = account_of(bill)
            charge = Charge(DAY, "A visit", Money(50_000, "USD"))
            visit = VisitLines("V1", DAY, "Riverside", "A patient", (charge,), (), ())
            statement = Statement(number_of(bill), account, "A guarantor", DAY, Money(50_000, "USD"), (visit,))
            add_account(connection, Account(account, Guarantor("A guarantor", DAY), "USD"))
            add_statement(connection, statement, f"{bill:016}", MORNING)
    line = httpx2.ASGITransport(make_app(hub))
    for name, folder in zip(NAMES, made.kiosks, strict=True):
        _, code = add_kiosk(hub, name)
        journal = await Journal.open(folder, clock=world.clock, random=world.random)
        client = HubClient(URL, Folder(made.hub).ca_certificate, None, clock=world.clock, transport=line)
        await enrol(journal, client, code, name)
        await client.close()
        await journal.close()
    back_up(hub, made.backup)
    hub.store.close()


def copy_kiosk(kiosk: Path, to: Path) -> None:
    """A kiosk's folder without the ballast, which would take longer to copy than the day to live."""
    shutil.copytree(kiosk, to, ignore=shutil.ignore_patterns("journal.ballast"))

"""A hub for one benchmark: bills in a fresh folder, a kiosk enrolled there, and `./lobbypay hub serve` in its own process."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.payments import now
from demo.children import Child
from domain.billing import Account, Charge, Guarantor, Statement, VisitLines
from domain.money import Money
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import open_hub
from hub.statements import add_account, add_statement
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.identity import Identity
from offline_queue.journal import Journal

BILLED = dt.date(2026, 10, 30)
OWED = Money(5_000, "USD")


@dataclass(frozen=True, slots=True)
class Office:
    """The serving hub's address and process, what a kiosk trusts it by, and the memory of the kiosk that it knows."""

    url: str
    ca_file: Path
    pid: int
    kiosk_folder: Path

    def client(self, who: Identity | None) -> HubClient:
        return HubClient(self.url, self.ca_file, who, clock=now)

    async def journal(self) -> Journal:
        return await Journal.open(self.kiosk_folder, clock=now, random=os.urandom)


@contextlib.contextmanager
def office(folder: Path, bills: int) -> Iterator[Office]:
    """Serves in the empty `folder` until the block ends."""
    hub_folder = folder / "hub"
    code = _set_up(hub_folder, bills)
    arguments = ["main.py", "hub", "serve", "--data", str(hub_folder), "--port", "0", "--json"]
    child = Child("hub", arguments, folder / "hub.log")
    try:
        ready = child.wait_ready()
        place = Office(ready["url"], Path(ready["ca_file"]), child.pid, folder / "kiosk")
        asyncio.run(_enrol(place, code))
        yield place
    finally:
        child.stop()


def bill_number(number: int) -> str:
    return f"{number:010}"


def _set_up(folder: Path, bills: int) -> str:
    hub = open_hub(Folder(folder))
    try:
        with hub.store.writing() as connection:
            for number in range(bills):
                account = Account(f"A-{number}", Guarantor("Margaret Whitfield", dt.date(1962, 3, 14)), OWED.currency)
                add_account(connection, account)
                add_statement(connection, _bill(number), f"{number:020}", now())
        return add_kiosk(hub, "Benchmark")[1]
    finally:
        hub.store.close()


def _bill(number: int) -> Statement:
    visit = VisitLines("V-1", BILLED, "Harbor Clinic", "Margaret Whitfield", (Charge(BILLED, "Laboratory", OWED),), (), ())
    return Statement(bill_number(number), f"A-{number}", "Margaret Whitfield", BILLED, OWED, (visit,))


async def _enrol(place: Office, code: str) -> None:
    journal = await place.journal()
    client = place.client(None)
    try:
        await enrol(journal, client, code, "Benchmark")
    finally:
        await client.close()
        await journal.close()

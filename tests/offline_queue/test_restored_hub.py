"""The memory against the hub that we ship, through a backup, a decline and a restore: nothing lost, nothing twice, news told."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import httpx2

from domain.billing import Account, Guarantor
from domain.payment import Outcome, Result
from hub.app import make_app
from hub.audit import counts, first_difference
from hub.backups import back_up, restore
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.hub import World as HubWorld
from hub.passwords import Cost
from hub.second_thoughts import DeclineReason, decline
from hub.statements import add_account, add_statement
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from tests.log_watch import LogWatch
from tests.offline_queue.test_with_the_hub import bill
from tests.offline_queue.world import URL, World, approved
from tests.tls import Tls


class Line(httpx2.AsyncBaseTransport):
    """To whichever hub answers there now."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self.inner.handle_async_request(request)


def books(hub: Hub) -> dict[str, int]:
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        return {status: count for status, count in counts(connection).items() if count}


async def test_a_restored_hub_is_healed_and_a_decline_reaches_the_kiosks_list(
    tmp_path: Path, folder: Path, world: World, log_watch: LogWatch
) -> None:
    for event in ("queue.rewound", "queue.declined", "hub.declined", "hub.restored", "hub.behind", "queue.failed", "hub.refused"):
        log_watch.expect(event)
    hub_world = HubWorld(clock=world.clock, monotonic=time.monotonic, cost=Cost(16, 1, 1))
    hub = open_hub(Folder(tmp_path / "hub"), hub_world)
    numbers = [f"33421394{at}" for at in range(70, 74)]
    with hub.store.writing() as connection:
        for at, number in enumerate(numbers):
            add_account(connection, Account(f"A{at}", Guarantor("Mária Álvarez", dt.date(1984, 3, 17)), "USD"))
            add_statement(connection, bill(number, f"A{at}"), f"{at}" * 16, world.clock())
    _, code = add_kiosk(hub, "Lobby One")

    def serving(hub: Hub) -> httpx2.AsyncBaseTransport:
        return Tls(make_app(hub), lambda: client.identity.certificate if client.identity else None)

    line = Line(httpx2.AsyncBaseTransport())
    client = HubClient(URL, None, None, clock=world.clock, transport=line)
    line.inner = serving(hub)
    journal = await world.journal(folder)
    await enrol(journal, client, code, "Lobby One")
    sync = Sync(journal, client, on_reachability=lambda _: None, random=lambda: 1.0)

    async def pay(at: int, *, captured: bool = False) -> str:
        attempt = world.attempt(2_550, number=numbers[at], account=f"A{at}")
        await journal.open_attempt(attempt, None)
        result = Result(Outcome.CAPTURED, attempt.amount) if captured else approved(attempt)
        await journal.settle(attempt.id, result)
        assert await sync.once() == HEARTBEAT
        return attempt.id

    def told() -> list[str]:
        with JournalReader(folder) as reader:
            return [seen.delivery for seen in reader.attempts()]

    on_trust = await pay(0, captured=True)
    back_up(hub, tmp_path / "night")
    await pay(1)
    decline(hub, on_trust, DeclineReason.CARD_EXPIRED)
    await sync.once()
    assert told() == ["declined", "posted"]

    hub.store.close()
    assert restore(tmp_path / "night", hub.folder).generation == 2
    hub = open_hub(hub.folder, hub_world)
    line.inner = serving(hub)
    await pay(2)
    assert (books(hub), told()) == ({"posted": 3}, ["declined", "posted", "posted"])
    decline(hub, on_trust, DeclineReason.CARD_EXPIRED)
    await sync.once()
    assert books(hub) == {"posted": 2, "declined": 1}

    old_copy = Folder(tmp_path / "old")
    restore(tmp_path / "night", old_copy)
    old_copy.generation.write_text("1\n")  # as if the files had only been copied back
    old = open_hub(old_copy, hub_world)
    line.inner = serving(old)
    attempt = world.attempt(2_550, number=numbers[3], account="A3")
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, approved(attempt))
    assert await sync.once() == 300.0
    line.inner = serving(hub)
    assert await sync.once() == HEARTBEAT
    assert books(hub) == {"posted": 3, "declined": 1}
    assert told() == ["declined", "posted", "posted", "posted"]
    for each in (old, hub):
        each.store.close()
    await client.close()
    await journal.close()

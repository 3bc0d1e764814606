"""One backup put onto two empty machines: two hubs of one generation, and kiosks that meet now the one, now the other."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from hub import ledger
from hub.app import make_app
from hub.audit import counts, first_difference
from hub.backups import back_up, restore
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.hub import World as HubWorld
from hub.passwords import Cost
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.journal import Journal
from offline_queue.outbox import KEPT_AFTER_DELIVERY
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from tests.hub.conftest import bill, put
from tests.log_watch import LogWatch
from tests.offline_queue.test_restored_hub import Line
from tests.offline_queue.world import URL, World, approved
from tests.tls import Tls

COUNT = 8


@dataclass
class Ward:
    """A kiosk, and the hubs that it may meet; every bill is paid once."""

    world: World
    folder: Path
    path: Path
    journal: Journal
    client: HubClient
    line: Line
    hub_world: HubWorld
    first: Hub
    hubs: list[Hub]

    async def sync(self) -> float:
        return await Sync(self.journal, self.client, on_reachability=lambda _: None, random=lambda: 1.0).once()

    async def pay(self, *bills: int) -> None:
        for at in bills:
            attempt = self.world.attempt(100, number=f"{at:010}", account=f"A{at}")
            await self.journal.open_attempt(attempt, None)
            await self.journal.settle(attempt.id, approved(attempt))
        assert await self.sync() == HEARTBEAT

    def meet(self, hub: Hub) -> None:
        """The kiosk's hub is `hub` from now on."""
        self.line.inner = Tls(make_app(hub), lambda: self.client.identity.certificate if self.client.identity else None)

    def restored(self, backup: str, name: str) -> Hub:
        """The backup on an empty machine."""
        folder = Folder(self.path / name)
        restore(self.path / backup, folder)
        self.hubs.append(open_hub(folder, self.hub_world))
        return self.hubs[-1]

    async def enrol(self, hub: Hub) -> None:
        _, code = add_kiosk(hub, "Lobby One")
        await enrol(self.journal, self.client, code, "Lobby One")


def paid(hub: Hub) -> list[int]:
    """The bills that are paid in the books of `hub`, which add up."""
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        assert {status for status, count in counts(connection).items() if count} <= {"posted"}
        return [at for at in range(COUNT) if ledger.due(connection, f"{at:010}", "USD").minor == 0]


@pytest.fixture
async def ward(tmp_path: Path, folder: Path, world: World, log_watch: LogWatch) -> AsyncIterator[Ward]:
    log_watch.expect("hub.restored")
    hub_world = HubWorld(clock=world.clock, monotonic=time.monotonic, cost=Cost(16, 1, 1))
    first = open_hub(Folder(tmp_path / "hub"), hub_world)
    for at in range(COUNT):
        put(first, f"A{at}", (bill(f"{at:010}", f"A{at}", 100), f"{at}" * 16))
    line = Line(httpx2.AsyncBaseTransport())
    client = HubClient(URL, None, None, clock=world.clock, transport=line)
    journal = await world.journal(folder)
    ward = Ward(world, folder, tmp_path, journal, client, line, hub_world, first, [first])
    ward.meet(first)
    yield ward
    await client.close()
    await journal.close()
    for hub in ward.hubs:
        hub.store.close()


async def test_whichever_twin_a_kiosk_meets_gets_everything_once(ward: Ward, log_watch: LogWatch) -> None:
    """The same generation with a head that has fallen back is rewound to: each twin hears what the other did."""
    log_watch.expect("queue.rewound")
    log_watch.expect("hub.refused")
    await ward.enrol(ward.first)
    await ward.pay(0, 1)
    back_up(ward.first, ward.path / "night")
    await ward.pay(2)
    one, two = ward.restored("night", "one"), ward.restored("night", "two")
    assert (one.generation, two.generation) == (2, 2)
    ward.meet(one)
    await ward.pay(3)
    assert paid(one) == [0, 1, 2, 3]
    ward.meet(two)
    await ward.pay(4)
    assert paid(two) == [0, 1, 2, 3, 4]
    ward.meet(one)
    await ward.pay(5)
    assert paid(one) == [0, 1, 2, 3, 4, 5]
    ward.meet(two)
    assert await ward.sync() == HEARTBEAT
    assert paid(two) == [0, 1, 2, 3, 4, 5]


async def test_what_a_twin_called_durable_goes_to_the_other_while_it_is_kept_and_is_missed_aloud_after(
    ward: Ward, log_watch: LogWatch
) -> None:
    for event in ("queue.rewound", "queue.fork"):
        log_watch.expect(event)
    await ward.enrol(ward.first)
    await ward.pay(0)
    back_up(ward.first, ward.path / "night")
    one, two, three = (ward.restored("night", name) for name in ("one", "two", "three"))
    ward.meet(one)
    await ward.pay(1, 2)
    back_up(one, ward.path / "morning")
    await ward.sync()
    ward.meet(two)
    await ward.sync()
    assert paid(two) == [0, 1, 2]
    ward.meet(one)
    ward.world.clock.now += 2 * KEPT_AFTER_DELIVERY
    await ward.sync()
    await ward.sync()
    with JournalReader(ward.folder) as reader:
        assert reader.audit(ward.world.clock()).forgotten == 3
    ward.meet(three)
    await ward.sync()
    with JournalReader(ward.folder) as reader:
        state = reader.sync()
    assert state is not None
    assert state.attention == "queue-lost-at-hub"
    assert paid(three) == [0]


async def test_what_a_hub_called_durable_is_carried_into_the_next_enrolment_too(ward: Ward) -> None:
    """The hub is put back from before it knew this kiosk, by a backup older than its newest: nothing that the kiosk has heard of
    durability holds any more, and there is no head to find that out by."""
    back_up(ward.first, ward.path / "sunday")
    await ward.enrol(ward.first)
    await ward.pay(0, 1, 2)
    back_up(ward.first, ward.path / "monday")
    await ward.pay(3)
    again = ward.restored("sunday", "again")
    ward.meet(again)
    await ward.enrol(again)
    await ward.pay(4)
    assert paid(again) == [0, 1, 2, 3, 4]
    with JournalReader(ward.folder) as reader:
        assert reader.audit(ward.world.clock()).difference is None
        assert {seen.delivery for seen in reader.attempts()} == {"posted"}

"""The hub's keys over time: what is settled is sealed to the newest one that was heard, and what waits keeps its own."""

from __future__ import annotations

from pathlib import Path

from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire.messages import Head
from tests.offline_queue.world import FakeHub, World, hub_key


async def kids(journal: Journal) -> list[str]:
    batch = await journal.undelivered(100)
    return [record.kid for record in batch.records] if batch else []


async def test_the_newest_key_is_sealed_to_and_what_waits_is_still_opened(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, folder: Path
) -> None:
    await world.paid(journal)
    hub.hub_keys = [hub_key("k2"), hub_key("k1")]
    assert (await journal.heard(await client.head(), None)).believed
    await world.paid(journal)
    assert await kids(journal) == ["k1", "k2"]
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    assert len(hub.stored) == 2
    await journal.close()
    again = await world.journal(folder)
    await world.paid(again)
    assert await kids(again) == ["k2"]
    await again.close()


async def test_an_old_hub_says_nothing_of_its_keys(journal: Journal, client: HubClient, hub: FakeHub, world: World) -> None:
    hub.gen = 2
    assert (await journal.heard(await client.head(), None)).believed
    late = Head.model_validate({**hub.head(), "gen": 1, "hub_keys": [hub_key("k2")]})
    assert not (await journal.heard(late, None)).believed
    await world.paid(journal)
    assert await kids(journal) == ["k1"]

"""The upgrade promise: the database that every earlier release wrote opens and drains.

fixtures/<release>/ holds a database with its key, as that release's `write` below left it: once released it never changes.
`python -m tests.offline_queue.test_upgrade FOLDER` writes today's.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from domain.money import Money
from domain.payment import Mark, Outcome
from offline_queue.attempts import State
from offline_queue.client import HubClient
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from tests.offline_queue.world import URL, FakeHub, World, approved, ended, enrolled, standing

FIXTURES = Path(__file__).parent / "fixtures"


async def write(folder: Path) -> None:
    """One attempt of every kind: delivered, queued approved, queued unknown, declined, not started, open."""
    world = World(seed=1)
    journal, client, _ = await enrolled(world, folder)
    await world.paid(journal)
    await Sync(journal, client, on_reachability=lambda _: None).once()
    await world.paid(journal)
    await world.paid(journal, result=ended(Outcome.UNKNOWN, "no-answer"))
    await world.paid(journal, result=ended(Outcome.DECLINED, "zvt-6c"))
    away, still_open = world.attempt(), world.attempt(number="7700000001", account="A-1")
    await journal.open_attempt(away, None)
    await journal.not_started(away.id, "terminal-away")
    await journal.open_attempt(still_open, None)
    await client.close()
    await journal.close()


def first_records(folder: Path) -> list[tuple[str, str]]:
    """(pid, hash) of what the hub had."""
    with JournalReader(folder) as reader, reader._reading() as connection:
        return connection.execute("SELECT attempt, hash FROM outbox WHERE state = 'posted' ORDER BY seq").fetchall()


@pytest.mark.parametrize("release", sorted(path.name for path in FIXTURES.iterdir()))
async def test_what_an_earlier_release_wrote_opens_and_drains(tmp_path: Path, world: World, release: str) -> None:
    folder = tmp_path / "memory"
    shutil.copytree(FIXTURES / release, folder)
    folder.chmod(0o700)
    (folder / "journal.key").chmod(0o600)
    hub = FakeHub(world.clock)
    hub.stored = [(pid, hash_, None) for pid, hash_ in first_records(folder)]
    with JournalReader(folder) as reader:
        seen = (reader.queue().depth, len(reader.records()))
    journal = await world.journal(folder)
    identity = journal.identity()
    assert identity is not None
    hub.keys[identity.keyid] = identity.signing_key.public_key()
    with JournalReader(folder) as reader:
        assert (reader.queue().depth, len(reader.records())) == seen == (2, 2)
        states = [attempt.state for attempt in reader.attempts()]
    kinds = [State.APPROVED, State.APPROVED, State.UNKNOWN, State.DECLINED, State.NOT_STARTED, State.OPEN]
    assert states == kinds
    before = await standing(journal)
    assert (before.total, before.count) == (Money(3 * 12_550, "USD"), 3)
    unknown, still_open = await journal.unresolved()
    assert (still_open.ref.value, still_open.statement, still_open.account) == ("7700000001", "7700000001", "A-1")
    assert still_open.newest == Mark(receipt=16, trace=17)
    await journal.settle(unknown.id, approved(unknown))
    await journal.settle(still_open.id, ended(Outcome.CANCELLED))
    client = HubClient(URL, None, identity, clock=world.clock, transport=hub)
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    assert [record.outcome for _, _, record in hub.stored if record] == [
        Outcome.APPROVED,
        Outcome.UNKNOWN,
        Outcome.APPROVED,
    ]
    assert (await standing(journal)).count == 0
    assert await journal.unresolved() == ()
    await client.close()
    await journal.close()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))

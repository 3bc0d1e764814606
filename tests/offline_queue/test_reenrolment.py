"""A kiosk enrolled again: a new key, a new chain, and everything that is still there goes along, in order and once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from domain.payment import Outcome
from offline_queue import outbox
from offline_queue.attempts import State
from offline_queue.audit import audit
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.errors import AlreadyEnrolled, AnotherKiosk
from offline_queue.journal import Journal
from offline_queue.outbox import KEPT_AFTER_DELIVERY
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire import chain
from offline_queue.wire.messages import Enrolled
from tests.log_watch import LogWatch
from tests.offline_queue.world import CODE, ENROLLED, FakeHub, World, approved, changed, ended, standing


async def synced(journal: Journal, client: HubClient) -> None:
    """Everything is delivered, and the books of the kiosk agree before and after."""
    assert await difference(journal) is None
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    assert await difference(journal) is None


async def difference(journal: Journal) -> str | None:
    return await journal._transact(lambda connection: audit(connection, dt.datetime(2026, 11, 21, tzinfo=dt.UTC)).difference)


async def rows(journal: Journal) -> list[tuple[object, ...]]:
    """(epoch, seq, state, whether the payload is there, origin) of the whole outbox."""
    return await journal._transact(
        lambda connection: connection.execute(
            "SELECT epoch, seq, state, sealed IS NOT NULL, origin_epoch, origin_seq FROM outbox ORDER BY epoch, seq"
        ).fetchall()
    )


async def test_whatever_is_still_there_goes_along_in_order(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, folder: Path
) -> None:
    paid = await world.paid(journal, 2)
    hub.durable = 1
    await synced(journal, client)
    paid += await world.paid(journal, 2)
    before = journal.identity()
    again = await enrol(journal, client, CODE, "Lobby 1")
    assert before is not None
    assert again.keyid == "lobby-1:2"
    assert again.signing_key.private_bytes_raw() != before.signing_key.private_bytes_raw()
    assert await rows(journal) == [
        (1, 1, "carried", 0, None, None),
        (1, 2, "carried", 0, None, None),
        (1, 3, "carried", 0, None, None),
        (1, 4, "carried", 0, None, None),
        (2, 1, "queued", 1, 1, 1),
        (2, 2, "queued", 1, 1, 2),
        (2, 3, "queued", 1, 1, 3),
        (2, 4, "queued", 1, 1, 4),
    ]
    batch = await journal.undelivered(100)
    assert batch is not None
    assert (batch.epoch, batch.prev_hash) == (2, chain.FIRST_HASH)
    await synced(journal, client)
    assert [pid for pid, _, record in hub.stored if record] == [attempt.id for attempt in paid]
    with JournalReader(folder) as reader:
        assert [seen.delivery for seen in reader.attempts()] == ["posted"] * 4
        assert reader.queue().depth == 0


async def test_carried_twice_a_record_still_says_where_it_was_sealed(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    await world.paid(journal)
    await enrol(journal, client, CODE, "Lobby 1")
    await world.paid(journal)
    await enrol(journal, client, CODE, "Lobby 1")
    assert [row for row in await rows(journal) if row[2] == "queued"] == [(3, 1, "queued", 1, 1, 1), (3, 2, "queued", 1, 2, 2)]
    await synced(journal, client)
    assert len(hub.stored) == 2


async def test_more_than_one_reading_goes_along_too(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offline_queue.outbox.CARRIED_AT_ONCE", 2)
    paid = await world.paid(journal, 5)
    await enrol(journal, client, CODE, "Lobby 1")
    await synced(journal, client)
    assert [pid for pid, _, _ in hub.stored] == [attempt.id for attempt in paid]


async def test_an_attempt_that_was_open_or_unknown_ends_in_the_new_enrolment(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    still_open = world.attempt()
    await journal.open_attempt(still_open, None)
    (unknown,) = await world.paid(journal, result=ended(Outcome.UNKNOWN, "no-answer"))
    await enrol(journal, client, CODE, "Lobby 1")
    assert (await standing(journal)).count == 2
    await journal.settle(still_open.id, approved(still_open))
    await journal.settle(unknown.id, approved(unknown))
    await synced(journal, client)
    told = [(pid, record.outcome) for pid, _, record in hub.stored if record]
    assert told == [
        (unknown.id, Outcome.UNKNOWN),
        (still_open.id, Outcome.APPROVED),
        (unknown.id, Outcome.APPROVED),
    ]
    found = await journal.find(unknown.id)
    assert found is not None
    assert found.state is State.APPROVED
    assert (await standing(journal)).count == 0


async def test_what_stopped_the_kiosk_is_over(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, folder: Path, log_watch: LogWatch
) -> None:
    """A fork: the hub has other records than the kiosk, which was restored from an image."""
    log_watch.expect("queue.fork")
    await world.paid(journal, 2)
    hub.stored = [("0" * 8 + "-0000-7000-8000-" + "0" * 12, "f" * 64, None)]
    stopped = Sync(journal, client, on_reachability=lambda _: None)
    await stopped.once()
    with JournalReader(folder) as reader:
        state = reader.sync()
        assert state is not None
        assert state.attention == "queue-fork"
    await enrol(journal, client, CODE, "Lobby 1")
    with JournalReader(folder) as reader:
        assert reader.sync() is None
    sync = Sync(journal, client, on_reachability=lambda _: None)
    assert await sync.once() == HEARTBEAT
    assert (sync.attention, len(hub.stored)) == (None, 2)


async def test_what_was_carried_is_forgotten_in_its_time(journal: Journal, client: HubClient, hub: FakeHub, world: World) -> None:
    await world.paid(journal, 2)
    await synced(journal, client)
    world.clock.now += KEPT_AFTER_DELIVERY - dt.timedelta(minutes=1)
    await enrol(journal, client, CODE, "Lobby 1")
    await synced(journal, client)
    world.clock.now += dt.timedelta(minutes=2)
    await synced(journal, client)
    gone = [(1, 1, "carried", 0), (1, 2, "carried", 0)]
    assert [row[:4] for row in await rows(journal)] == [*gone, (2, 1, "posted", 1), (2, 2, "posted", 1)]
    world.clock.now += KEPT_AFTER_DELIVERY
    await synced(journal, client)
    assert [row[:4] for row in await rows(journal)] == [*gone, (2, 1, "posted", 0), (2, 2, "posted", 0)]


async def test_what_an_earlier_release_has_left_behind_as_durable_is_forgotten_in_its_time(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It carried only what was not durable: here, nothing."""
    await world.paid(journal, 2)
    await synced(journal, client)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "carry", lambda _connection, _epoch: None)
        await enrol(journal, client, CODE, "Lobby 1")
    await synced(journal, client)
    assert [row[:4] for row in await rows(journal)] == [(1, 1, "posted", 1), (1, 2, "posted", 1)]
    world.clock.now += KEPT_AFTER_DELIVERY + dt.timedelta(minutes=1)
    await synced(journal, client)
    assert [row[:4] for row in await rows(journal)] == [(1, 1, "posted", 0), (1, 2, "posted", 0)]


async def test_the_generation_that_was_heard_stays_known(journal: Journal, client: HubClient, hub: FakeHub, world: World) -> None:
    hub.gen = 3
    await synced(journal, client)
    await world.paid(journal)
    await enrol(journal, client, CODE, "Lobby 1")
    batch = await journal.undelivered(1)
    assert batch is not None
    assert batch.gen_seen == 3


async def test_an_answer_that_is_not_a_next_enrolment_of_this_kiosk_changes_nothing(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    await world.paid(journal)
    before, queued = journal.identity(), await rows(journal)
    await journal.enrolment_key()
    with pytest.raises(AlreadyEnrolled):
        await journal.enrolled(Enrolled.model_validate(ENROLLED))
    with pytest.raises(AnotherKiosk, match="lobby-1"):
        await journal.enrolled(Enrolled.model_validate({**ENROLLED, "kiosk": "lobby-2", "epoch": 2}))
    assert (journal.identity(), await rows(journal)) == (before, queued)


async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(
    journal: Journal, client: HubClient, hub: FakeHub
) -> None:
    key = await journal.enrolment_key()
    hub.faults = [changed(certificate="AAAA")]
    with pytest.raises(Exception, match="hub-not-understood"):
        await enrol(journal, client, CODE, "Lobby 1")
    again = await enrol(journal, client, CODE, "Lobby 1")
    assert again.signing_key.private_bytes_raw() == key.private_bytes_raw()

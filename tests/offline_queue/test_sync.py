"""Sync against a hub that fails in every way it can: nothing lost, nothing twice, and it ends by itself when the hub is well."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from domain.log_events import EVENTS
from domain.payment import Outcome
from offline_queue.attempts import State
from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.outbox import KEPT_AFTER_DELIVERY
from offline_queue.reader import JournalReader
from offline_queue.sqlcipher import Connection
from offline_queue.sync import HEARTBEAT, LONGEST_RETRY, Sync
from offline_queue.wire import chain
from offline_queue.wire.messages import Batch, BatchAnswer, Conflict
from tests.log_watch import LogWatch
from tests.offline_queue.patience import Patience
from tests.offline_queue.world import (
    URL,
    FakeHub,
    World,
    approved,
    away,
    changed,
    ended,
    enrolled,
    half,
    lost,
    standing,
    status,
)


@pytest.fixture
def sync(journal: Journal, client: HubClient, patience: Patience, heard: list[bool]) -> Sync:
    return Sync(journal, client, on_reachability=heard.append, sleep=patience, random=lambda: 1.0)


@pytest.fixture
async def running(sync: Sync) -> AsyncIterator[Sync]:
    task = asyncio.create_task(sync.run())
    yield sync
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def at_hub(hub: FakeHub) -> list[tuple[str, Outcome]]:
    return [(pid, record.outcome) for pid, _, record in hub.stored if record]


def sent(hub: FakeHub) -> list[tuple[str, list[int]]]:
    """Every batch: its idempotency key and the numbers in it."""
    batches = [request for request in hub.requests if request.url.path.endswith("/batches")]
    return [
        (request.headers["idempotency-key"], [record["seq"] for record in json.loads(request.content)["records"]])
        for request in batches
    ]


async def test_payments_arrive_in_order_and_their_payloads_are_forgotten_a_week_later(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, heard: list[bool], folder: Path
) -> None:
    paid = await world.paid(journal, 101)
    with capture_logs() as logs:
        assert await sync.once() == HEARTBEAT
    assert at_hub(hub) == [(attempt.id, Outcome.APPROVED) for attempt in paid]
    assert [len(numbers) for _, numbers in sent(hub)] == [100, 1]
    assert heard == [True]
    assert await journal.undelivered(1) is None
    assert (await standing(journal)).count == 0
    with JournalReader(folder) as reader:
        assert reader.queue().depth == 0
        assert [(seen.state, seen.delivery, seen.posting) for seen in reader.attempts()] == [
            (State.APPROVED, "posted", f"p-{seq}") for seq in range(1, 102)
        ]
    assert await kept_payloads(journal) == 101
    world.clock.now += KEPT_AFTER_DELIVERY
    await sync.once()
    assert await kept_payloads(journal) == 0
    for entry in logs:
        assert set(entry) - {"event", "log_level"} <= EVENTS[entry["event"]]


async def kept_payloads(journal: Journal) -> int:
    def count(connection: Connection) -> int:
        return int(connection.execute("SELECT count(*) FROM outbox WHERE sealed IS NOT NULL").fetchone()[0])

    return await journal._transact(count)


async def test_payloads_stay_until_the_hub_holds_them_durably(journal: Journal, hub: FakeHub, world: World, sync: Sync) -> None:
    hub.durable = 0
    await world.paid(journal, 3)
    await sync.once()
    world.clock.now += KEPT_AFTER_DELIVERY
    await sync.once()
    assert (len(hub.stored), await kept_payloads(journal)) == (3, 3)
    hub.durable = 2
    await sync.once()
    assert await kept_payloads(journal) == 1
    hub.durable = 99
    await sync.once()
    assert await kept_payloads(journal) == 0


@pytest.mark.parametrize(
    ("fault", "reason", "code"),
    [
        (away, "hub-away", 0),
        (lost, "hub-timeout", 0),
        (status(500, "oops"), "hub-status", 500),
        (status(200, "<html>"), "hub-not-understood", 200),
        (half, "hub-not-understood", 200),
        (changed(results=[]), "hub-no-progress", 200),
        (changed(head={"seq": 0, "hash": chain.FIRST_HASH}), "hub-no-progress", 200),
        (status(409, '{"kind":"gap","gen":1,"head":{"seq":0,"hash":"' + "0" * 64 + '"}}'), "hub-no-progress", 409),
    ],
)
async def test_after_a_failure_the_same_records_go_again_and_are_posted_once(
    journal: Journal,
    hub: FakeHub,
    world: World,
    sync: Sync,
    heard: list[bool],
    fault: Callable[[httpx2.Request, httpx2.Response], httpx2.Response],
    reason: str,
    code: int,
) -> None:
    paid = await world.paid(journal, 2)
    hub.faults = [fault]
    with capture_logs() as logs:
        assert await sync.once() == 1.0
    assert logs == [{"event": "queue.failed", "log_level": "warning", "reason": reason, "status": code, "retry_s": 1.0}]
    assert (await standing(journal)).count == 2
    assert await sync.once() == HEARTBEAT
    assert at_hub(hub) == [(attempt.id, Outcome.APPROVED) for attempt in paid]
    assert sent(hub)[0] == sent(hub)[1]
    assert heard == [False, True]
    assert await journal.undelivered(1) is None


async def test_a_batch_whose_answer_was_lost_goes_again_unchanged_before_anything_new(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 2)
    hub.faults = [lost]
    await sync.once()
    assert len(hub.stored) == 2
    await world.paid(journal, 2)
    await sync.once()
    assert [numbers for _, numbers in sent(hub)] == [[1, 2], [1, 2], [3, 4]]
    assert sent(hub)[0][0] == sent(hub)[1][0]
    assert len(at_hub(hub)) == 4


async def test_a_lost_answer_and_a_restart_do_not_double(world: World, folder: Path, log_watch: LogWatch) -> None:
    log_watch.expect("queue.failed")
    journal, client, hub = await enrolled(world, folder)
    await world.paid(journal, 2)
    hub.faults = [lost]
    await Sync(journal, client, on_reachability=lambda _: None).once()
    await world.paid(journal, 1)
    await journal.close()
    journal = await world.journal(folder)
    await Sync(journal, client, on_reachability=lambda _: None).once()
    assert [numbers for _, numbers in sent(hub)] == [[1, 2], [1, 2, 3]]
    assert len(at_hub(hub)) == 3
    assert await journal.undelivered(1) is None
    await client.close()
    await journal.close()


async def test_a_restored_hub_gets_again_what_it_lost(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.rewound")
    hub.durable = 1
    paid = await world.paid(journal, 4)
    await sync.once()
    whole = at_hub(hub)
    del hub.stored[2:]
    hub.gen = 2
    assert await sync.once() == HEARTBEAT
    assert at_hub(hub) == whole
    del hub.stored[1:]
    hub.gen = 3
    paid += await world.paid(journal, 1)
    assert await sync.once() == HEARTBEAT
    assert [pid for pid, _ in at_hub(hub)] == [attempt.id for attempt in paid]
    assert [numbers for _, numbers in sent(hub)] == [[1, 2, 3, 4], [3, 4], [5], [2, 3, 4, 5]]
    assert await journal.undelivered(1) is None


async def test_a_word_from_before_a_restore_is_ignored(journal: Journal, hub: FakeHub, world: World, sync: Sync) -> None:
    hub.gen = 2
    await world.paid(journal, 1)
    await sync.once()
    hub.faults = [changed(gen=1, head={"seq": 0, "hash": chain.FIRST_HASH})]
    assert await sync.once() == HEARTBEAT
    assert await journal.undelivered(1) is None
    await world.paid(journal, 1)
    hub.faults = [changed(gen=1)]
    with capture_logs() as logs:
        await sync.once()
    assert logs[0]["reason"] == "hub-no-progress"
    assert await journal.undelivered(1) is not None
    hub.faults = [status(409, '{"kind":"gap","gen":1,"head":{"seq":0,"hash":"' + "0" * 64 + '"}}')]
    with capture_logs() as logs:
        await sync.once()
    assert logs[0]["reason"] == "hub-no-progress"
    await sync.once()
    assert len(hub.stored) == 2


async def test_a_hub_restored_from_last_nights_backup_gets_the_day_again(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    """Even where it called durable what its backup does not have. The week begins anew with what it took again."""
    log_watch.expect("queue.rewound")
    await world.paid(journal, 3)
    await sync.once()
    whole = at_hub(hub)
    world.clock.now += dt.timedelta(days=6)
    del hub.stored[1:]
    hub.gen = 2
    assert await sync.once() == HEARTBEAT
    assert at_hub(hub) == whole
    world.clock.now += dt.timedelta(days=2)
    await sync.once()
    assert await kept_payloads(journal) == 2
    del hub.stored[1:]
    hub.gen = 3
    assert await sync.once() == HEARTBEAT
    assert at_hub(hub) == whole
    assert sync.attention is None


def fork(hub: FakeHub) -> None:
    pid, _, record = hub.stored[-1]
    hub.stored[-1] = (pid, "f" * 64, record)


async def test_a_fork_stops_sending_and_calls_for_a_person(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, heard: list[bool], log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 2)
    hub.faults = [lost]
    await sync.once()
    fork(hub)
    with capture_logs() as logs:
        assert await sync.once() == HEARTBEAT
    assert logs == [{"event": "queue.fork", "log_level": "error", "head": 2}]
    assert sync.attention is not None
    assert sync.attention.code == "queue-fork"
    await world.paid(journal, 1)
    before = len(sent(hub))
    assert await sync.once() == HEARTBEAT
    assert len(sent(hub)) == before
    assert hub.requests[-1].url.path.endswith("/head")
    assert heard == [False]
    assert (await standing(journal)).count == 3


async def test_a_fork_makes_the_hub_count_as_away_however_well_it_answers(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, heard: list[bool], log_watch: LogWatch
) -> None:
    log_watch.expect("queue.fork")
    log_watch.expect("queue.failed")
    await world.paid(journal, 1)
    await sync.once()
    assert heard == [True]
    hub.faults = [status(409, json.dumps({"kind": "fork", "gen": 1, "head": hub.head()["head"]}))]
    await world.paid(journal, 1)
    await sync.once()
    assert heard == [True, False]
    hub.faults = [away]
    for _ in range(3):
        await sync.once()
    assert sync.attention is not None
    assert hub.requests[-1].url.path.endswith("/head")
    assert heard == [True, False]


@pytest.mark.parametrize(
    "word",
    [
        {"head": {"seq": 1, "hash": "f" * 64}},
        {"head": {"seq": 9, "hash": "f" * 64}},
        {"epoch": 2},
        {"head": {"seq": 0, "hash": chain.FIRST_HASH}, "gen": 2},
    ],
)
async def test_a_head_that_cannot_be_ours_is_a_fork(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, word: dict[str, object], log_watch: LogWatch
) -> None:
    """Another hash, more than we ever sent, another enrolment, and the loss of what we no longer have."""
    log_watch.expect("queue.fork")
    await world.paid(journal, 1)
    await sync.once()
    world.clock.now += KEPT_AFTER_DELIVERY
    await sync.once()
    assert await kept_payloads(journal) == 0
    hub.faults = [changed(**word)]
    assert await sync.once() == HEARTBEAT
    assert sync.attention is not None


async def test_parked_records_are_delivered_and_told(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, folder: Path
) -> None:
    attempt = world.attempt()
    hub.park.add(attempt.id)
    await journal.open_attempt(attempt, None)
    await journal.settle(attempt.id, approved(attempt))
    with capture_logs() as logs:
        await sync.once()
    assert {"event": "queue.parked", "log_level": "warning", "pid": attempt.id, "code": "no-account"} in logs
    with JournalReader(folder) as reader:
        assert (reader.queue().depth, reader.queue().parked) == (0, 1)
        assert reader.attempts()[0].posting == ""


async def test_an_unknown_payment_and_its_end_both_arrive(journal: Journal, hub: FakeHub, world: World, sync: Sync) -> None:
    (attempt,) = await world.paid(journal, result=ended(Outcome.UNKNOWN))
    await sync.once()
    assert (await standing(journal)).count == 0
    await journal.settle(attempt.id, ended(Outcome.DECLINED))
    await sync.once()
    assert at_hub(hub) == [(attempt.id, Outcome.UNKNOWN), (attempt.id, Outcome.DECLINED)]


async def test_it_runs_rests_and_wakes_at_a_nudge(
    journal: Journal, hub: FakeHub, world: World, running: Sync, patience: Patience, heard: list[bool]
) -> None:
    await patience.resting()
    assert (patience.asked, heard) == ([HEARTBEAT], [True])
    (attempt,) = await world.paid(journal)
    running.nudge()
    await patience.resting()
    assert at_hub(hub) == [(attempt.id, Outcome.APPROVED)]
    patience.over()
    await patience.resting()
    assert hub.requests[-1].url.path.endswith("/head")


async def test_it_backs_off_with_jitter_and_never_gives_up(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, patience: Patience, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    draws = iter([1.0, 0.5, 1.0] + [1.0] * 30)
    heard: list[bool] = []
    sync = Sync(journal, client, on_reachability=heard.append, sleep=patience, random=lambda: next(draws))
    await world.paid(journal)
    hub.faults = [away] * 30
    task = asyncio.create_task(sync.run())
    for _ in range(30):
        await patience.resting()
        patience.over()
    await patience.resting()
    assert patience.asked[:5] == [1.0, 1.0, 4.0, 8.0, 16.0]
    assert set(patience.asked[9:30]) == {LONGEST_RETRY}
    assert patience.asked[30] == HEARTBEAT
    assert heard == [False, True]
    assert len(hub.stored) == 1
    hub.faults = [away]
    patience.over()
    await patience.resting()
    assert patience.asked[-1] == 1.0
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_payment_settled_in_the_middle_of_a_drain_goes_out_in_it(journal: Journal, hub: FakeHub, world: World) -> None:
    await world.paid(journal)
    late = world.attempt()
    await journal.open_attempt(late, None)

    class Busy(HubClient):
        async def send(self, batch: Batch) -> BatchAnswer | Conflict:
            answer = await super().send(batch)
            await journal.settle(late.id, approved(late))
            return answer

    busy = Busy(URL, None, journal.identity(), clock=world.clock, transport=hub)
    sync = Sync(journal, busy, on_reachability=lambda _: None)
    await asyncio.gather(sync.once(), sync.once())
    await busy.close()
    assert [numbers for _, numbers in sent(hub)] == [[1], [2]]


async def test_a_bug_in_waiting_is_not_swallowed(journal: Journal, client: HubClient) -> None:
    async def broken(_: float) -> None:
        raise RuntimeError("clock")

    sync = Sync(journal, client, on_reachability=lambda _: None, sleep=broken)
    with pytest.raises(RuntimeError, match="clock"):
        await sync.run()


async def test_an_answer_for_records_beyond_its_own_head_counts_only_up_to_it(
    journal: Journal, hub: FakeHub, world: World, sync: Sync
) -> None:
    await world.paid(journal, 2)
    hub.durable = 0
    await sync.once()
    first = hub.stored[0][1]
    await world.paid(journal, 1)
    hub.faults = [changed(head={"seq": 1, "hash": first})]
    with capture_logs() as logs:
        await sync.once()
    assert logs[0] == {"event": "queue.rewound", "log_level": "warning", "gen": 1, "head": 1, "count": 1}
    assert logs[1]["reason"] == "hub-no-progress"
    batch = await journal.undelivered(10)
    assert batch is not None
    assert [record.seq for record in batch.records] == [2, 3]
    del hub.stored[1:]
    assert await sync.once() == HEARTBEAT
    assert dataclasses.replace(await standing(journal), oldest=None).count == 0

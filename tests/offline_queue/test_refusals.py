"""A hub that says no: what is halved, what waits, what stops; and that nothing is lost, sent out of order or sent too often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sync import CIRCUIT, HEARTBEAT, LONGEST_RETRY, LONGEST_WAIT, Sync
from tests.log_watch import LogWatch
from tests.offline_queue.patience import Patience
from tests.offline_queue.test_sync import at_hub, sent
from tests.offline_queue.world import FakeHub, World, approved, away, standing, status

Fault = Callable[[httpx2.Request, httpx2.Response], httpx2.Response]


class Ticks:
    """A clock of seconds that moves when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def sync(journal: Journal, client: HubClient, patience: Patience, heard: list[bool], ticks: Ticks) -> Sync:
    return Sync(journal, client, on_reachability=heard.append, sleep=patience, clock=ticks, random=lambda: 1.0)


def refused(code: int, word: str, retry_after: str = "") -> Fault:
    body = {"code": word, "hub_time": "2026-11-21T09:00:00+00:00"}
    headers = {"retry-after": retry_after} if retry_after else {}
    headers["date"] = "Sat, 21 Nov 2026 23:59:30 GMT"
    return lambda _request, _answer: httpx2.Response(code, json=body, headers=headers)


class Picky:
    """A front of the hub that refuses batches of more than `most` records, or with record `bad` among them, before the hub sees
    them: as a fault it stays for ever."""

    def __init__(self, hub: FakeHub, code: int, *, most: int = 100, bad: int = 0) -> None:
        self._answer, self._hub = hub._answer, hub
        self.code, self.most, self.bad = code, most, bad
        hub._answer = self  # type: ignore[method-assign]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/batches"):
            numbers = [record["seq"] for record in json.loads(request.content)["records"]]
            if len(numbers) > self.most or self.bad in numbers:
                return httpx2.Response(self.code, json=self._hub.refused("too-much"))
        return self._answer(request)


async def test_a_batch_that_is_too_large_is_halved_until_it_fits(
    journal: Journal, hub: FakeHub, world: World, sync: Sync
) -> None:
    paid = await world.paid(journal, 10)
    Picky(hub, 413, most=3)
    assert await sync.once() == HEARTBEAT
    assert [pid for pid, _ in at_hub(hub)] == [attempt.id for attempt in paid]
    assert [len(numbers) for _, numbers in sent(hub)][:4] == [10, 5, 2, 4]
    assert sync.attention is None


@pytest.mark.parametrize("code", [400, 413, 415])
async def test_one_record_that_the_hub_does_not_take_waits_and_is_counted_and_nothing_overtakes_it(
    journal: Journal,
    hub: FakeHub,
    world: World,
    sync: Sync,
    heard: list[bool],
    folder: Path,
    log_watch: LogWatch,
    code: int,
) -> None:
    log_watch.expect("queue.record_refused")
    paid = await world.paid(journal, 9)
    picky = Picky(hub, code, bad=6)
    with capture_logs() as logs:
        assert await sync.once() == LONGEST_RETRY
    assert {"event": "queue.record_refused", "log_level": "error", "seq": 6, "reason": "too-much", "status": code} in logs
    assert [pid for pid, _ in at_hub(hub)] == [attempt.id for attempt in paid[:5]]
    assert (sync.attention is not None, heard) == (True, [False])
    assert hub.requests[-1].url.path.endswith("/head")
    with JournalReader(folder) as reader:
        state = reader.sync()
        assert state is not None
        assert (state.attention, state.error, state.next_at is not None) == ("record-refused", "too-much", True)
        assert reader.queue().depth == 4
    assert (await standing(journal)).count == 4
    before = len(sent(hub))
    await sync.once()
    assert [numbers for _, numbers in sent(hub)[before:]] == [[6]]
    picky.bad = 0
    assert await sync.once() == HEARTBEAT
    assert [pid for pid, _ in at_hub(hub)] == [attempt.id for attempt in paid]
    assert (sync.attention, heard) == (None, [False, True])


async def test_a_new_sale_does_not_hurry_a_record_that_is_refused(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, patience: Patience, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.record_refused")
    await world.paid(journal, 1)
    Picky(hub, 400, bad=1)
    task = asyncio.create_task(sync.run())
    await patience.resting()
    await world.paid(journal, 1)
    sync.nudge()
    await asyncio.sleep(0)
    assert [numbers for _, numbers in sent(hub)] == [[1]]
    patience.over()
    await patience.resting()
    assert patience.asked == [LONGEST_RETRY, LONGEST_RETRY]
    assert [numbers for _, numbers in sent(hub)] == [[1], [1, 2], [1]]
    task.cancel()
    await asyncio.wait({task})


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        ("7", 7.0),
        ("900", 900.0),
        ("901", LONGEST_WAIT),
        ("0", 0.0),
        ("", 1.0),
        ("Sat, 21 Nov", 1.0),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 90.0),
        ("Sun, 22 Nov 2026 06:00:00 GMT", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 20:00:00 GMT", 0.0),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
async def test_a_hub_that_asks_for_a_pause_gets_it(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch, code: int, after: str, pause: float
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 2)
    hub.faults = [refused(code, "database-busy", after)]
    assert await sync.once() == pause
    assert await sync.once() == HEARTBEAT
    assert sent(hub)[0] == sent(hub)[1]


async def test_no_nudge_ends_a_pause_that_the_hub_asked_for(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, patience: Patience, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 1)
    hub.faults = [lambda _request, _answer: httpx2.Response(503, headers={"retry-after": "60"})]
    task = asyncio.create_task(sync.run())
    await patience.resting()
    sync.nudge()
    await asyncio.sleep(0)
    assert (patience.asked, len(hub.requests)) == ([60.0], 1)
    patience.over()
    await patience.resting()
    assert patience.asked == [60.0, HEARTBEAT]
    task.cancel()
    await asyncio.wait({task})


async def test_after_five_failures_only_the_head_is_asked_for_until_it_answers(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 1)
    hub.faults = [away] * (CIRCUIT + 3)
    for _ in range(CIRCUIT + 3):
        await sync.once()
    assert len(sent(hub)) == CIRCUIT
    assert [request.url.path.rsplit("/", 1)[1] for request in hub.requests[CIRCUIT:]] == ["head"] * 3
    assert await sync.once() == HEARTBEAT
    assert len(at_hub(hub)) == 1


async def test_a_head_that_answers_does_not_shorten_the_pauses_of_batches_that_fail(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 1)
    Picky(hub, 500, bad=1)
    assert [await sync.once() for _ in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.mark.parametrize(
    ("code", "word"),
    [(401, "signature-key-unknown"), (401, "signature-wrong"), (403, "epoch-stale"), (403, "kiosk-revoked")],
)
async def test_a_kiosk_that_the_hub_does_not_know_stops_sending_and_calls_for_a_person(
    journal: Journal,
    hub: FakeHub,
    world: World,
    sync: Sync,
    client: HubClient,
    heard: list[bool],
    folder: Path,
    code: int,
    word: str,
) -> None:
    await world.paid(journal, 2)
    hub.faults = [refused(code, word)]
    with capture_logs() as logs:
        assert await sync.once() == HEARTBEAT
    assert logs == [{"event": "queue.stopped", "log_level": "error", "reason": "queue-refused", "detail": word}]
    assert sync.attention is not None
    hub.faults = [refused(code, word)]
    assert await sync.once() == HEARTBEAT
    await sync.once()
    assert (len(sent(hub)), heard) == (1, [False])
    with JournalReader(folder) as reader:
        state = reader.sync()
        assert state is not None
        assert (state.attention, state.next_at, reader.queue().depth) == ("queue-refused", None, 2)
    again = Sync(journal, client, on_reachability=heard.append)
    assert await again.once() == HEARTBEAT
    assert (len(at_hub(hub)), heard) == (2, [False, True])


@pytest.mark.parametrize("fault", [status(401, "{}"), status(403, "<html>"), refused(401, "signature-clock-skew")])
async def test_a_refusal_that_is_not_the_hubs_own_word_stops_nothing(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch, fault: Fault
) -> None:
    log_watch.expect("queue.failed")
    await world.paid(journal, 1)
    hub.faults = [fault, fault]
    await sync.once()
    assert sync.attention is None
    hub.faults = []
    assert await sync.once() == HEARTBEAT
    assert len(at_hub(hub)) == 1


async def test_a_busy_kiosk_asks_for_the_head_every_five_minutes_too(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, ticks: Ticks
) -> None:
    heads = []
    for _ in range(4):
        await world.paid(journal, 1)
        await sync.once()
        heads.append(sum(request.url.path.endswith("/head") for request in hub.requests))
        ticks.now += 150
    assert heads == [1, 1, 2, 2]


async def test_what_is_paid_while_the_head_is_asked_for_goes_out_before_the_rest(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    late = world.attempt()
    await journal.open_attempt(late, None)

    class Slow:
        async def head(self) -> object:
            head = await client.head()
            await journal.settle(late.id, approved(late))
            return head

        def __getattr__(self, name: str) -> object:
            return getattr(client, name)

    sync = Sync(journal, Slow(), on_reachability=lambda _: None)  # type: ignore[arg-type]
    assert await sync.once() == HEARTBEAT
    assert [pid for pid, _ in at_hub(hub)] == [late.id]

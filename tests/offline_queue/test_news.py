"""What becomes of a record after its first answer: read in order, told to staff, read again after a restore, never taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.payment import Attempt
from offline_queue import news
from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire.messages import Outcomes
from tests.log_watch import LogWatch
from tests.offline_queue.world import FakeHub, World, changed, status


@pytest.fixture
def sync(journal: Journal, client: HubClient) -> Sync:
    return Sync(journal, client, on_reachability=lambda _: None, random=lambda: 1.0)


def outcome(seq: int, attempt: Attempt, status: str, posting: str = "", code: str = "") -> dict[str, object]:
    return {"epoch": 1, "seq": seq, "pid": attempt.id, "status": status, "posting": posting, "code": code}


def deliveries(folder: Path) -> list[tuple[str, str]]:
    with JournalReader(folder) as reader:
        return [(seen.delivery, seen.posting) for seen in reader.attempts()]


async def test_what_the_hub_says_later_is_what_the_kiosks_list_shows(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, folder: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.parked")
    paid = await world.paid(journal, 3)
    hub.park = {paid[0].id}
    await sync.once()
    assert deliveries(folder) == [("parked", ""), ("posted", "p-2"), ("posted", "p-3")]
    hub.news = [outcome(1, paid[0], "posted", "p-9"), outcome(3, paid[2], "declined", "p-10", "insufficient-funds")]
    with capture_logs() as logs:
        assert await sync.once() == HEARTBEAT
    assert deliveries(folder) == [("posted", "p-9"), ("posted", "p-2"), ("declined", "p-10")]
    assert logs == [
        {"event": "queue.declined", "log_level": "warning", "pid": paid[2].id, "code": "insufficient-funds"},
    ]
    before = len(hub.requests)
    await sync.once()
    assert [request.url.path.rsplit("/", 1)[1] for request in hub.requests[before:]] == ["head"]


async def test_many_outcomes_come_in_pages(journal: Journal, hub: FakeHub, world: World, sync: Sync) -> None:
    (attempt,) = await world.paid(journal)
    await sync.once()
    hub.news = [outcome(1, attempt, "posted", f"p-{number}") for number in range(250)]
    await sync.once()
    asked = [int(request.url.params["after"]) for request in hub.requests if request.url.path.endswith("/outcomes")]
    assert (asked, await journal.news()) == ([0, 100, 200], 250)


async def test_after_a_restore_outcomes_are_read_from_the_first_and_take_nothing_back(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, folder: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.declined")
    log_watch.expect("queue.parked")
    paid = await world.paid(journal, 2)
    hub.park = {paid[0].id}
    await sync.once()
    hub.news = [
        outcome(1, paid[0], "parked", code="account-closed"),
        outcome(1, paid[0], "posted", "p-9"),
        outcome(1, paid[0], "declined", code="card-expired"),
        outcome(1, paid[0], "declined", code="card-expired"),
    ]
    await sync.once()
    assert deliveries(folder)[0] == ("declined", "")
    hub.gen, hub.news = 2, hub.news[:2]
    await sync.once()
    assert (await journal.news(), deliveries(folder)[0]) == (2, ("declined", ""))
    del hub.news[1]  # and restored once more, without the runbook
    await sync.once()
    assert (await journal.news(), deliveries(folder)[0]) == (1, ("declined", ""))


async def test_an_outcome_of_a_record_that_is_queued_waits_for_its_answer(
    journal: Journal, hub: FakeHub, world: World, folder: Path
) -> None:
    paid = await world.paid(journal, 1)
    hub.news = [outcome(1, paid[0], "declined", code="other")]
    answer = Outcomes.model_validate({"gen": 1, "news": 1, "outcomes": [{"number": 1, **hub.news[0]}]})
    assert await journal.take_news(answer) == news.News(0, ())
    assert (await journal.news(), deliveries(folder)) == (0, [("queued", "")])


async def test_an_outcome_of_what_is_not_here_or_of_another_generation_changes_nothing(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, folder: Path
) -> None:
    """A disk that was lost had it; and of a hub that was restored meanwhile its head comes first."""
    paid = await world.paid(journal, 1)
    await sync.once()
    stranger = world.attempt()
    hub.news = [outcome(7, paid[0], "declined", code="other"), outcome(1, stranger, "declined", code="other")]
    await sync.once()
    assert (await journal.news(), deliveries(folder)) == (2, [("posted", "p-1")])
    hub.news.append(outcome(1, paid[0], "declined", code="other"))
    hub.faults = [lambda _request, answer: answer, changed(gen=2)]
    await sync.once()
    assert (await journal.news(), deliveries(folder)) == (2, [("posted", "p-1")])


async def test_outcomes_with_a_gap_are_no_progress(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    paid = await world.paid(journal, 1)
    await sync.once()
    hub.news = [outcome(1, paid[0], "declined", code="other")]
    hub.faults = [
        lambda _request, answer: answer,
        changed(outcomes=[{"number": 2, **outcome(1, paid[0], "declined", code="other")}]),
    ]
    assert await sync.once() == 1.0
    assert await journal.news() == 0


async def test_outcomes_that_are_not_told_are_asked_for_again(
    journal: Journal, hub: FakeHub, world: World, sync: Sync, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    log_watch.expect("queue.declined")
    paid = await world.paid(journal, 1)
    await sync.once()
    hub.news = [outcome(1, paid[0], "declined", code="other")]
    hub.faults = [lambda _request, answer: answer, status(500, "oops")]
    assert await sync.once() == 1.0
    await sync.once()
    assert await journal.news() == 1

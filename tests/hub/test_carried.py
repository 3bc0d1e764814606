"""Records of an earlier enrolment, carried into this one: opened where they were sealed, and posted once all the same."""

from __future__ import annotations

import httpx2
import pytest
from sqlalchemy import select

from hub.audit import first_difference
from hub.hub import Hub
from hub.schema import records, tasks
from hub.signing_in import add_user
from hub.tasks import close_by_hand
from offline_queue.wire.messages import RecordStatus
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_intake import due, posted_payments
from tests.log_watch import LogWatch


async def carried(
    hub: Hub, client: httpx2.AsyncClient, time: Time, kiosk: ScriptedKiosk, origins: list[tuple[int, int]]
) -> ScriptedKiosk:
    """The same kiosk enrolled again, with all that the old one had queued, as sealed in `origins`."""
    again = await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
    for record, (epoch, seq) in zip(kiosk.records, origins, strict=True):
        again.carry(record, {"epoch": epoch, "seq": seq})
    return again


async def test_a_carried_record_is_opened_by_its_origin_and_posted_once(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    (first,) = await kiosk.deliver(payment(kiosk.new_pid(), minor=1000))
    kiosk.queue(payment(kiosk.new_pid(), minor=500))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2)])
    held, new = (await again.send(again.batch())).json()["results"]
    assert (held["status"], held["posting"]) == ("posted", first.posting)
    assert new["status"] == "posted"
    assert (posted_payments(hub), due(hub)) == (2, 12550 - 1500)
    with hub.store.reading() as connection:
        places = select(records.c.epoch, records.c.seq, records.c.origin_epoch, records.c.origin_seq)
        assert connection.execute(places.order_by(records.c.epoch, records.c.seq)).all() == [
            (1, 1, None, None), (2, 1, 1, 1), (2, 2, 1, 2),
        ]  # fmt: skip


@pytest.mark.parametrize("place", [(1, 2), (2, 1), (9, 9)])
async def test_a_record_told_to_come_from_elsewhere_does_not_open(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, place: tuple[int, int], log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    kiosk.queue(payment(kiosk.new_pid()))
    again = await carried(hub, client, time, kiosk, [place])
    (told,) = (await again.send(again.batch())).json()["results"]
    assert (told["status"], told["code"]) == (RecordStatus.PARKED, "not-opened")


async def test_an_unknown_word_that_comes_again_after_its_end_needs_no_person(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "unknown"), payment(pid, "approved"))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2)])
    unknown, approved = (await again.send(again.batch())).json()["results"]
    assert (unknown["status"], approved["status"]) == ("accepted", "posted")
    assert posted_payments(hub) == 1


async def test_a_parked_record_that_comes_again_is_the_task_that_it_was(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    """Open, it keeps its reason; closed by hand, it stays so; only what is parked for the first time is new to people."""
    log_watch.expect("hub.parked")
    open_still, seen_to, unsent = kiosk.new_pid(), kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(payment(open_still, currency="EUR"), payment(seen_to, currency="EUR"))
    add_user(hub, "ana", "quiet-paper-desk")
    with hub.store.writing() as connection:
        close_by_hand(connection, 2, "Refunded at the acquirer.", "ana", time.now)
    kiosk.queue(payment(unsent, currency="EUR"))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2), (1, 3)])
    told = (await again.send(again.batch())).json()["results"]
    assert [each["code"] for each in told] == ["already-parked", "already-parked", "wrong-currency"]
    with hub.store.reading() as connection:
        assert connection.execute(select(tasks.c.pid, tasks.c.code, tasks.c.note).order_by(tasks.c.number)).all() == [
            (open_still, "wrong-currency", None),
            (seen_to, "wrong-currency", "Refunded at the acquirer."),
            (unsent, "wrong-currency", None),
        ]
        assert first_difference(connection) is None


async def test_a_record_that_says_it_was_here_and_was_not_is_a_task(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    kiosk.queue(payment(pid, currency="EUR"))
    again = await carried(hub, client, time, kiosk, [(1, 1)])
    await again.send(again.batch())
    with hub.store.reading() as connection:
        assert connection.scalar(select(tasks.c.pid)) == pid

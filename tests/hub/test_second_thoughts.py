"""What changes after the first answer: the bank declines, a parked record is posted after all; the kiosk and staff hear of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from domain.payment import IN_DOUBT
from hub.audit import counts, first_difference
from hub.folder import Folder, HubError
from hub.hub import Hub
from hub.keys import open_keys
from hub.schema import accounts, tasks
from hub.second_thoughts import DeclineReason, decline
from hub.signing_in import add_user
from hub.tasks import finish_task
from offline_queue.wire.messages import Outcomes
from tests.hub.conftest import Time, bill, put, tried_again
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_carried import carried
from tests.hub.test_intake import due
from tests.log_watch import LogWatch

NEW = "3342139475"


def stands(hub: Hub) -> dict[str, int]:
    with hub.store.reading() as connection:
        assert first_difference(connection) is None
        return {status: count for status, count in counts(connection).items() if count}


def to_do(hub: Hub) -> list[tuple[str, str]]:
    with hub.store.reading() as connection:
        rows = connection.execute(select(tasks.c.kind, tasks.c.code).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.number))
        return [tuple(row) for row in rows]


async def told(kiosk: ScriptedKiosk, after: int = 0) -> list[tuple[int, int, int, str, str, str]]:
    answer = await kiosk.request("GET", f"/v1/kiosks/{kiosk.id}/outcomes?after={after}")
    assert answer.status_code == 200, answer.text
    outcomes = Outcomes.model_validate_json(answer.content)
    return [(each.number, each.epoch, each.seq, each.status, each.posting, each.code) for each in outcomes.outcomes]


@pytest.mark.parametrize("taken", [{"outcome": "captured"}, {"approved_offline": True}])
async def test_what_was_taken_on_trust_and_declined_is_owed_again(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, taken: dict[str, Any]
) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(kiosk.new_pid(), minor=100), payment(pid, **taken))
    assert due(hub) == 12550 - 100 - 2550
    assert decline(hub, pid, DeclineReason.INSUFFICIENT_FUNDS) == "P00000004"
    assert due(hub) == 12550 - 100
    assert stands(hub) == {"posted": 1, "declined": 1}
    assert to_do(hub) == [("declined", "insufficient-funds")]
    assert await told(kiosk) == [(1, 1, 2, "declined", "P00000004", "insufficient-funds")]
    head = (await kiosk.request("GET", "/v1/kiosks/lobby/head")).json()
    assert head["news"] == 1
    again = (await kiosk.send(kiosk.batch())).json()
    assert (again["news"], [each["status"] for each in again["results"]]) == (1, ["posted", "posted"])
    with pytest.raises(HubError, match="declined before"):
        decline(hub, pid, DeclineReason.OTHER)
    assert await told(kiosk, 1) == []


async def test_an_approval_in_doubt_that_did_not_stand_is_owed_again(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.declined")
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid), payment(pid, "unknown", reason=IN_DOUBT))
    assert not tried_again(hub, pid)
    assert (stands(hub), to_do(hub)) == ({"posted": 1, "parked": 1}, [("parked", IN_DOUBT)])
    assert decline(hub, pid, DeclineReason.TAKEN_BACK) == "P00000003"
    assert due(hub) == 12550
    assert (stands(hub), to_do(hub)) == ({"declined": 2}, [("declined", "taken-back")])
    assert [(seq, status) for _, _, seq, status, _, _ in await told(kiosk)] == [(1, "declined"), (2, "declined")]
    with pytest.raises(HubError, match="declined before"):
        decline(hub, pid, DeclineReason.TAKEN_BACK)


async def test_a_doubt_that_was_parked_for_another_reason_first_can_be_seen_to(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    ref = {"kind": "number", "value": NEW}
    await kiosk.deliver(payment(pid, ref=ref, account=""), payment(pid, "unknown", reason=IN_DOUBT))
    put(hub, "ACC-NEW", (bill(NEW, "ACC-NEW", 9000), "TOKENTOKENTOKENT"))
    assert not tried_again(hub, pid)
    assert stands(hub) == {"posted": 1, "parked": 1}
    decline(hub, pid, DeclineReason.TAKEN_BACK)
    assert (stands(hub), to_do(hub)) == ({"declined": 2}, [("declined", "taken-back")])


async def test_a_doubt_told_again_at_a_later_enrolment_is_still_a_persons(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    kiosk.queue(payment(pid))
    kiosk.queue(payment(pid, "unknown", reason=IN_DOUBT))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2)])
    answers = (await again.send(again.batch())).json()["results"]
    assert [(each["status"], each["code"]) for each in answers] == [("posted", ""), ("parked", IN_DOUBT)]


@pytest.mark.parametrize("taken", [{}, {"outcome": "unknown"}])
async def test_what_the_bank_itself_approved_or_nobody_knows_is_not_declined_here(
    hub: Hub, kiosk: ScriptedKiosk, taken: dict[str, Any]
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, **taken))
    with pytest.raises(HubError, match="without asking the bank"):
        decline(hub, pid, DeclineReason.OTHER)
    with pytest.raises(HubError, match="no payment"):
        decline(hub, kiosk.new_pid(), DeclineReason.OTHER)
    assert to_do(hub) == []


async def test_a_declined_payment_that_is_told_again_is_declined_again_and_never_posted(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    """As after a new enrolment; one that was parked too, even when its statement has come since."""
    log_watch.expect("hub.declined")
    log_watch.expect("hub.parked")
    posted, parked = kiosk.new_pid(), kiosk.new_pid()
    lost: dict[str, Any] = {"outcome": "captured", "ref": {"kind": "number", "value": NEW}, "account": ""}
    await kiosk.deliver(payment(posted, "captured"), payment(parked, **lost))
    for pid, reversal in ((posted, "P00000003"), (parked, "")):
        assert decline(hub, pid, DeclineReason.CARD_EXPIRED) == reversal
    assert to_do(hub) == [("declined", "card-expired")] * 2
    put(hub, "A200", (bill(NEW, "A200", 9900), "B" * 16))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2)])
    results = (await again.send(again.batch())).json()["results"]
    assert [(each["status"], each["code"]) for each in results] == [("posted", ""), ("parked", "already-parked")]
    assert [each[1:4] for each in await told(again, 2)] == [(2, 1, "declined"), (2, 2, "declined")]
    assert tried_again(hub, parked)
    assert stands(hub) == {"declined": 4}
    assert due(hub) == 12550


async def test_a_statement_that_comes_later_takes_the_payment_that_waited(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, ref={"kind": "number", "value": NEW}, account=""))
    assert to_do(hub) == [("parked", "unknown-statement")]
    assert not tried_again(hub, pid)
    assert (await told(kiosk), to_do(hub)) == ([], [("parked", "unknown-statement")])
    put(hub, "A200", (bill(NEW, "A200", 9900), "B" * 16))
    add_user(hub, "ana", "quiet-paper-desk")
    assert tried_again(hub, pid, "ana")
    assert tried_again(hub, pid, "ana")
    assert await told(kiosk) == [(1, 1, 1, "posted", "P00000003", "")]
    assert (stands(hub), to_do(hub)) == ({"posted": 1}, [])
    with hub.store.reading() as connection:
        assert connection.scalar(select(tasks.c.closed_by)) == "ana"


async def test_a_closed_account_that_is_opened_again_takes_its_payment(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=time.now))
    await kiosk.deliver(payment(pid), payment(pid))
    assert to_do(hub) == [("parked", "already-parked")]
    assert not tried_again(hub, pid)
    assert to_do(hub) == [("parked", "account-closed")]
    with hub.store.writing() as connection:
        connection.execute(update(accounts).values(closed_at=None))
    assert tried_again(hub, pid)
    assert [each[2:5] for each in await told(kiosk)] == [
        (2, "parked", ""), (1, "posted", "P00000002"), (2, "posted", "P00000002"),
    ]  # fmt: skip
    assert due(hub) == 10000


async def test_a_key_that_is_restored_opens_what_waited(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, folder: Folder, tmp_path: Path, log_watch: LogWatch
) -> None:
    """Even a payment that another of its records told of meanwhile, and one that the bank declined meanwhile."""
    log_watch.expect("hub.parked")
    log_watch.expect("hub.declined")
    pids = [kiosk.new_pid() for _ in range(3)]
    held = dict(hub.keys.sealing)
    (other,) = open_keys(Folder(_made(tmp_path / "other")), time.now).sealing.items()
    hub.keys.sealing.clear()
    hub.keys.sealing.update([other])
    await kiosk.deliver(*(payment(pid, "captured", minor=100) for pid in pids[:2]), payment(pids[2], "unknown"))
    assert to_do(hub) == [("parked", "unknown-key")] * 3
    assert not tried_again(hub, pids[0])
    hub.keys.sealing.update(held)
    await kiosk.deliver(payment(pids[1], "captured", minor=100), payment(pids[2]))
    decline(hub, pids[1], DeclineReason.OTHER)
    assert [tried_again(hub, pid) for pid in pids] == [True] * 3
    assert [(seq, status) for _, _, seq, status, _, _ in await told(kiosk)] == [
        (4, "declined"), (1, "posted"), (2, "declined"), (3, "accepted"),
    ]  # fmt: skip
    assert stands(hub) == {"posted": 2, "accepted": 1, "declined": 2}
    assert due(hub) == 12550 - 100 - 2550


def _made(path: Path) -> Path:
    path.mkdir()
    return path


async def test_a_declined_task_is_done_when_a_person_says_so_and_only_once(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    log_watch.expect("hub.parked")
    add_user(hub, "ana", "quiet-paper-desk")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(kiosk.new_pid(), currency="EUR"), payment(pid, "captured"))
    decline(hub, pid, DeclineReason.DO_NOT_HONOR, "ana")
    with hub.store.writing() as connection:
        finish_task(connection, 2, "ana", time.now)
    for number in (1, 2, 9):
        with pytest.raises(HubError, match="no such task"), hub.store.writing() as connection:
            finish_task(connection, number, "ana", time.now)
    assert to_do(hub) == [("parked", "wrong-currency")]
    assert stands(hub) == {"parked": 1, "declined": 1}


@pytest.mark.parametrize("after", ["-1", "x", str(2**63)])
async def test_a_number_that_is_none_is_malformed(kiosk: ScriptedKiosk, after: str) -> None:
    answer = await kiosk.request("GET", f"/v1/kiosks/lobby/outcomes?after={after}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_outcomes_are_for_their_own_kiosk(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    decline(hub, pid, DeclineReason.OTHER)
    assert (len(await told(kiosk)), await told(other)) == (1, [])
    assert (await other.request("GET", "/v1/kiosks/lobby/outcomes")).status_code in (401, 403)
    assert (await client.get("/v1/kiosks/lobby/outcomes")).status_code in (401, 403)
    assert json.loads((await kiosk.request("GET", "/v1/kiosks/lobby/outcomes")).content)["news"] == 1

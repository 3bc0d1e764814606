"""Captured payments at the hub: posted as they come, authorised on forward, their card forgotten; and who is told when not."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import httpx2
import pytest
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import select

from hub import ledger
from hub.audit import first_difference
from hub.folder import DISK_FULL, Folder, HubError, NotNow
from hub.gateway import deferred
from hub.gateway.deferred import OVERDUE, PACE_S, ask_all, keep_asking
from hub.gateway.port import GatewayAway
from hub.gateway.sandbox import open_sandbox
from hub.hub import Hub
from hub.schema import records, tasks
from hub.second_thoughts import DeclineReason, decline
from hub.signing_in import add_user
from hub.tasks import finish_task
from hub.views import payment_page
from offline_queue.wire.messages import RecordStatus
from tests.hub.bank import Bank
from tests.hub.captures import books, captured, holds_card, state
from tests.hub.conftest import Time, bill, put, tried_again
from tests.hub.gateway_card import card
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_audit import damaged
from tests.hub.test_carried import carried
from tests.hub.test_intake import due
from tests.hub.test_pages import PASSWORD, sign_in
from tests.hub.test_second_thoughts import stands, to_do, told
from tests.log_watch import LogWatch

NEW = "3342139475"


@pytest.fixture
def bank(folder: Folder) -> Bank:
    return Bank(open_sandbox(folder))


@pytest.fixture
def hub(hub: Hub, bank: Bank) -> Hub:
    return replace(hub, gateway=bank)


async def test_a_captured_payment_is_posted_at_once_and_authorised_after(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    (answer,) = await kiosk.deliver(captured(pid))
    assert answer.status is RecordStatus.POSTED
    assert (state(hub, pid), books(hub), due(hub)) == ("waiting", {"card-deferred": 2550}, 12550 - 2550)
    ask_all(hub)
    assert (state(hub, pid), books(hub), due(hub)) == ("approved", {"card-clearing": 2550}, 12550 - 2550)
    assert stands(hub) == {"posted": 1}
    assert await told(kiosk) == []
    with hub.store.reading() as connection:
        page = payment_page(connection, pid)
    assert page is not None
    assert (page.line.stands, page.on_trust, len(page.row.bank_code)) == ("approved", False, 6)


@pytest.mark.parametrize(
    ("minor", "code"),
    [
        (2551, "insufficient-funds"),
        (2505, "do-not-honor"),
        (2554, "card-expired"),
        (2562, "card-blocked"),
    ],
)
async def test_what_the_bank_declines_on_forward_is_owed_again_and_told(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, minor: int, code: str
) -> None:
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid, minor))
    ask_all(hub)
    assert (state(hub, pid), books(hub), due(hub)) == ("declined", {}, 12550)
    assert (to_do(hub), stands(hub)) == ([("declined", code)], {"declined": 1})
    assert [each[3:] for each in await told(kiosk)] == [("declined", "P00000003", code)]
    assert not holds_card(hub, pid)


async def test_a_card_that_does_not_open_is_declined(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.declined")
    other = base64.b64encode(card(bdk=bytes(16)).data).decode()
    pid = kiosk.new_pid()
    record = captured(pid)
    await kiosk.deliver({**record, "card_data": {**record["card_data"], "data": other}})
    ask_all(hub)
    assert to_do(hub) == [("declined", "other")]


async def test_the_card_is_forgotten_and_the_chain_still_proves_what_came(hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(kiosk.new_pid(), minor=100), captured(pid), payment(kiosk.new_pid(), minor=100))
    came = base64.b64decode(kiosk.records[1]["sealed"])
    assert holds_card(hub, pid)
    ask_all(hub)
    with hub.store.reading() as connection:
        rows = connection.execute(select(records.c.sealed, records.c.digest).order_by(records.c.seq)).all()
        assert first_difference(connection) is None
    assert [row.digest for row in rows] == [None, hashlib.sha256(came).digest(), None]
    assert rows[1].sealed != came
    assert not holds_card(hub, pid)
    assert (folder.path / "hub.db-wal").stat().st_size == 0, "not in the log either"
    again = (await kiosk.send(kiosk.batch())).json()
    assert [each["status"] for each in again["results"]] == ["posted"] * 3


async def test_the_log_is_emptied_when_nobody_reads_any_more(hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    log = folder.path / "hub.db-wal"
    await kiosk.deliver(captured(kiosk.new_pid()))
    with hub.store.reading() as connection:
        connection.execute(select(records.c.seq)).all()
        ask_all(hub)
        assert log.stat().st_size > 0
    ask_all(hub)
    assert log.stat().st_size == 0


async def test_the_log_is_emptied_of_a_card_that_is_forgotten_without_a_gateway(
    hub: Hub, folder: Folder, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    alone, log, pid = replace(hub, gateway=None), folder.path / "hub.db-wal", kiosk.new_pid()
    ask_all(alone)
    assert log.stat().st_size == 0, "once after a start"
    await kiosk.deliver(captured(pid))
    ask_all(alone)
    assert log.stat().st_size > 0, "there is nothing to go"
    decline(alone, pid, DeclineReason.OTHER)
    ask_all(alone)
    assert log.stat().st_size == 0


def test_a_disk_that_is_full_while_the_log_is_emptied_is_no_bug(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    full = sqlcipher.OperationalError("database or disk is full")
    full.sqlite_errorcode = 13
    driver = Mock(execute=Mock(side_effect=[None, full, None]))
    monkeypatch.setattr(hub.store, "_engine", Mock(raw_connection=lambda: Mock(driver_connection=driver)))
    with pytest.raises(NotNow):
        hub.store.fold()


async def test_records_change_in_no_other_way(hub: Hub, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(captured(kiosk.new_pid()))
    for change in ("sealed = x'00'", "digest = x'00', status = 'parked'", "digest = x'00', hash = 'f'", "digest = NULL"):
        with pytest.raises(sa.exc.IntegrityError, match="append only"), hub.store.writing() as connection:
            connection.exec_driver_sql(f"UPDATE records SET {change}")
    ask_all(hub)
    with pytest.raises(sa.exc.IntegrityError, match="append only"), hub.store.writing() as connection:
        connection.exec_driver_sql("UPDATE records SET digest = x'00'")


async def test_a_lost_answer_is_asked_for_again_and_nothing_is_charged_twice(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.gateway")
    pid, next_pid = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(captured(pid, 2568), captured(next_pid))
    ask_all(hub)
    assert (state(hub, pid), state(hub, next_pid)) == ("asked", "approved"), "one silent answer does not stop the others"
    assert holds_card(hub, pid)
    ask_all(hub)
    assert (state(hub, pid), books(hub)) == ("approved", {"card-clearing": 2568 + 2550})
    assert bank.calls == {"authorize": 3}
    ask_all(hub)
    assert bank.calls == {"authorize": 3}


async def test_a_crash_between_the_banks_answer_and_our_record_is_mended_by_asking_again(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid))

    class Crash(Exception):
        pass

    bank.after["authorize"] = Crash()
    with pytest.raises(Crash):
        ask_all(hub)
    assert (state(hub, pid), books(hub)) == ("asked", {"card-deferred": 2550})
    ask_all(hub)
    assert (state(hub, pid), books(hub)) == ("approved", {"card-clearing": 2550})


async def test_while_the_gateway_is_away_everything_waits(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.gateway")
    pids = [kiosk.new_pid() for _ in range(3)]
    await kiosk.deliver(*(captured(pid) for pid in pids))
    bank.before["authorize"] = GatewayAway("gateway-96")
    ask_all(hub)
    assert bank.calls == {"authorize": 1}
    assert books(hub) == {"card-deferred": 3 * 2550}
    ask_all(hub)
    assert books(hub) == {"card-clearing": 3 * 2550}


async def test_in_one_round_so_many_are_asked_about_and_the_rest_in_the_next(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred, "AT_ONCE", 2)
    await kiosk.deliver(*(captured(kiosk.new_pid(), 100) for _ in range(3)))
    for total in (2, 3, 3):
        ask_all(hub)
        assert bank.calls["authorize"] == total


async def test_without_a_gateway_captured_payments_wait_and_staff_may_decline_them(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    alone, pid = replace(hub, gateway=None), kiosk.new_pid()
    await kiosk.deliver(captured(pid))
    ask_all(alone)
    assert state(hub, pid) == "waiting"
    decline(alone, pid, DeclineReason.OTHER)
    assert (state(hub, pid), due(hub), holds_card(hub, pid)) == ("closed", 12550, False)
    ask_all(hub)
    assert (state(hub, pid), stands(hub)) == ("closed", {"declined": 1})


@pytest.mark.parametrize("minor", [2550, 2568])
async def test_once_the_bank_is_asked_its_word_alone_counts(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, minor: int
) -> None:
    if minor == 2568:
        log_watch.expect("hub.gateway")
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid, minor))
    ask_all(hub)
    with pytest.raises(HubError, match="without asking the bank"):
        decline(hub, pid, DeclineReason.OTHER)


async def test_a_captured_payment_without_an_account_is_authorised_and_posted_when_it_has_one(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    lost: dict[str, Any] = {"ref": {"kind": "number", "value": NEW}, "account": ""}
    (answer,) = await kiosk.deliver(captured(pid, **lost))
    assert answer.code == "unknown-statement"
    ask_all(hub)
    assert (state(hub, pid), holds_card(hub, pid), stands(hub)) == ("approved", False, {"parked": 1})
    put(hub, "A200", (bill(NEW, "A200", 9900), "B" * 16))
    assert tried_again(hub, pid)
    assert (stands(hub), books(hub)) == ({"posted": 1}, {"card-clearing": 2550})


async def test_a_parked_one_that_the_bank_declines_is_never_posted(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    log_watch.expect("hub.declined")
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid, 2551, ref={"kind": "number", "value": NEW}, account=""))
    ask_all(hub)
    assert (to_do(hub), stands(hub), due(hub)) == ([("declined", "insufficient-funds")], {"declined": 1}, 12550)


async def test_told_again_after_a_new_enrolment_its_card_is_not_kept_again(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time, bank: Bank
) -> None:
    pid, waits = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(captured(pid))
    ask_all(hub)
    await kiosk.deliver(captured(waits, 100))
    again = await carried(hub, client, time, kiosk, [(1, 1), (1, 2)])
    results = (await again.send(again.batch())).json()["results"]
    assert [each["status"] for each in results] == ["posted", "posted"]
    assert (holds_card(hub, pid), holds_card(hub, waits)) == (False, True)
    ask_all(hub)
    assert (holds_card(hub, waits), books(hub), bank.calls["authorize"]) == (False, {"card-clearing": 2650}, 2)
    with hub.store.reading() as connection:
        assert first_difference(connection) is None


async def test_card_data_is_of_captured_payments_only(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    (answer,) = await kiosk.deliver({**captured(pid), "outcome": "approved"})
    assert (answer.code, state(hub, pid)) == ("not-a-record", None)


async def test_a_captured_payment_of_a_reader_without_card_data_is_as_before(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid, "captured"))
    ask_all(hub)
    assert (state(hub, pid), books(hub), sum(bank.calls.values())) == (None, {"card-deferred": 2550}, 0)


DAMAGE = [
    ("UPDATE authorizations SET state = 'asked' WHERE state = 'approved'", "is asked at the bank, and its money is not where"),
    ("UPDATE authorizations SET state = 'declined' WHERE state = 'approved'", "is declined at the bank, and its money is not"),
    ("UPDATE authorizations SET state = 'declined' WHERE state = 'waiting'", "was declined by the bank, and stands"),
    ("UPDATE authorizations SET state = 'approved' WHERE state = 'waiting'", "is approved at the bank, and its money is not"),
    ("UPDATE records SET digest = x'00' WHERE seq = 1", "record 1 of lobby, enrolment 1, is not the one that came"),
]


@pytest.mark.parametrize(("damage", "difference"), DAMAGE, ids=[damage for damage, _ in DAMAGE])
async def test_the_audit_compares_the_banks_word_with_the_books(
    hub: Hub, kiosk: ScriptedKiosk, damage: str, difference: str
) -> None:
    await kiosk.deliver(captured(kiosk.new_pid()))
    ask_all(hub)
    await kiosk.deliver(captured(kiosk.new_pid()))
    with hub.store.writing() as connection:
        assert first_difference(connection) is None
        assert difference in damaged(connection, damage)


async def test_staff_see_what_the_bank_and_a_kiosk_do_not_agree_on_and_say_when_it_is_done(
    hub: Hub, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.overdue")
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    await kiosk.deliver(captured(kiosk.new_pid()), payment(kiosk.new_pid(), hub_authorised=True))
    time.pass_by(OVERDUE + dt.timedelta(hours=1))
    ask_all(replace(hub, gateway=None))
    assert to_do(hub) == [("parked", "not-authorised"), ("authorization", "no-record"), ("authorization", "no-answer")]
    add_user(hub, "ana", PASSWORD)
    await sign_in(client)
    text = (await client.get("/tasks")).text
    for words in ("no kiosk has told of it", "could not be authorised yet", "which the hub does not know of"):
        assert words in text
    with hub.store.writing() as connection:
        numbers = connection.scalars(select(tasks.c.number).where(tasks.c.code == "no-record")).all()
        finish_task(connection, numbers[0], "ana", time.now)
    ask_all(replace(hub, gateway=None))
    assert ("authorization", "no-record") not in to_do(hub)


# the loop


class Enough(Exception):
    pass


async def test_it_asks_again_and_again_whatever_the_disk_says(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.not_now")
    rounds: list[bool] = []
    slept: list[float] = []

    def one(_: Hub, *, look_at_all: bool) -> None:
        rounds.append(look_at_all)
        if len(rounds) == 2:
            raise NotNow(*DISK_FULL)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise Enough

    monkeypatch.setattr(deferred, "ask_all", one)
    with pytest.raises(Enough):
        await keep_asking(replace(hub, world=replace(hub.world, sleep=sleep)))
    assert (rounds, slept) == ([True, False, False], [PACE_S] * 3)


def test_nothing_is_moved_on_that_was_never_posted(hub: Hub, time: Time) -> None:
    with hub.store.writing() as connection:
        assert ledger.authorize_payment(connection, "x", time.now) == ""

"""What kiosks say of the bank and what the hub has heard from it: compared, asked after, and shown to staff when they differ."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import httpx2
import pytest

from domain.money import Money
from hub.audit import first_difference
from hub.folder import Folder
from hub.gateway.deferred import OVERDUE, ask_all
from hub.gateway.desk import Desk
from hub.gateway.port import GatewayAway, GatewaySilent
from hub.gateway.sandbox import open_sandbox
from hub.hub import Hub
from hub.signing_in import add_user
from tests.hub.bank import Bank
from tests.hub.captures import books, captured, holds_card, state
from tests.hub.conftest import Time, tried_again
from tests.hub.gateway_card import card
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_intake import due
from tests.hub.test_pages import PASSWORD, sign_in
from tests.hub.test_second_thoughts import stands, to_do
from tests.log_watch import LogWatch

NEW = "3342139475"


@pytest.fixture
def bank(folder: Folder) -> Bank:
    return Bank(open_sandbox(folder))


@pytest.fixture
def hub(hub: Hub, bank: Bank) -> Hub:
    return replace(hub, gateway=bank)


async def test_an_approval_of_our_own_gateway_is_posted(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    (answer,) = await kiosk.deliver(payment(pid, hub_authorised=True))
    assert (answer.status, books(hub)) == ("posted", {"card-clearing": 2550})


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("never", "not-authorised"),
        ("declined", "authorization-declined"),
        ("voided", "authorization-voided"),
        ("closed", "authorization-closed"),
        ("asked", "authorization-asked"),
        ("less", "authorization-differs"),
    ],
)
async def test_an_approval_that_the_hub_does_not_know_of_is_parked(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, before: str, code: str
) -> None:
    log_watch.expect("hub.parked")
    pid, minor = kiosk.new_pid(), {"declined": 2551, "asked": 2568}.get(before, 2550)
    if before == "closed":
        await kiosk.about(pid, "inquiry")
    elif before != "never":
        await kiosk.authorize(pid, card(), 2500 if before == "less" else minor)
    if before == "voided":
        await kiosk.about(pid, "void")
    (answer,) = await kiosk.deliver(payment(pid, minor=minor, hub_authorised=True))
    assert (answer.status.value, answer.code, to_do(hub)) == ("parked", code, [("parked", code)])
    assert (due(hub), stands(hub)) == (12550, {"parked": 1})
    assert not tried_again(hub, pid)


async def test_an_approval_whose_answer_the_hub_finds_out_is_posted_when_tried_again(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, time: Time
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    await kiosk.deliver(payment(pid, minor=2568, hub_authorised=True))
    time.pass_by(dt.timedelta(minutes=3))
    ask_all(hub)
    assert tried_again(hub, pid)
    assert stands(hub) == {"posted": 1}


@pytest.mark.parametrize(("known", "end"), [(True, {"posted": 1}), (False, {"parked": 1})])
async def test_a_hub_that_was_put_back_from_a_backup_asks_the_bank_what_it_has_forgotten(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, log_watch: LogWatch, known: bool, end: dict[str, int]
) -> None:
    log_watch.expect("hub.parked")
    log_watch.expect("hub.gateway")
    pid = kiosk.new_pid()
    if known:
        bank.sandbox.authorize(pid, Money(2550, "USD"), card())
    await kiosk.deliver(payment(pid, hub_authorised=True))
    bank.before["inquire"] = GatewayAway("gateway-96")
    ask_all(hub)
    assert to_do(hub) == [("parked", "not-authorised")]
    ask_all(hub)
    assert (state(hub, pid), stands(hub)) == ("approved" if known else "closed", end)
    assert to_do(hub) == ([] if known else [("parked", "authorization-closed")])
    ask_all(hub)
    assert bank.calls == {"inquire": 2}


async def test_after_that_the_amount_is_the_banks(hub: Hub, bank: Bank, kiosk: ScriptedKiosk, log_watch: LogWatch) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    bank.sandbox.authorize(pid, Money(2550, "USD"), card())
    await kiosk.deliver(payment(pid, minor=10000, hub_authorised=True))
    ask_all(hub)
    assert to_do(hub) == [("parked", "authorization-differs")]
    assert (due(hub), stands(hub)) == (12550, {"parked": 1})


async def test_an_approval_that_the_bank_has_closed_for_an_inquiry_stays_parked_and_stops_nothing(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid, waits = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.deliver(payment(pid, hub_authorised=True))
    await kiosk.about(pid, "inquiry")
    ask_all(hub)
    assert to_do(hub) == [("parked", "authorization-closed")]
    await kiosk.deliver(captured(waits))
    ask_all(hub)
    assert state(hub, waits) == "approved"


async def test_a_capture_of_what_was_asked_online_is_parked(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    (answer,) = await kiosk.deliver(captured(pid))
    ask_all(hub)
    assert (answer.code, bank.calls["authorize"]) == ("authorization-approved", 1)
    assert not holds_card(hub, pid), "nobody will ever ask about it"


@pytest.mark.parametrize("what", ["authorize", "inquiry", "void"])
async def test_a_captured_payment_is_not_the_kiosks_to_ask_about(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, what: str
) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid))
    if what == "authorize":
        assert (await kiosk.authorize(pid, card())).json()["code"] == "authorization-differs"
        return
    answer = await kiosk.about(pid, what)
    assert (answer.status_code, answer.json()["code"]) == (504, "authorization-waits")
    ask_all(hub)
    answer = await kiosk.about(pid, what)
    assert answer.status_code == (409 if what == "void" else 200)


# the hub's own questions


async def test_of_an_online_question_whose_end_nobody_heard_the_hub_asks_by_itself(
    hub: Hub, kiosk: ScriptedKiosk, time: Time
) -> None:
    lost, unheard = kiosk.new_pid(), kiosk.new_pid()
    other = {"ref": {"kind": "number", "value": NEW}, "account": ""}
    await kiosk.authorize(lost, card(), 2568)
    await kiosk.authorize(unheard, card(), 2591, **other)
    ask_all(hub)
    assert (state(hub, lost), state(hub, unheard)) == ("asked", "asked"), "the kiosk's own inquiry comes first"
    time.pass_by(dt.timedelta(minutes=3))
    ask_all(hub)
    assert (state(hub, lost), state(hub, unheard)) == ("approved", "closed")


async def test_when_the_gateway_cannot_say_it_is_asked_later(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.gateway")
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    time.pass_by(dt.timedelta(minutes=3))
    bank.before["inquire"] = GatewaySilent("gateway-91")
    ask_all(hub)
    assert state(hub, pid) == "asked"
    ask_all(hub)
    assert state(hub, pid) == "approved"


async def test_an_approval_of_which_no_kiosk_tells_for_a_day_becomes_a_task_until_it_does(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.overdue")
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    time.pass_by(OVERDUE - dt.timedelta(hours=1))
    ask_all(hub)
    assert to_do(hub) == []
    time.pass_by(dt.timedelta(hours=2))
    ask_all(hub, look_at_all=False)
    assert to_do(hub) == []
    for _ in range(2):
        ask_all(hub)
    assert to_do(hub) == [("authorization", "no-record")]
    await kiosk.deliver(payment(pid, hub_authorised=True))
    ask_all(hub)
    assert to_do(hub) == []


async def test_what_was_voided_at_the_bank_and_is_posted_is_a_fault_and_a_task(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time, log_watch: LogWatch
) -> None:
    """Its record came while the void was under way."""
    log_watch.expect("hub.overdue")
    pid, desk = kiosk.new_pid(), Desk(hub)
    await kiosk.authorize(pid, card())

    def record_comes() -> None:
        asyncio.run(kiosk.deliver(payment(pid, hub_authorised=True)))

    bank.before["void"] = record_comes
    await asyncio.to_thread(desk.void, kiosk.id, pid)
    with hub.store.reading() as connection:
        assert first_difference(connection) == f"payment {pid} was voided at the bank, and stands"
    time.pass_by(OVERDUE + dt.timedelta(hours=1))
    ask_all(hub)
    assert to_do(hub) == [("authorization", "posted-and-voided")]
    add_user(hub, "ana", PASSWORD)
    await sign_in(client)
    assert "taken back at the bank" in (await client.get("/tasks")).text


async def test_a_captured_payment_that_waits_for_a_day_becomes_a_task_until_it_is_answered(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.overdue")
    await kiosk.deliver(captured(kiosk.new_pid()))
    time.pass_by(OVERDUE + dt.timedelta(hours=1))
    ask_all(replace(hub, gateway=None))
    assert to_do(hub) == [("authorization", "no-answer")]
    ask_all(hub)
    assert to_do(hub) == []


async def test_a_record_whose_key_is_lost_is_not_asked_about(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.deliver(captured(pid))
    keys = replace(hub.keys, sealing={})
    ask_all(replace(hub, keys=keys))
    assert (state(hub, pid), sum(bank.calls.values())) == ("waiting", 0)

"""A payment whose end is not known, and of which nobody can say whose it is, holds each account that it may be for (law 3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from hub.app import make_app
from hub.folder import Folder
from hub.gateway.sandbox import open_sandbox
from hub.hub import Hub
from hub.schema import accounts, held_accounts
from offline_queue.wire.messages import RecordStatus
from tests.hub.bank import Bank
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put
from tests.hub.gateway_card import card
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch
from tests.tls import Tls

BORN = "1984-03-17"
OTHER, OTHERS = "A100002", "7700000002"
NOWHERE = {"ref": {"kind": "number", "value": "7700000099"}}


@pytest.fixture
def two(hub: Hub, folder: Folder) -> Hub:
    """With a bank, and two accounts with a bill each."""
    put(hub, OTHER, (bill(OTHERS, OTHER, 3000), "B" * 16))
    return replace(hub, gateway=Bank(open_sandbox(folder)))


@pytest.fixture
async def lobby(two: Hub, time: Time) -> AsyncIterator[ScriptedKiosk]:
    async with httpx2.AsyncClient(transport=Tls(make_app(two)), base_url="https://hub.example") as client:
        yield await ScriptedKiosk.enrolled(two, client, time.clock, "Lobby")


async def held(kiosk: ScriptedKiosk) -> list[str]:
    """The accounts on which nothing can be paid now: neither is their bill shown, nor is the bank asked."""
    found = []
    for account, number in ((ACCOUNT, NUMBER), (OTHER, OTHERS)):
        shown = (await kiosk.look_up("number", number, BORN)).status_code
        asked = await kiosk.authorize(kiosk.new_pid(), card(), 2505, ref={"kind": "number", "value": number}, account=account)
        assert (shown, asked.status_code) in ((200, 200), (409, 409)), "2505 is declined: it holds nothing itself"
        found += [account] if shown == 409 else []
    return found


@pytest.mark.parametrize(
    ("about", "code", "accounts_held"),
    [
        ({"account": OTHER}, "account-differs", [ACCOUNT, OTHER]),
        ({"account": "A9"}, "account-differs", [ACCOUNT]),
        ({"currency": "EUR"}, "wrong-currency", [ACCOUNT]),
        ({**NOWHERE, "account": OTHER}, "unknown-statement", [OTHER]),
        ({**NOWHERE, "account": ""}, "unknown-statement", []),
    ],
)
async def test_an_unknown_payment_without_a_place_holds_whose_it_may_be_until_its_end_is_known(
    lobby: ScriptedKiosk, log_watch: LogWatch, about: dict[str, Any], code: str, accounts_held: list[str]
) -> None:
    log_watch.expect("hub.parked")
    pid = lobby.new_pid()
    for told_again in range(2):
        (answer,) = await lobby.deliver(payment(pid, "unknown", **about))
        assert (answer.status, answer.code) == (RecordStatus.PARKED, code), told_again
        assert await held(lobby) == accounts_held
    await lobby.deliver(payment(pid, "declined", **about))
    assert await held(lobby) == []


async def test_a_closed_account_is_held_as_well(two: Hub, lobby: ScriptedKiosk, log_watch: LogWatch) -> None:
    """It may be opened again while nobody knows."""
    log_watch.expect("hub.parked")
    with two.store.writing() as connection:
        connection.execute(update(accounts).where(accounts.c.number == ACCOUNT).values(closed_at=two.world.clock()))
    (answer,) = await lobby.deliver(payment(lobby.new_pid(), "unknown"))
    assert answer.code == "account-closed"
    with two.store.writing() as connection:
        connection.execute(update(accounts).where(accounts.c.number == ACCOUNT).values(closed_at=None))
    assert await held(lobby) == [ACCOUNT]


async def test_of_several_bills_what_is_named_and_what_the_bills_say_is_held(lobby: ScriptedKiosk, log_watch: LogWatch) -> None:
    """The second part's bill is not known, its account is."""
    log_watch.expect("hub.parked")
    parts = [
        {"statement": NUMBER, "account": ACCOUNT, "visit": "", "minor": 2000},
        {"statement": "7700000099", "account": OTHER, "visit": "", "minor": 550},
    ]
    await lobby.deliver(payment(lobby.new_pid(), "unknown", parts=parts))
    assert await held(lobby) == [ACCOUNT, OTHER]


async def test_another_amount_than_the_bank_was_asked_for_frees_nothing(lobby: ScriptedKiosk, log_watch: LogWatch) -> None:
    """What the bank was asked about, and what the record is about: both, until the end is known."""
    log_watch.expect("hub.parked")
    pid = lobby.new_pid()
    assert (await lobby.authorize(pid, card())).json()["state"] == "approved"
    others: dict[str, Any] = {"minor": 2551, "ref": {"kind": "number", "value": OTHERS}, "account": OTHER}
    (answer,) = await lobby.deliver(payment(pid, "unknown", **others))
    assert (answer.status, answer.code) == (RecordStatus.PARKED, "authorization-differs")
    assert await held(lobby) == [ACCOUNT, OTHER]


@pytest.mark.parametrize("outcome", ["unknown", "declined"])
async def test_what_another_kiosk_says_of_a_payment_that_the_bank_approved_frees_nothing(
    two: Hub, lobby: ScriptedKiosk, time: Time, log_watch: LogWatch, outcome: str
) -> None:
    """Its own kiosk has not told of it yet, and it may well have been charged."""
    if outcome == "unknown":
        log_watch.expect("hub.parked")
    west = await ScriptedKiosk.enrolled(two, lobby.client, time.clock, "West")
    pid = lobby.new_pid()
    await lobby.authorize(pid, card())
    await west.deliver(payment(pid, outcome))
    assert await held(lobby) == [ACCOUNT]


async def test_what_has_a_place_or_has_ended_is_kept_by_no_other_account(
    two: Hub, lobby: ScriptedKiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.parked")
    await lobby.deliver(payment(lobby.new_pid(), "unknown"), payment(lobby.new_pid(), account="A9"))
    with two.store.reading() as connection:
        assert connection.execute(select(held_accounts)).all() == []

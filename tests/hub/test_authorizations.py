"""Authorizations for kiosks: one answer for each payment id, for ever, and nothing called certain that is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy import select

from hub.app import make_app
from hub.backups import back_up, restore
from hub.folder import DISK_FULL, Folder, HubError, NotNow
from hub.gateway import authorizations as kept
from hub.gateway import desk as desk_module
from hub.gateway.authorizations import is_held
from hub.gateway.deferred import ASKED, OVERDUE, ask_all
from hub.gateway.desk import Desk
from hub.gateway.port import GatewayAway, GatewaySilent
from hub.gateway.sandbox import open_sandbox
from hub.hub import Hub, open_hub
from hub.requests import RequestRefused
from hub.schema import authorizations, tasks
from hub.signing_in import add_user
from hub.tasks import finish_task
from offline_queue.wire.messages import AuthorizationRequest
from tests.hub.bank import Bank
from tests.hub.conftest import ACCOUNT, NUMBER, Time
from tests.hub.gateway_card import card
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch
from tests.tls import Tls

BIRTH = "1984-03-17"


@pytest.fixture
def bank(folder: Folder) -> Bank:
    return Bank(open_sandbox(folder))


@pytest.fixture
def hub(hub: Hub, bank: Bank) -> Hub:
    return replace(hub, gateway=bank)


def state(hub: Hub, pid: str) -> str | None:
    with hub.store.reading() as connection:
        return connection.scalar(select(authorizations.c.state).where(authorizations.c.pid == pid))


async def said(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status; state or refusal; reason."""
    told = answer.json()
    return answer.status_code, told.get("state", told.get("code")), told.get("reason", "")


async def test_an_approval_has_the_banks_code_and_stays_when_asked_again(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    first = await kiosk.authorize(pid, card())
    assert await said(first) == (200, "approved", "")
    assert len(first.json()["authorization"]) == 6
    assert first.json()["response"]
    assert (await kiosk.authorize(pid, card())).json() == first.json()
    assert (await kiosk.about(pid, "inquiry")).json() == first.json()
    assert bank.calls == {"authorize": 1, "inquire": 1}, "the hub remembers; an approval may have been voided"
    await kiosk.deliver(payment(pid, hub_authorised=True))
    assert (await kiosk.about(pid, "inquiry")).json() == first.json()
    assert bank.calls == {"authorize": 1, "inquire": 1}, "what is posted stands"


@pytest.mark.parametrize(("minor", "reason"), [(2505, "gateway-05"), (2551, "gateway-51"), (2554, "gateway-54")])
async def test_a_decline_has_the_banks_reason(hub: Hub, kiosk: ScriptedKiosk, minor: int, reason: str) -> None:
    pid = kiosk.new_pid()
    assert await said(await kiosk.authorize(pid, card(), minor)) == (200, "declined", reason)
    assert await said(await kiosk.about(pid, "inquiry")) == (200, "declined", reason)
    assert await said(await kiosk.about(pid, "void")) == (200, "declined", reason)


async def test_a_card_that_no_reader_of_ours_encrypted_is_declined(hub: Hub, kiosk: ScriptedKiosk) -> None:
    assert await said(await kiosk.authorize(kiosk.new_pid(), card(bdk=bytes(16)))) == (200, "declined", "gateway-14")


async def test_an_answer_that_was_lost_is_the_same_when_it_is_asked_for_again(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    assert await said(await kiosk.authorize(pid, card(), 2568)) == (504, "gateway-68", "")
    assert state(hub, pid) == "asked"
    assert await said(await kiosk.authorize(pid, card(), 2568)) == (200, "approved", "")
    assert bank.calls["authorize"] == 2


async def test_an_inquiry_finds_what_the_bank_approved_while_nobody_heard(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    assert await said(await kiosk.about(pid, "inquiry")) == (200, "approved", "")
    assert state(hub, pid) == "approved"


async def test_a_question_that_the_bank_never_heard_is_closed_by_the_inquiry(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    assert await said(await kiosk.authorize(pid, card(), 2591)) == (504, "gateway-91", "")
    assert await said(await kiosk.about(pid, "inquiry")) == (200, "closed", "")
    assert await said(await kiosk.authorize(pid, card(), 2591)) == (200, "closed", "")


async def test_what_was_never_asked_is_closed_by_an_inquiry_for_ever(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    for what in ("inquiry", "void"):
        pid = kiosk.new_pid()
        assert await said(await kiosk.about(pid, what)) == (200, "closed", "")
        assert await said(await kiosk.authorize(pid, card())) == (200, "closed", "")
    assert bank.calls == {"inquire": 2}, "the hub may have forgotten what it asked"


async def test_a_void_takes_an_approval_back_once(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    code = (await kiosk.authorize(pid, card())).json()["authorization"]
    voided = await kiosk.about(pid, "void")
    assert (*(await said(voided)), voided.json()["authorization"]) == (200, "voided", "", code)
    assert (await kiosk.about(pid, "void")).json() == voided.json()
    assert (await kiosk.authorize(pid, card())).json() == voided.json()
    assert bank.calls == {"authorize": 1, "inquire": 1, "void": 1}
    assert bank.sandbox.inquire(pid) is None


async def test_a_void_of_a_lost_answer_asks_first(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    assert (await said(await kiosk.about(pid, "void")))[:2] == (200, "voided")


async def test_a_gateway_that_is_away_has_heard_nothing_and_will_not(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    answer = await kiosk.authorize(pid, card(), 2596)
    assert (*(await said(answer))[:2], answer.headers["retry-after"]) == (503, "gateway-96", "5")
    assert state(hub, pid) == "closed"


async def test_a_gateway_that_is_away_the_second_time_may_have_heard_the_first(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk
) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    bank.before["authorize"] = GatewayAway("gateway-96")
    assert await said(await kiosk.authorize(pid, card(), 2568)) == (504, "gateway-96", "")
    assert state(hub, pid) == "asked"


@pytest.mark.parametrize("fault", [GatewayAway("gateway-96"), GatewaySilent("gateway-91")])
async def test_what_cannot_be_asked_just_now_stays_as_it_is(hub: Hub, bank: Bank, kiosk: ScriptedKiosk, fault: Exception) -> None:
    asked, approved = kiosk.new_pid(), kiosk.new_pid()
    await kiosk.authorize(approved, card())
    await kiosk.authorize(asked, card(), 2568, ref={"kind": "number", "value": "3342139475"}, account="")
    bank.before.update(inquire=fault, void=fault)
    assert (await said(await kiosk.about(asked, "inquiry")))[0] == 504
    assert (await said(await kiosk.about(approved, "void")))[0] == 504
    assert (state(hub, asked), state(hub, approved)) == ("asked", "approved")


async def test_a_hub_without_a_gateway_says_so_before_anything(hub: Hub, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    alone = Desk(replace(hub, gateway=None))
    asked = AuthorizationRequest.model_validate(kiosk.authorization(pid, card()))
    with pytest.raises(RequestRefused, match="no-gateway") as caught:
        alone.authorize(kiosk.id, 1, asked)
    assert caught.value.status == 503
    assert state(hub, pid) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed_for": {"minor": 1}},
        {"sealed_for": {"currency": "EUR"}},
        {"sealed_for": {"kiosk": "other"}},
        {"sealed_for": {"epoch": 2}},
        {"sealed_for": {"pid": "019aa6d1-0000-7000-8000-000000000000"}},
        {"kid": "ffffffff"},
        {"sealed": "AAAA"},
    ],
)
async def test_a_card_that_was_not_sealed_for_this_question_is_refused(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, changes: dict[str, Any]
) -> None:
    pid = kiosk.new_pid()
    answer = await kiosk.authorize(pid, card(), **changes)
    assert (answer.status_code, answer.json()["code"]) in ((400, "not-opened"), (400, "unknown-key"))
    assert state(hub, pid) is None
    assert not bank.calls


async def test_what_is_sealed_must_be_a_card(hub: Hub, bank: Bank, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "unseal", lambda *_: b'{"ksn": "", "data": ""}')
    assert await said(await kiosk.authorize(kiosk.new_pid(), card())) == (400, "not-opened", "")


@pytest.mark.parametrize("what", ["amount", "kiosk"])
async def test_a_question_that_contradicts_an_earlier_one_is_refused(
    hub: Hub, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time, what: str
) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    if what == "amount":
        answer = await kiosk.authorize(pid, card(), 2600)
    else:
        other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Hall")
        assert (await said(await other.about(pid, "inquiry")))[:2] == (409, "authorization-differs")
        answer = await other.authorize(pid, card())
    assert (await said(answer))[:2] == (409, "authorization-differs")


@pytest.mark.parametrize("path", ["authorizations", "authorizations/x/inquiry"])
async def test_what_is_no_question_is_refused(hub: Hub, kiosk: ScriptedKiosk, path: str) -> None:
    for body in (b"{}", b'{"v": 2}', b"["):
        answer = await kiosk.request("POST", f"/v1/kiosks/{kiosk.id}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_nobody_asks_for_another_kiosk(hub: Hub, kiosk: ScriptedKiosk, client: httpx2.AsyncClient) -> None:
    for path in ("authorizations", f"authorizations/{kiosk.new_pid()}/void"):
        answer = await client.post(f"/v1/kiosks/{kiosk.id}/{path}", json={"v": 1})
        assert answer.status_code == 401


# two at a time


async def test_a_second_question_while_the_first_is_under_way_learns_nothing(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid, desk = kiosk.new_pid(), Desk(hub)
    asked = AuthorizationRequest.model_validate(kiosk.authorization(pid, card()))
    seen = []

    def second() -> None:
        with pytest.raises(RequestRefused) as caught:
            desk.authorize(kiosk.id, kiosk.epoch, asked)
        seen.append((caught.value.status, caught.value.code))

    bank.before["authorize"] = second
    assert desk.authorize(kiosk.id, kiosk.epoch, asked).model_dump()["state"] == "approved"
    assert seen == [(504, "authorization-under-way")]
    assert bank.calls["authorize"] == 1


@pytest.mark.parametrize(("when", "end"), [("before", "closed"), ("after", "approved")])
async def test_an_inquiry_that_overtakes_the_question_and_the_question_agree(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, when: str, end: str
) -> None:
    """The kiosk gave up waiting and asked, while its question was still under way to the bank, or its answer on the way back."""
    pid, desk = kiosk.new_pid(), Desk(hub)
    asked = AuthorizationRequest.model_validate(kiosk.authorization(pid, card()))
    heard = []
    {"before": bank.before, "after": bank.after}[when]["authorize"] = lambda: heard.append(desk.inquire(kiosk.id, pid))
    answer = desk.authorize(kiosk.id, kiosk.epoch, asked)
    assert heard == [answer]
    assert answer.model_dump()["state"] == end
    assert (bank.sandbox.inquire(pid) is None) == (end == "closed")


async def test_an_answer_that_cannot_be_kept_is_nobodys(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's disk is full, or it crashes, after the bank has said yes: asked again, it says the same."""
    pid = kiosk.new_pid()

    def full(*_: object) -> None:
        raise NotNow(*DISK_FULL)

    with monkeypatch.context() as patch:
        patch.setattr(kept, "settle", full)
        assert await said(await kiosk.authorize(pid, card())) == (504, "disk-full", "")
    assert state(hub, pid) == "asked"
    assert (await said(await kiosk.authorize(pid, card())))[:2] == (200, "approved")
    assert bank.calls["authorize"] == 2
    with monkeypatch.context() as patch:
        patch.setattr(kept, "move", full)
        assert await said(await kiosk.about(pid, "void")) == (504, "disk-full", "")
    assert state(hub, pid) == "approved"
    assert (await said(await kiosk.about(pid, "inquiry")))[:2] == (200, "voided"), "the bank did take it back"
    assert (await said(await kiosk.about(pid, "void")))[:2] == (200, "voided")


async def test_what_is_posted_is_not_voided(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    await kiosk.deliver(payment(pid, hub_authorised=True))
    assert (await said(await kiosk.about(pid, "void")))[:2] == (409, "authorization-posted")
    assert bank.calls == {"authorize": 1}
    assert state(hub, pid) == "approved"


async def test_a_hub_put_back_from_a_backup_asks_the_bank_before_it_says_closed(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, folder: Folder, tmp_path: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.restored")
    back_up(hub, tmp_path / "backup")
    paid, owed, declined = (kiosk.new_pid() for _ in range(3))
    unknown_bill = {"ref": {"kind": "number", "value": "3342139475"}, "account": ""}
    for pid, minor in ((paid, 2550), (owed, 2550), (declined, 2551)):
        await kiosk.authorize(pid, card(), minor, **unknown_bill)
    hub.store.close()
    restore(tmp_path / "backup", folder)
    again = replace(open_hub(folder, hub.world), gateway=bank)
    async with httpx2.AsyncClient(transport=Tls(make_app(again)), base_url="https://hub.example") as client:
        kiosk.client = client
        bank.before["inquire"] = GatewayAway("gateway-96")
        assert await said(await kiosk.about(paid, "inquiry")) == (504, "gateway-96", "")
        assert state(again, paid) is None
        assert await said(await kiosk.about(paid, "inquiry")) == (200, "approved", "")
        assert await said(await kiosk.about(owed, "void")) == (200, "voided", "")
        assert await said(await kiosk.about(declined, "inquiry")) == (200, "declined", "gateway-51")
        assert bank.sandbox.inquire(owed) is None
        with again.store.reading() as connection:
            found = connection.execute(select(authorizations.c.minor).where(authorizations.c.pid == paid)).scalar_one()
        assert found == 2550, "the bank's amount"
    again.store.close()


# one payment at a time on an account


async def test_an_account_whose_authorization_nobody_knows_is_held_at_every_kiosk(
    hub: Hub, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time
) -> None:
    pid = kiosk.new_pid()
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Hall")
    await kiosk.authorize(pid, card(), 2568)
    for each in (kiosk, other):
        assert await said(await each.look_up("number", NUMBER, BIRTH)) == (409, "payment-unknown", "")
        assert await said(await each.authorize(each.new_pid(), card())) == (409, "payment-unknown", "")
    assert (await said(await kiosk.authorize(pid, card(), 2568)))[:2] == (200, "approved")
    assert await said(await other.look_up("number", NUMBER, BIRTH)) == (409, "payment-unknown", "")
    await kiosk.deliver(payment(pid, minor=2568, hub_authorised=True))
    assert (await other.look_up("number", NUMBER, BIRTH)).status_code == 200


async def test_an_approval_that_no_kiosk_has_told_of_holds_its_account_until_staff_have_seen_to_it(
    hub: Hub, bank: Bank, kiosk: ScriptedKiosk, client: httpx2.AsyncClient, time: Time, log_watch: LogWatch
) -> None:
    """The answer was lost on its way to the kiosk, which says that the payment is unknown; its records do not come either."""
    log_watch.expect("hub.overdue")
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Hall")
    await kiosk.authorize(kiosk.new_pid(), card())
    assert await said(await other.authorize(other.new_pid(), card())) == (409, "payment-unknown", "")
    assert bank.calls == {"authorize": 1}
    time.pass_by(OVERDUE + dt.timedelta(hours=1))
    ask_all(hub)
    with hub.store.reading() as connection:
        assert is_held(connection, ACCOUNT)
        number = connection.scalars(select(tasks.c.number)).one()
    add_user(hub, "ana", "a long password of hers")
    with hub.store.writing() as connection:
        finish_task(connection, number, "ana", time.now)
        assert not is_held(connection, ACCOUNT)


async def test_what_the_hub_finds_approved_by_itself_holds_its_account_too(hub: Hub, kiosk: ScriptedKiosk, time: Time) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card(), 2568)
    time.pass_by(ASKED + dt.timedelta(seconds=1))
    ask_all(hub)
    assert state(hub, pid) == "approved"
    assert await said(await kiosk.authorize(kiosk.new_pid(), card())) == (409, "payment-unknown", "")


async def test_an_account_with_an_unknown_payment_takes_no_authorization(hub: Hub, bank: Bank, kiosk: ScriptedKiosk) -> None:
    await kiosk.deliver(payment(kiosk.new_pid(), "unknown"))
    assert await said(await kiosk.authorize(kiosk.new_pid(), card())) == (409, "payment-unknown", "")
    assert not bank.calls


async def test_a_bill_that_the_hub_does_not_know_holds_nothing(hub: Hub, kiosk: ScriptedKiosk) -> None:
    bill = {"ref": {"kind": "number", "value": "3342139475"}, "account": ""}
    assert (await said(await kiosk.authorize(kiosk.new_pid(), card(), 2568, **bill)))[0] == 504
    assert (await kiosk.look_up("number", NUMBER, BIRTH)).status_code == 200


# what is kept


async def test_the_database_keeps_no_card_and_answers_stand(hub: Hub, folder: Folder, kiosk: ScriptedKiosk) -> None:
    pid = kiosk.new_pid()
    await kiosk.authorize(pid, card())
    with hub.store.reading() as connection:
        row = connection.execute(select(authorizations)).one()
    assert card().data not in repr(tuple(row)).encode("latin-1", "replace")
    assert b"4111111111111111" not in b"".join(path.read_bytes() for path in folder.path.iterdir() if path.is_file())
    for change in ("state = 'declined'", "minor = 1", "state = 'asked'", "kiosk = 'x'"):
        with pytest.raises(sa.exc.IntegrityError, match="answered once"), hub.store.writing() as connection:
            connection.exec_driver_sql(f"UPDATE authorizations SET {change}")
    with pytest.raises(sa.exc.IntegrityError, match="kept"), hub.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM authorizations")


async def test_the_bank_does_not_forget(folder: Folder, bank: Bank, hub: Hub, kiosk: ScriptedKiosk) -> None:
    approved, closed, voided = (kiosk.new_pid() for _ in range(3))
    for pid in (approved, voided):
        await kiosk.authorize(pid, card())
    await kiosk.about(voided, "void")
    bank.sandbox.inquire(closed)
    with folder.sandbox_memory.open("ab") as file:
        file.write(b'{"payment": "torn')
    again = open_sandbox(folder)
    assert (again.inquire(approved) is not None, again.inquire(closed), again.inquire(voided)) == (True, None, None)
    again.void(approved)
    again.void(approved)
    assert again.inquire(approved) is None
    again.void(never := kiosk.new_pid())
    assert again.inquire(never) is None


def test_the_sandboxs_files_are_its_hubs_alone(folder: Folder, bank: Bank) -> None:
    bank.sandbox.void("x")
    assert {path.stat().st_mode & 0o777 for path in (folder.sandbox_key, folder.sandbox_memory)} == {0o600}


def test_a_key_that_is_none_is_refused(folder: Folder) -> None:
    folder.sandbox_key.write_text("many")
    with pytest.raises(HubError, match="hexadecimal"):
        open_sandbox(folder)


async def test_no_log_line_tells_of_a_card(hub: Hub, kiosk: ScriptedKiosk, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    await kiosk.authorize(kiosk.new_pid(), card())
    assert "4111" not in caplog.text + "".join(capsys.readouterr())

"""The hub's letters that wait: asked for by a kiosk, sent once the payment is here, forgotten with the last word."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import re
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import httpx2
import pytest
from sqlalchemy import select

from domain.letters import Channel, Letter
from hub.app import make_app
from hub.folder import NotNow
from hub.hub import Hub
from hub.receipts import outbox, sending
from hub.receipts.port import PostAway, PostRefused
from hub.receipts.sending import keep_sending, send_due
from hub.schema import receipts
from hub.signing_in import add_user
from hub.views import payment_page
from offline_queue.wire.messages import Head
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.hub.test_pages import PASSWORD, sign_in
from tests.log_watch import LogWatch
from tests.tls import Tls


class FakePost:
    """`fails` is raised in place of sending."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter]] = []
        self.fails: PostAway | PostRefused | None = None

    def send(self, letter: Letter, key: str, now: dt.datetime) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((key, letter))


@pytest.fixture
def post() -> FakePost:
    return FakePost()


@pytest.fixture
def hub_with_post(hub: Hub, post: FakePost) -> Hub:
    return dataclasses.replace(hub, posts={Channel.EMAIL: post})


@pytest.fixture
async def lobby(hub_with_post: Hub, time: Time) -> AsyncIterator[ScriptedKiosk]:
    """A kiosk of a hub that sends e-mails, and no text messages."""
    transport = Tls(make_app(hub_with_post))
    async with httpx2.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        yield await ScriptedKiosk.enrolled(hub_with_post, client, time.clock, "East")


async def asks(kiosk: ScriptedKiosk, pid: str, **changes: Any) -> httpx2.Response:
    asked = {
        "v": 1, "pid": pid, "channel": "email", "address": "ada@example.org", "language": "en",
        "subject": "St. Brendan: Receipt", "body": "Amount: $25.50\n", **changes,
    }  # fmt: skip
    return await kiosk.request("POST", f"/v1/kiosks/{kiosk.id}/receipts", json.dumps(asked).encode())


def rows(hub: Hub) -> list[tuple[str, str | None, str | None, int, str]]:
    with hub.store.reading() as connection:
        return [(row.state, row.address, row.body, row.letters, row.code) for row in connection.execute(select(receipts))]


async def paid(kiosk: ScriptedKiosk) -> str:
    pid = kiosk.new_pid()
    await kiosk.deliver(payment(pid))
    return pid


async def test_a_letter_goes_out_and_whom_it_was_for_is_forgotten(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, log_watch: LogWatch
) -> None:
    pid = await paid(lobby)
    answer = await asks(lobby, pid)
    assert (answer.status_code, answer.json()) == (200, {"pid": pid, "channel": "email"})
    send_due(hub_with_post)
    ((key, letter),) = post.sent
    assert key == f"receipt.{pid}.1"
    assert letter == Letter(Channel.EMAIL, "ada@example.org", "en", "St. Brendan: Receipt", "Amount: $25.50\n")
    assert rows(hub_with_post) == [("sent", None, None, 1, "")]
    send_due(hub_with_post)
    assert len(post.sent) == 1
    assert "ada@" not in str(log_watch.events)
    with hub_with_post.store.reading() as connection:
        page = payment_page(connection, pid)
    assert page is not None
    assert [letter.state for letter in page.letters] == ["sent"]


async def test_the_address_is_in_none_of_the_hubs_files_once_it_is_sent(hub_with_post: Hub, lobby: ScriptedKiosk) -> None:
    """The database is encrypted; what is looked for here is that the row and the log were written over."""
    await asks(lobby, await paid(lobby))
    send_due(hub_with_post)
    hub_with_post.store.fold()
    assert (hub_with_post.folder.path / "hub.db-wal").stat().st_size == 0


async def test_no_letter_leaves_before_the_hub_has_the_payment(hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost) -> None:
    pid = lobby.new_pid()
    await asks(lobby, pid)
    send_due(hub_with_post)
    assert post.sent == []
    await lobby.deliver(payment(pid))
    send_due(hub_with_post)
    assert len(post.sent) == 1


async def test_of_what_was_not_paid_there_is_no_receipt(hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost) -> None:
    pid = lobby.new_pid()
    await lobby.deliver(payment(pid, outcome="unknown"))
    await asks(lobby, pid)
    send_due(hub_with_post)
    assert post.sent == []


async def test_asked_for_again_it_is_the_same_letter_and_to_another_address_it_goes_there(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost
) -> None:
    pid = await paid(lobby)
    for _ in range(3):
        assert (await asks(lobby, pid)).status_code == 200
    assert [row[3] for row in rows(hub_with_post)] == [1]
    assert (await asks(lobby, pid, address="ada@example.net")).status_code == 200
    send_due(hub_with_post)
    assert [(key, letter.address) for key, letter in post.sent] == [(f"receipt.{pid}.2", "ada@example.net")]
    assert (await asks(lobby, pid)).status_code == 200  # belated: once more after it was sent
    send_due(hub_with_post)
    answer = await asks(lobby, pid)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-receipts")


async def test_what_is_not_offered_or_makes_no_sense_is_refused(lobby: ScriptedKiosk, hub_with_post: Hub) -> None:
    pid = await paid(lobby)
    answer = await asks(lobby, pid, channel="text", address="+13125550142")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-offered")
    for wrong in (
        {"address": "ada"},
        {"address": "ada@example.org\nbcc: eve@example.org"},
        {"channel": "text"},
        *({"subject": f"a{end}b"} for end in "\n\x85\u2028\u2029"),
        {"body": "x" * 9_000},
        {"language": "english"},
    ):
        assert (await asks(lobby, pid, **wrong)).status_code == 400
    assert rows(hub_with_post) == []


async def test_another_kiosk_cannot_ask_for_it(hub_with_post: Hub, lobby: ScriptedKiosk, time: Time, post: FakePost) -> None:
    pid = await paid(lobby)
    await asks(lobby, pid)
    west = await ScriptedKiosk.enrolled(hub_with_post, lobby.client, time.clock, "West")
    assert (await asks(west, pid, address="eve@example.org")).status_code == 404
    other = await paid(lobby)
    assert (await asks(west, other, address="eve@example.org")).status_code == 200  # but nothing leaves
    send_due(hub_with_post)
    assert [letter.address for _, letter in post.sent] == ["ada@example.org"]


async def test_a_kiosk_can_have_so_many_wait_and_no_more(
    hub_with_post: Hub, lobby: ScriptedKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 2)
    answers = [(await asks(lobby, lobby.new_pid())).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


async def test_a_server_that_is_away_is_tried_again_more_and_more_seldom_for_a_day(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, time: Time, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.receipt")
    post.fails = PostAway("smtp-away")
    first = await paid(lobby)
    await asks(lobby, first)
    began, tried = time.now, []
    while rows(hub_with_post)[0][0] == "waiting":
        before = len(log_watch.events)
        send_due(hub_with_post)
        if len(log_watch.events) > before:
            tried.append((time.now - began).total_seconds())
        time.now += dt.timedelta(seconds=30)
    assert tried[:6] == [0, 30, 90, 210, 450, 930]
    assert tried[-1] == 86_400
    assert max(later - sooner for sooner, later in itertools.pairwise(tried[:-1])) == 1_800
    assert rows(hub_with_post) == [("given-up", None, None, 1, "smtp-away")]
    assert "ada@" not in str(log_watch.events)


async def test_a_hub_that_cannot_write_sends_nothing_it_would_send_again(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks(lobby, await paid(lobby))

    def full() -> NoReturn:
        raise NotNow("disk-full", "The disk is full.", 60)

    with monkeypatch.context() as disk:
        disk.setattr(hub_with_post.store, "writing", full)
        with pytest.raises(NotNow):
            send_due(hub_with_post)
    assert post.sent == []


async def test_a_letter_whose_end_cannot_be_written_is_not_sent_again_at_once(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asks(lobby, await paid(lobby))

    def full(*_: object) -> NoReturn:
        raise NotNow("disk-full", "The disk is full.", 60)

    with monkeypatch.context() as disk:
        disk.setattr(outbox, "end", full)
        with pytest.raises(NotNow):
            send_due(hub_with_post)
    send_due(hub_with_post)
    assert len(post.sent) == 1
    time.now += outbox.FIRST_RETRY
    send_due(hub_with_post)
    assert [key for key, _ in post.sent] == [post.sent[0][0]] * 2, "the same letter, and its reader may tell"
    assert rows(hub_with_post)[0][0] == "sent"


async def test_one_answer_of_nobody_there_is_enough_for_a_round(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.receipt")
    for _ in range(3):
        await asks(lobby, await paid(lobby))
    post.fails = PostAway("smtp-away")
    send_due(hub_with_post)
    assert len([event for event in log_watch.events if event["event"] == "hub.receipt"]) == 1
    post.fails = None
    send_due(hub_with_post)
    assert len(post.sent) == 2


async def test_an_address_that_is_refused_is_told_at_the_console_and_not_named(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.receipt")
    post.fails = PostRefused("smtp-550")
    pid = await paid(lobby)
    await asks(lobby, pid)
    send_due(hub_with_post)
    assert rows(hub_with_post) == [("refused", None, None, 1, "smtp-550")]
    (event,) = [event for event in log_watch.events if event["event"] == "hub.receipt"]
    told = {"kiosk": lobby.id, "pid": pid, "channel": "email", "state": "refused", "code": "smtp-550"}
    assert {name: event[name] for name in told} == told


async def test_receipts_that_could_not_be_sent_are_counted_and_listed_for_a_week(
    hub_with_post: Hub, lobby: ScriptedKiosk, post: FakePost, time: Time, log_watch: LogWatch
) -> None:
    """Who waits for one comes to the desk."""
    log_watch.expect("hub.receipt")
    client = lobby.client
    add_user(hub_with_post, "ana", PASSWORD)
    await sign_in(client)
    sent, refused, late = [await paid(lobby) for _ in range(3)]
    await asks(lobby, sent)
    send_due(hub_with_post)
    assert "could not be sent" not in (await client.get("/")).text
    post.fails = PostRefused("smtp-550")
    await asks(lobby, refused)
    send_due(hub_with_post)
    post.fails = PostAway("smtp-away")
    await asks(lobby, late)
    send_due(hub_with_post)
    time.pass_by(dt.timedelta(days=1))
    send_due(hub_with_post)
    await sign_in(client)
    board = (await client.get("/")).text
    assert re.search(r'Receipts not sent</span>\s*<strong class="figure">2</strong>', board)
    listed = (await client.get("/payments?unsent=true")).text
    assert [pid in listed for pid in (sent, refused, late)] == [False, True, True]
    time.pass_by(dt.timedelta(days=7))
    await sign_in(client)
    assert "could not be sent" not in (await client.get("/")).text


async def test_a_head_says_what_is_offered_and_nothing_where_nothing_is(lobby: ScriptedKiosk, kiosk: ScriptedKiosk) -> None:
    told = (await lobby.request("GET", f"/v1/kiosks/{lobby.id}/head")).content
    assert Head.model_validate_json(told).receipts == (Channel.EMAIL,)
    silent = (await kiosk.request("GET", f"/v1/kiosks/{kiosk.id}/head")).json()
    assert "receipts" not in silent  # a kiosk of an earlier release does not know the field


async def test_a_disk_that_is_full_ends_no_loop(
    hub_with_post: Hub, time: Time, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_watch.expect("hub.not_now")
    rounds = 0

    def full(_: Hub) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            raise KeyError  # a bug
        raise NotNow("disk-full", "The disk is full.", 60)

    monkeypatch.setattr(sending, "send_due", full)
    with pytest.raises(KeyError):
        await keep_sending(hub_with_post)
    assert time.slept == [sending.PACE_S]

"""Calls for a member of staff: signed and few; on every page until somebody went there; and of nobody who called."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from time import tzset

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain.calls import CallReason
from hub.calls import MOST_NEW, MOST_PAST, OPEN_FOR, WINDOW_S, open_call
from hub.enrolment import revoke
from hub.hub import Hub
from hub.schema import calls
from hub.signing_in import IDLE, LONGEST, add_user
from offline_queue.wire.messages import MOST_BYTES
from tests.hub.conftest import NUMBER, Time
from tests.hub.kiosk import ScriptedKiosk
from tests.hub.test_pages import PASSWORD, STAFF_PAGES, form_token, sign_in
from tests.log_watch import LogWatch

LOCKED = "A patient at <bdi>Lobby</bdi> needs help: too many wrong tries"
HELP = "Somebody at <bdi>Lobby</bdi> has called for help"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def chicago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Chicago")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


@pytest.fixture
async def staff(hub: Hub, client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    add_user(hub, "ana", PASSWORD)
    assert (await sign_in(client)).status_code == 303
    return client


async def went(staff: httpx2.AsyncClient, number: str) -> httpx2.Response:
    return await staff.post("/calls/answer", data={"form": await form_token(staff), "number": number})


def kept(hub: Hub) -> int:
    with hub.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(calls)) or 0


# the wire


@pytest.mark.parametrize("why", CallReason)
async def test_a_call_is_taken(hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch, why: CallReason) -> None:
    answer = await kiosk.call(why)
    assert (answer.status_code, answer.json()) == (200, {"why": why})
    assert kept(hub) == 1
    (event,) = [event for event in log_watch.events if event["event"] == "hub.called"]
    assert (event["kiosk"], event["reason"]) == ("lobby", why)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"v": 1, "why": "fire"}', 400, "malformed"),
        (b'{"v": 2, "why": "help"}', 400, "malformed"),
        (b'{"v": 1, "why": "help", "name": "Maria"}', 400, "malformed"),
        (b'{"v": 1}', 400, "malformed"),
        (b"help", 400, "malformed"),
        (b"x" * (MOST_BYTES + 1), 413, "too-large"),
    ],
)
async def test_what_is_no_call_is_refused(hub: Hub, kiosk: ScriptedKiosk, body: bytes, status: int, code: str) -> None:
    answer = await kiosk.request("POST", f"/v1/kiosks/{kiosk.id}/calls", body)
    assert (answer.status_code, answer.json()["code"], kept(hub)) == (status, code, 0)


async def test_a_kiosk_calls_for_itself_alone(hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time) -> None:
    await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    body = json.dumps({"v": 1, "why": "help"}).encode()
    for signing in ({}, {"keyid": "other:1"}):
        answer = await kiosk.request("POST", "/v1/kiosks/other/calls", body, **signing)
        assert (answer.status_code, kept(hub)) == (401, 0)
    unsigned = await client.post("/v1/kiosks/lobby/calls", json={"v": 1, "why": "help"})
    assert (unsigned.status_code, kept(hub)) == (401, 0)


async def test_a_revoked_kiosk_calls_nobody(hub: Hub, kiosk: ScriptedKiosk) -> None:
    revoke(hub, "lobby")
    answer = await kiosk.call("help")
    assert (answer.status_code, answer.json()["code"], kept(hub)) == (403, "kiosk-revoked", 0)


async def test_while_a_call_is_open_another_only_moves_its_time(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    for _ in range(2 * MOST_NEW):
        assert (await kiosk.call("help")).status_code == 200
        time.pass_by(MINUTE)
    assert kept(hub) == 1
    page = (await staff.get("/")).text
    assert (page.count(HELP), "</strong>, 09:19<" in page) == (1, True)
    await kiosk.call("too-many-tries")
    assert kept(hub) == 2


async def test_nobody_floods_the_hub_with_calls(hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time) -> None:
    """Called, answered, called again: somebody runs to and fro. The other reason has its own number."""
    for number in range(1, MOST_NEW + 1):
        assert (await kiosk.call("help")).status_code == 200
        await went(staff, str(number))
    refused = await kiosk.call("help")
    assert (refused.status_code, refused.json()["code"], kept(hub)) == (429, "too-many-calls", MOST_NEW)
    assert 0 < int(refused.headers["retry-after"]) <= WINDOW_S
    assert (await kiosk.call("too-many-tries")).status_code == 200
    time.pass_by(dt.timedelta(seconds=WINDOW_S))
    assert (await kiosk.call("help")).status_code == 200


def test_two_that_open_a_call_at_once_have_one(hub: Hub, kiosk: ScriptedKiosk, time: Time) -> None:
    with hub.store.writing() as connection:
        open_call(connection, "lobby", CallReason.HELP, time.now)
        open_call(connection, "lobby", CallReason.HELP, time.now)
    assert kept(hub) == 1


# the console


@pytest.mark.parametrize("path", ["/", "/accounts", f"/statements/{NUMBER}", "/tasks", "/calls", "/payments", "/nowhere"])
async def test_a_call_is_at_the_top_of_every_page(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, path: str) -> None:
    before = (await staff.get(path)).text
    assert ("I went there" in before, 'class="calls"' in before) == (False, False)
    await kiosk.call("too-many-tries")
    await kiosk.call("help")
    page = (await staff.get(path)).text
    assert f"<strong>{LOCKED}</strong>, 09:00" in page
    assert f"<strong>{HELP}</strong>, 09:00" in page
    assert page.count("I went there") == 2
    assert "<title>(2) " in page
    assert page.index(HELP) < page.index("<main>")


async def test_who_is_not_signed_in_sees_no_call(client: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    await kiosk.call("help")
    for path in ("/sign-in", "/nowhere", "/r1/" + "A" * 26, *STAFF_PAGES):
        assert "<bdi>Lobby" not in (await client.get(path)).text
    answer = await went(client, "1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_who_went_there_closes_the_call_and_is_named(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    await kiosk.call("too-many-tries")
    await kiosk.call("help")
    time.pass_by(3 * MINUTE)
    answer = await went(staff, "1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
    page = (await staff.get("/calls")).text
    assert (page.count("I went there"), "<bdi>ana</bdi> went there, 09:03" in page) == (1, True)
    assert f"<strong>{LOCKED}" not in page
    for number in ("1", "99", "x", ""):
        again = await went(staff, number)
        assert (again.status_code, "gone there already" in again.text) == (409, True)
    with hub.store.reading() as connection:
        row = connection.execute(select(calls).where(calls.c.number == 1)).one()
    assert (row.answered_at, row.answered_by) == (time.now, "ana")


async def test_a_form_of_another_site_closes_no_call(staff: httpx2.AsyncClient, kiosk: ScriptedKiosk) -> None:
    await kiosk.call("help")
    for token in ("", "x" * 43):
        forged = await staff.post("/calls/answer", data={"form": token, "number": "1"})
        assert (forged.status_code, "grown old" in forged.text) == (403, True)
    assert HELP in (await staff.get("/")).text


async def test_a_call_that_nobody_answered_is_over_and_listed_as_that(
    hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    await kiosk.call("help")
    time.pass_by(OPEN_FOR - MINUTE)
    assert "I went there" in (await staff.get("/")).text
    time.pass_by(MINUTE)
    page = (await staff.get("/calls")).text
    assert ("I went there" in page, "Nobody has said that they went there." in page, "Nobody is calling." in page) == (
        False,
        True,
        True,
    )
    await kiosk.call("help")
    page = (await staff.get("/calls")).text
    assert ("I went there" in page, "Nobody has said" in page, "Nobody is calling" in page, kept(hub)) == (True, True, False, 2)
    assert (await went(staff, "1")).status_code == 303  # from a page that stood open: they did go
    assert "Nobody has said" not in (await staff.get("/calls")).text


async def test_the_list_of_what_is_over_ends(hub: Hub, staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time) -> None:
    for _ in range(MOST_PAST + 1):
        with hub.store.writing() as connection:
            open_call(connection, "lobby", CallReason.HELP, time.now)
        time.pass_by(OPEN_FOR)
    page = (await sign_in(staff), await staff.get("/calls"))[1].text
    assert page.count("Nobody has said") == MOST_PAST


async def test_the_page_of_calls_looks_by_itself_all_day_and_keeps_no_other_page_open(
    staff: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    """It names nobody: so a session that is idle may go on looking at it, and to look is no use of the session."""
    assert '<meta http-equiv="refresh" content="15">' in (await staff.get("/calls")).text
    assert 'http-equiv="refresh"' not in (await staff.get("/")).text  # nor where somebody may be writing
    for _ in range(3):
        time.pass_by(IDLE / 2)
        assert (await staff.get("/calls")).status_code == 200
    assert (await staff.get("/")).status_code == 303
    await kiosk.call("help")
    page = (await staff.get("/calls")).text
    assert (HELP in page, "Alvarez" in page) == (True, False)
    assert (await went(staff, "1")).headers["location"] == "/calls"
    time.pass_by(LONGEST)
    assert (await staff.get("/calls")).headers["location"] == "/sign-in"


async def test_a_kiosk_s_name_is_no_html(hub: Hub, client: httpx2.AsyncClient, staff: httpx2.AsyncClient, time: Time) -> None:
    named = await ScriptedKiosk.enrolled(hub, client, time.clock, "<b>Door")
    assert (await named.call("help")).status_code == 200
    page = (await staff.get("/")).text
    assert ("&lt;b&gt;Door" in page, "<b>Door" in page) == (True, False)


def test_no_reason_but_ours_is_kept(hub: Hub, kiosk: ScriptedKiosk) -> None:
    with pytest.raises(IntegrityError), hub.store.writing() as connection:
        connection.execute(calls.insert().values(kiosk="lobby", why="fire", called_at=hub.world.clock()))

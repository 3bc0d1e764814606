"""Enrolment: a code works once, for a while, and guessing gets nowhere and learns nothing."""

from __future__ import annotations

import base64
import datetime as dt

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from hub.enrolment import CODE_LIFE, MOST_WRONG, TRIES_PER_ADDRESS, WINDOW_S, add_kiosk
from hub.folder import HubError
from hub.hub import Hub
from hub.schema import enrolment_codes, kiosks
from offline_queue.wire.messages import Enrolled
from tests.hub.conftest import Time

PUB = base64.b64encode(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key().public_bytes_raw()).decode()


async def trade(client: httpx2.AsyncClient, code: str) -> httpx2.Response:
    return await client.post("/v1/enrolments", json={"code": code, "sign_pub": PUB, "name": "box 7"})


async def test_a_code_enrols_once(hub: Hub, client: httpx2.AsyncClient) -> None:
    kiosk, code = add_kiosk(hub, "Lobby Éast!")
    assert (kiosk, len(code), code[16:]) == ("lobby-east", 20, hub.keys.ca_fingerprint)
    answer = await trade(client, code)
    enrolled = Enrolled.model_validate_json(answer.content)
    assert (answer.status_code, enrolled.kiosk, enrolled.epoch) == (201, "lobby-east", 1)
    assert enrolled.link_hosts == ("PAY.LOBBYPAY.EXAMPLE",)
    assert {key.kid: base64.b64decode(key.key) for key in enrolled.link_keys} == hub.keys.links
    again = await trade(client, code)
    assert (again.status_code, again.json()["code"]) == (410, "enrolment-refused")


async def test_refusals_differ_in_their_status_only(hub: Hub, client: httpx2.AsyncClient, time: Time) -> None:
    _, code = add_kiosk(hub, "Lobby")
    wrong = await trade(client, "A" * 20)
    time.pass_by(CODE_LIFE)
    expired = await trade(client, code)
    for _ in range(TRIES_PER_ADDRESS):
        last = await trade(client, "A" * 20)
    assert (wrong.status_code, expired.status_code, last.status_code) == (401, 410, 429)
    assert {each.json()["code"] for each in (wrong, expired, last)} == {"enrolment-refused"}
    assert 0 < int(last.headers["retry-after"]) <= WINDOW_S
    time.pass_by(dt.timedelta(seconds=WINDOW_S))
    assert (await trade(client, "A" * 20)).status_code == 401


async def test_a_code_dies_of_wrong_tries(hub: Hub, client: httpx2.AsyncClient) -> None:
    _, code = add_kiosk(hub, "Lobby")
    for _ in range(MOST_WRONG):
        assert (await trade(client, code[:4] + "A" * 16)).status_code == 401
    assert (await trade(client, code)).status_code == 410


async def test_a_new_code_replaces_the_old_one(hub: Hub, client: httpx2.AsyncClient) -> None:
    _, old = add_kiosk(hub, "Lobby")
    _, new = add_kiosk(hub, "lobby")
    assert (await trade(client, old)).status_code == 401
    assert (await trade(client, new)).status_code == 201


async def test_the_code_is_stored_hashed_and_the_machine_is_remembered(hub: Hub, client: httpx2.AsyncClient) -> None:
    _, code = add_kiosk(hub, "Lobby")
    await trade(client, code)
    with hub.store.reading() as connection:
        assert code[4:] not in str(connection.execute(select(enrolment_codes)).one())
        assert connection.scalar(select(kiosks.c.machine)) == "box 7"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "short", "sign_pub": PUB, "name": ""},
        {"code": "A" * 20, "sign_pub": "AAAA", "name": ""},
        {"code": "A" * 20, "sign_pub": "AAAAA", "name": ""},
        {"code": "A" * 20, "sign_pub": PUB, "name": "", "more": 1},
    ],
)
async def test_what_is_not_an_enrolment_is_malformed(client: httpx2.AsyncClient, body: dict[str, str]) -> None:
    answer = await client.post("/v1/enrolments", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_name_must_give_an_id(hub: Hub) -> None:
    with pytest.raises(HubError):
        add_kiosk(hub, " — ")

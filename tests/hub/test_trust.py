"""Whom the hub lets in: a kiosk's own certificate of its newest enrolment with its signature; nobody who was shown the door."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from hub.authority import CLIENT_LIFE
from hub.enrolment import add_kiosk, revoke
from hub.folder import HubError
from hub.hub import Hub
from hub.schema import enrolment_codes, records
from offline_queue.wire import certificates
from tests.hub.conftest import Time
from tests.hub.kiosk import ScriptedKiosk, payment

STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
PATHS = ["head", "batches", "statement-lookups", "calls"]


async def refused(kiosk: ScriptedKiosk, path: str, **signing: Any) -> tuple[int, str]:
    bodies = {"head": b"", "batches": b"{}", "statement-lookups": b"{}", "calls": b"{}"}
    method = "GET" if path == "head" else "POST"
    answer = await kiosk.request(method, f"/v1/kiosks/{kiosk.id}/{path}", bodies[path], **signing)
    return answer.status_code, answer.json()["code"]


def shown(hub: Hub, kiosk: str, epoch: int, key: Ed25519PrivateKey, time: Time) -> str:
    return hub.keys.authority.client_certificate(kiosk, epoch, key.public_key(), time.now)


@pytest.mark.parametrize("path", PATHS)
async def test_without_its_own_certificate_a_signature_is_not_enough(
    hub: Hub, kiosk: ScriptedKiosk, time: Time, path: str
) -> None:
    authority = base64.b64encode(hub.keys.authority.certificate.public_bytes(Encoding.DER)).decode()
    for certificate in (
        None,
        authority,  # not of a kiosk
        shown(hub, "lobby", 1, STRANGER, time),
        shown(hub, "lobby-2", 1, kiosk.key, time),
        shown(hub, "lobby", 2, kiosk.key, time),
    ):
        kiosk.certificate = certificate
        assert await refused(kiosk, path) == (403, "certificate-wrong")


async def test_another_kiosks_certificate_does_not_do(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    other = await ScriptedKiosk.enrolled(hub, client, time.clock, "Other")
    kiosk.certificate = other.certificate
    kiosk.queue(payment(kiosk.new_pid()))
    answer = await kiosk.send(kiosk.batch())
    assert (answer.status_code, answer.json()["code"]) == (403, "certificate-wrong")
    with hub.store.reading() as connection:
        assert connection.execute(select(records)).all() == []


async def test_a_certificate_that_has_ended_is_named(kiosk: ScriptedKiosk, time: Time) -> None:
    time.pass_by(CLIENT_LIFE - dt.timedelta(seconds=1))
    assert (await kiosk.request("GET", "/v1/kiosks/lobby/head")).status_code == 200
    time.pass_by(dt.timedelta(seconds=1))
    assert await refused(kiosk, "head") == (401, "certificate-expired")


async def test_a_signature_alone_buys_the_next_certificate(kiosk: ScriptedKiosk) -> None:
    body = json.dumps({"csr": certificates.request(kiosk.key)}).encode()
    first, kiosk.certificate = kiosk.certificate, None
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/certificates", body)
    assert answer.status_code == 200
    kiosk.certificate = answer.json()["certificate"]
    assert kiosk.certificate != first
    assert (await kiosk.request("GET", "/v1/kiosks/lobby/head")).status_code == 200


@pytest.mark.parametrize(
    ("csr", "code"), [(certificates.request(STRANGER), "not-your-key"), ("AAAA", "malformed"), ("AAAAA", "malformed")]
)
async def test_a_certificate_is_for_the_kiosks_own_key_only(kiosk: ScriptedKiosk, csr: str, code: str) -> None:
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/certificates", json.dumps({"csr": csr}).encode())
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    answer = await kiosk.request("POST", "/v1/kiosks/lobby/certificates", json.dumps({"csr": csr}).encode(), key=STRANGER)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature-wrong")


async def test_a_revoked_kiosk_is_shown_the_door_until_it_is_enrolled_again(
    hub: Hub, client: httpx2.AsyncClient, kiosk: ScriptedKiosk, time: Time
) -> None:
    add_kiosk(hub, "Lobby")
    revoke(hub, "lobby")
    for path in PATHS:
        assert await refused(kiosk, path) == (403, "kiosk-revoked")
    body = json.dumps({"csr": certificates.request(kiosk.key)}).encode()
    assert (await kiosk.request("POST", "/v1/kiosks/lobby/certificates", body)).json()["code"] == "kiosk-revoked"
    with hub.store.reading() as connection:
        assert connection.execute(select(enrolment_codes)).all() == []  # nor can a code that waits bring it back
    again = await ScriptedKiosk.enrolled(hub, client, time.clock, "Lobby")
    assert (await again.request("GET", "/v1/kiosks/lobby/head")).status_code == 200
    assert await refused(kiosk, "head") == (403, "epoch-stale")


def test_only_a_kiosk_that_there_is_can_be_revoked(hub: Hub) -> None:
    with pytest.raises(HubError, match="no kiosk lobby-9"):
        revoke(hub, "lobby-9")

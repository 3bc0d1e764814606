"""Enrolment: a code works once, for a while, and guessing gets nowhere and learns nothing."""

from __future__ import annotations

import base64
import datetime as dt

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy import select, update

from hub.enrolment import CODE_LIFE, MOST_WRONG, TRIES_PER_ADDRESS, WINDOW_S, add_kiosk
from hub.folder import HubError
from hub.hub import Hub
from hub.schema import enrolment_codes, kiosks
from offline_queue.wire import certificates
from offline_queue.wire.messages import Enrolled
from tests.hub.conftest import Time

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
CSR = certificates.request(KEY)


def of_another_kind() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return base64_der(x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256()))


def signed_by_another() -> str:
    """A request for KEY with its last byte, of the signature, changed."""
    raw = base64.b64decode(CSR)
    return base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()


def base64_der(csr: x509.CertificateSigningRequest) -> str:
    return base64.b64encode(csr.public_bytes(Encoding.DER)).decode()


async def trade(client: httpx2.AsyncClient, code: str, csr: str = CSR, after: int = 0) -> httpx2.Response:
    return await client.post("/v1/enrolments", json={"code": code, "csr": csr, "name": "box 7", "after": after})


async def test_a_code_enrols_once(hub: Hub, client: httpx2.AsyncClient) -> None:
    kiosk, code = add_kiosk(hub, "Lobby Éast!")
    assert (kiosk, len(code), code[16:]) == ("lobby-east", 20, hub.keys.authority.fingerprint)
    answer = await trade(client, code)
    enrolled = Enrolled.model_validate_json(answer.content)
    assert (answer.status_code, enrolled.kiosk, enrolled.epoch) == (201, "lobby-east", 1)
    assert enrolled.link_hosts == ("PAY.LOBBYPAY.EXAMPLE",)
    assert {key.kid: base64.b64decode(key.key) for key in enrolled.link_keys} == hub.keys.links
    other = certificates.request(Ed25519PrivateKey.from_private_bytes(b"\x08" * 32))
    again = await trade(client, code, other)
    assert (again.status_code, again.json()["code"]) == (410, "enrolment-refused")


async def test_an_answer_that_was_lost_is_given_again_to_the_same_key(hub: Hub, client: httpx2.AsyncClient, time: Time) -> None:
    _, code = add_kiosk(hub, "Lobby")
    first = await trade(client, code)
    time.pass_by(CODE_LIFE - dt.timedelta(seconds=1))
    again = await trade(client, code, certificates.request(KEY))
    assert (again.status_code, again.content) == (201, first.content)
    time.pass_by(dt.timedelta(seconds=1))
    assert (await trade(client, code)).status_code == 410


async def test_a_code_that_the_first_release_took_is_gone(hub: Hub, client: httpx2.AsyncClient, time: Time) -> None:
    _, code = add_kiosk(hub, "Lobby")
    with hub.store.writing() as connection:
        connection.execute(update(enrolment_codes).values(used_at=time.now))
    assert (await trade(client, code)).status_code == 410


async def test_an_epoch_is_above_every_one_that_either_side_knows(hub: Hub, client: httpx2.AsyncClient) -> None:
    epochs = []
    for after in (0, 0, 6, 1):
        _, code = add_kiosk(hub, "Lobby")
        epochs.append((await trade(client, code, after=after)).json()["epoch"])
    assert epochs == [1, 2, 7, 8]


async def test_the_certificate_is_the_kiosks_own_for_clients_and_for_400_days(
    hub: Hub, client: httpx2.AsyncClient, time: Time
) -> None:
    _, code = add_kiosk(hub, "Lobby")
    der = base64.b64decode((await trade(client, code)).json()["certificate"])
    issued = x509.load_der_x509_certificate(der)
    issued.verify_directly_issued_by(hub.keys.authority.certificate)
    assert issued.public_key() == KEY.public_key()
    assert issued.subject.rfc4514_string() == "2.5.4.5=1,CN=lobby"
    assert issued.not_valid_after_utc - time.now == dt.timedelta(days=400)
    uses = issued.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]


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
        {"code": "short", "csr": CSR, "name": "", "after": 0},
        {"code": "A" * 20, "csr": "AAAAA", "name": "", "after": 0},
        {"code": "A" * 20, "csr": "AAAA", "name": "", "after": 0},
        {"code": "A" * 20, "csr": of_another_kind(), "name": "", "after": 0},
        {"code": "A" * 20, "csr": signed_by_another(), "name": "", "after": 0},
        {"code": "A" * 20, "csr": CSR, "name": "", "after": -1},
        {"code": "A" * 20, "csr": CSR, "name": "", "after": 0, "more": 1},
    ],
)
async def test_what_is_not_an_enrolment_is_malformed(client: httpx2.AsyncClient, body: dict[str, str]) -> None:
    answer = await client.post("/v1/enrolments", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_name_must_give_an_id(hub: Hub) -> None:
    with pytest.raises(HubError):
        add_kiosk(hub, " — ")

"""How a kiosk becomes known: staff make a one-time code, the kiosk trades it for its id and a certificate of its own key.

A code is 20 base32 characters: 80 random bits and four of the hub's CA fingerprint. It works once, for 15 minutes, and dies
after five wrong tries. Its first four characters find it; only a hash of the whole is kept. The same key may ask again with it
for as long as it lives: the answer may have been lost on the way.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from enum import Enum

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import APIRouter, Request, Response
from sqlalchemy import delete, insert, or_, select, update

from hub.folder import HubError
from hub.hub import Hub
from hub.requests import RequestRefused, bounded_body, json_answer, parsed, signature_of
from hub.schema import enrolment_codes, kiosks
from hub.tries import Tries
from offline_queue.wire import certificates
from offline_queue.wire.chain import FIRST_HASH
from offline_queue.wire.messages import Certificate, CertificateRequest, Enrolled, Enrolment, LinkKey

CODE_LIFE = dt.timedelta(minutes=15)
MOST_WRONG = 5
TRIES_PER_ADDRESS = 10
WINDOW_S = 900.0

_SELECTOR = 4
_log = structlog.get_logger()


class Failed(Enum):
    """Why no kiosk was enrolled: the status of the answer. Its words are always the same."""

    WRONG = 401
    GONE = 410


def add_kiosk(hub: Hub, name: str) -> tuple[str, str]:
    """Adds a kiosk called `name`, or prepares one of that name for another enrolment: (its id, its one-time code).

    Raises HubError when the name has no letter or digit to make an id from.
    """
    kiosk = _id_from(name)
    now = hub.world.clock()
    code = base64.b32encode(hub.world.random(10)).decode("ascii") + hub.keys.authority.fingerprint
    with hub.store.writing() as connection:
        if connection.scalar(select(kiosks.c.id).where(kiosks.c.id == kiosk)) is None:
            connection.execute(
                insert(kiosks).values(id=kiosk, name=name.strip()[:64], added_at=now, epoch=0, head_seq=0, head_hash=FIRST_HASH)
            )
        earlier = or_(enrolment_codes.c.kiosk == kiosk, enrolment_codes.c.selector == code[:_SELECTOR])
        connection.execute(delete(enrolment_codes).where(earlier))
        connection.execute(
            insert(enrolment_codes).values(
                selector=code[:_SELECTOR], code_hash=_hash(code), kiosk=kiosk, expires_at=now + CODE_LIFE, wrong=0
            )
        )
    return kiosk, code


def enrol(hub: Hub, enrolment: Enrolment, key: Ed25519PublicKey) -> Enrolled | Failed:
    """Trades a code for an identity: the kiosk's next epoch begins, with its own `key` and an empty chain. It is above every
    epoch that either side knows of."""
    now = hub.world.clock()
    with hub.store.writing() as connection:
        row = connection.execute(select(enrolment_codes).where(enrolment_codes.c.selector == enrolment.code[:_SELECTOR])).first()
        right = hmac.compare_digest(_hash(enrolment.code), row.code_hash if row else _hash(""))
        if row is None:
            return Failed.WRONG
        this_code = enrolment_codes.c.selector == row.selector
        if not right:
            connection.execute(update(enrolment_codes).where(this_code).values(wrong=row.wrong + 1))
            return Failed.WRONG
        if row.expires_at <= now or row.wrong >= MOST_WRONG:
            return Failed.GONE
        if row.used_at is not None:
            return _again(row.answer, key)
        before = connection.scalars(select(kiosks.c.epoch).where(kiosks.c.id == row.kiosk)).one()
        answer = _answer(hub, row.kiosk, max(before, enrolment.after) + 1, key, now)
        connection.execute(
            update(kiosks)
            .where(kiosks.c.id == row.kiosk)
            .values(
                epoch=answer.epoch,
                sign_pub=key.public_bytes_raw(),
                machine=enrolment.name,
                head_seq=0,
                head_hash=FIRST_HASH,
                durable_seq=0,
                last_heard_at=now,
                revoked_at=None,
            )
        )
        connection.execute(update(enrolment_codes).where(this_code).values(used_at=now, answer=answer.model_dump_json()))
    _log.info("hub.enrolled", kiosk=row.kiosk)
    return answer


def _again(first: str | None, key: Ed25519PublicKey) -> Enrolled | Failed:
    """The first answer, to the key that it was given to. (The first release did not keep it.)"""
    answer = Enrolled.model_validate_json(first) if first else None
    if answer is None or answer.certificate is None or certificates.read(answer.certificate).key != key.public_bytes_raw():
        return Failed.GONE
    return answer


def _answer(hub: Hub, kiosk: str, epoch: int, key: Ed25519PublicKey, now: dt.datetime) -> Enrolled:
    keys = hub.keys
    return Enrolled(
        kiosk=kiosk,
        epoch=epoch,
        certificate=keys.authority.client_certificate(kiosk, epoch, key, now),
        hub_keys=keys.to_seal_to,
        link_hosts=tuple(host.upper() for host in keys.hosts),
        link_keys=tuple(LinkKey(kid=kid, key=_text(raw), until=keys.links_until.get(kid)) for kid, raw in keys.links.items()),
    )


def revoke(hub: Hub, kiosk: str) -> None:
    """From now on nothing of `kiosk` is taken, until it is enrolled again. A code that waits for it dies. Raises HubError."""
    with hub.store.writing() as connection:
        now = hub.world.clock()
        known = connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(revoked_at=now))
        connection.execute(delete(enrolment_codes).where(enrolment_codes.c.kiosk == kiosk))
    if not known.rowcount:
        raise HubError("kiosk-unknown", f"There is no kiosk {kiosk}. `hub kiosk list` names them.")


def enrolment_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1")
    tries = Tries(TRIES_PER_ADDRESS, WINDOW_S, hub.world.monotonic)

    @router.post("/enrolments", status_code=201, response_model=Enrolled)
    async def post_enrolment(request: Request) -> Response:
        enrolment = parsed(request, Enrolment, await bounded_body(request))
        key = _requested(enrolment.csr)
        address = request.client.host if request.client else ""
        wait = tries.take(address)
        if wait:
            raise RequestRefused(429, "enrolment-refused", retry_after=wait)
        enrolled = await asyncio.to_thread(enrol, hub, enrolment, key)
        if isinstance(enrolled, Failed):
            raise RequestRefused(enrolled.value, "enrolment-refused")
        tries.give_back(address)
        return json_answer(enrolled, 201)

    @router.post("/kiosks/{kiosk}/certificates", response_model=Certificate)
    async def post_certificate(request: Request, kiosk: str) -> Response:
        """The next certificate, for the same key. A kiosk whose last one has ended, or that never had one, has its signature."""
        body = await bounded_body(request)
        signer = await signature_of(request, hub, kiosk, body)
        key = _requested(parsed(request, CertificateRequest, body).csr)
        if key.public_bytes_raw() != signer.key:
            raise RequestRefused(400, "not-your-key", kiosk=kiosk)
        issued = hub.keys.authority.client_certificate(kiosk, signer.epoch, key, hub.world.clock())
        _log.info("hub.certified", kiosk=kiosk)
        return json_answer(Certificate(certificate=issued))

    return router


def _requested(csr: str) -> Ed25519PublicKey:
    """The key that a request is for, or refused with 400."""
    try:
        return certificates.requested(csr)
    except certificates.NotCertified as error:
        raise RequestRefused(400, "malformed") from error


def _id_from(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    kiosk = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")
    if not kiosk:
        raise HubError("kiosk-name-empty", "A kiosk's name needs at least one letter a-z or digit.")
    return kiosk


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("ascii")).hexdigest()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")

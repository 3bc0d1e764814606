"""What a kiosk's request must be before anybody reads it: bounded, signed, over its own TLS, of the right form; and how others
are refused."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass
from typing import TypeVar

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from hub.hub import Hub
from hub.schema import kiosks
from offline_queue.wire.certificates import Certified, NotCertified, read
from offline_queue.wire.messages import MOST_BYTES, Refused
from offline_queue.wire.signatures import SignatureRefused, key_id, verify

READ_S = 20.0
"""How long a request's body may take to arrive: a quarter of a megabyte over a poor line, and no longer."""

_log = structlog.get_logger()
_M = TypeVar("_M", bound=BaseModel)


class RequestRefused(Exception):
    """A request that gets `status` and a Refused with `code`; `retry_after` in seconds where waiting helps."""

    def __init__(self, status: int, code: str, *, kiosk: str = "", retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.kiosk = kiosk
        self.retry_after = retry_after


def refusal(hub: Hub, refused: RequestRefused) -> Response:
    """The answer to a refused request; journalled with the kiosk's id and the code, nothing else (law 10)."""
    _log.info("hub.refused", kiosk=refused.kiosk, reason=refused.code)
    headers = {} if refused.retry_after is None else {"retry-after": str(refused.retry_after)}
    return json_answer(Refused(code=refused.code, hub_time=hub.world.clock()), refused.status, headers)


def json_answer(
    message: BaseModel, status: int = 200, headers: dict[str, str] | None = None, *, exclude_none: bool = False
) -> Response:
    return Response(message.model_dump_json(exclude_none=exclude_none), status, headers, media_type="application/json")


async def bounded_body(request: Request) -> bytes:
    """The body, at most MOST_BYTES and READ_S seconds of it; more is refused with 413 or 408 as soon as that is known."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise RequestRefused(413, "too-large")
    except TimeoutError as error:
        raise RequestRefused(408, "too-slow") from error
    return bytes(body)


def parsed(request: Request, model: type[_M], body: bytes) -> _M:
    """The JSON `body` of `request` as `model`, or refused: with 415 where it says that it is something else, with 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestRefused(415, "not-json")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestRefused(400, "malformed") from error


@dataclass(frozen=True, slots=True)
class Signer:
    """The enrolment that signed a request: its `epoch` and its public `key` (32 bytes)."""

    epoch: int
    key: bytes


async def signed_by(request: Request, hub: Hub, kiosk: str, body: bytes) -> int:
    """The epoch of `kiosk` in which it signed this request, over a connection that showed its certificate of that epoch.

    Refuses with 401 a wrong signature, or a certificate that has ended; with 403 a kiosk that was revoked, that has been enrolled
    again since, or whose certificate is missing or another's.
    """
    signer = await signature_of(request, hub, kiosk, body)
    shown = _certificate(request)
    if shown is None or (shown.keyid, shown.key) != (key_id(kiosk, signer.epoch), signer.key):
        raise RequestRefused(403, "certificate-wrong", kiosk=kiosk)
    if shown.until <= hub.world.clock():
        raise RequestRefused(401, "certificate-expired", kiosk=kiosk)
    return signer.epoch


async def signature_of(request: Request, hub: Hub, kiosk: str, body: bytes) -> Signer:
    """Who of `kiosk`'s enrolments signed this request, whatever the connection. Refuses as `signed_by` does."""

    def signer(keyid: str) -> Signer | None:
        name, epoch = keyid.split(":")
        with hub.store.reading() as connection:
            row = connection.execute(select(kiosks).where(kiosks.c.id == name)).first()
        if row is None or name != kiosk or int(epoch) > row.epoch:
            return None
        if row.revoked_at is not None:
            raise RequestRefused(403, "kiosk-revoked", kiosk=kiosk)
        if int(epoch) < row.epoch:
            raise RequestRefused(403, "epoch-stale", kiosk=kiosk)
        return Signer(row.epoch, row.sign_pub)

    def check() -> Signer:
        found: Signer | None = None

        def find_key(keyid: str) -> Ed25519PublicKey | None:
            nonlocal found
            found = signer(keyid)
            return Ed25519PublicKey.from_public_bytes(found.key) if found else None

        verify(request.method, str(request.url), request.headers, body, find_key=find_key, now=hub.world.clock())
        assert found is not None
        return found

    try:
        return await asyncio.to_thread(check)
    except SignatureRefused as error:
        raise RequestRefused(401, error.code) from error


def _certificate(request: Request) -> Certified | None:
    """What the client's certificate says, None where it showed none of a kiosk. TLS has checked its issuer
    (hub/server.py); the scope is that of the ASGI TLS extension."""
    chain = tuple(request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ()))
    if not chain:
        return None
    try:
        return read(base64.b64encode(ssl.PEM_cert_to_DER_cert(chain[0])).decode("ascii"))
    except NotCertified:
        return None

"""What a kiosk's request must be before anybody reads it (bounded, signed, of the right form) and how it is refused."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from hub.hub import Hub
from hub.schema import kiosks
from offline_queue.wire.messages import MOST_BYTES, Refused
from offline_queue.wire.signatures import SignatureRefused, verify

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


def json_answer(message: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(message.model_dump_json(), status, headers, media_type="application/json")


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


def parsed(model: type[_M], body: bytes) -> _M:
    """`body` as `model`, or refused with 400."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestRefused(400, "malformed") from error


async def signed_by(request: Request, hub: Hub, kiosk: str, body: bytes) -> int:
    """The epoch of `kiosk` in which it signed this request. Refuses with 401, or 403 when it has been enrolled again since."""

    def find_key(keyid: str) -> Ed25519PublicKey | None:
        name, epoch = keyid.split(":")
        with hub.store.reading() as connection:
            row = connection.execute(select(kiosks.c.epoch, kiosks.c.sign_pub).where(kiosks.c.id == name)).first()
        if row is None or name != kiosk or int(epoch) > row.epoch:
            return None
        if int(epoch) < row.epoch:
            raise RequestRefused(403, "epoch-stale", kiosk=kiosk)
        return Ed25519PublicKey.from_public_bytes(row.sign_pub)

    def check() -> str:
        now = hub.world.clock()
        return verify(request.method, str(request.url), request.headers, body, find_key=find_key, now=now)

    try:
        keyid = await asyncio.to_thread(check)
    except SignatureRefused as error:
        raise RequestRefused(401, error.code) from error
    return int(keyid.split(":")[1])

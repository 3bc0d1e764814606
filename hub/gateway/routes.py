"""The gateway's paths for kiosks: each request signed and over the kiosk's own TLS, like all of theirs."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from hub.gateway.desk import Desk
from hub.hub import Hub
from hub.requests import bounded_body, json_answer, parsed, signed_by
from offline_queue.wire.messages import AuthorizationCall, AuthorizationRequest, Authorized, Held, UuidText


def authorization_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1/kiosks/{kiosk}/authorizations")
    desk = Desk(hub)

    @router.post("", response_model=Authorized, responses={409: {"model": Held}})
    async def post_authorization(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        epoch = await signed_by(request, hub, kiosk, body)
        asked = parsed(request, AuthorizationRequest, body)
        answer = await asyncio.to_thread(desk.authorize, kiosk, epoch, asked)
        return json_answer(answer, 409 if isinstance(answer, Held) else 200)

    @router.post("/{pid}/inquiry", response_model=Authorized)
    async def post_inquiry(request: Request, kiosk: str, pid: UuidText) -> Response:
        await _called(request, kiosk)
        return json_answer(await asyncio.to_thread(desk.inquire, kiosk, pid))

    @router.post("/{pid}/void", response_model=Authorized)
    async def post_void(request: Request, kiosk: str, pid: UuidText) -> Response:
        await _called(request, kiosk)
        return json_answer(await asyncio.to_thread(desk.void, kiosk, pid))

    async def _called(request: Request, kiosk: str) -> None:
        body = await bounded_body(request)
        await signed_by(request, hub, kiosk, body)
        parsed(request, AuthorizationCall, body)

    return router

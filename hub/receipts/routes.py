"""The path by which kiosks ask for receipts: signed, and over the kiosk's own TLS, like all of theirs."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from hub.hub import Hub
from hub.receipts import outbox
from hub.requests import RequestRefused, bounded_body, json_answer, parsed, signed_by
from offline_queue.wire.messages import ReceiptKept, ReceiptRequest


def receipt_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1/kiosks/{kiosk}")

    @router.post("/receipts", response_model=ReceiptKept)
    async def post_receipt(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        await signed_by(request, hub, kiosk, body)
        asked = parsed(request, ReceiptRequest, body)
        if asked.channel not in hub.posts:
            raise RequestRefused(404, "not-offered", kiosk=kiosk)
        await asyncio.to_thread(keep, kiosk, asked)
        return json_answer(ReceiptKept(pid=asked.pid, channel=asked.channel))

    def keep(kiosk: str, asked: ReceiptRequest) -> None:
        with hub.store.writing() as connection:
            outbox.take(connection, kiosk, asked, hub.world.clock())

    return router

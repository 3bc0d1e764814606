"""Calls from kiosks for a member of staff: taken signed, shown at the top of the console's pages, closed by who went there.

A call says which kiosk and why, and nothing of anybody. One is open for each kiosk and reason; whoever calls again meanwhile only
moves its time. After OPEN_FOR nobody waits there any more: then it is no longer open, and stays listed as one that nobody
answered.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from domain.calls import CallReason
from hub.folder import HubError
from hub.hub import Hub
from hub.requests import RequestRefused, bounded_body, json_answer, parsed, signed_by
from hub.schema import calls, kiosks
from hub.tries import Tries
from offline_queue.wire.messages import CallTaken, StaffCall

OPEN_FOR = dt.timedelta(minutes=30)

WINDOW_S = 900.0
MOST_NEW = 10
"""So many times within WINDOW_S a kiosk may open a call for one reason: more often nobody was there and went away again."""

MOST_PAST = 20
"""Calls that are listed when they are over."""

_log = structlog.get_logger()


class NoCall(HubError):
    """Somebody else was quicker, or there never was such a call."""

    def __init__(self) -> None:
        super().__init__("no-call", "Somebody has gone there already.")


@dataclass(frozen=True, slots=True)
class Call:
    """`kiosk` is what staff call it; `answered_at` and `answered_by` are None where nobody has said that they went."""

    number: int
    kiosk: str
    why: CallReason
    called_at: dt.datetime
    answered_at: dt.datetime | None
    answered_by: str | None


def renew_call(connection: Connection, kiosk: str, why: CallReason, now: dt.datetime) -> bool:
    """Moves the time of this kiosk's open call; False where none is open."""
    this = calls.c.kiosk == kiosk, calls.c.why == why, _is_open(now)
    return connection.execute(update(calls).where(*this).values(called_at=now)).rowcount > 0


def open_call(connection: Connection, kiosk: str, why: CallReason, now: dt.datetime) -> None:
    """Opens a call; where one is open already, moves its time."""
    if not renew_call(connection, kiosk, why, now):
        connection.execute(insert(calls).values(kiosk=kiosk, why=why, called_at=now))


def answer_call(connection: Connection, number: int, by: str, now: dt.datetime) -> None:
    """`by` went there: closes the call, also one that is no longer shown. Raises NoCall."""
    this = calls.c.number == number, calls.c.answered_at.is_(None)
    if connection.execute(update(calls).where(*this).values(answered_at=now, answered_by=by)).rowcount == 0:
        raise NoCall


def open_calls(connection: Connection, now: dt.datetime) -> tuple[Call, ...]:
    """Who waits, the longest first."""
    return _listed(connection, _with_kiosk().where(_is_open(now)).order_by(calls.c.called_at, calls.c.number))


def past_calls(connection: Connection, now: dt.datetime) -> tuple[Call, ...]:
    """The newest MOST_PAST that are over, answered or not."""
    over = _with_kiosk().where(~_is_open(now)).order_by(calls.c.called_at.desc(), calls.c.number.desc())
    return _listed(connection, over.limit(MOST_PAST))


def _is_open(now: dt.datetime) -> ColumnElement[bool]:
    return calls.c.answered_at.is_(None) & (calls.c.called_at > now - OPEN_FOR)


def _with_kiosk() -> Select[Any]:
    return select(calls, kiosks.c.name).join(kiosks, kiosks.c.id == calls.c.kiosk)


def _listed(connection: Connection, which: Select[Any]) -> tuple[Call, ...]:
    return tuple(
        Call(row.number, row.name, CallReason(row.why), row.called_at, row.answered_at, row.answered_by)
        for row in connection.execute(which)
    )


def call_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1/kiosks/{kiosk}")
    new = Tries(MOST_NEW, WINDOW_S, hub.world.monotonic)

    @router.post("/calls", response_model=CallTaken)
    async def post_call(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        await signed_by(request, hub, kiosk, body)
        why = parsed(request, StaffCall, body).why
        if not await asyncio.to_thread(renewed, kiosk, why):
            wait = new.take(f"{kiosk} {why}")
            if wait:
                raise RequestRefused(429, "too-many-calls", kiosk=kiosk, retry_after=wait)
            await asyncio.to_thread(opened, kiosk, why)
        _log.info("hub.called", kiosk=kiosk, reason=why.value)
        return json_answer(CallTaken(why=why))

    def renewed(kiosk: str, why: CallReason) -> bool:
        with hub.store.writing() as connection:
            return renew_call(connection, kiosk, why, hub.world.clock())

    def opened(kiosk: str, why: CallReason) -> None:
        with hub.store.writing() as connection:
            open_call(connection, kiosk, why, hub.world.clock())

    return router

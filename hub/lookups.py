"""Statements for kiosks: every factor at once, one answer and one duration for everything that is wrong, few tries."""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from domain.billing import Statement
from domain.statement_codes import StatementRef
from hub.gateway.authorizations import is_held
from hub.hub import Hub
from hub.kept_tries import keep_tries, mac_of, wait_for
from hub.people import find_proved
from hub.requests import RequestRefused, bounded_body, json_answer, parsed, signed_by
from hub.screenings import is_screened
from hub.statements import find, others_of, read
from offline_queue.wire.messages import Held, Lookup, LookupAnswer, NamedLookup

ANSWER_S = 0.25
"""Every look-up takes this long, so that its duration says nothing; the work itself takes a tenth of it."""

TRIES_PER_KEY = 5
TRIES_PER_KIOSK = 30
"""Within kept_tries.WINDOW."""

_NOBODY = dt.date(1, 1, 1)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look-up found. `key` is what its tries are counted by, even if there is no such bill: of a bill that was named, the
    statement, whichever way it was named. Of a person, the birth date alone: each account has one, so that it is a limit for each
    account; and a count by what was found would tell, of two names that are tried, whether there is one person behind them."""

    key: str
    statement: Statement | None
    held: Literal["", "payment-unknown", "not-yet"]
    others: tuple[Statement, ...] = ()


def look_up(hub: Hub, lookup: Lookup) -> Seen:
    """The statement when both factors are right."""
    ref = StatementRef(lookup.ref.kind, lookup.ref.value)
    with hub.store.reading() as connection:
        row = find(connection, [ref]).get(ref)
        key = f"{ref.kind}:{ref.value}" if row is None else row.number
        expected = _NOBODY if row is None else row.birth_date
        right = hmac.compare_digest(expected.isoformat(), lookup.birth_date.isoformat())
        if row is None or not right or row.closed:
            return Seen(key, None, "")
        return _seen(hub, connection, key, read(connection, row.number), lookup)


def look_up_named(hub: Hub, lookup: NamedLookup) -> Seen:
    """The statement of who has named themselves, when name, birth date and digits are one person's."""
    key = f"born:{lookup.birth_date.isoformat()}"
    with hub.store.reading() as connection:
        statement = find_proved(connection, hub.keys.pins, lookup, hub.world.clock().astimezone().date())
        return Seen(key, None, "") if statement is None else _seen(hub, connection, key, statement, lookup)


def _seen(hub: Hub, connection: Connection, key: str, statement: Statement, lookup: Lookup | NamedLookup) -> Seen:
    """What whoever has proved themselves may see; their other bills where their kiosk can show them. In an emergency department
    that is nothing before the screening is done; and nowhere while a payment on the account is still unknown (law 3)."""

    def waits(account: str) -> bool:
        return lookup.emergency and not is_screened(connection, account, hub.world.clock())

    if waits(statement.account):
        return Seen(key, statement, "not-yet")
    if is_held(connection, statement.account):
        return Seen(key, statement, "payment-unknown")
    others = others_of(connection, statement) if lookup.others else ()
    return Seen(key, statement, "", tuple(other for other in others if not waits(other.account)))


def wait_of(hub: Hub, kiosk: str, seen: Seen) -> int:
    """Counts this look-up; the whole seconds to wait where there have been too many, else 0. What is right uses up no try. One
    writer at a time looks and counts, so that trying in parallel gains nothing."""
    of_kiosk, of_key = (mac_of(hub.keys.pins, what) for what in (f"kiosk:{kiosk}", seen.key))
    now = hub.world.clock()
    with hub.store.writing() as connection:
        wait = wait_for(connection, of_kiosk, TRIES_PER_KIOSK, now)
        if wait:
            return wait
        wait = wait_for(connection, of_key, TRIES_PER_KEY, now)
        if wait:
            keep_tries(connection, (of_kiosk,), now)
        elif seen.statement is None:
            keep_tries(connection, (of_kiosk, of_key), now)
        return wait


def lookup_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1/kiosks/{kiosk}")

    async def answer(kiosk: str, search: Callable[[], Seen]) -> Response:
        seen = await asyncio.to_thread(search)
        wait = await asyncio.to_thread(wait_of, hub, kiosk, seen)
        if wait:
            raise RequestRefused(429, "too-many-tries", kiosk=kiosk, retry_after=wait)
        _log.info("hub.lookup", kiosk=kiosk, found=seen.statement is not None)
        if seen.statement is None:
            raise RequestRefused(404, "no-match", kiosk=kiosk)
        if seen.held:
            return json_answer(Held(code=seen.held), 409)
        return json_answer(LookupAnswer(statement=seen.statement, others=seen.others), exclude_none=True)

    async def in_its_time(kiosk: str, search: Callable[[], Seen]) -> Response:
        started = hub.world.monotonic()
        try:
            return await answer(kiosk, search)
        finally:
            await hub.world.sleep(max(0, started + ANSWER_S - hub.world.monotonic()))

    @router.post("/statement-lookups", response_model=LookupAnswer, responses={409: {"model": Held}})
    async def post_lookup(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        await signed_by(request, hub, kiosk, body)
        lookup = parsed(request, Lookup, body)
        return await in_its_time(kiosk, lambda: look_up(hub, lookup))

    @router.post("/named-lookups", response_model=LookupAnswer, responses={409: {"model": Held}})
    async def post_named_lookup(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        await signed_by(request, hub, kiosk, body)
        lookup = parsed(request, NamedLookup, body)
        return await in_its_time(kiosk, lambda: look_up_named(hub, lookup))

    return router

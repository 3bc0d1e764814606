"""Sends what waits, for as long as the hub runs. Each try is noted before it is made: whatever cannot be written after it, a
letter is sent no oftener than letters are tried again."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from sqlalchemy import Row

from domain.letters import Channel, Letter
from hub.folder import HubError
from hub.hub import Hub
from hub.receipts import outbox
from hub.receipts.outbox import State
from hub.receipts.port import PostAway, PostRefused

PACE_S = 2.0

_log = structlog.get_logger()


async def keep_sending(hub: Hub) -> None:
    """Until cancelled. A bug ends it; a disk or a database that fails may be well again by the next round."""
    while True:
        try:
            await asyncio.to_thread(send_due, hub)
        except HubError as error:
            _log.error("hub.not_now", reason=error.code)
        await hub.world.sleep(PACE_S)


def send_due(hub: Hub) -> None:
    """One round. Where a channel does not answer, its other letters wait as well."""
    with hub.store.reading() as connection:
        old = outbox.too_old(connection, hub.world.clock())
        rows = outbox.due(connection, list(hub.posts), hub.world.clock())
    for row in old:
        _ended(hub, row, State.GIVEN_UP, row.code)
    away = set[str]()
    for row in rows:
        if row.channel in away:
            continue
        _again_later(hub, row, row.code)
        letter = Letter(Channel(row.channel), row.address, row.language, row.subject, row.body)
        try:
            hub.posts[letter.channel].send(letter, f"receipt.{row.pid}.{row.letters}", hub.world.clock())
        except PostRefused as refused:
            _ended(hub, row, State.REFUSED, refused.code)
        except PostAway as error:
            away.add(row.channel)
            _again_later(hub, row, error.code)
            _log.warning("hub.receipt", kiosk=row.kiosk, pid=row.pid, channel=row.channel, state=State.WAITING, code=error.code)
        else:
            _ended(hub, row, State.SENT, "")


def _again_later(hub: Hub, row: Row[Any], code: str) -> None:
    with hub.store.writing() as connection:
        outbox.later(connection, row, code, hub.world.clock())


def _ended(hub: Hub, row: Row[Any], state: State, code: str) -> None:
    with hub.store.writing() as connection:
        outbox.end(connection, row, state, code)
        hub.store.fold_soon()  # the address shall not stay in the log either
    log = _log.info if state is State.SENT else _log.warning
    log("hub.receipt", kiosk=row.kiosk, pid=row.pid, channel=row.channel, state=state, code=code)

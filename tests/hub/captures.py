"""Captured payments, and what has become of them at the hub."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import select

from hub.hub import Hub
from hub.schema import authorizations, journal_lines
from hub.unsealing import card_of
from tests.hub.gateway_card import card
from tests.hub.kiosk import payment


def captured(pid: str, minor: int = 2550, **changes: Any) -> dict[str, Any]:
    """What a kiosk with an encrypting reader sends of a payment that it took while the hub was away."""
    sealed = {"ksn": base64.b64encode(card().ksn).decode(), "data": base64.b64encode(card().data).decode()}
    fresh = {"offline": True, "authorization": "", "receipt": None, "trace": None}
    return payment(pid, "captured", minor=minor, card_data=sealed, **{**fresh, **changes})


def books(hub: Hub) -> dict[str, int]:
    with hub.store.reading() as connection:
        rows = connection.execute(select(journal_lines.c.book, journal_lines.c.minor)).all()
    found: dict[str, int] = {}
    for book, minor in rows:
        found[book] = found.get(book, 0) + minor
    return {book: minor for book, minor in found.items() if minor and book.startswith("card")}


def state(hub: Hub, pid: str) -> str | None:
    with hub.store.reading() as connection:
        return connection.scalar(select(authorizations.c.state).where(authorizations.c.pid == pid))


def holds_card(hub: Hub, pid: str) -> bool:
    with hub.store.reading() as connection:
        return card_of(connection, hub.keys, pid) is not None

"""Who was screened in the emergency department: before that, no kiosk there asks them for money (EMTALA, 42 CFR 489.24(d)(4))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from hub.folder import HubError
from hub.hub import Hub
from hub.schema import accounts, screenings

COUNTS_FOR = dt.timedelta(hours=24)
"""How long a screening counts. Whoever comes in again after that, with whatever it is then, is to be screened anew."""


@dataclass(frozen=True, slots=True)
class Screening:
    account: str
    done_at: dt.datetime


def mark_done(hub: Hub, numbers: Sequence[str]) -> None:
    """The screening of the patients of these accounts is done, now. All or none; raises HubError."""
    with hub.store.writing() as connection:
        known = set(connection.scalars(select(accounts.c.number).where(accounts.c.number.in_(numbers))))
        if stranger := next((number for number in numbers if number not in known), None):
            raise HubError("no-such-account", f"There is no account {stranger}.")
        connection.execute(delete(screenings).where(screenings.c.account.in_(numbers)))
        now = hub.world.clock()
        connection.execute(insert(screenings), [{"account": number, "done_at": now} for number in sorted(known)])


def mark_open(hub: Hub, numbers: Sequence[str]) -> None:
    """They have come in again: no screening of theirs counts, until one is done."""
    with hub.store.writing() as connection:
        connection.execute(delete(screenings).where(screenings.c.account.in_(numbers)))


def done_now(hub: Hub) -> tuple[Screening, ...]:
    """Every one that counts, the newest first."""
    since = hub.world.clock() - COUNTS_FOR
    query = select(screenings).where(screenings.c.done_at > since)
    with hub.store.reading() as connection:
        rows = connection.execute(query.order_by(screenings.c.done_at.desc(), screenings.c.account)).all()
    return tuple(Screening(row.account, row.done_at) for row in rows)


def is_screened(connection: Connection, account: str, now: dt.datetime) -> bool:
    """Whether `account` has one that counts at `now` (aware)."""
    done_at = connection.scalar(select(screenings.c.done_at).where(screenings.c.account == account))
    return done_at is not None and now - done_at < COUNTS_FOR

"""Letters that wait: one for each payment and channel. Whom it is for and what it says is forgotten with its last word.

Nothing that stands for money hangs on a row here. A letter leaves once the hub has the payment itself: a kiosk that is not to be
trusted can have a receipt sent for what was paid there, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from domain.letters import Channel
from domain.payment import Outcome
from hub.requests import RequestRefused
from hub.schema import payments, receipts
from offline_queue.wire.messages import ReceiptRequest


class State(StrEnum):
    """What became of a letter. REFUSED: it never will arrive there; GIVEN_UP: a day was not enough."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given-up"


MOST_LETTERS = 3
"""Of one receipt by one channel: for who mistyped an address, and not for who wants to annoy its owner."""

MOST_WAITING = 200
"""Of one kiosk: a day of a busy lobby without its mail server."""

AT_ONCE = 20
DAY = dt.timedelta(days=1)
FIRST_RETRY = dt.timedelta(seconds=30)
LONGEST_RETRY = dt.timedelta(minutes=30)

FORGOTTEN = {"address": None, "subject": None, "body": None}


def take(connection: Connection, kiosk: str, asked: ReceiptRequest, now: dt.datetime) -> None:
    """Keeps a letter to be sent. Asked for again while it waits, it is the same one; to another address, it goes there instead.
    Refuses with 429 what is too much."""
    of = receipts.c.pid == asked.pid, receipts.c.channel == asked.channel
    row = connection.execute(select(receipts).where(*of)).first()
    says = {"address": asked.address, "language": asked.language, "subject": asked.subject, "body": asked.body}
    fresh = {"state": State.WAITING, "asked_at": now, "next_at": now, "tries": 0, "code": "", **says}
    if row is None:
        waits = receipts.c.kiosk == kiosk, receipts.c.state == State.WAITING
        if (connection.scalar(select(func.count()).where(*waits)) or 0) >= MOST_WAITING:
            raise RequestRefused(429, "too-many-receipts", kiosk=kiosk)
        connection.execute(insert(receipts).values(pid=asked.pid, channel=asked.channel, kiosk=kiosk, letters=1, **fresh))
        return
    if row.kiosk != kiosk:
        raise RequestRefused(404, "no-match", kiosk=kiosk)
    if row.state == State.WAITING and row.address == asked.address:
        return
    if row.letters >= MOST_LETTERS:
        raise RequestRefused(429, "too-many-receipts", kiosk=kiosk)
    connection.execute(update(receipts).where(*of).values(letters=row.letters + 1, **fresh))


def due(connection: Connection, channels: Sequence[Channel], now: dt.datetime) -> Sequence[Row[Any]]:
    """The letters to be tried now, the oldest first: of payments that this hub has from the same kiosk, and that were taken."""
    paid = payments.c.pid == receipts.c.pid, payments.c.kiosk == receipts.c.kiosk
    taken = exists().where(*paid, payments.c.state.in_([Outcome.APPROVED, Outcome.CAPTURED]))
    waits = receipts.c.state == State.WAITING, receipts.c.next_at <= now, receipts.c.channel.in_(channels)
    return connection.execute(select(receipts).where(*waits, taken).order_by(receipts.c.next_at).limit(AT_ONCE)).all()


def end(connection: Connection, row: Row[Any], state: State, code: str) -> None:
    """The last word on the letter that `row` was, unless another has taken its place meanwhile."""
    connection.execute(update(receipts).where(*_same(row)).values(state=state, code=code, **FORGOTTEN))


def later(connection: Connection, row: Row[Any], code: str, now: dt.datetime) -> None:
    """It is tried again: after half a minute, then twice as long each time, up to half an hour. Said twice of one `row`, it
    counts as one try, and the later word stands."""
    pause = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(row.tries, 10))
    connection.execute(update(receipts).where(*_same(row)).values(tries=row.tries + 1, next_at=now + pause, code=code))


def too_old(connection: Connection, now: dt.datetime) -> Sequence[Row[Any]]:
    """What has waited for a day."""
    old = receipts.c.state == State.WAITING, receipts.c.asked_at <= now - DAY
    return connection.execute(select(receipts).where(*old)).all()


def _same(row: Row[Any]) -> tuple[Any, ...]:
    return receipts.c.pid == row.pid, receipts.c.channel == row.channel, receipts.c.letters == row.letters

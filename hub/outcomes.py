"""What became of records after their first answer, which never changes: numbered for each kiosk, which asks for what is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, insert, outerjoin, select, update

from hub.hub import Hub
from hub.ledger import reversal_of_payment
from hub.schema import kiosks, outcomes, records
from offline_queue.wire.messages import MOST_OUTCOMES, Outcomes, RecordOutcome, RecordStatus


@dataclass(frozen=True, slots=True)
class RecordAt:
    """A record by its place, as the hub and its kiosk both know it."""

    kiosk: str
    epoch: int
    seq: int
    pid: str


def post_outcome(
    connection: Connection, record: RecordAt, status: RecordStatus, *, posting: str, code: str, now: dt.datetime
) -> None:
    """From now on `record` stands so, and its kiosk will hear it."""
    number = connection.execute(
        update(kiosks).where(kiosks.c.id == record.kiosk).values(news=kiosks.c.news + 1).returning(kiosks.c.news)
    ).scalar_one()
    connection.execute(
        insert(outcomes).values(
            kiosk=record.kiosk,
            number=number,
            epoch=record.epoch,
            seq=record.seq,
            pid=record.pid,
            status=status,
            posting=posting,
            code=code,
            made_at=now,
        )
    )


def post_decline(connection: Connection, record: RecordAt, code: str, now: dt.datetime) -> None:
    """The bank has declined the payment that `record` tells of: its reversal, where it was posted, stands already."""
    posting = reversal_of_payment(connection, record.pid)
    post_outcome(connection, record, RecordStatus.DECLINED, posting=posting, code=code, now=now)


def outcomes_after(hub: Hub, kiosk: str, number: int) -> Outcomes:
    """The outcomes of `kiosk`, which is known, after `number`, at most MOST_OUTCOMES."""
    with hub.store.reading() as connection:
        news = connection.execute(select(kiosks.c.news).where(kiosks.c.id == kiosk)).scalar_one()
        newer = outcomes.c.kiosk == kiosk, outcomes.c.number > number
        rows = connection.execute(select(outcomes).where(*newer).order_by(outcomes.c.number).limit(MOST_OUTCOMES)).all()
    told = [
        RecordOutcome(
            number=row.number,
            epoch=row.epoch,
            seq=row.seq,
            pid=row.pid,
            status=RecordStatus(row.status),
            posting=row.posting,
            code=row.code,
        )
        for row in rows
    ]
    return Outcomes(gen=hub.generation, news=news, outcomes=tuple(told))


@cache
def records_now() -> Select[Any]:
    """Every record as it came, and how it stands now: `status_now`, `posting_now` and `code_now` are its last outcome's, or its
    first answer's where there was none since."""
    newer = outcomes.alias()
    last = (
        outcomes.c.number
        == select(func.max(newer.c.number))
        .where(
            newer.c.pid == records.c.pid,
            newer.c.kiosk == records.c.kiosk,
            newer.c.epoch == records.c.epoch,
            newer.c.seq == records.c.seq,
        )
        .correlate(records)
        .scalar_subquery()
    )
    standing = outerjoin(records, outcomes, and_(outcomes.c.kiosk == records.c.kiosk, outcomes.c.pid == records.c.pid, last))
    return select(
        records,
        func.coalesce(outcomes.c.status, records.c.status).label("status_now"),
        func.coalesce(outcomes.c.posting, records.c.posting).label("posting_now"),
        func.coalesce(outcomes.c.code, records.c.code).label("code_now"),
    ).select_from(standing)


@cache
def parked_now() -> Select[Any]:
    """The records that wait for a person at this moment."""
    return records_now().where(func.coalesce(outcomes.c.status, records.c.status) == RecordStatus.PARKED)


def decline_of(connection: Connection, pid: str) -> str | None:
    """Why the bank declined payment `pid` after all, None when it did not."""
    declined = outcomes.c.pid == pid, outcomes.c.status == RecordStatus.DECLINED
    code: str | None = connection.scalar(select(outcomes.c.code).where(*declined).limit(1))
    return code


def declined_as(pid: Any) -> Any:
    """Why the payment in column `pid` was declined after all, as a column; NULL where it was not."""
    declined = outcomes.c.pid == pid, outcomes.c.status == RecordStatus.DECLINED
    return select(outcomes.c.code).where(*declined).limit(1).scalar_subquery()


def is_declined(pid: Any) -> Any:
    """Whether the payment in column `pid` was declined after all, as a condition."""
    return exists().where(outcomes.c.pid == pid, outcomes.c.status == RecordStatus.DECLINED)

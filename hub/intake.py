"""Batches of records from kiosks, each taken exactly once: chain verified, stored, posted, head moved, in one transaction.

A repeat gets its first answer, for ever (law 7). A batch that does not continue what the hub holds changes nothing.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import structlog
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from domain.payment import Outcome
from hub.folder import heard_generation, room_to_write, write_private
from hub.gateway import authorizations
from hub.hub import Hub
from hub.outcomes import RecordAt, outcomes_after, post_decline
from hub.posting import Judgement, Place, judge
from hub.requests import RequestRefused, bounded_body, json_answer, parsed, signed_by
from hub.schema import kiosks, records
from hub.tasks import TaskKind, is_seen_to, open_task
from hub.unsealing import forget_card
from offline_queue.wire.chain import FIRST_HASH, link
from offline_queue.wire.messages import (
    Batch,
    BatchAnswer,
    Conflict,
    Head,
    OfflineLimits,
    Outcomes,
    Position,
    RecordAnswer,
    RecordStatus,
    SealedRecord,
)

BEHIND_S = 300
"""Seconds: how soon a person may have restored a hub that is behind."""

_ADD = insert(records)
_HELD = (
    select(records.c.seq, records.c.pid, records.c.hash, records.c.status, records.c.posting, records.c.code)
    .where(
        records.c.kiosk == bindparam("of"),
        records.c.epoch == bindparam("in"),
        records.c.seq.between(bindparam("first"), bindparam("last")),
    )
    .order_by(records.c.seq)
)
"""Made once: building a statement takes ten times as long as running it."""

_log = structlog.get_logger()


def intake_routes(hub: Hub) -> APIRouter:
    router = APIRouter(prefix="/v1/kiosks/{kiosk}")

    @router.get("/head", response_model=Head)
    async def get_head(request: Request, kiosk: str) -> Response:
        await signed_by(request, hub, kiosk, await bounded_body(request))
        return json_answer(await asyncio.to_thread(head, hub, kiosk))

    @router.post("/batches", response_model=BatchAnswer, responses={409: {"model": Conflict}})
    async def post_batch(request: Request, kiosk: str) -> Response:
        body = await bounded_body(request)
        epoch = await signed_by(request, hub, kiosk, body)
        batch = parsed(request, Batch, body)
        if (batch.kiosk, batch.epoch) != (kiosk, epoch):
            raise RequestRefused(400, "not-your-batch", kiosk=kiosk)
        answer = await asyncio.to_thread(take, hub, batch)
        return json_answer(answer, 409 if isinstance(answer, Conflict) else 200)

    @router.get("/outcomes", response_model=Outcomes)
    async def get_outcomes(request: Request, kiosk: str, after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> Response:
        await signed_by(request, hub, kiosk, await bounded_body(request))
        return json_answer(await asyncio.to_thread(outcomes_after, hub, kiosk, after))

    return router


def head(hub: Hub, kiosk: str) -> Head:
    """What the hub holds of `kiosk`, which is known; and notes that it was heard."""
    now = hub.world.clock()
    with hub.store.writing() as connection:
        row = connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(last_heard_at=now).returning(kiosks)).one()
    position = Position(seq=row.head_seq, hash=row.head_hash)
    return Head(
        gen=hub.generation,
        epoch=row.epoch,
        head=position,
        durable_seq=row.durable_seq,
        hub_time=now,
        news=row.news,
        hub_keys=hub.keys.to_seal_to,
        limits=OfflineLimits.model_validate_json(row.limits) if row.limits else None,
        receipts=tuple(hub.posts),
    )


def take(hub: Hub, batch: Batch, *, by_hand: bool = False) -> BatchAnswer | Conflict:
    """Takes what is new of `batch` and answers for all of it; a Conflict leaves everything as it was. Of a batch that was brought
    `by_hand` its kiosk knows nothing: it was not heard.

    Refuses with 400 a batch that contradicts itself and with 403 one of an enrolment that ended while it was on its way.
    """
    sealed = _unpacked(batch)
    now = hub.world.clock()
    place = Place(batch.kiosk, batch.epoch, now)
    if batch.gen_seen > hub.generation:
        _behind(hub, batch)
    with hub.store.writing() as connection:
        kiosk = connection.execute(select(kiosks).where(kiosks.c.id == batch.kiosk)).one()
        if kiosk.epoch != batch.epoch:
            raise RequestRefused(403, "epoch-stale", kiosk=batch.kiosk)
        first, last = batch.records[0].seq, batch.records[-1].seq
        span = {"of": batch.kiosk, "in": batch.epoch, "first": first - 1, "last": last}
        held = connection.execute(_HELD, span).all()
        conflict = _conflict(hub, kiosk, batch, held)
        if conflict is not None:
            _log.warning("hub.refused", kiosk=batch.kiosk, reason=conflict.kind)
            return conflict
        results = [_answer(row) for row in held if row.seq >= first]
        new = [pair for pair in zip(batch.records, sealed, strict=True) if pair[0].seq > kiosk.head_seq]
        at = Position(seq=kiosk.head_seq, hash=kiosk.head_hash)
        if new:
            results += keep(connection, hub, place, new)
            at = Position(seq=new[-1][0].seq, hash=new[-1][0].hash)
        heard = kiosk.last_heard_at if by_hand else now
        moved = update(kiosks).where(kiosks.c.id == batch.kiosk).values(head_seq=at.seq, head_hash=at.hash, last_heard_at=heard)
        news = connection.execute(moved.returning(kiosks.c.news)).scalar_one()
    _log.info("hub.batch", kiosk=batch.kiosk, first=batch.records[0].seq, count=len(batch.records))
    return BatchAnswer(
        gen=hub.generation,
        epoch=batch.epoch,
        head=at,
        durable_seq=kiosk.durable_seq,
        hub_time=now,
        news=news,
        results=tuple(results),
    )


def _behind(hub: Hub, batch: Batch) -> NoReturn:
    """This hub is an old copy, put back without `restore`: it takes nothing from whoever has heard a newer one, and remembers how
    new that was, so that a restore goes above it."""
    if batch.gen_seen > heard_generation(hub.folder):
        with room_to_write():
            write_private(hub.folder.heard_generation, f"{batch.gen_seen}\n".encode("ascii"))
    _log.error("hub.behind", kiosk=batch.kiosk, gen=batch.gen_seen)
    raise RequestRefused(503, "generation-behind", kiosk=batch.kiosk, retry_after=BEHIND_S)


def _unpacked(batch: Batch) -> list[bytes]:
    """The sealed bytes of each record, once numbers run without gaps and every hash follows from the one before."""
    result: list[bytes] = []
    previous = batch.prev_hash
    for number, record in enumerate(batch.records, start=batch.records[0].seq):
        if record.seq != number or number >= 2**63:
            raise RequestRefused(400, "not-contiguous", kiosk=batch.kiosk)
        raw = base64.b64decode(record.sealed)
        if link(previous, batch.epoch, record.seq, record.pid, raw) != record.hash:
            raise RequestRefused(400, "chain-broken", kiosk=batch.kiosk)
        previous = record.hash
        result.append(raw)
    return result


def _conflict(hub: Hub, kiosk: Row[Any], batch: Batch, held: Sequence[Row[*tuple[Any, ...]]]) -> Conflict | None:
    """A gap when records between the head and this batch are missing; a fork when it tells another history than ours. `held` is
    what we have from the record before this batch on, to its end."""
    at = Position(seq=kiosk.head_seq, hash=kiosk.head_hash)
    first = batch.records[0].seq
    if first > at.seq + 1:
        return Conflict(kind="gap", gen=hub.generation, head=at)
    ours = {0: FIRST_HASH} | {row.seq: row.hash for row in held}
    told = [(first - 1, batch.prev_hash), *((record.seq, record.hash) for record in batch.records)]
    if any(ours.get(seq, value) != value for seq, value in told):
        return Conflict(kind="fork", gen=hub.generation, head=at)
    return None


def keep(connection: Connection, hub: Hub, place: Place, new: Sequence[tuple[SealedRecord, bytes]]) -> list[RecordAnswer]:
    """Carries records out and keeps them, each with its sealed bytes and its first answer, which is returned."""
    verdicts = judge(connection, hub.keys, place, new)
    rows = [_row(place, record, raw, verdict) for (record, raw), verdict in zip(new, verdicts, strict=True)]
    connection.execute(_ADD, rows)
    captured = [record.pid for (record, _), verdict in zip(new, verdicts, strict=True) if verdict.outcome is Outcome.CAPTURED]
    if captured:  # what is told again, as after a new enrolment, may have been answered long ago
        for pid in authorizations.answered(connection, captured):
            forget_card(connection, hub, pid)
    for (record, _), verdict in zip(new, verdicts, strict=True):
        _tell(connection, place, record, verdict)
    return [
        RecordAnswer(seq=record.seq, pid=record.pid, status=verdict.status, posting=verdict.posting, code=verdict.code)
        for (record, _), verdict in zip(new, verdicts, strict=True)
    ]


def _tell(connection: Connection, place: Place, record: SealedRecord, verdict: Judgement) -> None:
    """What a kiosk or a person must hear of a record beyond its answer."""
    if verdict.declined is not None:
        post_decline(connection, RecordAt(place.kiosk, place.epoch, record.seq, record.pid), verdict.declined, place.now)
    elif verdict.status is RecordStatus.PARKED:
        _log.warning("hub.parked", kiosk=place.kiosk, pid=record.pid, code=verdict.code)
        if not (was_here(connection, place.kiosk, record) and is_seen_to(connection, record.pid)):
            open_task(connection, TaskKind.PARKED, place.kiosk, record.pid, verdict.code, place.now)


def was_here(connection: Connection, kiosk: str, record: SealedRecord) -> bool:
    """Whether the hub has had this very record in an earlier enrolment of its kiosk: then it is no news to anybody."""
    if record.origin is None:
        return False
    before = records.c.kiosk == kiosk, records.c.epoch == record.origin.epoch, records.c.seq == record.origin.seq
    return connection.execute(select(records.c.seq).where(*before, records.c.pid == record.pid)).first() is not None


def _row(place: Place, record: SealedRecord, raw: bytes, verdict: Judgement) -> dict[str, Any]:
    return {
        "kiosk": place.kiosk,
        "epoch": place.epoch,
        "seq": record.seq,
        "pid": record.pid,
        "kid": record.kid,
        "sealed": raw,
        "hash": record.hash,
        "received_at": place.now,
        "status": verdict.status,
        "posting": verdict.posting,
        "code": verdict.code,
        "outcome": verdict.outcome,
        "origin_epoch": record.origin.epoch if record.origin else None,
        "origin_seq": record.origin.seq if record.origin else None,
    }


def _answer(row: Row[*tuple[Any, ...]]) -> RecordAnswer:
    """What was said of a record when it came."""
    return RecordAnswer(seq=row.seq, pid=row.pid, status=RecordStatus(row.status), posting=row.posting, code=row.code)

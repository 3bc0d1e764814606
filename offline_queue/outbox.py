"""The outbox: sealed records in an unbroken chain, waiting until the hub has them.

Only the hub can open a record. Its row stays for ever; its payload goes when the hub holds it durably and a week has passed
since it took it: a hub that is restored from last night's backup gets again what it lost (reference: queue, Retention).
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass

from domain.payment import Attempt, Outcome, Result
from offline_queue.errors import Forked, LostAtHub
from offline_queue.identity import Identity
from offline_queue.sqlcipher import Connection
from offline_queue.stamps import stamp
from offline_queue.wire import chain, sealing
from offline_queue.wire.messages import (
    Batch,
    BatchAnswer,
    Conflict,
    Origin,
    PaymentRecord,
    Position,
    RecordStatus,
    Ref,
    SealedRecord,
    Word,
)

KEPT_AFTER_DELIVERY = dt.timedelta(days=7)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LAST4 = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a hub's word changed. `believed` is False for one from before a restore; `again` counts records that the hub has lost
    and that are queued again; `behind` is whether it has outcomes that we have not."""

    believed: bool
    again: int = 0
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a hub's answer changed: how many records it took, and those that now wait for a person there, as (pid, code)."""

    count: int
    parked: tuple[tuple[str, str], ...]
    heard: Heard


def append(connection: Connection, identity: Identity, attempt: Attempt, result: Result, now: dt.datetime) -> None:
    """Seals what the hub must know of `attempt` and adds it to the chain."""
    last = _last(connection, identity.epoch)
    seq = last.seq + 1
    plain = _record(attempt, result, now).model_dump_json().encode("utf-8")
    info = sealing.context(identity.kiosk, identity.epoch, seq, attempt.id, identity.hub_kid)
    sealed = sealing.seal(plain, identity.hub_key, info)
    connection.execute(
        """INSERT INTO outbox (epoch, seq, attempt, outcome, kid, sealed, hash, state, queued_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?)""",
        (
            identity.epoch,
            seq,
            attempt.id,
            result.outcome,
            identity.hub_kid,
            sealed,
            chain.link(last.hash, identity.epoch, seq, attempt.id, sealed),
            stamp(now),
        ),
    )


def check_sealable(attempt: Attempt, now: dt.datetime) -> None:
    """Raises ValueError for an attempt that could not be told to the hub: better before money moves than after."""
    _record(attempt, Result(Outcome.UNKNOWN, attempt.amount), now)


def _record(attempt: Attempt, result: Result, now: dt.datetime) -> PaymentRecord:
    """What is sealed. The terminal's extras are cut to what the wire takes: an odd one must
    not keep money from being recorded."""
    amount = result.amount if result.outcome.money_moved else attempt.amount
    return PaymentRecord(
        v=1,
        pid=attempt.id,
        outcome=result.outcome,
        tender=attempt.tender,
        minor=amount.minor,
        currency=amount.currency,
        ref=Ref(kind=attempt.ref.kind, value=attempt.ref.value),
        account=attempt.account,
        offline=attempt.offline,
        approved_offline=result.approved_offline,
        brand=_short(result.card.brand),
        last4=result.card.last4 if _LAST4.fullmatch(result.card.last4) else "",
        terminal_id=_short(result.terminal_id),
        receipt=_number(result.receipt),
        trace=_number(result.trace),
        authorization=_short(result.authorization),
        reason=_short(result.reason),
        opened_at=attempt.opened_at,
        settled_at=now,
    )


def _short(text: str) -> str:
    return _CONTROL.sub("", text)[:64]


def _number(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= 999_999_999 else None


def waiting(connection: Connection, identity: Identity, limit: int) -> Batch | None:
    """The next records to send, at most `limit`, in the chain's order; None when the hub has everything."""
    rows = connection.execute(
        """SELECT seq, attempt, kid, sealed, hash, origin_epoch, origin_seq FROM outbox INDEXED BY outbox_waiting
        WHERE epoch = ? AND state = 'queued'
        ORDER BY seq LIMIT ?""",
        (identity.epoch, limit),
    ).fetchall()
    if not rows:
        return None
    records = tuple(
        SealedRecord(
            seq=seq,
            pid=pid,
            kid=kid,
            sealed=base64.b64encode(sealed).decode("ascii"),
            hash=hash_,
            origin=Origin(epoch=epoch, seq=origin) if epoch else None,
        )
        for seq, pid, kid, sealed, hash_, epoch, origin in rows
    )
    before = _hash_at(connection, identity.epoch, rows[0][0] - 1)
    gen = _gen(connection, identity.epoch)
    return Batch(v=1, kiosk=identity.kiosk, epoch=identity.epoch, gen_seen=gen, prev_hash=before, records=records)


def delivered(connection: Connection, identity: Identity, answer: BatchAnswer, now: dt.datetime) -> Delivered:
    """Takes the hub's answer to a batch. An answer from before a restore changes nothing. Raises Forked."""
    word = heard(connection, identity, answer, now)
    if not word.believed:
        return Delivered(0, (), word)
    count, parked = 0, []
    for result in answer.results:
        changed = connection.execute(
            """UPDATE outbox SET state = ?, posting = ?, code = ?, delivered_at = ?
            WHERE epoch = ? AND seq = ? AND attempt = ? AND state = 'queued' AND seq <= ?""",
            (result.status, result.posting, result.code, stamp(now), identity.epoch, result.seq, result.pid, answer.head.seq),
        ).rowcount
        count += changed
        if changed and result.status is RecordStatus.PARKED:
            parked.append((result.pid, result.code))
    return Delivered(count, tuple(parked), word)


def heard(connection: Connection, identity: Identity, word: Word | Conflict, now: dt.datetime) -> Heard:
    """Compares the hub's position with ours and queues again what it does not have (docs/sync-protocol.md, generations).

    A hub that was restored without its runbook shows it by a head, or by outcomes, behind what it told before: it gets again what
    it lost all the same. Raises Forked when the histories differ or the hub knows more than we do, and LostAtHub when it has lost
    what we no longer have.
    """
    gen, news = connection.execute("SELECT gen, news FROM enrolments WHERE epoch = ?", (identity.epoch,)).fetchone()
    if word.gen < gen:
        return Heard(believed=False)
    if not isinstance(word, Conflict) and word.epoch != identity.epoch:
        raise Forked(word.head.seq)
    if _hash_at(connection, identity.epoch, word.head.seq) != word.head.hash:
        raise Forked(word.head.seq)
    if connection.execute(
        "SELECT 1 FROM outbox INDEXED BY outbox_forgotten WHERE epoch = ? AND seq > ? AND sealed IS NULL",
        (identity.epoch, word.head.seq),
    ).fetchone():
        raise LostAtHub(word.head.seq)
    again = connection.execute(
        """UPDATE outbox INDEXED BY outbox_kept SET state = 'queued'
        WHERE epoch = ? AND seq > ? AND sealed IS NOT NULL AND state <> 'queued'""",
        (identity.epoch, word.head.seq),
    ).rowcount
    told = news if isinstance(word, Conflict) else word.news
    have = 0 if word.gen > gen or told < news else news
    connection.execute("UPDATE enrolments SET gen = ?, news = ? WHERE epoch = ?", (word.gen, have, identity.epoch))
    if not isinstance(word, Conflict):
        durable = min(word.durable_seq, word.head.seq)
        connection.execute("UPDATE enrolments SET durable_seq = ? WHERE epoch = ?", (durable, identity.epoch))
        _forget(connection, identity.epoch, now)
    return Heard(believed=True, again=again, behind=told > have)


def _forget(connection: Connection, epoch: int, now: dt.datetime) -> None:
    connection.execute(
        """UPDATE outbox INDEXED BY outbox_aging SET sealed = NULL
        WHERE epoch = ? AND sealed IS NOT NULL AND state <> 'queued' AND delivered_at <= ?
        AND seq <= (SELECT durable_seq FROM enrolments WHERE epoch = ?)""",
        (epoch, stamp(now - KEPT_AFTER_DELIVERY), epoch),
    )


def _last(connection: Connection, epoch: int) -> Position:
    row = connection.execute("SELECT seq, hash FROM outbox WHERE epoch = ? ORDER BY seq DESC LIMIT 1", (epoch,)).fetchone()
    return Position(seq=row[0], hash=row[1]) if row else Position(seq=0, hash=chain.FIRST_HASH)


def _gen(connection: Connection, epoch: int) -> int:
    """The newest generation of the hub that was heard in this enrolment."""
    return int(connection.execute("SELECT gen FROM enrolments WHERE epoch = ?", (epoch,)).fetchone()[0])


def _hash_at(connection: Connection, epoch: int, seq: int) -> str:
    """The hash of record `seq`, empty when we have no such record."""
    if seq == 0:
        return chain.FIRST_HASH
    row = connection.execute("SELECT hash FROM outbox WHERE epoch = ? AND seq = ?", (epoch, seq)).fetchone()
    return str(row[0]) if row else ""

"""The outbox: sealed records in an unbroken chain, waiting until the hub has them.

Only the hub can open a record. Its row stays for ever; its payload goes when the hub holds it durably and a week has passed
since it took it: a hub that is restored from last night's backup gets again what it lost (reference: queue, Retention).
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

from domain.payment import Attempt, CardData, Outcome, Result
from offline_queue.errors import Forked, LostAtHub
from offline_queue.identity import Identity
from offline_queue.schema import place
from offline_queue.seals import Seals
from offline_queue.sqlcipher import Connection
from offline_queue.stamps import stamp
from offline_queue.wire import chain, sealing
from offline_queue.wire.messages import (
    Batch,
    BatchAnswer,
    Conflict,
    Origin,
    PaymentRecord,
    RecordStatus,
    Ref,
    SealedCard,
    SealedRecord,
    Word,
    record_parts,
)

KEPT_AFTER_DELIVERY = dt.timedelta(days=7)
CARRIED_AT_ONCE = 1000
"""Records that are in memory while they are carried into a new enrolment."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the hub must know of an attempt, not sealed yet: the attempt's id, the outcome, what only the hub may read, and the
    stamp of when it ended."""

    attempt: str
    outcome: str
    plain: bytes
    queued_at: str


class _Last(NamedTuple):
    """The end of a chain: its last record's number, 0 before the first, and hash."""

    seq: int
    hash: str


_Sealed = tuple[str, str, str, bytes, str, int | None, int | None]
"""A record without its place: attempt, outcome, kid, sealed, queued_at, and its origin's epoch and seq."""

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


def expect(connection: Connection, identity: Identity, seals: Seals, attempt_id: str) -> None:
    """Makes the seal ready for the record of this attempt, in the place that it will have if it is the next to end."""
    seals.make_ready(identity.hub_key, _place(identity, _last(connection, identity.epoch).seq + 1, attempt_id))


def record(attempt: Attempt, result: Result, now: dt.datetime) -> Record:
    """What the hub must know of `attempt`, which has ended with `result`."""
    return Record(attempt.id, result.outcome.value, _payment(attempt, result, now).model_dump_json().encode(), stamp(now))


def append(connection: Connection, identity: Identity, seals: Seals, record: Record) -> None:
    """Seals `record` and adds it to the chain."""
    last = _last(connection, identity.epoch)
    sealed = seals.seal(record.plain, identity.hub_key, _place(identity, last.seq + 1, record.attempt))
    _link(
        connection,
        identity.epoch,
        last,
        (record.attempt, record.outcome, identity.hub_kid, sealed, record.queued_at, None, None),
    )


def carry(connection: Connection, epoch: int) -> None:
    """Makes every record of an earlier enrolment whose payload is still there a record of `epoch`, which is new: in the old
    order, the same sealed bytes, and the place that they are bound to. The old rows stay as carried, without them.

    What was called durable goes too: a hub that was put back from an older backup may ask for this enrolment, and its head could
    not be heard before. It knows again what it has, by pid."""
    connection.execute(
        "UPDATE outbox SET state = 'queued' WHERE epoch < ? AND sealed IS NOT NULL AND state NOT IN ('queued', 'carried')",
        (epoch,),
    )
    last = _last(connection, epoch)
    for (old_epoch,) in connection.execute("SELECT epoch FROM enrolments WHERE epoch < ? ORDER BY epoch", (epoch,)).fetchall():
        while rows := connection.execute(
            """SELECT seq, attempt, outcome, kid, sealed, queued_at, coalesce(origin_epoch, epoch), coalesce(origin_seq, seq)
            FROM waiting WHERE epoch = ? ORDER BY place LIMIT ?""",
            (old_epoch, CARRIED_AT_ONCE),
        ).fetchall():
            for old_seq, *record in rows:
                last = _link(connection, epoch, last, tuple(record))
                old = (place(old_epoch, old_seq),)
                connection.execute("UPDATE outbox SET state = 'carried' WHERE place = ?", old)
                connection.execute("UPDATE outbox SET sealed = NULL WHERE place = ?", old)
            _move_on(connection, old_epoch)


def _place(identity: Identity, seq: int, attempt_id: str) -> bytes:
    return sealing.context(identity.kiosk, identity.epoch, seq, attempt_id, identity.hub_kid)


def _link(connection: Connection, epoch: int, last: _Last, record: _Sealed) -> _Last:
    """Queues `record` after `last`: the chain's new end."""
    attempt, _, _, sealed, *_ = record
    end = _Last(last.seq + 1, chain.link(last.hash, epoch, last.seq + 1, attempt, sealed))
    connection.execute(
        """INSERT INTO outbox
        (place, epoch, seq, hash, state, attempt, outcome, kid, sealed, queued_at, origin_epoch, origin_seq)
        VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)""",
        (place(epoch, end.seq), epoch, *end, *record),
    )
    return end


def check_sealable(attempt: Attempt, now: dt.datetime) -> None:
    """Raises ValueError for an attempt that could not be told to the hub: better before money moves than after."""
    _payment(attempt, Result(Outcome.UNKNOWN, attempt.amount), now)


def _payment(attempt: Attempt, result: Result, now: dt.datetime) -> PaymentRecord:
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
        card_data=_card(result.card_data),
        hub_authorised=result.hub_authorised,
        parts=record_parts(attempt.parts, amount),
    )


def _card(card: CardData | None) -> SealedCard | None:
    if card is None:
        return None
    ksn, data = (base64.b64encode(raw).decode("ascii") for raw in (card.ksn, card.data))
    return SealedCard(ksn=ksn, data=data)


def _short(text: str) -> str:
    return _CONTROL.sub("", text)[:64]


def _number(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= 999_999_999 else None


def waiting(connection: Connection, identity: Identity, limit: int, after: int = 0) -> Batch | None:
    """The next records to send, at most `limit`, in the chain's order, from record `after` on; None when there are none."""
    rows = connection.execute(
        """SELECT seq, attempt, kid, sealed, hash, origin_epoch, origin_seq FROM waiting WHERE epoch = ? AND place > ?
        ORDER BY place LIMIT ?""",
        (identity.epoch, place(identity.epoch, after), limit),
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
    at, count, parked = stamp(now), 0, []
    for result in answer.results:
        changed = connection.execute(
            """UPDATE outbox SET state = ?, posting = ?, code = ?, delivered_at = ?
            WHERE place = ? AND attempt = ? AND state = 'queued' AND seq <= ?""",
            (result.status, result.posting, result.code, at, place(identity.epoch, result.seq), result.pid, answer.head.seq),
        ).rowcount
        count += changed
        if changed and result.status is RecordStatus.PARKED:
            parked.append((result.pid, result.code))
    _move_on(connection, identity.epoch)
    return Delivered(count, tuple(parked), word)


def _move_on(connection: Connection, epoch: int) -> None:
    """Notes where what waits begins: the schema's `waiting` looks at nothing before that."""
    connection.execute(
        """UPDATE enrolments SET waits_from =
            coalesce((SELECT seq FROM waiting WHERE waiting.epoch = enrolments.epoch ORDER BY place LIMIT 1), ?)
        WHERE epoch = ?""",
        (_last(connection, epoch).seq + 1, epoch),
    )


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
        _forget(connection, now)
    return Heard(believed=True, again=again, behind=told > have)


def _forget(connection: Connection, now: dt.datetime) -> None:
    """Of every enrolment: an earlier release carried nothing that it had delivered durably, and that ends here too."""
    for epoch, durable in connection.execute("SELECT epoch, durable_seq FROM enrolments").fetchall():
        connection.execute(
            """UPDATE outbox INDEXED BY outbox_aging SET sealed = NULL
            WHERE epoch = ? AND seq <= ? AND sealed IS NOT NULL AND state <> 'queued' AND delivered_at <= ?""",
            (epoch, durable, stamp(now - KEPT_AFTER_DELIVERY)),
        )


def _last(connection: Connection, epoch: int) -> _Last:
    row = connection.execute(
        "SELECT seq, hash FROM outbox WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1",
        (place(epoch, 1), place(epoch + 1, 0)),
    ).fetchone()
    return _Last(*row) if row else _Last(0, chain.FIRST_HASH)


def _gen(connection: Connection, epoch: int) -> int:
    """The newest generation of the hub that was heard in this enrolment."""
    return int(connection.execute("SELECT gen FROM enrolments WHERE epoch = ?", (epoch,)).fetchone()[0])


def _hash_at(connection: Connection, epoch: int, seq: int) -> str:
    """The hash of record `seq`, empty when we have no such record."""
    if seq == 0:
        return chain.FIRST_HASH
    row = connection.execute("SELECT hash FROM outbox WHERE place = ?", (place(epoch, seq),)).fetchone()
    return str(row[0]) if row else ""

"""The laws, as the simulated world checks them from both databases and its own memory of what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import bindparam, func, select

from domain.limits import Limits
from domain.payment import Attempt, Result
from hub.audit import first_difference
from hub.hub import Hub
from hub.outcomes import records_now
from hub.schema import journal_entries, journal_lines, payments, records
from offline_queue import attempts
from offline_queue.attempts import State
from offline_queue.audit import audit
from offline_queue.simulation.process import Told
from offline_queue.sqlcipher import Connection
from offline_queue.wire import chain
from offline_queue.wire.messages import RecordStatus

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

_TIMES_POSTED = (
    select(journal_entries.c.payment, func.count().label("times"))
    .where(journal_entries.c.payment.is_not(None))
    .group_by(journal_entries.c.payment)
)
_GOT = (
    select(journal_lines.c.statement, (-func.sum(journal_lines.c.minor)).label("minor"))
    .join(journal_entries, journal_entries.c.number == journal_lines.c.entry)
    .where(journal_entries.c.payment == bindparam("pid"), journal_lines.c.statement.is_not(None))
    .group_by(journal_lines.c.statement)
)
_PARKED = select(records.c.pid).where(records.c.status == RecordStatus.PARKED)


class LawBroken(AssertionError):
    """What a simulated day may never show. `law` is one word of it, the message says where."""

    def __init__(self, law: str, what: str) -> None:
        super().__init__(f"{law}: {what}")
        self.law = law


def kept(connection: Connection, told: Mapping[str, Told], sales: Mapping[str, Result]) -> None:
    """The journal knows every sale that a terminal ran, says of it what it was told, and forgets nothing that it acknowledged."""
    for pid, memory in told.items():
        found = attempts.find(connection, pid)
        if found is None:
            if pid in sales:
                raise LawBroken("committed-first", f"the terminal ran {pid}, of which the journal knows nothing")
            continue
        said = any(attempts.agrees(found, word) for word in memory.words)
        if found.result is not None and not said:
            raise LawBroken("unknown-stays", f"{pid} is {found.state}, and nobody said so")
        if memory.kept and not any(attempts.agrees(found, word) for word in memory.words[memory.kept - 1 :]):
            raise LawBroken("acknowledged", f"{pid} was settled as {memory.words[memory.kept - 1].outcome} and is {found.state}")


def chained(connection: Connection) -> None:
    """Every enrolment's records run from 1 without gaps, hash by hash as far as their payloads are still there."""
    rows = connection.execute("SELECT epoch, seq, attempt, sealed, hash FROM outbox ORDER BY place").fetchall()
    place: tuple[int, int, str] = (0, 0, chain.FIRST_HASH)
    for epoch, seq, pid, sealed, hash_ in rows:
        at, before, previous = place if place[0] == epoch else (epoch, 0, chain.FIRST_HASH)
        if seq != before + 1:
            raise LawBroken("chain", f"record {before + 1} of enrolment {epoch} is missing")
        if sealed is not None and chain.link(previous, epoch, seq, pid, sealed) != hash_:
            raise LawBroken("chain", f"record {seq} of enrolment {epoch} does not follow from the one before")
        place = (at, seq, hash_)


def within_limits(connection: Connection, limits: Limits, attempt: Attempt, now: dt.datetime) -> None:
    """`attempt`, just opened under `limits`, and what stood before it are within them. Reckoned row by row, not as the journal
    does."""
    waiting = {row[0] for row in connection.execute("SELECT attempt FROM outbox WHERE state = 'queued'").fetchall()}
    minor, count, oldest = 0, 0, None
    for pid, state, asked, taken, opened in connection.execute(
        "SELECT id, state, minor, taken, opened_at FROM attempts WHERE id <> ?", (attempt.id,)
    ).fetchall():
        may_have_moved = state == "open" or (state in ("unknown", "approved", "captured") and pid in waiting)
        if may_have_moved:
            minor, count = minor + (taken or asked), count + 1
            oldest = min(oldest or opened, opened)
    asked = attempt.amount.minor
    if asked > limits.payment.minor or minor + asked > limits.total.minor or count + 1 > limits.count:
        raise LawBroken("limits", f"{attempt.id} of {asked} came on top of {count} of {minor}")
    if oldest is not None and now - dt.datetime.fromisoformat(oldest) > limits.age:
        raise LawBroken("limits", f"{attempt.id} came after {oldest}")


def believed(hub: Hub | None, connection: Connection, newest_gen: int) -> int:
    """What the kiosk takes for delivered, the hub holds, if it is still the hub that the kiosk heard; and the kiosk never goes
    back to an older generation than `newest_gen`. Returns the one that it has."""
    kiosk, epoch, gen = _who(connection)
    if gen < newest_gen:
        raise LawBroken("generation", f"the kiosk believed generation {gen} after {newest_gen}")
    if hub is None or gen != hub.generation:
        return gen
    rows = connection.execute(
        "SELECT seq FROM outbox WHERE epoch = ? AND state NOT IN ('queued', 'carried')", (epoch,)
    ).fetchall()
    with hub.store.reading() as books:
        held = set(books.scalars(select(records.c.seq).where(records.c.kiosk == kiosk, records.c.epoch == epoch)))
    missing = {row[0] for row in rows} - held
    if missing:
        raise LawBroken("believed", f"records {sorted(missing)} of enrolment {epoch} are not at the hub")
    return gen


def _who(connection: Connection) -> tuple[str, int, int]:
    """The newest enrolment: its kiosk's id, its number, the newest generation that was heard in it."""
    kiosk, epoch, gen = connection.execute("SELECT kiosk, epoch, gen FROM enrolments ORDER BY epoch DESC LIMIT 1").fetchone()
    return str(kiosk), int(epoch), int(gen)


def drained(connection: Connection) -> None:
    """Nothing waits, so nothing stands against the limits."""
    queued = connection.execute("SELECT count(*) FROM outbox WHERE state = 'queued'").fetchone()[0]
    standing = attempts.standing(connection, "USD")
    if queued or standing.count or standing.total.minor:
        raise LawBroken("standing", f"after the drain {queued} wait and {standing.count} stand")


def audited(hub: Hub) -> None:
    """The hub's own audit finds nothing."""
    with hub.store.reading() as books:
        fault = first_difference(books)
    if fault is not None:
        raise LawBroken("audit", fault)


def audited_here(connection: Connection) -> None:
    """The kiosk's own audit finds nothing; of an attempt that is open for long, only its terminal could tell more."""
    fault = audit(connection, LONG_AGO).difference
    if fault is not None:
        raise LawBroken("audit", fault)


def posted_once(hub: Hub, connection: Connection, sales: Mapping[str, Result], *, imaged: bool) -> None:
    """At the hub: every payment that the journal says moved money is posted once for its amount, nothing else of this kiosk is
    posted, and what is unknown here is unknown there. Of a kiosk that was `imaged`, its disk set back, the hub may know more than
    itself: then what is posted is what the terminal truly took. Call it when everything is delivered."""
    kiosk, _, _ = _who(connection)
    with hub.store.reading() as books:
        mine = select(payments.c.pid, payments.c.state, payments.c.minor).where(payments.c.kiosk == kiosk)
        at_hub = {row.pid: row for row in books.execute(mine)}
        times = {row.payment: row.times for row in books.execute(_TIMES_POSTED)}
        parked = set(books.scalars(_PARKED))
    here = {
        pid: (State(state), taken) for pid, state, taken in connection.execute("SELECT id, state, taken FROM attempts").fetchall()
    }
    for pid, (state, taken) in here.items():
        there = at_hub.get(pid)
        if state in (State.APPROVED, State.CAPTURED) and (times.get(pid, 0) != 1 or there is None or there.minor != taken):
            raise LawBroken("posted-once", f"{pid}, {state}, is posted {times.get(pid, 0)} times")
        if imaged:
            continue
        if state not in (State.APPROVED, State.CAPTURED) and pid in times:
            raise LawBroken("only-acknowledged", f"{pid}, {state}, is posted")
        if there is not None and there.state != state:
            raise LawBroken("unknown-stays", f"{pid} is {state} here and {there.state} at the hub")
        if pid in parked:
            raise LawBroken("posted-once", f"{pid} is parked, and nothing is wrong with it")
    for pid, there in at_hub.items():
        truth = sales.get(pid)
        if pid in times and (
            truth is None or not truth.outcome.money_moved or truth.amount.minor != there.minor or times[pid] > 1
        ):
            raise LawBroken("only-acknowledged", f"{pid} is posted {times[pid]} times, and the terminal did not take it so")
        if pid not in here and not imaged:
            raise LawBroken("only-acknowledged", f"the hub has a payment that nobody opened: {pid}")


def parted(hub: Hub, told: Mapping[str, Told]) -> None:
    """What a payment for several bills was for, is what each of them got: each its part, and nothing besides."""
    with hub.store.reading() as books:
        for pid, memory in told.items():
            got = {row.statement: row.minor for row in books.execute(_GOT, {"pid": pid})}
            due = {part.statement: part.amount.minor for part in memory.attempt.parts}
            if got and due and got != due:
                raise LawBroken("parted", f"{pid} was for {due}, and posted to {got}")


def agreed(hub: Hub, connection: Connection, *, set_back: bool) -> None:
    """Hub and kiosk tell one history of the newest enrolment, record by record; whatever the kiosk calls delivered, of any
    enrolment, is at the hub; and it stands here as it stands there. A hub that was `set_back` may have forgotten a decline."""
    kiosk, newest, _ = _who(connection)
    mine = records_now().where(records.c.kiosk == kiosk)
    with hub.store.reading() as books:
        there = {(row.epoch, row.seq): row for row in books.execute(mine)}
    rows = connection.execute("SELECT epoch, seq, hash, state, attempt, outcome FROM outbox ORDER BY place").fetchall()
    told_there = {(epoch, seq, row.hash) for (epoch, seq), row in there.items() if epoch == newest}
    if told_there != {(epoch, seq, hash_) for epoch, seq, hash_, *_ in rows if epoch == newest}:
        raise LawBroken("one-history", f"hub and kiosk hold different records of enrolment {newest}")
    last = {(pid, outcome): (epoch, seq) for epoch, seq, _, _, pid, outcome in rows}
    for epoch, seq, hash_, state, pid, outcome in rows:
        held = there.get((epoch, seq))
        if state == "carried":
            continue
        if held is None or held.hash != hash_:
            raise LawBroken("believed", f"record {seq} of enrolment {epoch} is {state} here and not at the hub")
        forgotten = state == "declined" and set_back
        if (epoch, seq) == last[pid, outcome] and held.status_now != state and not forgotten:
            raise LawBroken("told", f"record {seq} of enrolment {epoch} is {state} here and {held.status_now} at the hub")

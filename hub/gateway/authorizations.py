"""What the hub's gateway was asked, by our payment id: asked before the bank hears of it, answered once, the same for ever.

waiting -> asked -> approved -> voided; asked -> declined; waiting or asked -> closed, which is also what an inquiry makes of an
id that neither the hub nor its gateway knows: a question that arrives later is refused. A trigger holds the table to this.
`deferred` are the captured payments: they begin as waiting, by their record, and nobody stands at the kiosk
(hub/gateway/deferred.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, or_, select, union_all, update

from domain.money import Money
from domain.payment import Outcome
from hub.gateway.port import Answer
from hub.schema import authorizations, held_accounts, payment_parts, payments, tasks

NO_RECORD = "no-record"
"""The task about what the bank approved, and no kiosk has told of."""


class State(StrEnum):
    WAITING = "waiting"
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    VOIDED = "voided"
    CLOSED = "closed"


def find(connection: Connection, pid: str) -> Row[Any] | None:
    return connection.execute(select(authorizations).where(authorizations.c.pid == pid)).first()


_ANSWERED = select(authorizations.c.pid).where(
    authorizations.c.pid.in_(bindparam("pids", expanding=True)), authorizations.c.state.not_in([State.WAITING, State.ASKED])
)
"""Made once: building a statement takes ten times as long as running it."""


def answered(connection: Connection, pids: Collection[str]) -> Sequence[str]:
    """Those of `pids` about which the bank will be asked no more: no card of theirs is needed."""
    return connection.scalars(_ANSWERED, {"pids": list(pids)}).all()


def begin(
    connection: Connection,
    pid: str,
    kiosk: str,
    state: State,
    now: dt.datetime,
    *,
    account: str | None = None,
    amount: Money | None = None,
    deferred: bool = False,
) -> Row[Any]:
    """The first that is heard of `pid`."""
    return connection.execute(
        insert(authorizations)
        .values(
            pid=pid,
            kiosk=kiosk,
            account=account,
            minor=amount and amount.minor,
            currency=amount and amount.currency,
            deferred=deferred,
            state=state,
            authorization="",
            reason="",
            response=b"",
            opened_at=now,
        )
        .returning(authorizations)
    ).one()


def settle(connection: Connection, pid: str, answer: Answer | None, now: dt.datetime) -> Row[Any]:
    """Keeps the gateway's answer to what was asked, None where it has closed it; returns how it stands. Who comes second, after
    another question about the same payment, changes nothing."""
    said: dict[str, Any] = {"state": State.CLOSED}
    if answer is not None:
        state = State.APPROVED if answer.approved else State.DECLINED
        told = {"authorization": answer.authorization, "reason": answer.reason, "response": answer.response}
        said = {"state": state, **told}
    asked = authorizations.c.pid == pid, authorizations.c.state == State.ASKED
    connection.execute(update(authorizations).where(*asked).values(**said, answered_at=now))
    return connection.execute(select(authorizations).where(authorizations.c.pid == pid)).one()


def learn(
    connection: Connection, pid: str, kiosk: str, answer: Answer | None, now: dt.datetime, *, account: str | None
) -> Row[Any]:
    """The same for what the hub may have forgotten, put back from a backup: the bank has not, and its amount counts."""
    if find(connection, pid) is None:
        if answer is None:
            return begin(connection, pid, kiosk, State.CLOSED, now)
        begin(connection, pid, kiosk, State.ASKED, now, account=account, amount=answer.amount)
    return settle(connection, pid, answer, now)


def move(connection: Connection, pid: str, before: State, after: State) -> None:
    """From `before` to `after`; nothing happens where it does not stand there."""
    here = authorizations.c.pid == pid, authorizations.c.state == before
    connection.execute(update(authorizations).where(*here).values(state=after))


def give_up(connection: Connection, pid: str, now: dt.datetime) -> None:
    """The bank will not be asked about `pid`, which waits for that."""
    waiting = authorizations.c.pid == pid, authorizations.c.state == State.WAITING
    connection.execute(update(authorizations).where(*waiting).values(state=State.CLOSED, answered_at=now))


def is_held(connection: Connection, account: str, but: str = "") -> bool:
    """Whether the end of a payment on `account`, or partly, or that may be, is not known, `but` that one: no second may be taken
    (law 3). What the bank approved and its kiosk has not told of is such a one, until a person says what was done about it."""
    parts = select(payment_parts.c.pid).where(payment_parts.c.account == account)
    may_be = select(held_accounts.c.pid).where(held_accounts.c.account == account)
    asked = select(authorizations.c.pid).where(authorizations.c.account == account)
    on_account = (payments.c.account == account) | payments.c.pid.in_(union_all(parts, may_be, asked))
    unknown = exists().where(on_account, payments.c.state == Outcome.UNKNOWN, payments.c.pid != but)
    told = exists().where(payments.c.pid == authorizations.c.pid, payments.c.kiosk == authorizations.c.kiosk)
    done = exists().where(tasks.c.pid == authorizations.c.pid, tasks.c.code == NO_RECORD, tasks.c.closed_by.is_not(None))
    open_ = (authorizations.c.state == State.ASKED) | ((authorizations.c.state == State.APPROVED) & ~told & ~done)
    of_account = (authorizations.c.account == account) | authorizations.c.pid.in_(parts), authorizations.c.pid != but
    alone = exists().where(*of_account, open_, ~authorizations.c.deferred)
    return bool(connection.scalar(select(or_(unknown, alone))))

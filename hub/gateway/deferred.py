"""What the hub asks its gateway by itself: captured payments, on forward; questions whose end nobody heard; and what stays open.

Every step can be taken again after a crash at any point: what is to be done is read from the tables, and the gateway gives the
same payment the same answer.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import structlog
from sqlalchemy import Connection, exists, select

from domain.money import Money
from domain.payment import CardData, Outcome
from hub import ledger
from hub.folder import HubError
from hub.gateway.authorizations import NO_RECORD, State, learn, move, settle
from hub.gateway.desk import card_data
from hub.gateway.port import Answer, Gateway, GatewayAway, GatewaySilent
from hub.hub import Hub
from hub.schema import authorizations, journal_entries, payments, tasks
from hub.second_thoughts import DeclineReason, bank_declined, judge_parked
from hub.tasks import TaskKind, close_task, open_task
from hub.unsealing import card_of, forget_card

PACE_S = 2.0
ROUNDS_A_LOOK = 300
"""Ten minutes: what is overdue has been so for a day."""

AT_ONCE = 100
"""Payments that are looked at in one round: the rest waits for the next."""

ASKED = dt.timedelta(minutes=2)
"""How long an online question may go without an answer before the hub asks by itself: the kiosk's own inquiry comes first."""

OVERDUE = dt.timedelta(days=1)

_REASONS = {
    "gateway-05": DeclineReason.DO_NOT_HONOR,
    "gateway-41": DeclineReason.CARD_BLOCKED,
    "gateway-43": DeclineReason.CARD_BLOCKED,
    "gateway-51": DeclineReason.INSUFFICIENT_FUNDS,
    "gateway-54": DeclineReason.CARD_EXPIRED,
    "gateway-62": DeclineReason.CARD_BLOCKED,
}
"""ISO 8583 field 39."""

_CODES = {State.APPROVED: NO_RECORD, State.VOIDED: "posted-and-voided"}

_log = structlog.get_logger()


async def keep_asking(hub: Hub) -> None:
    """Until cancelled. A bug ends it; a disk or a database that fails may be well again by the next round."""
    rounds = 0
    while True:
        try:
            await asyncio.to_thread(ask_all, hub, look_at_all=rounds % ROUNDS_A_LOOK == 0)
        except HubError as error:
            _log.error("hub.not_now", reason=error.code)
        rounds += 1
        await hub.world.sleep(PACE_S)


def ask_all(hub: Hub, *, look_at_all: bool = True) -> None:
    """One round; `look_at_all`: everything that was ever asked is looked at for what staff must know, which takes its time."""
    if hub.gateway is not None:
        _ask_deferred(hub, hub.gateway)
        _ask_again(hub, hub.gateway)
        _ask_what_was_lost(hub, hub.gateway)
    hub.store.fold()  # no card that was forgotten is left in the log either
    if look_at_all:
        _tell_staff(hub)


def _ask_deferred(hub: Hub, gateway: Gateway) -> None:
    """Asks about AT_ONCE captured payments, the oldest first."""
    asked = 0
    waits = authorizations.c.state.in_([State.WAITING, State.ASKED])
    oldest = select(authorizations).where(authorizations.c.deferred, waits).order_by(authorizations.c.opened_at)
    with hub.store.reading() as connection:
        rows = connection.execute(oldest).all()
    for row in rows:
        if asked == AT_ONCE:
            break
        card = _about_to_ask(hub, row.pid)
        if card is None:
            continue
        asked += 1
        try:
            answer = gateway.authorize(row.pid, Money(row.minor, row.currency), card)
        except GatewayAway as error:
            _log.warning("hub.gateway", pid=row.pid, reason=error.code)
            break  # nobody there: the next one would not fare better
        except GatewaySilent as error:
            _log.warning("hub.gateway", pid=row.pid, reason=error.code)
            continue
        with hub.store.writing() as connection:
            _answered(connection, hub, row.pid, answer)


def _about_to_ask(hub: Hub, pid: str) -> CardData | None:
    """Notes that the bank may hear of it from now on. None where that is not to be, or the card cannot be read any more."""
    with hub.store.writing() as connection:
        card = card_of(connection, hub.keys, pid)
        state = connection.scalar(select(authorizations.c.state).where(authorizations.c.pid == pid))
        if card is None or state not in (State.WAITING, State.ASKED):
            return None
        move(connection, pid, State.WAITING, State.ASKED)
    return card_data(card)


def _answered(connection: Connection, hub: Hub, pid: str, answer: Answer) -> None:
    """The bank's word on a captured payment: its money is on its way, or its balance is open again. The card is forgotten."""
    now = hub.world.clock()
    row = settle(connection, pid, answer, now)
    if row.state == State.APPROVED:
        ledger.authorize_payment(connection, pid, now)
    else:
        bank_declined(connection, pid, _REASONS.get(row.reason, DeclineReason.OTHER), now)
    forget_card(connection, hub, pid)
    _log.info("hub.authorized", kiosk=row.kiosk, pid=pid, state=row.state, code=row.reason)


def _ask_again(hub: Hub, gateway: Gateway) -> None:
    """Of a question whose answer was lost the gateway is asked what became of it; one that it never heard it never will."""
    late = authorizations.c.opened_at < hub.world.clock() - ASKED
    asked = authorizations.c.state == State.ASKED, ~authorizations.c.deferred, late
    with hub.store.reading() as connection:
        rows = connection.execute(select(authorizations.c.pid, authorizations.c.kiosk).where(*asked).limit(AT_ONCE)).all()
    for pid, kiosk in rows:
        try:
            answer = gateway.inquire(pid)
        except (GatewayAway, GatewaySilent) as error:
            _log.warning("hub.gateway", pid=pid, reason=error.code)
            return
        with hub.store.writing() as connection:
            row = settle(connection, pid, answer, hub.world.clock())
        _log.info("hub.authorized", kiosk=kiosk, pid=pid, state=row.state, code=row.reason)


def _ask_what_was_lost(hub: Hub, gateway: Gateway) -> None:
    """A kiosk tells of an approval that this hub does not know: put back from a backup, it may have forgotten what it had asked.
    The bank has not, and what it approved is posted."""
    lost = tasks.c.kind == TaskKind.PARKED, tasks.c.code == "not-authorised", tasks.c.closed_at.is_(None)
    with hub.store.reading() as connection:
        theirs = payments.c.pid.in_(select(tasks.c.pid).where(*lost))
        rows = connection.execute(select(payments).where(theirs).limit(AT_ONCE)).all()
    for row in rows:
        try:
            answer = gateway.inquire(row.pid)
        except (GatewayAway, GatewaySilent) as error:
            _log.warning("hub.gateway", pid=row.pid, reason=error.code)
            return
        with hub.store.writing() as connection:
            learn(connection, row.pid, row.kiosk, answer, hub.world.clock(), account=row.account)
            judge_parked(connection, hub, row.pid)


def _tell_staff(hub: Hub) -> None:
    """One task for each payment of which the bank and a kiosk have not said the same for a day; closed when they have."""
    now = hub.world.clock()
    told = exists().where(payments.c.pid == authorizations.c.pid, payments.c.state == Outcome.APPROVED)
    alone = (authorizations.c.state == State.APPROVED) & ~authorizations.c.deferred & ~told
    posted = exists().where(journal_entries.c.payment == authorizations.c.pid)
    taken_back = (authorizations.c.state == State.VOIDED) & posted
    unasked = authorizations.c.state.in_([State.WAITING, State.ASKED])
    known = exists().where(tasks.c.pid == authorizations.c.pid, tasks.c.kind == TaskKind.AUTHORIZATION)
    differ = alone | unasked | taken_back
    overdue = select(authorizations).where(differ & (authorizations.c.opened_at < now - OVERDUE) & ~known)
    is_open = exists().where(
        tasks.c.pid == authorizations.c.pid, tasks.c.kind == TaskKind.AUTHORIZATION, tasks.c.closed_at.is_(None)
    )
    over = select(authorizations.c.pid).where(is_open, ~differ)
    with hub.store.reading() as connection:
        late, ended = connection.execute(overdue.limit(AT_ONCE)).all(), connection.scalars(over).all()
    if not late and not ended:
        return
    with hub.store.writing() as connection:
        for row in late:
            code = _CODES.get(row.state, "no-answer")
            open_task(connection, TaskKind.AUTHORIZATION, row.kiosk, row.pid, code, now)
            _log.warning("hub.overdue", kiosk=row.kiosk, pid=row.pid, code=code)
        for pid in ended:
            close_task(connection, TaskKind.AUTHORIZATION, pid, now, None)

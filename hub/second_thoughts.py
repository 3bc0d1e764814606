"""What changes about a payment after its records were answered: the bank declines it, or a parked one can be posted after all.

Each runs in one transaction, tells the kiosk by an outcome and staff by a task. Nobody types an amount: it is the record's.
"""

from __future__ import annotations

import base64
import datetime as dt
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection, Row, func, or_, select

from domain.payment import IN_DOUBT, Outcome
from hub import ledger
from hub.folder import HubError
from hub.gateway import authorizations
from hub.gateway.authorizations import State
from hub.hub import Hub
from hub.outcomes import RecordAt, decline_of, parked_now, post_decline, post_outcome, records_now
from hub.posting import Place, judge_again
from hub.schema import outcomes, payments, records
from hub.tasks import TaskKind, close_task, open_task, parked_payment
from hub.unsealing import forget_card
from offline_queue.wire.messages import Origin, RecordStatus, SealedRecord

_log = structlog.get_logger()


class DeclineReason(StrEnum):
    """Why the bank said no. Few words, and none that says more of a patient than staff need."""

    INSUFFICIENT_FUNDS = "insufficient-funds"
    CARD_EXPIRED = "card-expired"
    CARD_BLOCKED = "card-blocked"
    DO_NOT_HONOR = "do-not-honor"
    TAKEN_BACK = "taken-back"
    """Not the bank: the terminal itself has undone what it approved, by its own receipts."""
    OTHER = "other"


def decline(hub: Hub, pid: str, reason: DeclineReason, by: str | None = None) -> str:
    """The bank declined a payment that was taken on trust, or it is one in doubt that did not stand: its posting is reversed, the
    balance is open again. Returns the id of the reversal, "" where nothing was posted. `by` is the user who says so.

    Raises HubError for a payment that is not there, was never taken on trust nor in doubt, or was declined before.
    """
    now = hub.world.clock()
    with hub.store.writing() as connection:
        payment = connection.execute(select(payments).where(payments.c.pid == pid)).first()
        if payment is None:
            raise HubError("no-payment", "There is no payment with this id.")
        if decline_of(connection, pid) is not None:
            raise HubError("declined-before", "This payment was declined before.")
        asked = authorizations.find(connection, pid)
        trusted = on_trust(payment.state, payment.approved_offline, None if asked is None else asked.state)
        if not (trusted or in_doubt(connection, pid)):
            raise HubError("not-on-trust", "Only a payment that was taken without asking the bank can be declined later.")
        authorizations.give_up(connection, pid, now)
        forget_card(connection, hub, pid)
        return bank_declined(connection, pid, reason, now, by)


def bank_declined(connection: Connection, pid: str, reason: DeclineReason, now: dt.datetime, by: str | None = None) -> str:
    """The same as a part of a transaction, for a payment that is there, was taken on trust and was not declined before."""
    payment = connection.execute(select(payments).where(payments.c.pid == pid)).one()
    posted = ledger.posting_of_payment(connection, pid)
    reversal = "" if posted is None else ledger.reverse_payment(connection, pid, now)
    told = or_(records.c.outcome == payment.state, _DOUBTED)
    mine = records.c.pid == pid, records.c.kiosk == payment.kiosk, told
    same = records.c.code != "payment-differs"
    for record in connection.execute(records_now().where(*mine, same).order_by(records.c.epoch, records.c.seq)).all():
        post_decline(connection, _at(record), reason, now)
    _close_if_none_is_parked(connection, pid, now, by)
    open_task(connection, TaskKind.DECLINED, payment.kiosk, pid, reason, now, by)
    _log.warning("hub.declined", kiosk=payment.kiosk, pid=pid, code=reason)
    return reversal


def on_trust(state: str, approved_offline: bool, asked: str | None) -> bool:
    """Whether money of such a payment was promised without the bank: card data kept for later, or the terminal's own yes. `asked`
    is how its authorization stands: once this hub's gateway has been asked, its word alone counts."""
    if state == Outcome.CAPTURED:
        return asked in (None, State.WAITING)
    return state == Outcome.APPROVED and approved_offline


_DOUBTED = func.coalesce(outcomes.c.code, records.c.code) == IN_DOUBT
"""Of records_now(): how a record stands, whatever it was called first."""


def in_doubt(connection: Connection, pid: str) -> bool:
    """Whether the terminal's last word on payment `pid` went against its approval, as its kiosk says."""
    return connection.execute(records_now().where(records.c.pid == pid, _DOUBTED)).first() is not None


def try_again(hub: Hub, task: int, by: str) -> bool:
    """Judges the parked records that the open task number `task` is about again: a statement may have been imported since, a key
    restored. Returns whether none of them is parked any more. `by` is the user who asked.

    Raises HubError where the task is not open any more: what somebody has seen to elsewhere is not posted here as well.
    """
    with hub.store.writing() as connection:
        return judge_parked(connection, hub, parked_payment(connection, task), by)


def judge_parked(connection: Connection, hub: Hub, pid: str, by: str | None = None) -> bool:
    """The same for the records of payment `pid`, whether or not a task is open."""
    now = hub.world.clock()
    for row in connection.execute(parked_now().where(records.c.pid == pid).order_by(records.c.epoch, records.c.seq)).all():
        sealed = SealedRecord(
            seq=row.seq,
            pid=row.pid,
            kid=row.kid,
            sealed=base64.b64encode(row.sealed).decode("ascii"),
            hash=row.hash,
            origin=Origin(epoch=row.origin_epoch, seq=row.origin_seq) if row.origin_epoch else None,
        )
        verdict = judge_again(connection, hub.keys, Place(row.kiosk, row.epoch, now), sealed, row.sealed)
        _log.info("hub.tried_again", kiosk=row.kiosk, pid=pid, status=verdict.status, code=verdict.code)
        if verdict.declined is not None:
            post_decline(connection, _at(row), verdict.declined, now)
        elif (verdict.status, verdict.code) != (row.status_now, row.code_now):
            post_outcome(connection, _at(row), verdict.status, posting=verdict.posting, code=verdict.code, now=now)
        if verdict.status is RecordStatus.PARKED and verdict.declined is None:
            open_task(connection, TaskKind.PARKED, row.kiosk, pid, verdict.code, now)
    return _close_if_none_is_parked(connection, pid, now, by)


def _at(row: Row[Any]) -> RecordAt:
    return RecordAt(row.kiosk, row.epoch, row.seq, row.pid)


def _close_if_none_is_parked(connection: Connection, pid: str, now: dt.datetime, by: str | None) -> bool:
    if connection.execute(parked_now().where(records.c.pid == pid)).first() is not None:
        return False
    close_task(connection, TaskKind.PARKED, pid, now, by)
    return True

"""The audit across kiosks: what the hub holds of each, and whether that is what the kiosk's own audit says it delivered.

One hash tells of every record before it: where a kiosk's last delivered record is the hub's too, so are all of them, byte for
byte. The money besides, because only the hub can open what was sealed (`./lobbypay queue audit --json` is the kiosk's side).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, and_, false, func, or_, select

from domain.errors import Known
from domain.money import Money, format_money
from domain.payment import Outcome
from hub.outcomes import records_now
from hub.schema import kiosks, payments, records
from offline_queue.wire.messages import Hash, KioskId, RecordStatus


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Cents(_Told):
    amount_cents: Annotated[int, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Share(_Told):
    totals: tuple[Cents, ...]


class Reached(_Told):
    """The last record of an enrolment that the hub has taken, as the kiosk knows it."""

    epoch: Annotated[int, Field(ge=1)]
    seq: Annotated[int, Field(ge=1)]
    hash: Hash


class KioskAudit(_Told):
    """What `./lobbypay queue audit --json` prints, as far as the hub can compare it."""

    ok: bool
    kiosk: KioskId
    approvals: Share
    queued: Share
    heads: tuple[Reached, ...]


def read_kiosk_audit(path: Path) -> KioskAudit:
    """Raises Known when the file is not what a kiosk's audit prints."""
    try:
        return KioskAudit.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise Known(f"{path} is not what `lobbypay queue audit --json` prints at a kiosk that is enrolled.") from error


def by_kiosk(connection: Connection) -> dict[str, dict[str, int]]:
    """How many of each kiosk's records stand how, now; every kiosk that there is."""
    found = {row.id: Counter[str]() for row in connection.execute(select(kiosks.c.id).order_by(kiosks.c.id))}
    now = records_now().subquery()
    rows = connection.execute(
        select(now.c.kiosk, now.c.status_now, func.count().label("total")).group_by(now.c.kiosk, now.c.status_now)
    )
    for row in rows:
        found[row.kiosk][row.status_now] = row.total
    statuses = [status.value for status in RecordStatus]
    return {kiosk: {status: counter[status] for status in statuses} for kiosk, counter in found.items()}


def difference_from(connection: Connection, told: KioskAudit) -> str | None:
    """The first thing in which the hub and a kiosk's audit differ, in one sentence without its full stop."""
    if not told.ok:
        return f"the audit of {told.kiosk} found one of its own"
    for head in told.heads:
        where = (records.c.kiosk == told.kiosk, records.c.epoch == head.epoch, records.c.seq == head.seq)
        held = connection.scalar(select(records.c.hash).where(*where))
        if held is None:
            return f"{told.kiosk} has delivered record {head.seq} of enrolment {head.epoch}, and it is not here"
        if held != head.hash:
            return f"record {head.seq} of {told.kiosk}, enrolment {head.epoch}, is not the one that the kiosk delivered"
    return _money_difference(connection, told)


def _money_difference(connection: Connection, told: KioskAudit) -> str | None:
    """What the kiosk has delivered against what the hub found inside; nothing where a record could not be opened."""
    up_to = (and_(records.c.epoch == head.epoch, records.c.seq <= head.seq) for head in told.heads)
    reached = and_(records.c.kiosk == told.kiosk, or_(false(), *up_to))
    if connection.scalar(select(func.count()).where(reached, records.c.outcome.is_(None))):
        return None
    moved = [outcome for outcome in Outcome if outcome.money_moved]
    pids = select(records.c.pid).where(reached, records.c.outcome.in_(moved))
    rows = connection.execute(
        select(payments.c.currency, func.sum(payments.c.minor)).where(payments.c.pid.in_(pids)).group_by(payments.c.currency)
    )
    here = {currency: int(minor) for currency, minor in rows}
    sent = Counter({cents.currency: cents.amount_cents for cents in told.approvals.totals})
    sent.subtract({cents.currency: cents.amount_cents for cents in told.queued.totals})
    for currency in sorted(here.keys() | sent.keys()):
        if here.get(currency, 0) != sent[currency]:
            there, held = (format_money(Money(minor, currency), "en_US") for minor in (sent[currency], here.get(currency, 0)))
            return f"{told.kiosk} has delivered payments of {there}, and {held} of them are here"
    return None

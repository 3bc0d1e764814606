"""How much may be taken while the hub is away: what the kiosk's settings and the hub's newest word both allow.

Both are kept as they were when the hub was last heard. Until it is heard again they bind, so that a restart with wider settings
widens nothing while nobody at the hub can see it; narrower settings hold at once.
"""

from __future__ import annotations

import datetime as dt

from domain.limits import Limits, tightest
from domain.money import Money
from offline_queue.identity import Identity
from offline_queue.sqlcipher import Connection
from offline_queue.wire.messages import OfflineLimits


def keep(connection: Connection, identity: Identity, own: Limits | None, told: OfflineLimits | None) -> None:
    """The hub was heard: keeps what the kiosk's own limits and the hub's allow, None where there are none."""
    said = [limits for limits in (own, _limits(told) if told else None) if limits is not None]
    kept = _message(tightest(said[0], said[-1])).model_dump_json() if said else None
    connection.execute("UPDATE enrolments SET limits = ? WHERE epoch = ?", (kept, identity.epoch))


def allowed(connection: Connection, own: Limits) -> Limits:
    """What may be taken now, under the kiosk's settings of now and what was kept."""
    row = connection.execute("SELECT limits FROM enrolments WHERE limits IS NOT NULL ORDER BY epoch DESC LIMIT 1").fetchone()
    return tightest(own, _limits(OfflineLimits.model_validate_json(row[0]))) if row else own


def _limits(told: OfflineLimits) -> Limits:
    payment, total = Money(told.payment, told.currency), Money(told.total, told.currency)
    return Limits(payment, total, told.count, dt.timedelta(seconds=told.age_s))


def _message(limits: Limits) -> OfflineLimits:
    return OfflineLimits(
        currency=limits.payment.currency,
        payment=limits.payment.minor,
        total=limits.total.minor,
        count=limits.count,
        age_s=int(limits.age.total_seconds()),
    )

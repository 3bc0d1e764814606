"""What each kiosk may take while this hub is away, as staff set it; the kiosk hears it with every head."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import select, update

from hub.folder import HubError
from hub.hub import Hub
from hub.schema import kiosks
from offline_queue.wire.messages import OfflineLimits


def told(currency: str, payment: int, total: int, count: int, age_hours: int) -> OfflineLimits:
    """Limits in minor units of `currency`. Raises HubError for what cannot be one."""
    try:
        return OfflineLimits(currency=currency, payment=payment, total=total, count=count, age_s=age_hours * 3600)
    except ValidationError as error:
        raise HubError("limits-malformed", f"The {error.errors()[0]['loc'][0]} cannot be that.") from error


def limits_of(hub: Hub, kiosk: str) -> OfflineLimits | None:
    """What `kiosk` is told, None where its own settings are enough. Raises HubError when there is no such kiosk."""
    with hub.store.reading() as connection:
        row = connection.execute(select(kiosks.c.limits).where(kiosks.c.id == kiosk)).first()
    if row is None:
        raise HubError("no-kiosk", "There is no kiosk with this id.")
    return OfflineLimits.model_validate_json(row.limits) if row.limits else None


def set_limits(hub: Hub, kiosk: str, limits: OfflineLimits | None) -> None:
    """From its next heartbeat on `kiosk` hears `limits`. Raises HubError when there is no such kiosk."""
    kept = limits.model_dump_json() if limits else None
    with hub.store.writing() as connection:
        if connection.execute(update(kiosks).where(kiosks.c.id == kiosk).values(limits=kept)).rowcount == 0:
            raise HubError("no-kiosk", "There is no kiosk with this id.")

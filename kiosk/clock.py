"""The kiosk's clock: handed to whatever needs the time (law 14)."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)

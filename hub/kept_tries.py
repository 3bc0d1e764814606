"""Limited tries that a restart does not forget: in the database for as long as they count, under a MAC of what was tried.

Who looks at the table reads neither a bill's number nor a birth date there, whether somebody has it or not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from hub.schema import tries

WINDOW = dt.timedelta(minutes=15)


def mac_of(key: bytes, what: str) -> str:
    """What stands in the table for `what`; `key` is one that no kiosk has."""
    return hmac.digest(key, f"tries|{what}".encode(), hashlib.sha256).hex()


def wait_for(connection: Connection, mac: str, most: int, now: dt.datetime) -> int:
    """0 while fewer than `most` tries count for `mac`; else the whole seconds until the first of them counts no more."""
    these = select(func.count(), func.min(tries.c.at)).where(tries.c.key == mac, _counts(now))
    count, first = connection.execute(these).one()
    return 0 if count < most else max(1, math.ceil((first + WINDOW - now).total_seconds()))


def keep_tries(connection: Connection, macs: Sequence[str], now: dt.datetime) -> None:
    """Counts one try for each of `macs`, and forgets what counts for nobody any more."""
    connection.execute(delete(tries).where(~_counts(now)))
    connection.execute(insert(tries), [{"key": mac, "at": now} for mac in macs])


def _counts(now: dt.datetime) -> ColumnElement[bool]:
    """Neither too old, nor of a time to come: a clock that was years ahead for a while shall lock nobody out for years."""
    return (tries.c.at > now - WINDOW) & (tries.c.at < now + WINDOW)

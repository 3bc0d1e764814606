"""Appointments, so that who has one today finds their bill by it: the hospital's own list, from today on, and no more."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, insert, select

from hub.folder import HubError
from hub.hub import Hub
from hub.pins import appointment_code
from hub.schema import accounts, appointments

COLUMNS = ["number", "account", "date"]
_NUMBER = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


@dataclass(frozen=True, slots=True)
class Appointment:
    """`number` is the hospital's own; `code` goes to the patient with the reminder, and proves them at a kiosk on that day."""

    number: str
    account: str
    date: dt.date
    code: str


def import_appointments(hub: Hub, path: Path) -> int:
    """Takes the CSV file `path` for the whole list: what is not in it is none any more. Those before today are left out.
    Returns how many there are now. All or nothing; raises HubError, which names the line and none of its words (law 10)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise HubError("appointments-unreadable", f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise HubError("appointments-malformed", f"{path} is not UTF-8 text.") from error
    listed = _listed(text.splitlines())
    today = hub.world.clock().astimezone().date()
    with hub.store.writing() as connection:
        known = set(connection.scalars(select(accounts.c.number)))
        stranger = next((row.line for row in listed if row.account not in known), None)
        if stranger is not None:
            raise HubError("appointments-malformed", f"Line {stranger}: there is no such account here.")
        coming = [{"number": row.number, "account": row.account, "date": row.date} for row in listed if row.date >= today]
        connection.execute(delete(appointments))
        if coming:
            connection.execute(insert(appointments), coming)
    return len(coming)


def listed_appointments(hub: Hub) -> tuple[Appointment, ...]:
    """Every one, by date and number."""
    with hub.store.reading() as connection:
        rows = connection.execute(select(appointments).order_by(appointments.c.date, appointments.c.number)).all()
    return tuple(Appointment(row.number, row.account, row.date, appointment_code(hub.keys.pins, row.number)) for row in rows)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    number: str
    account: str
    date: dt.date


def _listed(lines: list[str]) -> list[_Row]:
    if not lines or lines[0].split(",") != COLUMNS:
        raise HubError("appointments-malformed", f"Its first line must be {','.join(COLUMNS)}.")
    rows, numbers = csv.reader(lines[1:], strict=True), set[str]()
    found = list[_Row]()
    try:
        for number, account, date in rows:
            if not _NUMBER.fullmatch(number) or number in numbers:
                why = "the number is missing, too long, or there twice"
                raise HubError("appointments-malformed", f"Line {rows.line_num + 1}: {why}.")
            numbers.add(number)
            found.append(_Row(rows.line_num + 1, number, account, dt.date.fromisoformat(date)))
    except (ValueError, csv.Error) as error:
        raise HubError("appointments-malformed", f"Line {rows.line_num + 1} is not number,account,YYYY-MM-DD.") from error
    return found

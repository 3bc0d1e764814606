"""A person who has no bill to show: found by their name and birth date, believed for six digits that only they were sent.

Whatever is wrong costs the same: two queries, the names of everybody born on that day, and CHECKED proofs, of nobody's where
there are fewer.
"""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy import Connection, bindparam, select

from domain.billing import Statement
from domain.names import Proof, same_name
from hub.pins import appointment_code, statement_pin
from hub.schema import accounts, appointments, statements
from hub.statements import read
from offline_queue.wire.messages import NamedLookup

CHECKED = 12
"""Proofs that are compared: the newest statements, or today's appointments, of whoever has that name and birth date."""

_BORN = select(accounts.c.number, accounts.c.guarantor_name).where(
    accounts.c.guarantor_birth_date == bindparam("day"), accounts.c.closed_at.is_(None)
)
_SENT = (
    select(statements.c.number, statements.c.account)
    .where(statements.c.account.in_(bindparam("of", expanding=True)))
    .order_by(statements.c.issued.desc(), statements.c.number.desc())
    .limit(CHECKED)
)
_EXPECTED = (
    select(appointments.c.number, appointments.c.account)
    .where(appointments.c.account.in_(bindparam("of", expanding=True)), appointments.c.date == bindparam("day"))
    .order_by(appointments.c.number)
    .limit(CHECKED)
)


def find_proved(connection: Connection, key: bytes, lookup: NamedLookup, today: dt.date) -> Statement | None:
    """The statement that the digits are the PIN of; or, for the code of an appointment, the newest on its account that has
    something due. None for whatever is wrong, and where two people's proofs are the same: that is nobody's proof."""
    born = connection.execute(_BORN, {"day": lookup.birth_date}).all()
    named = [row.number for row in born if same_name(row.guarantor_name, lookup.name)]
    if lookup.proof is Proof.STATEMENT_PIN:
        rows, digits_of = connection.execute(_SENT, {"of": named}).all(), statement_pin
    else:
        rows, digits_of = connection.execute(_EXPECTED, {"of": named, "day": today}).all(), appointment_code
    places = [(row.number, row.account) for row in rows] + [("", "")] * (CHECKED - len(rows))
    right = [place for place in places if hmac.compare_digest(digits_of(key, place[0]), lookup.digits)]
    proved = [place for place in right if place[0]]
    if len({account for _, account in proved}) != 1:
        return None
    number, account = proved[0]
    return read(connection, number) if lookup.proof is Proof.STATEMENT_PIN else _to_pay(connection, account)


def _to_pay(connection: Connection, account: str) -> Statement | None:
    """The newest statement of an account with something due, else its newest; None where it has none yet."""
    sent = [read(connection, row.number) for row in connection.execute(_SENT, {"of": [account]})]
    return next((statement for statement in sent if statement.due.minor > 0), sent[0] if sent else None)

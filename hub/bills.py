"""A bill as it goes to a patient: the statement, whose it is, the texts of the two codes that are printed on it, and its PIN."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from domain.billing import Statement
from domain.statement_codes import StatementRef, link_text, numbered_text, read_typed
from hub.hub import Hub
from hub.pins import statement_pin
from hub.schema import accounts, statements
from hub.statements import read


@dataclass(frozen=True, slots=True)
class Bill:
    """`link_text` is what the QR code says, `numbered_text` the Code 128; `birth_date` is the guarantor's, `pin` finds it by
    their name (hub/pins.py)."""

    statement: Statement
    birth_date: dt.date
    link_text: str
    numbered_text: str
    pin: str


def bills(hub: Hub) -> tuple[Bill, ...]:
    """Every bill as it stands now, by account, the newest of an account first."""
    by_account = _places().order_by(statements.c.account, statements.c.issued.desc(), statements.c.number)
    with hub.store.reading() as connection:
        return tuple(_bill(hub, connection, row) for row in connection.execute(by_account).all())


def find_bill(hub: Hub, number: str) -> Bill | None:
    """The bill of the statement `number` as it stands now; None where there is none."""
    with hub.store.reading() as connection:
        row = connection.execute(_places().where(statements.c.number == number)).one_or_none()
        return None if row is None else _bill(hub, connection, row)


def number_of(given: str) -> str:
    """The statement's number from what somebody types: as it is here, or as it is printed, with its check digits."""
    ref = read_typed(given.strip().upper().removeprefix("LP"))
    return ref.value if isinstance(ref, StatementRef) else given


def _places() -> Select[tuple[str, str, dt.date]]:
    return select(statements.c.number, statements.c.opaque, accounts.c.guarantor_birth_date).join(
        accounts, accounts.c.number == statements.c.account
    )


def _bill(hub: Hub, connection: Connection, row: Row[Any]) -> Bill:
    kid, key = next(iter(hub.keys.links.items()))
    return Bill(
        statement=read(connection, row.number),
        birth_date=row.guarantor_birth_date,
        link_text=link_text(key, hub.keys.hosts[0].upper(), kid, row.opaque),
        numbered_text=numbered_text(row.number),
        pin=statement_pin(hub.keys.pins, row.number),
    )

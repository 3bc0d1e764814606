"""Other billers' references of a statement, as staff give them: what a kiosk then finds it by."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection, select

from domain.biller_references import holds, is_reference
from hub.folder import HubError
from hub.hub import Hub
from hub.schema import biller_references, statements
from hub.statements import ReferenceTaken, refer

_log = structlog.get_logger()


def give(hub: Hub, number: str, references: Sequence[str]) -> tuple[str, ...]:
    """Has all of `references` name the statement `number`, or none of them, and returns all that name it then. One that named an
    older statement of the same account names this one from now on.

    Raises HubError for a statement that is not there, for what is no reference, and for one that names another statement.
    """
    for reference in references:
        if not is_reference(reference):
            form = "write SCHEME/REFERENCE, in capitals and digits, as RF/RF18539007547034"
            raise HubError("reference-malformed", f"{reference!r} is no reference: {form}.")
        if not holds(reference):
            raise HubError("reference-misread", f"The check digits of {reference} do not fit: it is mistyped.")
    with hub.store.writing() as connection:
        place = connection.execute(select(statements.c.account, statements.c.issued).where(statements.c.number == number)).first()
        if place is None:
            raise HubError("no-statement", f"There is no statement {number}. `hub statements` lists them.")
        for reference in references:
            try:
                named = refer(connection, reference, number, place.account, place.issued)
            except ReferenceTaken as taken:
                raise HubError("reference-taken", f"{reference} names statement {taken.number}, of another account.") from taken
            if named != number:
                raise HubError("reference-newer", f"{reference} names statement {named}, a newer one of the same account.")
        held = _held(connection, number)
    if references:
        _log.info("hub.referred", count=len(references))
    return held


def _held(connection: Connection, number: str) -> tuple[str, ...]:
    named = select(biller_references.c.value).where(biller_references.c.statement == number).order_by(biller_references.c.value)
    return tuple(connection.scalars(named))

"""What of a payment is for which bill, where it is for several: from the wire into their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert

from domain.statement_codes import RefKind, StatementRef
from hub.schema import payment_parts
from hub.statements import StatementRow
from offline_queue.wire.messages import RecordPart

_BEFORE = delete(payment_parts).where(payment_parts.c.pid.in_(bindparam("pids", expanding=True)))
_ADD = insert(payment_parts)
"""Made once: building a statement takes ten times as long as running it."""


def part_ref(part: RecordPart) -> StatementRef:
    return StatementRef(RefKind.NUMBER, part.statement)


def part_rows(pid: str, parts: Sequence[RecordPart], bills: Mapping[StatementRef, StatementRow]) -> list[dict[str, Any]]:
    """The rows of payment `pid`: of the parts whose bills are known."""
    known = [(part, bills[part_ref(part)]) for part in parts if part_ref(part) in bills]
    return [
        {
            "pid": pid,
            "position": position,
            "account": bill.account,
            "statement": bill.number,
            "visit": part.visit,
            "minor": part.minor,
        }
        for position, (part, bill) in enumerate(known, start=1)
    ]


def keep_parts(connection: Connection, rows: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Keeps the rows of each payment, by its id, in place of those there were: the newest word counts."""
    if rows:
        connection.execute(_BEFORE, {"pids": list(rows)})
    told = [row for each in rows.values() for row in each]
    if told:
        connection.execute(_ADD, told)

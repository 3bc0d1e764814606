"""Payments in a kiosk's memory as the benchmarks need them: through the shipped code, a record of 600 bytes each."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from domain.money import Money
from domain.payment import Attempt, Card, Mark, Outcome, Result, Tender, new_attempt_id
from domain.statement_codes import RefKind, StatementRef
from offline_queue import attempts, identity
from offline_queue.database import Database
from offline_queue.identity import Identity
from offline_queue.seals import Seals
from offline_queue.sqlcipher import Connection

RECORD_BYTES = 600
"""The plain text that is sealed."""
IN_ONE_TRANSACTION = 1_000


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def payment(statement: str, account: str = "") -> Attempt:
    """An attempt to pay a dollar of the bill with this printed number."""
    at = now()
    return Attempt(
        id=new_attempt_id(at, os.urandom(10)),
        ref=StatementRef(RefKind.NUMBER, statement),
        statement=statement,
        account=account,
        amount=Money(100, "USD"),
        tender=Tender.CARD,
        offline=False,
        newest=Mark(receipt=16, trace=17),
        opened_at=at,
    )


def approved(attempt: Attempt) -> Result:
    """The terminal's word on it, as long as makes the record RECORD_BYTES."""
    return Result(
        outcome=Outcome.APPROVED,
        amount=attempt.amount,
        card=Card("VISACARD", "4242"),
        receipt=17,
        trace=18,
        terminal_id="52523535" * 8,
        authorization="1234" * 16,
        reason="x" * (64 - len(attempt.account)),
    )


def open_memory(folder: Path) -> tuple[Database, Identity]:
    """The database of the enrolled kiosk in `folder`, on this thread and while no journal is open, and who it is."""
    database = Database(folder)
    who = database.transact(identity.load)
    if who is None:
        raise LookupError("the kiosk is not enrolled")
    return database, who


def queue(folder: Path, statements: Iterator[str], count: int, progress: Callable[[str], None]) -> None:
    """Opens and settles `count` payments in the memory in `folder`, many in a transaction: only the hub has to hurry here."""
    database, who = open_memory(folder)
    seals = Seals()
    for done in range(0, count, IN_ONE_TRANSACTION):
        progress(f"queued {done} of {count}")
        paid = [payment(next(statements)) for _ in range(min(IN_ONE_TRANSACTION, count - done))]

        def pay(connection: Connection, paid: list[Attempt] = paid) -> None:
            for attempt in paid:
                attempts.open_attempt(connection, attempt, None, now())
                attempts.settle(connection, who, seals, attempt.id, approved(attempt), now())

        database.transact(pay)
    database.close()

"""The books: always balanced and append only; and what goes around the triggers is found."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from domain.money import MOST_MINOR, Money
from hub import ledger
from hub.audit import first_difference
from hub.hub import Hub
from hub.ledger import Book, Books, LedgerError, Line, Share
from hub.schema import journal_entries, journal_lines, kiosks, payments
from offline_queue.wire.chain import FIRST_HASH
from tests.hub.conftest import ACCOUNT, NUMBER, Time, bill, put
from tests.hub.kiosk import OPENED

NOW = OPENED


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def keep(connection: Connection, pid: str, minor: int) -> None:
    """A payment's row, which a posting refers to."""
    if connection.scalar(select(kiosks.c.id)) is None:
        connection.execute(insert(kiosks).values(id="k", name="K", added_at=NOW, epoch=0, head_seq=0, head_hash=FIRST_HASH))
    connection.execute(
        insert(payments).values(
            pid=pid, kiosk="k", state="approved", account=ACCOUNT, statement=NUMBER, tender="card", minor=minor,
            currency="USD", offline=False, approved_offline=False, brand="", last4="", terminal_id="", authorization="",
            reason="", opened_at=NOW, settled_at=NOW, received_at=NOW,
        )
    )  # fmt: skip


def lines_of(connection: Connection, number: int) -> list[tuple[Any, ...]]:
    query = select(journal_lines.c.book, journal_lines.c.minor).where(journal_lines.c.entry == number)
    return [tuple(row) for row in connection.execute(query.order_by(journal_lines.c.position))]


def pay(connection: Connection, pid: str, minor: int, *, deferred: bool = False) -> str:
    keep(connection, pid, minor)
    return post(connection, pid, minor, deferred=deferred)


def post(connection: Connection, pid: str, minor: int, *, deferred: bool = False) -> str:
    books = Books(connection, NOW, [ACCOUNT])
    posting = books.post_payment(pid, [Share(ACCOUNT, NUMBER, usd(minor))], deferred=deferred)
    books.write()
    return posting


def test_a_statement_opens_what_its_account_owes(hub: Hub) -> None:
    with hub.store.reading() as connection:
        assert lines_of(connection, 1) == [("receivable", 12550), ("billing", -12550)]
        assert ledger.due(connection, NUMBER, "USD") == ledger.balance(connection, ACCOUNT, "USD") == usd(12550)


def test_a_payment_lowers_what_is_due(hub: Hub) -> None:
    with hub.store.writing() as connection:
        assert pay(connection, "p", 2550) == "P00000002"
        assert lines_of(connection, 2) == [("card-clearing", 2550), ("receivable", -2550)]
        assert ledger.posting_of_payment(connection, "p") == "P00000002"
        assert ledger.posting_of_payment(connection, "q") is None


def test_what_exceeds_the_due_is_owed_to_the_patient(hub: Hub) -> None:
    with hub.store.writing() as connection:
        pay(connection, "p", 13000)
        pay(connection, "q", 100)
        assert lines_of(connection, 2) == [("card-clearing", 13000), ("receivable", -12550), ("unapplied", -450)]
        assert lines_of(connection, 3) == [("card-clearing", 100), ("unapplied", -100)]
        assert ledger.due(connection, NUMBER, "USD") == usd(-550)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_payment_of_nothing_is_refused(hub: Hub, minor: int) -> None:
    with hub.store.writing() as connection, pytest.raises(LedgerError):
        post(connection, "p", minor)


def test_a_payment_is_posted_once_even_if_asked_twice(hub: Hub) -> None:
    with hub.store.writing() as connection:
        pay(connection, "p", 100)
        with pytest.raises(sa.exc.IntegrityError):
            post(connection, "p", 100)
        connection.rollback()
    with hub.store.reading() as connection:
        assert ledger.due(connection, NUMBER, "USD") == usd(12550)


CHANGES = [
    "UPDATE journal_entries SET made_at = made_at",
    "DELETE FROM journal_entries",
    "UPDATE journal_lines SET minor = minor + 1",
    "DELETE FROM journal_lines",
    "REPLACE INTO journal_lines SELECT * FROM journal_lines WHERE position = 1",
    "INSERT INTO journal_lines VALUES (1, 3, 'billing', NULL, NULL, 5, 'USD')",
    "INSERT INTO journal_entries VALUES (2, '2026-01-01', 'statement', NULL, NULL, NULL)",
    "INSERT INTO journal_entries VALUES (9, '2026-01-01', 'statement', NULL, NULL, NULL)",
    "DELETE FROM payments",
    "UPDATE payments SET minor = 1",
    "UPDATE payments SET state = 'declined'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_the_books(hub: Hub, change: str) -> None:
    with hub.store.writing() as connection:
        keep(connection, "p", 100)
    with pytest.raises(sa.exc.IntegrityError), hub.store.writing() as connection:
        connection.exec_driver_sql(change)
    with hub.store.reading() as connection:
        assert ledger.due(connection, NUMBER, "USD") == usd(12550)


def enter(connection: Connection, *sides: Line) -> None:
    books = Books(connection, NOW)
    books.enter(sides, "statement")
    books.write()


def test_an_entry_that_does_not_balance_in_each_currency_is_refused(hub: Hub) -> None:
    lopsided = (Line(Book.BILLING, usd(5)), Line(Book.CARD_CLEARING, Money(-5, "EUR")))
    alone = (Line(Book.BILLING, usd(5)),)
    for sides in (lopsided, alone):
        with pytest.raises(sa.exc.IntegrityError), hub.store.writing() as connection:
            enter(connection, *sides)


def test_lines_that_no_entry_closes_do_not_survive(hub: Hub) -> None:
    with pytest.raises(sa.exc.IntegrityError), hub.store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO journal_lines VALUES (2, 1, 'billing', NULL, NULL, 5, 'USD')")


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE journal_lines SET minor = 1 WHERE entry = 1 AND position = 1", "entry P00000001 does not balance in USD"),
        ("DELETE FROM journal_entries WHERE number = 2", "entry P00000002 is missing"),
        ("DELETE FROM journal_entries WHERE number = 3", "entry P00000003 was never closed"),
    ],
)
def test_the_audit_finds_what_went_around_the_triggers(hub: Hub, damage: str, fault: str) -> None:
    with hub.store.writing() as connection:
        pay(connection, "p", 100)
        pay(connection, "q", 100)
    with hub.store.writing() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(damage)
        assert ledger.first_fault(connection) == fault
        assert first_difference(connection) == fault
        connection.rollback()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 20_000), st.booleans()),
        st.tuples(st.just("bill"), st.integers(0, 30_000), st.just(False)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_the_books_balance(hub: Hub, time: Time, steps: list[tuple[str, int, bool]]) -> None:
    """Against a model that knows nothing of books: what is owed is bills minus payments."""
    with hub.store.writing() as connection:
        entries = {1: 12550}
        for index, (step, number, deferred) in enumerate(steps):
            following = len(entries) + 1
            if step == "pay":
                pay(connection, f"p{index}", number, deferred=deferred)
                entries[following] = -number
            elif step == "bill" and number:
                ledger.open_statement(connection, ACCOUNT, NUMBER, usd(number), NOW)
                entries[following] = number
        assert ledger.first_fault(connection) is None
        assert ledger.balance(connection, ACCOUNT, "USD").minor == sum(entries.values())
        assert connection.scalar(select(sa.func.coalesce(sa.func.sum(journal_lines.c.minor), 0))) == 0
        assert connection.scalar(select(sa.func.count()).select_from(journal_entries)) == len(entries)
        connection.rollback()


@pytest.mark.parametrize("minor", [0, -450, 1, MOST_MINOR])
def test_opening_balances_of_every_sign(hub: Hub, minor: int) -> None:
    put(hub, "A2", (bill("1000000001", "A2", 0), "B" * 16))
    with hub.store.writing() as connection:
        ledger.open_statement(connection, "A2", "1000000001", usd(minor), NOW)
        assert ledger.due(connection, "1000000001", "USD") == usd(minor)
        assert ledger.first_fault(connection) is None
        connection.rollback()

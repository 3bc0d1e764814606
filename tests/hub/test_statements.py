"""Statements in and out of the database, and where payments land on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import Category, Charge, PaymentReceived, Statement, VisitLines
from domain.money import Money, total
from domain.statement_codes import RefKind, StatementRef
from hub import ledger
from hub.audit import first_difference
from hub.hub import Hub
from hub.statements import ReferenceTaken, add_statement, find, read, with_payments
from offline_queue.wire.messages import MOST_LINES, BatchAnswer, LookupAnswer, RecordStatus
from tests.hub.conftest import ACCOUNT, NUMBER, bill, named, put
from tests.hub.kiosk import ScriptedKiosk, payment
from tests.log_watch import LogWatch

DATE = dt.date(2026, 10, 6)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def visit(minor: int) -> VisitLines:
    return VisitLines("V", DATE, "Clinic", "A", (Charge(DATE, "Visit", usd(minor)),), (), ())


def paid(minor: int) -> PaymentReceived:
    return PaymentReceived(DATE, "Payment", usd(minor), by_insurance=False)


def amounts(visits: list[VisitLines]) -> list[list[int]]:
    return [[payment.amount.minor for payment in each.payments] for each in visits]


@pytest.mark.parametrize(
    ("charges", "payments", "expected"),
    [
        ([100, 200], [50], [[50], []]),
        ([100, 200], [150], [[100], [50]]),
        ([100, 200], [150, 150], [[100], [50, 150]]),
        ([100, 200], [400], [[100], [300]]),
        ([0, 0], [5], [[], [5]]),
        ([100], [], [[]]),
    ],
)
def test_payments_fill_visits_in_order(charges: list[int], payments: list[int], expected: list[list[int]]) -> None:
    result = with_payments([visit(minor) for minor in charges], [("", paid(minor)) for minor in payments])
    assert amounts(result) == expected


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=5), st.lists(st.integers(1, 10_000), max_size=6))
def test_no_cent_is_lost_on_the_way(charges: list[int], payments: list[int]) -> None:
    result = with_payments([visit(minor) for minor in charges], [("", paid(minor)) for minor in payments])
    assert total((each.due("USD") for each in result), "USD").minor == sum(charges) - sum(payments)
    assert all(each.due("USD").minor >= 0 for each in result[:-1])


def test_a_statement_without_visits_is_refused(hub: Hub) -> None:
    empty = Statement("1000000001", ACCOUNT, "A", DATE, usd(0), ())
    with hub.store.writing() as connection, pytest.raises(ValueError, match="visit"):
        add_statement(connection, empty, "B" * 16, hub.world.clock())


def test_a_statement_with_more_lines_than_a_kiosk_takes_is_refused(hub: Hub) -> None:
    long = replace(visit(0), charges=(Charge(DATE, "Visit", usd(0)),) * (MOST_LINES + 1))
    many = Statement("1000000001", ACCOUNT, "A", DATE, usd(0), (long,))
    with hub.store.writing() as connection, pytest.raises(ValueError, match="than a kiosk takes"):
        add_statement(connection, many, "B" * 16, hub.world.clock())


def test_a_visit_may_have_no_lines(hub: Hub) -> None:
    bare = Statement("1000000001", ACCOUNT, "Maria Alvarez", DATE, usd(0), (VisitLines("V", DATE, "P", "A", (), (), ()),))
    with hub.store.writing() as connection:
        add_statement(connection, bare, "B" * 16, hub.world.clock())
        assert read(connection, "1000000001") == bare
        assert first_difference(connection) is None


async def test_an_estimate_and_categories_come_back_and_what_was_never_said_is_not_written(
    hub: Hub, kiosk: ScriptedKiosk
) -> None:
    """A kiosk of an earlier release knows neither, and refuses what it does not know."""
    plain = (await kiosk.look_up("number", NUMBER, "1984-03-17")).json()["statement"]
    assert "estimate" not in plain
    assert set(plain["visits"][0]["charges"][0]) == {"date", "description", "amount"}
    charges = (Charge(DATE, "Visit", usd(300), Category.CARE), Charge(DATE, "Bandage", usd(50)))
    told = Statement("1000000001", ACCOUNT, "Maria Alvarez", DATE, usd(350), (replace(visit(0), charges=charges),), usd(100))
    with hub.store.writing() as connection:
        add_statement(connection, told, "B" * 16, hub.world.clock())
    answer = await kiosk.look_up("number", told.number, "1984-03-17")
    assert LookupAnswer.model_validate_json(answer.content).statement == told


def test_a_reference_means_the_newest_statement_of_its_account(hub: Hub) -> None:
    """A lockbox's scan line names the account, month after month."""
    with hub.store.writing() as connection:
        for number, opaque in (("7000000001", "C" * 16), ("7000000002", "D" * 16)):
            add_statement(connection, bill(number, ACCOUNT, 500), opaque, hub.world.clock(), ["LOCKBOX/00345678901"])
    assert named(hub, "LOCKBOX/00345678901") == "7000000002"
    assert named(hub, "LOCKBOX/00345678902") is None


def test_a_statement_that_comes_late_takes_no_reference_from_a_newer_one(hub: Hub) -> None:
    with hub.store.writing() as connection:
        for number, opaque, issued in (("7000000001", "C" * 16, 10), ("7000000002", "D" * 16, 8)):
            late = replace(bill(number, ACCOUNT, 500), issued=dt.date(2026, issued, 6))
            add_statement(connection, late, opaque, hub.world.clock(), ["LOCKBOX/00345678901"])
    assert named(hub, "LOCKBOX/00345678901") == "7000000001"


def test_a_reference_never_moves_to_another_account(hub: Hub) -> None:
    with hub.store.writing() as connection:
        add_statement(connection, bill("7000000001", ACCOUNT, 500), "C" * 16, hub.world.clock(), ["RF/RF712348231"])
    put(hub, "A200002", (bill("7000000002", "A200002", 100), "D" * 16))
    stranger = bill("7000000003", "A200002", 900)
    with pytest.raises(ReferenceTaken, match="RF/RF712348231"), hub.store.writing() as connection:
        add_statement(connection, stranger, "E" * 16, hub.world.clock(), ["RF/RF712348231"])
    assert named(hub, "RF/RF712348231") == "7000000001"
    with hub.store.reading() as connection:
        assert StatementRef(RefKind.NUMBER, "7000000003") not in find(connection, [StatementRef(RefKind.NUMBER, "7000000003")])


async def test_a_payment_by_another_billers_reference_lands_on_its_statement(
    hub: Hub, kiosk: ScriptedKiosk, log_watch: LogWatch
) -> None:
    """Taken while the hub was away: the kiosk knew neither number nor account."""
    log_watch.expect("hub.parked")
    with hub.store.writing() as connection:
        add_statement(connection, bill("7000000001", ACCOUNT, 2550), "C" * 16, hub.world.clock(), ["RF/RF712348231"])
    kiosk.queue(payment(kiosk.new_pid(), ref={"kind": "biller", "value": "RF/RF712348231"}, account="", offline=True))
    kiosk.queue(payment(kiosk.new_pid(), ref={"kind": "biller", "value": "RF/RF18539007547034"}, account="", offline=True))
    said = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content)
    assert [(each.status, each.code) for each in said.results] == [
        (RecordStatus.POSTED, ""),
        (RecordStatus.PARKED, "unknown-statement"),
    ]
    with hub.store.reading() as connection:
        assert ledger.due(connection, "7000000001", "USD").minor == 0

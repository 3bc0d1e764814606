"""Whole visits at a reader that hands over encrypted cards: the hub asks the bank, at once or, of what was captured, later."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from demo.world import World
from hub.bills import Bill
from hub.demo_data import demo_bills
from hub.folder import Folder
from hub.hub import open_hub
from hub.schema import authorizations
from offline_queue.reader import AttemptSeen
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys-neo2")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with World(tmp_path_factory.mktemp("reader"), seed=11, card_delay_ms=200, protocol="neo2") as world:
        yield Hall(world)


@pytest.fixture
def kiosk(hall: Hall) -> Hall:
    if not hall.world.hub.alive:
        hall.world.restore_hub()
    return hall


@pytest.fixture
def visitor(kiosk: Hall) -> Iterator[Visitor]:
    with Visitor(kiosk.world.socket) as visitor:
        visitor.leave()
        yield visitor


@pytest.fixture
def bill(kiosk: Hall) -> Bill:
    """One of which the tests' amounts can be paid."""
    while (bill := kiosk.bill()).statement.due.minor < 3000:
        continue
    return bill


def bank(kiosk: Hall, attempt: AttemptSeen) -> str | None:
    """How its authorization stands at the hub."""
    hub = open_hub(Folder(kiosk.world.hub_folder))
    try:
        with hub.store.reading() as connection:
            return connection.scalar(select(authorizations.c.state).where(authorizations.c.pid == attempt.id))
    finally:
        hub.store.close()


def due(kiosk: Hall, bill: Bill) -> int:
    found = next(each for each in demo_bills(kiosk.world.hub_folder) if each.statement.number == bill.statement.number)
    return found.statement.due.minor


def chooses(visitor: Visitor, cents: str) -> None:
    visitor.touch("other-amount")
    visitor.wait("amount")
    visitor.type(cents)
    visitor.touch("pay")


@pytest.mark.parametrize("cents", ["2500", "2568"])
def test_an_approval_online(kiosk: Hall, visitor: Visitor, bill: Bill, cents: str) -> None:
    """Of 25.68 the bank's answer is lost on its way to the hub: the driver asks, and hears it."""
    kiosk.to_statement(visitor, bill)
    chooses(visitor, cents)
    visitor.wait("approved")
    visitor.leave()
    kiosk.delivered()
    seen = kiosk.last()
    assert (seen.state.value, seen.amount.minor, bank(kiosk, seen)) == ("approved", int(cents), "approved")
    assert kiosk.posting(seen)
    assert due(kiosk, bill) == bill.statement.due.minor - int(cents)


def test_a_decline_online(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    chooses(visitor, "2551")
    assert visitor.wait("declined")["tone"] == "bad"
    seen = kiosk.last()
    assert (seen.state.value, bank(kiosk, seen)) == ("declined", "declined")
    assert due(kiosk, bill) == bill.statement.due.minor


def captures(kiosk: Hall, visitor: Visitor, bill: Bill, cents: str) -> AttemptSeen:
    """The hub goes just before the patient says yes; it comes back when the payment was captured."""
    kiosk.to_statement(visitor, bill)
    kiosk.world.cut_hub()
    chooses(visitor, cents)
    consent = visitor.wait("consent")
    assert "cannot ask your bank now" in json.dumps(consent)
    visitor.press("primary")
    accepted = visitor.wait("accepted")
    assert "not yet approved by your bank" in json.dumps(accepted)
    visitor.leave()
    seen = kiosk.last()
    assert (seen.state.value, seen.offline) == ("captured", True)
    kiosk.world.restore_hub()
    kiosk.delivered()
    return kiosk.last()


def test_a_captured_payment_is_authorised_on_forward(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    seen = captures(kiosk, visitor, bill, "2500")
    assert kiosk.posting(seen)
    until(lambda: bank(kiosk, seen) == "approved", 60)
    assert due(kiosk, bill) == bill.statement.due.minor - 2500


def test_a_captured_payment_that_the_bank_declines_on_forward_is_owed_again_and_the_kiosk_hears(
    kiosk: Hall, visitor: Visitor, bill: Bill
) -> None:
    seen = captures(kiosk, visitor, bill, "2551")
    until(lambda: bank(kiosk, seen) == "declined", 60)
    assert due(kiosk, bill) == bill.statement.due.minor
    kiosk.restart_engine()  # its heartbeat is at its start: no need to wait five minutes for it
    until(lambda: kiosk.last().delivery == "declined", 60)


def test_an_engine_killed_while_the_bank_is_asked_finds_out_and_charges_once(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    chooses(visitor, "2500")
    visitor.wait("card")
    until(lambda: bank(kiosk, kiosk.last()) is not None, 60)
    kiosk.restart_engine()
    until(lambda: kiosk.last().state.value in ("approved", "cancelled", "declined"), 60)
    kiosk.delivered()
    seen = kiosk.last()
    assert (seen.state.value == "approved") == (bank(kiosk, seen) == "approved")
    assert due(kiosk, bill) == bill.statement.due.minor - (2500 if seen.state.value == "approved" else 0)


def test_no_card_number_is_in_any_file_of_the_kiosk_or_the_hub(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    chooses(visitor, "2500")
    visitor.wait("approved")
    visitor.leave()
    kiosk.delivered()
    numbers = [number.encode() for number in ("4761739001010010", "5413330089020011", "374245001751006")]
    numbers += [bytes.fromhex(number.decode() + "F" * (len(number) % 2)) for number in numbers]
    for path in kiosk.world.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(number in content for number in numbers), path.name

"""Patients who have no bill to show: found by what they know, paid and posted like anybody; and who only tries learns nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.bills import birth_digits
from demo.world import World
from domain.names import words
from hub.appointments import import_appointments, listed_appointments
from hub.bills import Bill
from hub.demo_data import demo_bills
from hub.folder import Folder
from hub.hub import open_hub, utc_now
from kiosk.visit.finding import LETTERS
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture
def bill(kiosk: Hall) -> Bill:
    """One whose name has the letters of the keys."""
    while True:
        bill = kiosk.bill()
        if set(typed_name(bill)) <= set(LETTERS + " "):
            return bill


def typed_name(bill: Bill) -> str:
    """As on a form that asks for the last name first, and has no accents."""
    return " ".join(reversed(words(bill.statement.guarantor_name))).upper()


def to_other_ways(visitor: Visitor, count: int) -> dict[str, Any]:
    """So many: a kiosk that has not noticed yet that the hub has gone, or is back, is asked once more from the start."""
    while True:
        visitor.to_scan()
        visitor.touch("other-ways")
        shown = visitor.wait("other-ways")
        if len(shown["middle"]["items"]) == count:
            return shown
        visitor.leave()


def to_proof(visitor: Visitor, bill: Bill, way: str, screen: str) -> None:
    to_other_ways(visitor, 3)
    visitor.touch(way)
    visitor.wait("name")
    visitor.type(typed_name(bill))
    visitor.touch("next")
    visitor.wait("birth-date")
    visitor.type(birth_digits(bill.birth_date, "en"))
    visitor.touch("next")
    visitor.wait(screen)


def pays(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    """Once the bill is on the screen."""
    shown = visitor.wait("statement")
    assert bill.numbered_text[-4:] in shown["lines"][0]["text"]
    visitor.touch("pay")
    kiosk.taps()
    visitor.wait("approved")
    assert kiosk.last().amount == bill.statement.due
    kiosk.delivered()
    assert kiosk.posting(kiosk.last())


def test_a_name_a_birth_date_and_a_pin_find_the_bill(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    to_proof(visitor, bill, "by-name", "statement-pin")
    visitor.type(bill.pin)
    visitor.touch("next")
    pays(kiosk, visitor, bill)
    visitor.leave()
    logs = "".join(path.read_text(encoding="utf-8") for path in world.folder.glob("*.log"))
    assert typed_name(bill) not in logs
    assert bill.pin not in logs


def test_todays_appointment_finds_the_bill(kiosk: Hall, world: World, visitor: Visitor, bill: Bill, tmp_path: Path) -> None:
    file = tmp_path / "appointments.csv"
    file.write_text(f"number,account,date\nT-77,{bill.statement.account},{utc_now().astimezone().date()}\n")
    hub = open_hub(Folder(world.hub_folder))
    try:
        import_appointments(hub, file)
        (expected,) = listed_appointments(hub)
    finally:
        hub.store.close()
    to_proof(visitor, bill, "by-appointment", "appointment")
    visitor.type(expected.code)
    visitor.touch("next")
    of_account = (sent for sent in demo_bills(world.hub_folder) if sent.statement.account == bill.statement.account)
    pays(kiosk, visitor, next(sent for sent in of_account if sent.statement.due.minor > 0))  # the newest that has something due


def test_who_tries_learns_nothing_and_is_sent_to_the_desk(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    to_proof(visitor, bill, "by-name", "statement-pin")
    for notice in ("do not match a bill", "do not match a bill", ""):
        visitor.type(f"{(int(bill.pin) + 1) % 10**6:06d}")
        visitor.touch("next")
        visitor.wait("looking-up")
        if notice:
            visitor.wait("statement-pin", notice=notice)
        else:
            visitor.wait("see-desk")
    assert bill.statement.guarantor_name not in str(visitor.snapshot)


def test_with_the_hub_down_a_name_is_not_asked_for(kiosk: Hall, world: World, visitor: Visitor) -> None:
    world.cut_hub()
    shown = to_other_ways(visitor, 1)
    assert "number only" in shown["lines"][0]["text"]

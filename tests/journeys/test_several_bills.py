"""A parent with two bills: both at once, then by visit; what the hub has posted of each is what the kiosk said."""

from __future__ import annotations

from typing import Any

import pytest

from demo.bills import birth_digits
from domain.money import Money, total
from hub.bills import Bill
from hub.folder import Folder
from hub.hub import open_hub
from hub.schema import journal_entries, journal_lines
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


def posted(kiosk: Hall) -> dict[str, int]:
    """What the newest payment's entry has taken off each statement, in cents."""
    hub = open_hub(Folder(kiosk.world.hub_folder))
    try:
        with hub.store.reading() as connection:
            entry = journal_entries.select().where(journal_entries.c.payment == kiosk.last().id)
            number = connection.execute(entry).one().number
            lines = connection.execute(journal_lines.select().where(journal_lines.c.entry == number)).all()
            return {line.statement: -line.minor for line in lines if line.statement}
    finally:
        hub.store.close()


def to_choice(kiosk: Hall, visitor: Visitor, bill: Bill) -> dict[str, Any]:
    kiosk.to_birth_date(visitor, bill)
    visitor.type(birth_digits(bill.birth_date, "en"))
    visitor.touch("next")
    return visitor.wait("choose-bills")


def taken(kiosk: Hall, visitor: Visitor) -> dict[str, int]:
    kiosk.taps()
    visitor.wait("approved")
    visitor.leave()
    kiosk.delivered()
    assert kiosk.posting(kiosk.last())
    return posted(kiosk)


def test_two_bills_are_paid_at_once_and_the_rest_of_one_by_visit(kiosk: Hall, visitor: Visitor) -> None:
    """Two visits of a person: the journal has one payment each time, and the hub one entry, in balance."""
    first, second = kiosk.family()
    dues = {each.statement.number: each.statement.due.minor for each in (first, second)}
    visits = {each.statement.number: len(each.statement.visits) for each in (first, second)}
    by_visit = first if visits[first.statement.number] > 1 else second
    other = second if by_visit is first else first

    shown = to_choice(kiosk, visitor, other)
    everything = total((Money(minor, "USD") for minor in dues.values()), "USD")
    assert [item["mark"] for item in shown["middle"]["items"]] == ["on", "on"]
    place = next(item["value"] for item in shown["middle"]["items"] if by_visit.numbered_text[-4:] in item["label"]["text"])
    visitor.touch("see", place)
    visitor.wait("statement")
    visitor.touch("choose")
    shown = visitor.wait("choose-visits")
    for item in shown["middle"]["items"][1:]:
        visitor.touch("toggle", item["value"])
        while visitor.snapshot["middle"]["items"][int(item["value"])]["mark"] == "on":
            visitor.read()
    visitor.touch("pay")
    one_visit = taken(kiosk, visitor)
    assert set(one_visit) == {by_visit.statement.number}
    paid = one_visit[by_visit.statement.number]
    assert paid == kiosk.last().amount.minor < dues[by_visit.statement.number]

    to_choice(kiosk, visitor, other)
    visitor.touch("pay")
    both = taken(kiosk, visitor)
    assert kiosk.last().amount == everything - Money(paid, "USD")
    assert both == {
        other.statement.number: dues[other.statement.number],
        by_visit.statement.number: dues[by_visit.statement.number] - paid,
    }

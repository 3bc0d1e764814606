"""Whole visits through real processes: what the patient sees, what the journal keeps, what the hub posts."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.bills import Codes
from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.mark.parametrize("codes", ["qr", "code128"])
def test_a_bill_is_scanned_paid_printed_and_posted(kiosk: Hall, visitor: Visitor, bill: Bill, codes: Codes) -> None:
    before = len(kiosk.attempts())
    kiosk.to_statement(visitor, bill, codes)
    visitor.touch("pay")
    kiosk.taps()
    shown = visitor.wait("approved")
    assert shown["tone"] == "good"
    visitor.touch("print")
    visitor.wait("thank-you")
    paper = kiosk.world.printer.wait_report("printed", 30)
    assert Path(paper["png"]).stat().st_size > 0
    kiosk.delivered()
    assert len(kiosk.attempts()) == before + 1
    seen = kiosk.last()
    assert (seen.state.value, seen.offline, seen.amount) == ("approved", False, bill.statement.due)
    assert seen.posting == kiosk.posting(seen) != ""


def test_another_amount_is_paid_and_the_rest_stays_due(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    visitor.touch("other-amount")
    visitor.wait("amount")
    visitor.touch("pay")
    visitor.wait("amount", notice="type the amount")
    visitor.type("99999999999")
    visitor.touch("pay")
    visitor.wait("amount", notice="more than is due")
    visitor.touch("clear")
    visitor.type("1")
    visitor.touch("pay")
    kiosk.taps()
    visitor.wait("approved")
    assert kiosk.last().amount.minor == 1


def test_a_number_is_typed_where_the_code_is_torn(kiosk: Hall, visitor: Visitor) -> None:
    visitor.to_scan()
    visitor.touch("other-ways")
    visitor.wait("other-ways")
    visitor.touch("type-number")
    visitor.wait("number")
    visitor.type(kiosk.paper.numbered_text.removeprefix("LP"))
    visitor.touch("next")
    visitor.wait("birth-date", "amount")


def test_a_declined_card_charges_nothing_and_another_may_be_tried(
    kiosk: Hall, world: World, visitor: Visitor, bill: Bill
) -> None:
    kiosk.to_statement(visitor, bill)
    world.terminal.tell(behave="decline")
    visitor.touch("pay")
    kiosk.taps()
    visitor.wait("declined")
    assert kiosk.last().state.value == "declined"
    world.terminal.tell(behave="approve")
    visitor.touch("again")
    kiosk.taps()
    visitor.wait("approved")


def test_cancelled_at_the_card_nothing_is_charged(kiosk: Hall, visitor: Visitor) -> None:
    before = kiosk.charged()
    kiosk.to_statement(visitor, kiosk.paper)
    visitor.touch("pay")
    kiosk.sale_reaches("waiting-card")
    visitor.wait("card")
    visitor.press("cancel")
    visitor.wait("cancelled")
    assert kiosk.last().state.value == "cancelled"
    assert kiosk.charged() == before


def test_no_paper_does_not_stand_between_a_payment_and_its_end(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_statement(visitor, bill)
    visitor.touch("pay")
    kiosk.taps()
    visitor.wait("approved")
    world.printer.tell(paper="out")
    visitor.touch("print")
    visitor.touch("other-receipt")  # if the kiosk knew of it before the touch
    shown = visitor.wait("receipt-ways")
    assert "show-code" in [item["intent"] for item in shown["middle"]["items"]]
    visitor.touch("no-receipt")
    visitor.wait("thank-you")


REFUSED = [
    ({"symbology": "QRCode", "text": "HTTPS://EVIL.EXAMPLE/S1/" + "A" * 29}, "belongs to somebody else"),
    ({"symbology": "Code128", "text": "LP000000012399"}, "read for certain"),
    ({"symbology": "QRCode", "text": "hello"}, "not one of our bills"),
    ({"symbology": "QRCode", "base64": "AAEC//79"}, "not one of our bills"),
    ({"symbology": "QRCode", "text": "A" * 1500}, "not one of our bills"),
]


@pytest.mark.parametrize(("code", "words"), REFUSED, ids=["other-host", "check-digits", "text", "binary", "long"])
def test_a_code_that_is_not_ours_is_refused_in_words(world: World, visitor: Visitor, code: dict[str, str], words: str) -> None:
    visitor.to_scan()
    world.camera.tell(show_code=code)
    visitor.wait("scan", notice=words)
    visitor.touch("cancel")
    visitor.wait("attract")


def test_a_wrong_birth_date_gets_the_same_words_and_few_tries(kiosk: Hall, visitor: Visitor, bill: Bill) -> None:
    kiosk.to_birth_date(visitor, bill)
    for _ in range(2):
        visitor.type("01011901")
        visitor.touch("next")
        visitor.wait("looking-up")
        visitor.wait("birth-date", notice="do not match")
    visitor.type("01011901")
    visitor.touch("next")
    visitor.wait("see-desk")
    visitor.touch("done")
    visitor.wait("attract")


def test_after_a_visit_nothing_of_the_patient_is_left_on_the_screen(kiosk: Hall, visitor: Visitor) -> None:
    kiosk.to_statement(visitor, kiosk.paper)
    assert kiosk.paper.statement.guarantor_name in str(visitor.snapshot)
    visitor.touch("cancel")
    shown = visitor.wait("attract")
    for secret in (kiosk.paper.statement.guarantor_name, kiosk.paper.statement.number, kiosk.paper.statement.account):
        assert secret not in str(shown)


def test_nobody_there_is_warned_then_wiped(kiosk: Hall, visitor: Visitor) -> None:
    with kiosk.amended("idle_s = 60\nwarning_s = 20", "idle_s = 5\nwarning_s = 5"):
        visitor.come_back()
        kiosk.to_statement(visitor, kiosk.paper)
        while visitor.read()["overlay"] is None:
            assert visitor.snapshot["screen"] == "statement"
        assert visitor.snapshot["overlay"]["seconds"] == 5
        visitor.touch("pay")
        shown = visitor.wait("attract")
    assert "card" not in visitor.screens
    assert kiosk.paper.statement.guarantor_name not in str(shown)


def test_the_logs_of_a_visit_name_nobody(kiosk: Hall, world: World, visitor: Visitor, bill: Bill) -> None:
    kiosk.pays(visitor, bill)
    logs = "".join(path.read_text(encoding="utf-8") for path in world.folder.glob("*.log"))
    assert kiosk.last().id in logs
    born = bill.birth_date
    for secret in (bill.statement.guarantor_name, bill.statement.number, bill.statement.account, born.isoformat()):
        assert secret not in logs

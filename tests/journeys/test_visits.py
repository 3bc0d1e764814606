"""Whole visits through real processes: what the patient sees, what the journal keeps, what the hub posts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bills import Paper, birth_digits
from demo.world import World
from hub.demo_data import DemoBill, demo_bills
from hub.readers import posting_of
from offline_queue.reader import AttemptSeen, JournalReader
from tests.journeys.visitor import Visitor
from tests.waiting import until


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), seed=7) as world:
        yield world


@pytest.fixture
def visitor(world: World) -> Iterator[Visitor]:
    """Somebody at a kiosk that nobody stands at, whose devices and hub are well."""
    if not world.hub.alive:
        world.restore_hub()
    world.terminal.tell(behave="approve")
    world.printer.tell(paper="ok")
    world.camera.tell(show=None)
    with Visitor(world.socket) as visitor:
        visitor.wait("attract", "out-of-service", "thank-you", "unknown", "see-desk")
        while visitor.snapshot["screen"] != "attract":
            visitor.touch("done")
            visitor.read()
        yield visitor
        world.camera.tell(show=None)


@pytest.fixture(scope="module")
def bills(world: World) -> Iterator[DemoBill]:
    """Bills with something due, each used once."""
    return iter([bill for bill in demo_bills(world.hub_folder) if 0 < bill.statement.due.minor <= 50_000])


def attempts(world: World) -> tuple[AttemptSeen, ...]:
    with JournalReader(world.kiosk_folder) as reader:
        return reader.attempts()


def depth(world: World) -> int:
    with JournalReader(world.kiosk_folder) as reader:
        return reader.queue().depth


def to_statement(visitor: Visitor, world: World, bill: DemoBill, codes: str = "qr") -> None:
    visitor.to_scan()
    world.camera.tell(show=Paper(bill).shown(codes))
    visitor.wait("birth-date")
    visitor.type(birth_digits(bill.birth_date, "en"))
    visitor.touch("next")
    visitor.wait("statement")


def leave(visitor: Visitor) -> None:
    visitor.touch("print")
    visitor.wait("thank-you")
    visitor.touch("done")
    visitor.wait("attract")


@pytest.mark.parametrize("codes", ["qr", "code128"])
def test_a_bill_is_scanned_paid_printed_and_posted(world: World, visitor: Visitor, bills: Iterator[DemoBill], codes: str) -> None:
    bill = next(bills)
    before = len(attempts(world))
    to_statement(visitor, world, bill, codes)
    visitor.touch("pay")
    shown = visitor.wait("approved")
    assert shown["tone"] == "good"
    leave(visitor)
    paper = world.printer.wait_report("printed", 10)
    assert Path(paper["png"]).stat().st_size > 0
    until(lambda: depth(world) == 0)
    seen = attempts(world)[-1]
    assert len(attempts(world)) == before + 1
    assert (seen.state.value, seen.offline, seen.amount) == ("approved", False, bill.statement.due)
    assert seen.posting == posting_of(world.hub_folder, seen.id) != ""


def test_a_declined_card_charges_nothing_and_another_may_be_tried(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    to_statement(visitor, world, next(bills))
    world.terminal.tell(behave="decline")
    visitor.touch("pay")
    visitor.wait("declined")
    assert attempts(world)[-1].state.value == "declined"
    world.terminal.tell(behave="approve")
    visitor.touch("again")
    visitor.wait("approved")
    leave(visitor)


def test_with_the_hub_down_a_payment_is_accepted_and_goes_out_by_itself(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    to_statement(visitor, world, next(bills))
    world.cut_hub()
    visitor.touch("pay")
    visitor.wait("consent")
    visitor.press("primary")
    shown = visitor.wait("accepted")
    assert shown["tone"] == "warn"
    leave(visitor)
    assert depth(world) == 1
    world.restore_hub()
    until(lambda: depth(world) == 0)
    seen = attempts(world)[-1]
    assert (seen.state.value, seen.offline) == ("approved", True)
    assert posting_of(world.hub_folder, seen.id)


def test_everything_killed_while_a_payment_waits_and_it_still_arrives_once(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    to_statement(visitor, world, next(bills))
    world.cut_hub()
    visitor.touch("pay")
    visitor.wait("consent")
    visitor.press("primary")
    visitor.wait("accepted")
    world.engine.kill()
    world.start_engine()
    assert depth(world) == 1
    world.restore_hub()
    until(lambda: depth(world) == 0)
    assert posting_of(world.hub_folder, attempts(world)[-1].id)


@pytest.mark.parametrize("behaviour", ["silent-after-approve", "lost-ack", "slow", "approve-offline"])
def test_a_terminal_that_misbehaves_but_approved_is_found_out(
    world: World, visitor: Visitor, bills: Iterator[DemoBill], behaviour: str
) -> None:
    to_statement(visitor, world, next(bills))
    world.terminal.tell(behave=behaviour)
    visitor.touch("pay")
    visitor.wait("approved", "accepted")
    assert attempts(world)[-1].state.value == "approved"
    leave(visitor)


def test_a_terminal_that_reports_another_amount_is_never_approved(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    to_statement(visitor, world, next(bills))
    world.terminal.tell(behave="other-amount")
    visitor.touch("pay")
    visitor.wait("unknown", "declined", "cancelled")
    assert attempts(world)[-1].state.value != "approved"


def test_the_engine_killed_in_the_middle_of_a_sale_asks_the_terminal_when_it_is_back(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    bill = next(bills)
    to_statement(visitor, world, bill)
    world.terminal.tell(behave="silent-after-approve")
    visitor.touch("pay")
    while world.terminal.wait_report("sale", 10).get("state") != "approved":
        pass
    world.engine.kill()
    world.terminal.tell(behave="approve")
    world.start_engine()
    until(lambda: attempts(world)[-1].state.value == "approved")
    until(lambda: bool(posting_of(world.hub_folder, attempts(world)[-1].id)))


def test_no_paper_does_not_stand_between_a_payment_and_its_end(world: World, visitor: Visitor, bills: Iterator[DemoBill]) -> None:
    to_statement(visitor, world, next(bills))
    visitor.touch("pay")
    visitor.wait("approved")
    world.printer.tell(paper="out")
    visitor.touch("print")
    shown = visitor.wait("thank-you")
    assert "could not be printed" in shown["notice"]["text"]
    visitor.touch("done")
    visitor.wait("attract")


REFUSED = [
    ({"symbology": "QRCode", "text": "HTTPS://EVIL.EXAMPLE/S1/" + "A" * 29}, "belongs to somebody else"),
    ({"symbology": "Code128", "text": "LP000000012399"}, "digits does not fit"),
    ({"symbology": "QRCode", "text": "hello"}, "not one of our bills"),
    ({"symbology": "QRCode", "base64": "AAEC//79"}, "not one of our bills"),
    ({"symbology": "QRCode", "text": "A" * 1500}, "not one of our bills"),
]


@pytest.mark.parametrize(("code", "words"), REFUSED)
def test_a_code_that_is_not_ours_is_refused_in_words(world: World, visitor: Visitor, code: dict[str, str], words: str) -> None:
    visitor.to_scan()
    world.camera.tell(show_code=code)
    visitor.wait("scan", notice=words)
    visitor.touch("cancel")
    visitor.wait("attract")


def test_a_wrong_birth_date_gets_the_same_words_and_few_tries(world: World, visitor: Visitor, bills: Iterator[DemoBill]) -> None:
    visitor.to_scan()
    world.camera.tell(show=Paper(next(bills)).shown())
    visitor.wait("birth-date")
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


def test_after_a_visit_nothing_of_the_patient_is_left_on_the_screen(
    world: World, visitor: Visitor, bills: Iterator[DemoBill]
) -> None:
    bill = next(bills)
    to_statement(visitor, world, bill)
    visitor.touch("cancel")
    shown = visitor.wait("attract")
    for secret in (bill.statement.guarantor_name, bill.statement.number, bill.statement.account):
        assert secret not in str(shown)

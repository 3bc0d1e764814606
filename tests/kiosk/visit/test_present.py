"""What the screen says, at every state that can be reached and in every language."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator

import pytest

from demo.gallery import gallery
from domain.money import Money, total
from domain.payment import Card, Outcome, short_reference
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import chosen
from kiosk.visit.present import present
from kiosk.visit.screens import (
    Action,
    Choices,
    Intent,
    Keypad,
    Letters,
    Privacy,
    Said,
    Snapshot,
    Tone,
    intent_from_json,
    snapshot_from_json,
)
from kiosk.visit.stages import Asking, Bill, Payment, Slip, Visit
from kiosk.visit.visit import step
from kiosk.words import heard
from tests.kiosk.visit.walk import walk
from tests.kiosk.visit.world import ATTEMPTS, DUE, LANGUAGES, LINK, OWING, RULES, SITE, UP, fresh, result, usd


@functools.cache
def screens() -> tuple[tuple[Visit, Snapshot], ...]:
    """Every screen once: what lies over it and the bill behind a payment's amount make it no other screen."""
    found = {}
    for visit in walk().states:
        if visit.asking is Asking.NOTHING or isinstance(visit.stage, st.Attract | st.Scan | st.Consent | st.ShowStatement):
            for world in (visit.world, ev.World(terminal=False, scanner=False, printer=False, hub=False)):
                varies = isinstance(visit.stage, st.Attract | st.Scan | st.WhichBill | st.OtherWays)
                there = dataclasses.replace(visit, world=world) if varies else visit
                found[there] = present(there, LANGUAGES, SITE, serial=1)
    return tuple(found.items())


def shown_actions(snapshot: Snapshot) -> Iterator[Action]:
    """What a finger can reach: what lies over the screen covers the rest."""
    if snapshot.overlay:
        yield from snapshot.overlay.actions
        return
    yield from snapshot.top
    yield from snapshot.foot
    if isinstance(snapshot.middle, Choices):
        yield from snapshot.middle.items
    yield from (
        action for action in (snapshot.primary, snapshot.secondary, *snapshot.more, snapshot.back, snapshot.cancel) if action
    )


def all_said(part: object) -> Iterator[Said]:
    if isinstance(part, Said):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from all_said(one)
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from all_said(getattr(part, field.name))


def test_every_state_has_a_screen_in_both_languages() -> None:
    assert len(screens()) > 3_500
    assert {snapshot.language for _, snapshot in screens()} == {"en", "es"}
    assert {snapshot.screen for _, snapshot in screens()} == {
        *(
            "attract",
            "out-of-service",
            "scan",
            "which-bill",
            "other-ways",
            "number",
            "name",
            "statement-pin",
            "appointment",
            "birth-date",
            "looking-up",
            "statement",
            "choose-bills",
            "choose-visits",
            "amount",
        ),
        *(
            "probing",
            "consent",
            "opening",
            "card",
            "approved",
            "accepted",
            "declined",
            "cancelled",
            "not-started",
            "unknown",
            "printing",
        ),
        *("receipt-ways", "receipt-email", "receipt-text", "sending", "receipt-code", "paid-before"),
        *("thank-you", "see-desk", "not-yet", "help-paying", "over-estimate", "staff-pin", "staff-checking", "staff"),
    }


def test_whatever_can_be_touched_does_something() -> None:
    for visit, snapshot in screens():
        for action in shown_actions(snapshot):
            if snapshot.notice and action == snapshot.primary:
                continue  # what keeps it from going on is on the screen already
            assert step(visit, Intent(action.intent, action.value)) != (visit, ()), (snapshot.screen, action)


def test_back_and_the_main_actions_do_nothing_where_they_are_not_shown() -> None:
    """Law 11: refused by the visit, not hidden by the screen."""
    names = (
        *("back", "type-number", "other-ways", "by-name", "by-appointment", "next", "pay", "pay-offline", "other-amount"),
        *("choose", "again", "print", "no-receipt", "done", "other-receipt", "show-code", "show-bill"),
    )
    for visit, snapshot in screens():
        shown = {action.intent for action in shown_actions(snapshot)}
        for name in names:
            # an amount of zero has no button yet, and is refused with words
            if name not in shown and not (name == "pay" and snapshot.screen == "amount"):
                assert step(visit, Intent(name)) == (visit, ()), (snapshot.screen, name)


def test_everybody_can_leave_or_is_told_to_wait_for_something() -> None:
    waits = {"opening", "card", "printing", "sending"}
    leaves = {"cancel", "done", "stay", "no-receipt", "other-receipt", "back", "choose-language"}
    for _, snapshot in screens():
        ways = {action.intent for action in shown_actions(snapshot)} & leaves
        assert ways or snapshot.screen in waits or snapshot.screen == "out-of-service", snapshot.screen


def test_a_keypad_is_where_keys_are_taken() -> None:
    for visit, snapshot in screens():
        if not snapshot.overlay:
            takes = any(step(visit, Intent(*key)) != (visit, ()) for key in (("key", "1"), ("key", "A"), ("erase",)))
            assert takes == isinstance(snapshot.middle, Keypad | Letters)


def test_there_is_always_help_and_the_hospitals_name() -> None:
    for _, snapshot in screens():
        assert [action.intent for action in snapshot.foot] == ["text-size", "theme", "help"]
        assert snapshot.site_name == SITE.name
        assert [action.intent for action in snapshot.top] == ["languages"]


def test_every_word_is_there_to_read_and_to_hear() -> None:
    """But two: nothing typed is spoken aloud in public (EN 301 549, 8.5), and a heading of a bill has no figure beside it."""
    for _, snapshot in screens():
        for said in all_said(snapshot):
            silent = isinstance(snapshot.middle, Keypad | Letters) and said is snapshot.middle.shown
            if not silent and said != Said("", ""):
                assert said.text.strip()
                assert said.speech.strip()
                assert not re.search(r"[{}$]\s*\$|\{|\}|None|  ", said.text), said.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_kiosk_with_a_hand_held_scanner_alone_speaks_of_no_camera(language: str) -> None:
    rules = dataclasses.replace(RULES, camera=False)
    for stage in (st.Attract(), st.Scan(), st.WhichBill()):
        for scanner in (True, False):
            world = dataclasses.replace(UP, scanner=scanner)
            visit = dataclasses.replace(fresh(world), rules=rules, stage=stage, language=language)
            snapshot = present(visit, LANGUAGES, SITE, serial=1)
            assert (snapshot.notice is not None) == (stage == st.WhichBill())  # the title asks for a bill, not which
            assert not re.search("camera|cámara", snapshot.to_json())
            assert snapshot != present(dataclasses.replace(visit, rules=RULES), LANGUAGES, SITE, serial=1)


def test_a_birth_date_and_a_pin_are_marked_for_the_voice() -> None:
    for _, snapshot in screens():
        if snapshot.screen == "birth-date":
            assert isinstance(snapshot.middle, Keypad)
            assert snapshot.middle.shown.privacy is Privacy.PRIVATE
        if snapshot.screen == "staff-pin":
            assert isinstance(snapshot.middle, Keypad)
            assert (snapshot.middle.shown.privacy, snapshot.middle.shown.speech) == (Privacy.NEVER, "")


def test_a_screen_crosses_the_socket_whole() -> None:
    for _, snapshot in screens()[::5]:
        assert snapshot_from_json(snapshot.to_json()) == snapshot
        assert "\n" not in snapshot.to_json()
        for action in shown_actions(snapshot):
            intent = Intent(action.intent, action.value)
            assert intent_from_json(intent.to_json()) == intent


# money on the screen


def amount_of(stage: st.Stage) -> Money | None:
    match stage:
        case st.Probing(amount=amount) | st.Consent(amount=amount) | st.OverEstimate(amount=amount):
            return amount
        case st.Opening(payment) | st.AtTerminal(payment) | st.NotPaid(payment) | st.Unclear(payment):
            return payment.amount
        case st.Paid(result=what) | st.Printing(st.Paid(result=what)):
            return what.amount
        case st.Printing(st.PaidBefore() as before):
            return before.earlier.paid.result.amount
        case st.ShowStatement(bill) if bill.statement and bill.statement.due.minor:
            return bill.statement.due if bill.statement.due.minor > 0 else -bill.statement.due
        case _:
            return None


def test_the_amount_shown_is_the_amount_there_is() -> None:
    for visit, snapshot in screens():
        amount = amount_of(visit.stage)
        words = LANGUAGES[visit.language]
        assert snapshot.amount == (words.money(amount) if amount else None)
        assert (snapshot.amount is None) == (snapshot.amount_label is None)
        if snapshot.primary and snapshot.primary.intent in ("pay", "pay-offline"):
            paying = amount or Money(int(getattr(visit.stage, "digits", "") or "0"), "USD")
            if isinstance(visit.stage, st.Choose):
                paying = total((item.due for item in chosen(visit.stage.bill)), "USD")
            named = words.money(paying) if paying.minor else words.say("pay-this")  # nothing is typed yet
            assert named.text in snapshot.primary.label.text


# what is said of money


def test_green_is_for_what_the_bank_and_the_hospital_both_know() -> None:
    """Law 4, and look: accepted offline is never green."""
    green = set()
    for visit, snapshot in screens():
        if snapshot.tone is not Tone.GOOD:
            continue
        green.add(snapshot.screen)
        match visit.stage:
            case (st.Paid() as paid) | st.ThankYou(st.Paid() as paid):
                assert paid.result.outcome is Outcome.APPROVED
                assert not paid.result.approved_offline
                assert not paid.payment.offline
            case st.PaidBefore(earlier=earlier):
                assert earlier.paid.result.outcome is Outcome.APPROVED
            case st.ShowStatement(bill):
                assert bill.statement is not None
                assert bill.statement.due.minor <= 0
            case other:
                raise AssertionError(f"{other} is green")
    assert green == {"approved", "paid-before", "thank-you", "statement"}


@pytest.mark.parametrize(
    ("again", "title"),
    [
        ("paid-before", "You have already paid on this bill"),
        ("paid-before offline", "$178.17 accepted"),
        ("paid-before captured", "$178.17 accepted"),
    ],
)
def test_a_bill_that_comes_again_is_called_paid_only_where_it_is(again: str, title: str) -> None:
    assert present(gallery("en")[again], LANGUAGES, SITE, 1).title.text == title


DO_NOT_PAY_AGAIN = {"en": "not pay again", "es": "no pague otra vez"}


def test_who_may_have_paid_is_told_not_to_pay_again() -> None:
    told = set()
    for visit, snapshot in screens():
        if snapshot.screen in ("unknown", "accepted") or (snapshot.screen == "card" and _checking(visit)):
            text = " ".join(said.text for said in (snapshot.title, *snapshot.lines)).lower()
            assert DO_NOT_PAY_AGAIN[visit.language] in text
            assert snapshot.tone is Tone.WARN
            told.add(snapshot.screen)
    assert told == {"unknown", "accepted", "card"}


def _checking(visit: Visit) -> bool:
    return isinstance(visit.stage, st.AtTerminal) and visit.stage.step is ev.CardStep.CHECKING


NOT_APPROVED = {"en": "not yet approved by your bank", "es": "todavía no aprobado por su banco"}


def test_accepted_by_the_terminal_alone_is_said_to_be_not_yet_approved() -> None:
    for visit, snapshot in screens():
        if isinstance(visit.stage, st.Paid):
            own = visit.stage.result.approved_offline or visit.stage.result.outcome is Outcome.CAPTURED
            said = any(NOT_APPROVED[visit.language] in line.text for line in snapshot.lines)
            assert said == own
            assert (snapshot.screen == "approved") == (not own and not visit.stage.payment.offline)


def test_a_payment_that_did_not_happen_says_that_nothing_was_charged() -> None:
    for visit, snapshot in screens():
        if isinstance(visit.stage, st.NotPaid):
            assert LANGUAGES[visit.language].say("not-charged") in snapshot.lines
            assert snapshot.tone is Tone.BAD


# a few screens that the walk's world has no room for

PAID = st.Paid(Payment(Bill(LINK, OWING), DUE, offline=False), ATTEMPTS[0], result(Outcome.APPROVED))


def lines(stage: st.Stage) -> list[str]:
    return [said.text for said in present(dataclasses.replace(fresh(), stage=stage), LANGUAGES, SITE, 1).lines]


@pytest.mark.parametrize(
    ("card", "line"),
    [(Card("VISA", "4242"), "Card: VISA ending in 4242"), (Card("", "4242"), "Card ending in 4242"), (Card("VISA", ""), None)],
)
def test_a_card_is_named_as_far_as_it_is_known(card: Card, line: str | None) -> None:
    shown = lines(dataclasses.replace(PAID, result=result(Outcome.APPROVED, card=card)))
    assert [text for text in shown if "ard" in text] == ([line] if line else [])


def test_what_is_left_to_pay_is_said() -> None:
    part = result(Outcome.APPROVED, amount=usd(100))
    assert "Left to pay on this bill: $1.50" in lines(dataclasses.replace(PAID, result=part))
    assert "Left to pay on this bill: $0.00" in lines(PAID)


def test_a_receipt_that_did_not_print_leaves_the_reference_and_no_false_comfort() -> None:
    unclear = st.Unclear(PAID.payment, PAID.attempt, Slip.FAILED)
    for stage, comfort in ((st.ReceiptWays(PAID, "receipt-failed"), True), (st.ThankYou(unclear, Slip.FAILED), False)):
        shown = present(dataclasses.replace(fresh(), stage=stage), LANGUAGES, SITE, 1)
        assert shown.notice is not None
        assert ("payment is safe" in shown.notice.text) == comfort
        assert ("write this reference down" in shown.notice.text) != comfort
        said = [heard(shown.notice.text), *(heard(line.text) for line in shown.lines)]
        assert [short_reference(PAID.attempt) in text for text in said].count(True) == 1
        assert shown.tone is not Tone.GOOD


@pytest.mark.parametrize("slip", [Slip.PRINTED, Slip.FAILED])
def test_who_leaves_after_an_unclear_payment_is_told_once_more_not_to_pay_again(slip: Slip) -> None:
    leaving = st.ThankYou(st.Unclear(PAID.payment, PAID.attempt, slip), slip)
    assert "Please do not pay again." in lines(leaving)[0]
    heard_out = dataclasses.replace(fresh(), stage=leaving, asking=Asking.RECEIPT)
    overlay = present(heard_out, LANGUAGES, SITE, 1).overlay
    assert overlay is not None
    assert overlay.title.text == "Please do not pay again", "no receipt: nobody knows what was paid"


def test_what_is_not_yet_approved_says_not_to_pay_again_before_all_else() -> None:
    away = dataclasses.replace(PAID, payment=dataclasses.replace(PAID.payment, offline=True))
    assert "Please do not pay again." in lines(away)[0]


def test_what_is_not_yet_approved_is_not_called_paid_while_its_receipt_prints() -> None:
    away = dataclasses.replace(PAID, payment=dataclasses.replace(PAID.payment, offline=True))
    shown = [present(dataclasses.replace(fresh(), stage=st.Printing(paid)), LANGUAGES, SITE, 1) for paid in (PAID, away)]
    assert [one.amount_label.text for one in shown if one.amount_label] == ["Paid", "Accepted"]


def test_a_slip_that_is_still_printing_is_told_of_when_it_is_there() -> None:
    visit = dataclasses.replace(fresh(), stage=st.Unclear(PAID.payment, PAID.attempt, Slip.PRINTING))
    thanked = step(visit, Intent("done"))[0]
    assert "Please take your paper." not in lines(thanked.stage)
    assert "Please take your paper." in lines(step(thanked, ev.Printed(ev.Paper.SLIP))[0].stage)
    failed = step(thanked, ev.PrintFailed(ev.Paper.SLIP, "printer-no-paper"))[0]
    assert failed.stage == st.ThankYou(visit.stage, Slip.FAILED)  # type: ignore[arg-type]

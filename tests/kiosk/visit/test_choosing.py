"""Several bills of one guarantor, and several visits of one bill: what is chosen, what it comes to, and what is paid of each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from domain.billing import Statement
from domain.money import Money
from domain.payment import MOST_PARTS, Outcome, Part
from domain.receipt import Pair
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import by_visit, due, items, owed, parts
from kiosk.visit.pages.receipt import receipt_lines
from kiosk.visit.receipts import receipt, without_person
from kiosk.visit.screens import Choices, Intent, Privacy
from kiosk.visit.stages import Bill, By, Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.test_refusals import notice, run, screen, typed
from tests.kiosk.visit.world import (
    ATTEMPTS,
    BORN,
    EUROS,
    FAMILY,
    LANGUAGES,
    LINK,
    NUMBER,
    OWING,
    SIBLING,
    SITE,
    TWO_VISITS,
    UP,
    ZERO,
    fresh,
    result,
    statement,
    usd,
)

SIBLINGS = StatementRef(RefKind.NUMBER, SIBLING.number)
WORDS = LANGUAGES["en"]
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
TWO = StatementRef(RefKind.NUMBER, TWO_VISITS.number)


def at(stage: st.Stage) -> Visit:
    return replace(fresh(UP), stage=stage)


def found(statement: Statement, *others: Statement, ref: StatementRef = NUMBER) -> st.Stage:
    visit, effects = step(at(st.LookingUp(ref, BORN, 0)), ev.Found(ref, statement, others))
    assert effects == ()
    return visit.stage


def paid_online(visit: Visit, *intents: Intent) -> tuple[Visit, ev.OpenAttempt]:
    """Touches, and the hub says that all is as it was."""
    probing, (probe,) = run(visit, *intents)
    assert isinstance(probe, ev.ProbeHub)
    opening, (opened,) = run(probing, ev.HubProbed(True))
    assert isinstance(opened, ev.OpenAttempt)
    return opening, opened


BOTH = at(st.Choose(FAMILY))
VISITS = at(st.Choose(Bill(TWO, TWO_VISITS, BORN, by=By.VISIT)))


# bills


def test_all_open_bills_of_a_guarantor_are_offered_and_chosen_at_first() -> None:
    assert found(OWING, SIBLING, ZERO, EUROS) == st.Choose(FAMILY)
    assert [(item.statement, item.chosen) for item in items(FAMILY)] == [(OWING, True), (SIBLING, True)]
    assert due(FAMILY) == usd(5_50)


@pytest.mark.parametrize(("statement", "others"), [(OWING, (ZERO, EUROS)), (ZERO, (SIBLING,)), (OWING, ())])
def test_one_bill_is_shown_as_ever(statement: Statement, others: tuple[Statement, ...]) -> None:
    assert found(statement, *others) == st.ShowStatement(Bill(NUMBER, statement, BORN))


def test_a_bill_that_was_scanned_keeps_its_link() -> None:
    assert found(OWING, SIBLING, ref=LINK) == st.Choose(replace(FAMILY, ref=LINK))


def test_both_are_asked_about_once_and_paid_as_one() -> None:
    probing, effects = run(BOTH, Intent("pay"))
    assert effects == (ev.ProbeHub(OWING.number, BORN, (OWING, SIBLING)),)
    opening, effects = run(probing, ev.HubProbed(True))
    shares = (
        Part(SIBLING.number, SIBLING.account, "", usd(3_00)),
        Part(OWING.number, OWING.account, "", usd(2_50)),
    )
    assert effects == (ev.OpenAttempt(SIBLINGS, SIBLING.number, SIBLING.account, usd(5_50), False, shares),), "the oldest first"
    assert isinstance(opening.stage, st.Opening)


@pytest.mark.parametrize(("left_out", "kept", "ref"), [("0", SIBLING, SIBLINGS), ("1", OWING, NUMBER)])
def test_a_bill_that_is_left_out_is_not_paid(left_out: str, kept: Statement, ref: StatementRef) -> None:
    visit, _ = run(BOTH, Intent("toggle", left_out))
    assert isinstance(visit.stage, st.Choose)
    assert due(visit.stage.bill) == kept.due
    _, opened = paid_online(visit, Intent("pay"))
    assert opened == ev.OpenAttempt(ref, kept.number, kept.account, kept.due, offline=False)


def test_what_is_left_out_is_taken_in_again_by_the_same_touch() -> None:
    visit, _ = run(BOTH, Intent("toggle", "1"), Intent("toggle", "1"))
    assert visit == BOTH


def test_with_nothing_chosen_nothing_can_be_paid_and_the_screen_says_why() -> None:
    visit, _ = run(BOTH, Intent("toggle", "0"), Intent("toggle", "1"))
    shown = screen(visit)
    assert (shown.primary, shown.secondary) == (None, None)
    assert "Nothing is chosen." in notice(visit)
    for name in ("pay", "other-amount"):
        assert step(visit, Intent(name)) == (visit, ())


@pytest.mark.parametrize("value", ["2", "-1", "00", "x", ""])
def test_a_touch_on_nothing_changes_nothing(value: str) -> None:
    for name in ("toggle", "see"):
        assert step(BOTH, Intent(name, value)) == (BOTH, ())


def test_a_bill_is_read_and_paid_alone_or_left_for_the_choice_as_it_was() -> None:
    visit, _ = run(BOTH, Intent("toggle", "0"), Intent("see", "1"))
    assert isinstance(visit.stage, st.ShowStatement)
    assert visit.stage.bill.statement == SIBLING
    back, effects = run(visit, Intent("back"))
    assert (back.stage, effects) == (
        st.Choose(replace(FAMILY, ref=SIBLINGS, statement=SIBLING, left_out=frozenset({OWING.number}))),
        (),
    )
    _, opened = paid_online(visit, Intent("pay"))
    assert opened == ev.OpenAttempt(SIBLINGS, SIBLING.number, SIBLING.account, usd(3_00), offline=False)


def test_a_bill_of_several_is_asked_about_by_the_one_whose_factors_were_proved() -> None:
    _, effects = run(BOTH, Intent("see", "1"), Intent("pay"))
    assert effects == (ev.ProbeHub(OWING.number, BORN, (SIBLING,)),)


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ("100", ()),
        ("300", ()),
        ("301", (Part(SIBLING.number, SIBLING.account, "", usd(3_00)), Part(OWING.number, OWING.account, "", usd(1)))),
    ],
)
def test_a_part_of_several_bills_is_spread_the_oldest_first_and_the_screen_says_so(digits: str, told: tuple[Part, ...]) -> None:
    visit, _ = run(BOTH, Intent("other-amount"))
    assert "the oldest bill is paid first" in screen(visit).lines[0].text
    _, opened = paid_online(visit, *typed(digits), Intent("pay"))
    assert (opened.amount, opened.parts) == (usd(int(digits)), told)
    assert (opened.ref, opened.statement, opened.account) == (SIBLINGS, SIBLING.number, SIBLING.account)


def test_no_more_than_is_chosen_can_be_typed_and_back_is_the_choice() -> None:
    visit, _ = run(BOTH, Intent("other-amount"), *typed("551"), Intent("pay"))
    assert isinstance(visit.stage, st.OtherAmount)
    assert visit.stage.notice == "amount-above-due"
    assert run(visit, Intent("back"))[0] == BOTH


def test_offline_limits_are_of_the_whole_amount() -> None:
    """Each bill alone would be within them."""
    halves = tuple(
        replace(statement(1_50), number=each.number, account=each.account, issued=each.issued) for each in FAMILY.family
    )
    small = replace(FAMILY, statement=halves[0], family=halves)
    visit, _ = run(at(st.Choose(small)), Intent("pay"), ev.HubProbed(False))
    assert visit.stage == st.OtherAmount(small, notice="limit-payment")
    consent, _ = run(visit, *typed("200"), Intent("pay"), ev.HubProbed(False))
    assert "several bills" in screen(consent).lines[0].text
    _, effects = run(consent, Intent("pay-offline"))
    told = (Part(SIBLING.number, SIBLING.account, "", usd(1_50)), Part(OWING.number, OWING.account, "", usd(50)))
    assert effects == (ev.OpenAttempt(SIBLINGS, SIBLING.number, SIBLING.account, usd(2_00), offline=True, parts=told),)
    assert run(consent, Intent("back"))[0].stage == st.Choose(small)


def test_bills_that_changed_meanwhile_are_shown_again_all_of_them() -> None:
    dearer = replace(SIBLING, number="0001234570")
    left, _ = run(BOTH, Intent("toggle", "1"), Intent("pay"), ev.BillChanged(OWING, (dearer, SIBLING)))
    assert left.stage == st.Choose(replace(FAMILY, family=(OWING, dearer, SIBLING)), "bills-changed")
    assert "Your bills changed a moment ago." in notice(left)


@pytest.mark.parametrize(("now", "others", "ref"), [(OWING, (ZERO,), NUMBER), (ZERO, (SIBLING,), SIBLINGS)])
def test_the_one_that_is_left_is_shown_alone(now: Statement, others: tuple[Statement, ...], ref: StatementRef) -> None:
    visit, _ = run(BOTH, Intent("pay"), ev.BillChanged(now, others))
    left = OWING if now == OWING else SIBLING
    assert visit.stage == st.ShowStatement(Bill(ref, left, BORN), before=usd(5_50))


def test_where_none_is_left_the_settled_one_is_shown() -> None:
    visit, _ = run(BOTH, Intent("pay"), ev.BillChanged(ZERO))
    assert visit.stage == st.ShowStatement(Bill(NUMBER, ZERO, BORN), before=usd(5_50))


def test_after_a_card_that_was_declined_the_choice_stands() -> None:
    visit, _ = run(BOTH, Intent("pay"), ev.HubProbed(True), ev.TerminalRefused("", "terminal-busy"), Intent("other-amount"))
    assert visit == BOTH


def test_back_from_the_bills_is_the_scanner() -> None:
    assert run(BOTH, Intent("back"))[0].stage == st.Scan()


# visits


def test_a_bill_of_several_visits_is_paid_whole_or_by_visit() -> None:
    shown = at(st.ShowStatement(Bill(TWO, TWO_VISITS, BORN)))
    action = screen(shown).secondary
    assert action is not None
    assert action.intent == "choose"
    assert run(shown, Intent("choose"))[0] == VISITS
    assert step(shown, Intent("other-amount")) == (shown, ())
    assert run(VISITS, Intent("back"))[0] == shown


def test_one_visit_is_paid_by_its_number() -> None:
    visit, _ = run(VISITS, Intent("toggle", "0"))
    _, opened = paid_online(visit, Intent("pay"))
    told = (Part(TWO_VISITS.number, TWO_VISITS.account, "V2", usd(1_00)),)
    assert opened == ev.OpenAttempt(TWO, TWO_VISITS.number, TWO_VISITS.account, usd(1_00), offline=False, parts=told)


def test_all_visits_are_the_bill() -> None:
    _, opened = paid_online(VISITS, Intent("pay"))
    assert opened == ev.OpenAttempt(TWO, TWO_VISITS.number, TWO_VISITS.account, usd(3_50), offline=False)


def test_a_part_of_some_visits_is_spread_the_oldest_first() -> None:
    bill = Bill(TWO, TWO_VISITS, BORN, by=By.VISIT)
    told = [(part.visit, part.amount.minor) for part in parts(bill, usd(1_50))]
    assert told == [("V2", 1_00), ("V1", 50)]


def test_a_visit_has_nothing_more_to_see() -> None:
    assert step(VISITS, Intent("see", "0")) == (VISITS, ())


V1, V2 = TWO_VISITS.visits
CREDIT_LINES = replace(V2, charges=(), payments=(), adjustments=(replace(OWING.visits[0].adjustments[0], amount=usd(1_00)),))


@pytest.mark.parametrize(
    "statement",
    [
        OWING,
        replace(TWO_VISITS, visits=(V1, replace(V2, number="V1"))),
        replace(TWO_VISITS, visits=(V1, replace(V2, number=""))),
        replace(TWO_VISITS, visits=(V1, replace(V2, number="V" * 65))),
        replace(TWO_VISITS, visits=(V1, replace(V1, number="V3"), CREDIT_LINES), due=usd(4_00)),
        replace(
            TWO_VISITS,
            visits=tuple(replace(V2, number=f"W{number}") for number in range(MOST_PARTS + 1)),
            due=usd((MOST_PARTS + 1) * 1_00),
        ),
    ],
    ids=["one", "one number twice", "no number", "a long number", "a credit among them", "too many"],
)
def test_visits_that_cannot_be_told_apart_or_told_are_paid_together(statement: Statement) -> None:
    assert not by_visit(statement)
    shown = at(st.ShowStatement(Bill(TWO, statement, BORN)))
    assert step(shown, Intent("choose")) == (shown, ())
    action = screen(shown).secondary
    assert action is not None
    assert action.intent == "other-amount"


# said


def test_each_bill_is_a_mark_with_whose_it_is_and_a_way_to_read_it() -> None:
    visit, _ = run(BOTH, Intent("toggle", "1"))
    middle = screen(visit).middle
    assert isinstance(middle, Choices)
    first, second = middle.items
    assert (first.label.text, first.mark, second.mark) == ("Ada Byrne, bill ending in 6751: $2.50", "on", "off")
    assert first.label.privacy is Privacy.PRIVATE
    assert first.label.speech.endswith("will be paid")
    assert second.label.speech.endswith("left out")
    assert first.see is not None
    assert (first.see.text, first.see.speech) == ("See bill", "See the bill ending in 6751")


def test_what_is_left_is_left_of_all_bills_that_are_paid() -> None:
    assert owed(FAMILY) == usd(5_50)
    assert owed(Bill(TWO, TWO_VISITS, BORN, by=By.VISIT, left_out=frozenset({f"{TWO.value}/V1"}))) == usd(3_50)
    assert owed(Bill(NUMBER, OWING, BORN)) == usd(2_50)
    assert owed(Bill(NUMBER, None)) is None
    assert (due(Bill(NUMBER, None)), items(Bill(NUMBER, None, by=By.VISIT))) == (None, ())


def test_paid_says_what_is_left_on_these_bills() -> None:
    payment = st.Payment(FAMILY, usd(4_00), offline=False)
    shown = screen(at(st.Paid(payment, ATTEMPTS[0], result(Outcome.APPROVED, Money(4_00, "USD")))))
    assert "Left to pay on these bills: $1.50" in [line.text for line in shown.lines]


@pytest.mark.parametrize(
    ("bill", "minor", "told"),
    [
        (FAMILY, 5_50, [("Bill ending in 6848", "$3.00"), ("Bill ending in 6751", "$2.50")]),
        (FAMILY, 2_00, [("Bill ending in 6848", "$2.00")]),
        (replace(FAMILY, left_out=frozenset({OWING.number})), 3_00, [("Bill ending in 6848", "$3.00")]),
        (
            Bill(TWO, TWO_VISITS, BORN, by=By.VISIT, left_out=frozenset({f"{TWO.value}/V1"})),
            1_00,
            [("Bill ending in 6945, visit of Jan 23, 2026", "$1.00")],
        ),
    ],
)
def test_the_receipt_lists_what_came_to_each_and_so_does_the_one_that_is_kept_without_a_name(
    bill: Bill, minor: int, told: list[tuple[str, str]]
) -> None:
    paid = st.Paid(st.Payment(bill, usd(minor), offline=False), ATTEMPTS[0], result(Outcome.APPROVED, usd(minor)))
    paper = receipt(paid, WORDS, SITE, NOON)
    pairs = [(block.label, block.value) for block in paper.blocks if isinstance(block, Pair)]
    assert [pair for pair in pairs if pair[0].startswith("Bill")] == told
    bare = without_person(paid)
    assert receipt(bare, WORDS, SITE, NOON) == paper
    assert receipt_lines(bare, WORDS) == receipt_lines(paid, WORDS)
    assert not re.search(r"Ada|Byrne|Clinic|Blood|ACC-7|00012345|1962", repr(bare))


ONE_DAY = tuple(  # in an order that is not that of their numbers, and two of them with the same end
    replace(statement(minor), number=number, account=f"ACC-8{place}")
    for place, (number, minor) in enumerate([("0001234573", 1_00), ("0001234570", 2_00), ("0009004273", 4_00)])
)
VISITS_OF_ONE_DAY = replace(
    TWO_VISITS,
    visits=tuple(replace(visit, number=to, date=NOON.date()) for visit, to in zip(TWO_VISITS.visits, "ba", strict=True)),
)


@pytest.mark.parametrize(
    ("bill", "minor", "told"),
    [
        (replace(FAMILY, ref=NUMBER, statement=ONE_DAY[0], family=ONE_DAY), 2_50, [1_00, 1_50]),
        (replace(FAMILY, ref=NUMBER, statement=ONE_DAY[0], family=ONE_DAY), 5_00, [1_00, 2_00, 2_00]),
        (Bill(TWO, VISITS_OF_ONE_DAY, BORN, by=By.VISIT), 3_00, [2_50, 50]),
    ],
)
def test_of_one_day_the_first_shown_is_paid_first_and_no_receipt_says_otherwise(bill: Bill, minor: int, told: list[int]) -> None:
    payment = st.Payment(bill, usd(minor), offline=False)
    _, (opened,) = step(at(st.Probing(bill, payment.amount)), ev.HubProbed(True))
    assert isinstance(opened, ev.OpenAttempt)
    assert [part.amount.minor for part in opened.parts] == told
    paid = st.Paid(payment, ATTEMPTS[0], result(Outcome.APPROVED, payment.amount))
    bare = without_person(paid)
    assert [part.amount for part in parts(bare.payment.bill, payment.amount)] == [part.amount for part in opened.parts]
    assert receipt(bare, WORDS, SITE, NOON) == receipt(paid, WORDS, SITE, NOON)
    assert receipt_lines(bare, WORDS) == receipt_lines(paid, WORDS)

"""What came to which bill where a terminal took more or less than was asked for: the kiosk's paper, screen and ear say what the
hub is told, to the cent."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as make

from domain.money import Money
from domain.payment import MOST_PARTS, Attempt, Outcome, Tender, check_parts
from domain.receipt import Pair
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import came_to, left
from kiosk.visit.pages.receipt import receipt_lines
from kiosk.visit.receipts import receipt, without_person
from kiosk.visit.stages import By
from kiosk.visit.visit import step
from offline_queue import outbox
from offline_queue.wire.messages import PaymentRecord
from tests.kiosk.visit.test_choosing import NOON, TWO, VISITS_OF_ONE_DAY, WORDS, at
from tests.kiosk.visit.world import ATTEMPTS, BORN, DAY, NUMBER, OWING, SITE, result, statement, usd


def bills(*dues: int) -> st.Bill:
    """A guarantor's, each a day older than the one before."""
    family = tuple(
        replace(statement(due), number=f"00012{place:02}000", account=f"ACC-{place}", issued=DAY - dt.timedelta(days=place))
        for place, due in enumerate(dues)
    )
    return st.Bill(NUMBER, family[0], BORN, family=family, by=By.BILL)


def told(payment: st.Payment, taken: Money) -> list[tuple[str, str, int]]:
    """What the record says that goes to the hub once `taken` was approved: (statement, visit, cents)."""
    _, (opened,) = step(at(st.Probing(payment.bill, payment.amount)), ev.HubProbed(True))
    assert isinstance(opened, ev.OpenAttempt)
    about = ATTEMPTS[0], opened.ref, opened.statement, opened.account, opened.amount
    attempt = Attempt(*about, Tender.CARD, opened.offline, None, NOON, opened.parts)
    plain = outbox.record(attempt, result(Outcome.APPROVED, taken), NOON).plain
    record = PaymentRecord.model_validate_json(plain)
    return [(each.statement, each.visit, each.minor) for each in record.parts] or [(opened.statement, "", record.minor)]


def said(payment: st.Payment, taken: Money) -> list[tuple[str, str, int]]:
    return [(part.statement, part.visit, part.amount.minor) for part in came_to(payment, taken)]


@given(make.lists(make.integers(1, 10**6), min_size=2, max_size=MOST_PARTS), make.data())
def test_the_kiosk_says_of_every_cent_what_the_hub_is_told(dues: list[int], data: make.DataObject) -> None:
    asked = data.draw(make.integers(1, sum(dues)), "asked")
    taken = usd(data.draw(make.integers(1, 2 * sum(dues)), "taken"))
    payment = st.Payment(bills(*dues), usd(asked), offline=False)
    assert said(payment, taken) == told(payment, taken)
    check_parts(came_to(payment, taken), taken)  # each above zero, and together what was taken
    rest = left(payment, taken)
    assert rest is not None
    assert rest.minor == sum(max(0, due - share) for due, share in zip(reversed(dues), shares(payment, taken), strict=True))


def shares(payment: st.Payment, taken: Money) -> list[int]:
    """By bill, the oldest first."""
    came = {part.statement: part.amount.minor for part in came_to(payment, taken)}
    return [came.get(each.number, 0) for each in reversed(payment.bill.family)]


@given(make.integers(1, 3_50), make.integers(1, 8_00))
def test_of_single_visits_too(asked: int, taken: int) -> None:
    payment = st.Payment(st.Bill(TWO, VISITS_OF_ONE_DAY, BORN, by=By.VISIT), usd(asked), offline=False)
    assert said(payment, usd(taken)) == told(payment, usd(taken))
    assert left(payment, usd(taken)) == usd(max(0, 3_50 - taken))


@pytest.mark.parametrize(
    ("asked", "taken", "pairs", "rest"),
    [
        (3_50, 6_00, ["$3.00", "$3.00"], "$1.00"),  # a surcharge is no part of what nobody asked for
        (3_00, 4_00, ["$4.00"], "$3.00"),
        (6_00, 2_00, ["$2.00"], "$4.00"),
        (6_00, 7_50, ["$3.00", "$2.00", "$2.50"], "$0.00"),
    ],
)
def test_paper_and_ear_say_so_and_of_what_is_left_never_less_than_nothing(
    asked: int, taken: int, pairs: list[str], rest: str
) -> None:
    payment = st.Payment(bills(1_00, 2_00, 3_00), usd(asked), offline=False)
    paid = st.Paid(payment, ATTEMPTS[0], result(Outcome.APPROVED, usd(taken)))
    for each in (paid, without_person(paid)):
        paper = {block.label: block.value for block in receipt(each, WORDS, SITE, NOON).blocks if isinstance(block, Pair)}
        assert [value for label, value in paper.items() if label.startswith("Bill")] == pairs
        assert paper["Left to pay"] == rest
        heard = [line.text for line in receipt_lines(each, WORDS)]
        assert [line.partition(": ")[2] for line in heard if re.match("Bill", line)] == pairs
        assert f"Left to pay: {rest}" in heard


def test_more_than_is_due_on_a_single_bill_leaves_nothing_to_pay() -> None:
    whole = st.Payment(st.Bill(NUMBER, OWING, BORN), usd(2_50), offline=False)
    assert (left(whole, usd(2_75)), left(whole, usd(2_00))) == (usd(0), usd(50))
    assert left(replace(whole, bill=st.Bill(NUMBER, None)), usd(2_00)) is None

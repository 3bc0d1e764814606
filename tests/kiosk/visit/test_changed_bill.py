"""A bill that is no longer what was shown when the patient says yes: shown again, and never paid unseen."""

from __future__ import annotations

import pytest

from domain.billing import Statement
from domain.calls import CallReason
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.screens import Intent
from tests.kiosk.visit.test_refusals import AMOUNT, BILL, notice, run, screen, typed
from tests.kiosk.visit.world import BORN, CREDIT, DUE, EUROS, FOREIGN, LINK, NUMBER, OWING, ZERO, statement, usd

DEARER = statement(12_00, adjusted=5_00, paid=2_50)
AS_MUCH = statement(9_00, adjusted=4_00, paid=2_50)
"""Other lines, and the same to pay."""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (DEARER, "$4.50 is due now, not $2.50."),
        (AS_MUCH, "$2.50 is due still."),
        (ZERO, "nothing is due on it any more."),
        (CREDIT, "nothing is due on it any more."),
    ],
)
def test_it_is_shown_again_with_what_is_due_now_and_nothing_is_opened(now: Statement, said: str) -> None:
    probing, _ = run(BILL, Intent("pay"))
    again, effects = run(probing, ev.BillChanged(now))
    assert again.stage == st.ShowStatement(st.Bill(LINK, now, BORN), before=DUE)
    assert effects == ()
    assert said in notice(again)


def test_what_is_paid_then_is_what_is_shown_then_after_one_more_question() -> None:
    again, _ = run(BILL, Intent("pay"), ev.BillChanged(DEARER))
    asked, effects = run(again, Intent("pay"))
    assert effects == (ev.ProbeHub(DEARER.number, BORN, (DEARER,)),)
    opening, effects = run(asked, ev.HubProbed(True))
    assert effects == (ev.OpenAttempt(LINK, DEARER.number, DEARER.account, usd(4_50), offline=False),)
    assert isinstance(opening.stage, st.Opening)


def test_an_amount_that_was_typed_is_not_paid_on_a_bill_that_has_changed() -> None:
    again, effects = run(AMOUNT, *typed("200"), Intent("pay"), ev.BillChanged(DEARER))
    assert again.stage == st.ShowStatement(st.Bill(LINK, DEARER, BORN), before=DUE)
    assert not any(isinstance(effect, ev.OpenAttempt) for effect in effects)


def test_a_card_that_was_declined_is_tried_again_only_on_the_same_bill() -> None:
    shown, _ = run(BILL, Intent("pay"), ev.HubProbed(True), ev.TerminalRefused("", "terminal-busy"))
    again, _ = run(shown, Intent("again"), ev.BillChanged(DEARER))
    assert isinstance(again.stage, st.ShowStatement)


@pytest.mark.parametrize(
    ("event", "why", "said"),
    [
        (ev.NotFound(NUMBER), "bill-withdrawn", "can no longer be paid here"),
        (ev.TooManyTries(NUMBER), "too-many-tries", "The front desk can look it up"),
        (ev.BillBlocked(NUMBER), "account-blocked", "do not pay again"),
        (ev.BillUnread(NUMBER), "bill-unread", "Your card was not charged"),
        (ev.BillChanged(EUROS), "bill-currency", "cannot be paid at this kiosk"),
    ],
)
def test_one_that_cannot_be_paid_any_more_goes_to_the_desk(event: ev.Event, why: str, said: str) -> None:
    """Somebody paid it at another kiosk just now, and that payment is unclear: two must not become one (law 3)."""
    seen, effects = run(BILL, Intent("pay"), event)
    assert seen.stage == st.SeeDesk(why)
    assert effects == ((ev.CallStaff(CallReason.TOO_MANY_TRIES),) if why == "too-many-tries" else ())
    assert said in screen(seen).lines[0].text


def test_an_answer_about_another_bill_is_none() -> None:
    probing, _ = run(BILL, Intent("pay"))
    for event in (
        ev.NotFound(FOREIGN),
        ev.TooManyTries(FOREIGN),
        ev.BillBlocked(FOREIGN),
        ev.BillUnread(FOREIGN),
        ev.Found(NUMBER, OWING),
    ):
        assert run(probing, event) == (probing, ())

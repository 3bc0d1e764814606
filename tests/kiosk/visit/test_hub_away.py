"""What a kiosk does while the hub is away, by what its terminal and its acquirer make possible."""

from __future__ import annotations

import dataclasses

import pytest

from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.screens import Intent, Picture
from kiosk.visit.stages import HubAway, Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.test_refusals import AMOUNT, BILL, BIRTH_DATE, run, screen, typed
from tests.kiosk.visit.world import ATTEMPTS, BORN, BORN_KEYS, HUB_AWAY, LINK, NUMBER, OWING, RESULTS, UP, fresh, usd


def where(visit: Visit, away: HubAway) -> Visit:
    return dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, away=away))


def lines(visit: Visit) -> list[str]:
    return [line.text for line in screen(visit).lines]


def test_where_cards_need_the_hub_no_visit_starts_without_it() -> None:
    alone = where(fresh(HUB_AWAY), HubAway.REFUSED)
    assert step(alone, Intent("choose-language", "en")) == (alone, ())
    shown = screen(alone)
    assert (shown.screen, shown.primary) == ("out-of-service", None)
    assert "cannot reach the hospital's computer" in shown.lines[0].text
    back, _ = step(alone, ev.WorldChanged(UP))
    assert screen(back).screen == "attract"
    assert step(back, Intent("choose-language", "en"))[0].stage == st.Scan()


def test_a_reader_that_is_broken_is_said_before_a_hub_that_is_away() -> None:
    broken = where(fresh(ev.World(terminal=False, scanner=True, printer=True, hub=False)), HubAway.REFUSED)
    assert "card reader is not working" in lines(broken)[0]


@pytest.mark.parametrize("away", [HubAway.CAPTURED, HubAway.SENT_LATER])
def test_where_they_do_not_it_starts(away: HubAway) -> None:
    alone = where(fresh(HUB_AWAY), away)
    assert screen(alone).screen == "attract"
    assert step(alone, Intent("choose-language", "en"))[0].stage == st.Scan()


@pytest.mark.parametrize("away", [HubAway.CAPTURED, HubAway.SENT_LATER])
def test_another_billers_reference_waits_for_the_hub(away: HubAway) -> None:
    alone = where(fresh(HUB_AWAY), away)
    ref = StatementRef(RefKind.BILLER, "LOCKBOX/00345678901")
    seen, effects = run(alone, Intent("choose-language", "en"), ev.CodeRead(ref))
    assert seen.stage == st.SeeDesk("hub-away")
    assert not any(isinstance(effect, ev.OpenAttempt) for effect in effects)


@pytest.mark.parametrize("online", [True, False])
def test_a_bill_that_another_billers_reference_named_is_paid_by_its_own_number(online: bool) -> None:
    """By the time that the hub hears of it, the reference may name a newer statement than the one that was shown."""
    lockbox = st.Bill(StatementRef(RefKind.BILLER, "LOCKBOX/00345678901"), OWING, BORN)
    shown = dataclasses.replace(BILL, stage=st.ShowStatement(lockbox))
    yes = ev.HubProbed(True) if online else Intent("pay-offline")
    amount = Intent("other-amount"), *typed("100"), Intent("pay")
    _, effects = run(shown, *amount, *(() if online else (ev.HubProbed(False),)), yes)
    assert effects == (ev.OpenAttempt(NUMBER, OWING.number, OWING.account, usd(100), offline=not online),)


def refused(visit: Visit, *events: ev.Event) -> None:
    seen, effects = run(where(visit, HubAway.REFUSED), *events)
    assert seen.stage == st.SeeDesk("hub-away")
    assert not any(isinstance(effect, ev.OpenAttempt) for effect in effects)
    assert "You can pay at the front desk." in lines(seen)[0]


def test_a_hub_that_goes_during_the_visit_sends_to_the_desk() -> None:
    at_camera = run(fresh(), Intent("choose-language", "en"))[0]
    refused(at_camera, ev.WorldChanged(HUB_AWAY), ev.CodeRead(LINK))
    asked = run(BIRTH_DATE, *typed(BORN_KEYS["en"]), Intent("next"))[0]
    refused(asked, ev.LookUpFailed(LINK))
    refused(BILL, Intent("pay"), ev.HubProbed(False))
    refused(AMOUNT, *typed("100"), Intent("pay"), ev.HubProbed(False))


def test_a_captured_payment_is_said_to_be_not_yet_approved_before_yes_and_after() -> None:
    """Law 4: accepted is not approved."""
    amount = where(run(AMOUNT, *typed("100"))[0], HubAway.CAPTURED)
    consent, _ = run(amount, Intent("pay"), ev.HubProbed(False))
    assert isinstance(consent.stage, st.Consent)
    assert lines(consent)[0] == "You are paying the bill ending in 6751."
    assert "cannot ask your bank now" in lines(consent)[1]
    middle = screen(consent).middle
    assert isinstance(middle, Picture)
    assert middle.caption.text == "Your bank will be asked later"
    opening, effects = run(consent, Intent("pay-offline"))
    assert effects == (ev.OpenAttempt(LINK, OWING.number, OWING.account, usd(100), offline=True),)
    (captured,) = (each for each in RESULTS if each.outcome == "captured")
    paid, _ = run(opening, ev.Opened(ATTEMPTS[0]), ev.Settled(ATTEMPTS[0], captured))
    shown = screen(paid)
    assert shown.screen == "accepted"
    assert "not yet approved by your bank" in shown.lines[1].text


def test_where_the_terminal_asks_the_bank_itself_the_payment_is_sent_later() -> None:
    consent, _ = run(AMOUNT, *typed("100"), Intent("pay"), ev.HubProbed(False))
    assert "we will send your payment" in lines(consent)[1]


@pytest.mark.parametrize(
    ("read", "paid", "named"),
    [
        (ev.CodeRead(NUMBER), NUMBER, "the bill ending in 6751."),
        (ev.CodeRead(LINK), LINK, "the bill that you showed just now."),
        (ev.CodeRead(LINK, beside=NUMBER.value), NUMBER, "the bill ending in 6751."),
    ],
)
def test_a_bill_that_the_hub_cannot_show_is_named_on_every_screen_before_yes(
    read: ev.CodeRead, paid: StatementRef, named: str
) -> None:
    """And what is named is what is paid, when the hub went only at the look-up too."""
    scan = run(fresh(HUB_AWAY), Intent("choose-language", "en"))[0]
    at_once, _ = run(scan, read)
    asked, _ = run(scan, ev.WorldChanged(UP), read, *typed(BORN_KEYS["en"]), Intent("next"))
    assert isinstance(read.meaning, StatementRef)
    after_all, _ = run(asked, ev.LookUpFailed(read.meaning))
    assert at_once.stage == after_all.stage == st.OtherAmount(st.Bill(paid, None), notice="hub-away")
    amount, _ = run(at_once, *typed("100"))
    assert f"This is for {named}" in lines(amount)[0]
    consent, _ = run(amount, Intent("pay"))
    assert isinstance(consent.stage, st.Consent)
    assert lines(consent)[0] == f"You are paying {named}"

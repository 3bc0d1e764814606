"""A kiosk in an emergency department: nobody is asked for money before the hub has said that the screening is done (EMTALA)."""

from __future__ import annotations

import dataclasses

import pytest

from domain.statement_codes import numbered_text
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.screens import Action, Intent
from kiosk.visit.stages import Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.test_naming import NAMES, PIN, WAYS
from tests.kiosk.visit.test_refusals import AMOUNT, BILL, BIRTH_DATE, run, screen, touches, typed
from tests.kiosk.visit.world import BORN_KEYS, HUB_AWAY, LINK, NUMBER, OWING, UP, fresh


def there(visit: Visit) -> Visit:
    return dataclasses.replace(visit, rules=dataclasses.replace(visit.rules, emergency=True))


def asks_for_nothing(visit: Visit, effects: tuple[ev.Effect, ...]) -> None:
    """It says so kindly, and there is nothing to pay with."""
    assert visit.stage == st.NotYet()
    assert not any(isinstance(effect, ev.OpenAttempt | ev.ProbeHub) for effect in effects)
    shown = screen(visit)
    assert shown.title.text == "You have nothing to pay now"
    assert "whether or not you can pay" in shown.lines[0].text
    assert "the desk by the door" in shown.lines[1].text
    assert isinstance(shown.primary, Action)
    assert (shown.primary.intent, shown.amount) == ("done", None)
    assert step(visit, Intent("done"))[0].stage == st.Attract()


def test_before_the_screening_a_bill_is_not_shown() -> None:
    asked, _ = run(there(BIRTH_DATE), *typed(BORN_KEYS["en"]), Intent("next"))
    asks_for_nothing(*run(asked, ev.NotYet(LINK)))
    assert run(asked, ev.NotYet(NUMBER)) == (asked, ())
    assert isinstance(run(asked, ev.Found(LINK, OWING))[0].stage, st.ShowStatement)


def test_nor_paid_when_it_is_open_again_by_then() -> None:
    asks_for_nothing(*run(there(BILL), Intent("pay"), ev.NotYet(NUMBER)))
    asks_for_nothing(*run(there(BILL), Intent("pay"), ev.BillUnread(NUMBER)))


@pytest.mark.parametrize("paying", [(BILL, Intent("pay")), (AMOUNT, *typed("100"), Intent("pay"))])
def test_a_hub_that_goes_just_before_paying_leaves_nothing_to_pay(paying: tuple[Visit, *tuple[Intent, ...]]) -> None:
    visit, *intents = paying
    asks_for_nothing(*run(there(visit), *intents, ev.HubProbed(False)))


def test_with_the_hub_away_nobody_is_asked_for_an_amount() -> None:
    at_camera = run(there(fresh()), Intent("choose-language", "en"))[0]
    asks_for_nothing(*run(at_camera, ev.WorldChanged(HUB_AWAY), ev.CodeRead(LINK)))
    number = [Intent("other-ways"), Intent("type-number"), *typed(numbered_text(NUMBER.value)[2:]), Intent("next")]
    asks_for_nothing(*run(at_camera, ev.WorldChanged(HUB_AWAY), *number))
    asked, _ = run(there(BIRTH_DATE), *typed(BORN_KEYS["en"]), Intent("next"))
    asks_for_nothing(*run(asked, ev.LookUpFailed(LINK)))
    asks_for_nothing(*run(asked, ev.BillUnread(LINK)))


def test_nor_for_a_name_again() -> None:
    (proof, way), *_ = NAMES.items()
    start = run(there(fresh()), *WAYS, Intent(way))[0]
    asked, effects = run(
        start, Intent("key", "A"), *touches("next"), *typed(BORN_KEYS["en"]), *touches("next"), *typed(PIN), *touches("next")
    )
    (look_up,) = effects
    assert isinstance(look_up, ev.LookUpNamed)
    assert look_up.named.proof is proof
    asks_for_nothing(*run(asked, ev.LookUpFailed(look_up.named)))
    asks_for_nothing(*run(asked, ev.NotYet(look_up.named)))


@pytest.mark.parametrize("world", [HUB_AWAY, dataclasses.replace(UP, terminal=False)])
def test_where_no_visit_can_begin_nobody_is_sent_to_a_desk_to_pay(world: ev.World) -> None:
    alone = there(fresh(world))
    shown = screen(alone)
    assert (shown.screen, shown.title.text) == ("out-of-service", "You have nothing to pay now")
    assert not any("front desk" in line.text for line in shown.lines)
    assert step(alone, Intent("choose-language", "en")) == (alone, ())


def test_the_first_screen_says_that_care_comes_first() -> None:
    assert screen(there(fresh())).lines[0].text.startswith("Your care comes first, whether or not you can pay.")
    assert not any("care" in line.text for line in screen(fresh()).lines)

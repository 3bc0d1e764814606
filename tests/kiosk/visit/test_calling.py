"""Calling a member of staff: by a lock-out or a touch, said only when it is so, and nothing else of a visit hangs on it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.calls import CallReason
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import MOST_TRIES
from kiosk.visit.present import present
from kiosk.visit.screens import Intent, Snapshot
from kiosk.visit.stages import Asking, Call, Visit
from kiosk.visit.visit import step
from tests.kiosk.visit.walk import walk
from tests.kiosk.visit.world import BORN, HUB_AWAY, LANGUAGES, NAMED, NUMBER, RULES, SITE, everything, fresh

LOCKED_OUT = st.SeeDesk("too-many-tries")
HELP = replace(fresh(), stage=st.BirthDate(NUMBER), asking=Asking.HELP)
CALL = Intent("call-staff")
CALLED = "A member of staff has been called."
NOT_CALLED = "We could not call anyone from here."


def shown(visit: Visit) -> Snapshot:
    return present(visit, LANGUAGES, SITE, 1)


def lines(visit: Visit) -> list[str]:
    """Of the question over the screen, under its title; else of the screen."""
    snapshot = shown(visit)
    at = snapshot.overlay or snapshot
    return [said.text for said in (at.title, *at.lines)]


def offered(visit: Visit) -> bool:
    overlay = shown(visit).overlay
    return overlay is not None and "call-staff" in [action.intent for action in overlay.actions]


def main(visit: Visit) -> str:
    """The one of the question's answers that is drawn as the main one."""
    overlay = shown(visit).overlay
    return overlay.actions[0].intent if overlay else ""


# a lock-out


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (st.LookingUp(NUMBER, BORN, MOST_TRIES - 1), ev.NotFound(NUMBER)),
        (st.LookingUp(NAMED, BORN, MOST_TRIES - 1), ev.NotFound(NAMED)),
        (st.LookingUp(NUMBER, BORN, 0), ev.TooManyTries(NUMBER)),
        (st.LookingUp(NAMED, BORN, 0), ev.TooManyTries(NAMED)),
    ],
    ids=["counted here", "counted here, by name", "counted at the hub", "counted at the hub, by name"],
)
def test_whoever_is_locked_out_has_staff_called(before: st.LookingUp, event: ev.Event) -> None:
    visit, effects = step(replace(fresh(), stage=before), event)
    assert (visit.stage, visit.call, effects) == (LOCKED_OUT, Call.ASKED, (ev.CallStaff(CallReason.TOO_MANY_TRIES),))


def test_every_way_into_the_lock_out_calls_and_no_other_step_does() -> None:
    states, ways = walk().states, set()
    for edge in walk().edges:
        before, after = states[edge.before], states[edge.after]
        calls = [effect for effect in edge.effects if isinstance(effect, ev.CallStaff)]
        locked = after.stage == LOCKED_OUT != before.stage
        assert calls == ([ev.CallStaff(CallReason.TOO_MANY_TRIES)] if locked else [])
        if locked:
            ways.add(type(before.stage))
    assert ways == {st.LookingUp, st.Probing}


@pytest.mark.parametrize("emergency", [False, True])
def test_the_lock_out_says_that_staff_come_when_the_hub_has_taken_the_call_and_not_before(emergency: bool) -> None:
    rules = replace(RULES, emergency=emergency)
    looking = replace(fresh(), rules=rules, stage=st.LookingUp(NUMBER, BORN, 0))
    asked, _ = step(looking, ev.TooManyTries(NUMBER))
    plain = lines(replace(asked, call=Call.NONE))
    assert CALLED not in plain
    assert lines(asked) == plain
    missed, _ = step(asked, ev.StaffNotCalled())
    assert (missed.call, lines(missed)) == (Call.MISSED, plain)
    taken, effects = step(asked, ev.StaffCalled())
    assert (lines(taken), effects) == ([*plain[:2], CALLED, *plain[2:]], ())


# a touch


def test_a_touch_under_help_calls_staff() -> None:
    assert offered(HELP)
    asked, effects = step(HELP, CALL)
    assert (asked, effects) == (replace(HELP, call=Call.ASKED), (ev.CallStaff(CallReason.HELP),))
    assert shown(asked) == shown(HELP)
    taken, _ = step(asked, ev.StaffCalled())
    assert lines(taken) == [CALLED, *lines(HELP)[1:]]
    missed, _ = step(asked, ev.StaffNotCalled())
    assert lines(missed) == [NOT_CALLED, *lines(HELP)[1:]]
    assert (offered(taken), offered(missed)) == (True, True)
    assert [main(visit) for visit in (HELP, missed, taken)] == ["call-staff", "call-staff", "stay"]


def test_fifty_touches_while_a_call_is_under_way_are_one_call() -> None:
    asked, _ = step(HELP, CALL)
    for _ in range(50):
        assert step(asked, CALL) == (asked, ())


def test_who_waits_for_staff_may_call_again_and_hears_what_became_of_that() -> None:
    taken = replace(HELP, call=Call.TAKEN)
    again, effects = step(taken, CALL)
    assert effects == (ev.CallStaff(CallReason.HELP),)
    assert CALLED not in lines(again)
    assert NOT_CALLED in lines(step(again, ev.StaffNotCalled())[0])


def test_while_the_hub_is_away_no_call_is_offered_or_made() -> None:
    away = replace(HELP, world=HUB_AWAY)
    assert not offered(away)
    assert step(away, CALL) == (away, ())


def test_what_was_said_of_a_call_stays_for_the_visit_and_goes_with_it() -> None:
    taken, _ = step(step(HELP, CALL)[0], ev.StaffCalled())
    closed, _ = step(taken, Intent("stay"))
    reopened, _ = step(closed, Intent("help"))
    assert CALLED in lines(reopened)
    gone, effects = step(closed, Intent("cancel"))
    assert (gone, ev.Wipe() in effects) == (fresh(), True)
    assert (step(gone, ev.StaffCalled()), step(gone, ev.StaffNotCalled())) == ((gone, ()), (gone, ()))


def test_at_a_kiosk_at_rest_one_can_call_and_it_is_forgotten_when_nobody_stays() -> None:
    resting = replace(fresh(), asking=Asking.HELP)
    called, effects = step(resting, CALL)
    assert effects == (ev.CallStaff(CallReason.HELP),)
    assert step(step(called, ev.StaffCalled())[0], ev.Idle()) == (fresh(), (ev.Wipe(),))


ANSWERS: tuple[ev.Event, ...] = (ev.StaffCalled(), ev.StaffNotCalled())


@pytest.mark.parametrize("answers", [ANSWERS, ANSWERS[::-1]], ids=["taken first", "taken last"])
def test_of_two_calls_under_way_one_that_was_taken_is_enough(answers: tuple[ev.Event, ...]) -> None:
    """A touch, and the lock-out that came while it was under way."""
    visit = replace(fresh(), stage=st.LookingUp(NUMBER, BORN, 0), call=Call.ASKED)
    visit, _ = step(visit, ev.TooManyTries(NUMBER))
    for answer in answers:
        visit, _ = step(visit, answer)
    assert visit.call is Call.TAKEN


# everywhere


def some_states() -> Iterator[Visit]:
    """Of the walk, so many that every stage comes many times; but a kiosk at rest, where nobody has called."""
    return itertools.islice(walk().states, 2, None, 7)


def test_a_call_is_made_from_help_and_from_nowhere_else() -> None:
    for visit in walk().states:
        may = visit.asking is Asking.HELP and visit.world.hub and visit.call is not Call.ASKED
        made = replace(visit, call=Call.ASKED), (ev.CallStaff(CallReason.HELP),)
        assert step(visit, CALL) == (made if may else (visit, ()))


@pytest.mark.parametrize("call", [Call.ASKED, Call.TAKEN, Call.MISSED])
def test_nothing_else_of_a_visit_hangs_on_a_call(call: Call) -> None:
    """So all that the walk shows of visits without a call holds of those with one."""
    for visit in some_states():
        called = replace(visit, call=call)
        for event in everything(visit):
            if isinstance(event, ev.StaffCalled | ev.StaffNotCalled):
                continue
            (plain, effects), (after, with_call) = step(visit, event), step(called, event)
            assert with_call == effects
            assert replace(after, call=plain.call) == plain
            assert after.call == (plain.call if ev.Wipe() in effects or plain.call != visit.call else call)


def test_an_answer_changes_what_is_known_of_the_call_alone() -> None:
    for visit, answer in itertools.product(some_states(), ANSWERS):
        after, effects = step(visit, answer)
        assert (replace(after, call=visit.call), effects) == (visit, ())
        assert after == visit or visit.call is not Call.NONE

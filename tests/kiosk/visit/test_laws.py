"""What no visit may ever do, shown on every step between every two states that can be reached."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict, deque
from collections.abc import Iterator

from domain.letters import Channel, is_address
from domain.payment import Outcome
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import due
from kiosk.visit.paying import settled
from kiosk.visit.screens import KEYS, Intent
from kiosk.visit.stages import Asking, Visit, at_rest
from kiosk.visit.visit import patience, step
from tests.kiosk.visit.walk import Edge, walk
from tests.kiosk.visit.world import ADDRESSES, ATTEMPTS, FOREIGN, RESULTS, RULES, STRANGERS

WAITING_FOR_SOMETHING_ELSE = (
    st.LookingUp, st.Probing, st.Opening, st.AtTerminal, st.Printing, st.SendingReceipt, st.StaffChecking,
)  # fmt: skip
RECEIVING = st.Printing | st.ReceiptWays | st.TypeAddress | st.SendingReceipt | st.ShowCode
ALL_STAGES = st.Stage.__args__


def edges() -> Iterator[tuple[Visit, Edge, Visit]]:
    states = walk().states
    for edge in walk().edges:
        yield states[edge.before], edge, states[edge.after]


def effects_of(kind: type[ev.Effect]) -> Iterator[tuple[Visit, Edge, Visit, ev.Effect]]:
    for before, edge, after in edges():
        for effect in edge.effects:
            if isinstance(effect, kind):
                yield before, edge, after, effect


def entering(kind: type[st.Stage]) -> Iterator[tuple[Visit, Edge, Visit]]:
    for before, edge, after in edges():
        if isinstance(after.stage, kind) and not isinstance(before.stage, kind):
            yield before, edge, after


def leaving(kind: type[st.Stage]) -> Iterator[tuple[Visit, Edge, Visit]]:
    for before, edge, after in edges():
        if isinstance(before.stage, kind) and not isinstance(after.stage, kind):
            yield before, edge, after


def test_the_walk_is_large_and_comes_by_every_stage() -> None:
    """Printed by a failure: states, steps that did something, steps tried."""
    found = walk()
    assert len(found.states) > 8_500
    assert len(found.edges) > 50_000
    assert found.tried > 550_000
    assert {type(visit.stage) for visit in found.states} == set(ALL_STAGES)


# money


def test_the_terminal_is_armed_only_by_the_commit_of_that_very_attempt() -> None:
    armed = 0
    for before, edge, after, effect in effects_of(ev.ArmTerminal):
        assert isinstance(effect, ev.ArmTerminal)
        assert edge.event == ev.Opened(effect.attempt)
        assert isinstance(before.stage, st.Opening)
        assert not before.stage.cancelling
        assert after.stage == st.AtTerminal(before.stage.payment, effect.attempt)
        assert edge.effects == (effect,)
        armed += 1
    assert armed > 100


def test_an_armed_terminal_has_the_last_word() -> None:
    """With the one above: no second sale begins before the first has ended, whatever anybody touches meanwhile."""
    assert all(edge.effects == (ev.ArmTerminal(_attempt(after)),) for _, edge, after in entering(st.AtTerminal))
    ended = 0
    for before, edge, _ in leaving(st.AtTerminal):
        assert isinstance(edge.event, ev.Settled | ev.TerminalRefused)
        assert edge.event.attempt == _attempt(before)
        ended += 1
    assert ended > 1000
    for before, _, after in edges():
        if isinstance(before.stage, st.AtTerminal) and isinstance(after.stage, st.AtTerminal):
            assert _attempt(before) == _attempt(after)
            assert before.stage.payment == after.stage.payment


def _attempt(visit: Visit) -> str:
    assert isinstance(visit.stage, st.AtTerminal)
    return visit.stage.attempt


def test_an_attempt_is_opened_once_for_one_yes() -> None:
    for before, edge, after, effect in effects_of(ev.OpenAttempt):
        assert isinstance(effect, ev.OpenAttempt)
        assert isinstance(before.stage, st.Probing | st.Consent)
        assert isinstance(after.stage, st.Opening)
        assert edge.effects == (effect,)
        payment = after.stage.payment
        ref, known = payment.bill.ref, payment.bill.statement
        number = known.number if known else (ref.value if ref.kind is RefKind.NUMBER else "")
        account = known.account if known else ""
        assert effect == ev.OpenAttempt(ref, number, account, payment.amount, payment.offline)
        assert (payment.bill, payment.amount) == (before.stage.bill, before.stage.amount)
    assert all(isinstance(edge.effects[0], ev.OpenAttempt) for _, edge, _ in entering(st.Opening))


def test_an_offline_attempt_is_opened_by_consent_and_by_nothing_else() -> None:
    """Law 4: said before the patient commits; and the touch that said "pay" on the screen before cannot say yes here."""
    seen = set()
    for before, edge, after in entering(st.Opening):
        assert isinstance(after.stage, st.Opening)
        offline = after.stage.payment.offline
        seen.add(offline)
        if offline:
            assert isinstance(before.stage, st.Consent)
            assert edge.event == Intent("pay-offline")
            assert after.stage.payment.amount <= RULES.offline_most
        else:
            assert isinstance(before.stage, st.Probing)
            assert edge.event == ev.HubProbed(True)
    assert seen == {True, False}
    for _, edge, after in entering(st.Consent):
        assert isinstance(after.stage, st.Consent)
        # Nobody asks whether the hub is there for a bill that it never confirmed: it is paid as if it were away.
        assert edge.event == ev.HubProbed(False) if after.stage.bill.statement else edge.event in CONFIRMING


CONFIRMING = (Intent("pay"), Intent("again"))


def test_a_bill_that_the_hub_never_confirmed_is_never_paid_as_if_it_had_been() -> None:
    """Law 4, and law 3: without a look-up nobody has said that no payment on it is unclear."""
    for _, _, after in entering(st.Opening):
        assert isinstance(after.stage, st.Opening)
        assert after.stage.payment.bill.statement is not None or after.stage.payment.offline


def test_nothing_is_charged_for_zero_or_for_more_than_is_due() -> None:
    for visit in walk().states:
        match visit.stage:
            case st.Opening(payment) | st.AtTerminal(payment) | st.Paid(payment):
                assert payment.amount.minor > 0
                if (most := due(payment.bill)) is not None:
                    assert payment.amount <= most
                else:
                    assert payment.amount <= RULES.offline_most
            case _:
                pass


def test_a_cancelled_opening_is_closed_and_never_armed() -> None:
    abandoned = 0
    for before, edge, after in edges():
        if isinstance(before.stage, st.Opening) and before.stage.cancelling and isinstance(edge.event, ev.Opened):
            assert edge.effects == (ev.AbandonAttempt(edge.event.attempt),)
            assert isinstance(after.stage, st.NotPaid)
            abandoned += 1
    assert abandoned > 10
    assert abandoned == sum(1 for _ in effects_of(ev.AbandonAttempt))


def test_after_an_unknown_outcome_nothing_is_paid_before_it_is_settled_or_the_visit_ends() -> None:
    """Law 3: from every Unclear, everything that can follow without the terminal's word and without a wipe."""
    states, nexts = walk().states, defaultdict(list)
    for edge in walk().edges:
        if not isinstance(edge.event, ev.Settled) and ev.Wipe() not in edge.effects:
            nexts[edge.before].append(edge)
    waiting = deque(i for i, visit in enumerate(states) if isinstance(visit.stage, st.Unclear))
    seen = set(waiting)
    while waiting:
        for edge in nexts[waiting.popleft()]:
            assert not any(isinstance(effect, ev.OpenAttempt | ev.ArmTerminal | ev.ProbeHub) for effect in edge.effects)
            if edge.after not in seen:
                seen.add(edge.after)
                waiting.append(edge.after)
    assert {type(states[i].stage) for i in seen} == {st.Unclear, st.ThankYou}


def test_an_unknown_outcome_always_prints_its_slip_and_shows_do_not_pay_again() -> None:
    entered = 0
    for _, edge, after in entering(st.Unclear):
        assert isinstance(edge.event, ev.Settled)
        assert edge.event.result.outcome is Outcome.UNKNOWN
        assert edge.effects == (ev.Print(ev.Paper.SLIP), ev.Play(ev.Sound.ATTENTION))
        assert isinstance(after.stage, st.Unclear)
        entered += 1
    assert entered > 100


def test_paid_is_shown_for_money_that_moved_and_for_nothing_else() -> None:
    for before, edge, after in entering(st.Paid):
        if isinstance(before.stage, st.ReceiptWays):
            assert (edge.event, after.stage) == (Intent("back"), before.stage.of)
            continue
        assert isinstance(edge.event, ev.Settled)
        assert edge.event.result.outcome.money_moved
        assert isinstance(after.stage, st.Paid)
        assert after.stage.result == edge.event.result
    for _, edge, _ in entering(st.NotPaid):
        assert not isinstance(edge.event, ev.Settled) or edge.event.result.outcome in (Outcome.DECLINED, Outcome.CANCELLED)
    for before, edge, after in leaving(st.AtTerminal):
        if isinstance(edge.event, ev.Settled) and edge.event.result.outcome.money_moved:
            assert isinstance(after.stage, st.Paid), before


def test_a_receipt_prints_once_for_a_touch() -> None:
    for before, edge, after, effect in effects_of(ev.Print):
        if effect == ev.Print(ev.Paper.RECEIPT):
            assert isinstance(before.stage, st.Paid | st.PaidBefore)
            assert edge.event == Intent("print")
            assert after.stage == st.Printing(before.stage)


def test_a_receipt_is_sent_once_for_a_touch_to_an_address_that_may_be_right() -> None:
    sent = set()
    for before, edge, after, effect in effects_of(ev.SendReceipt):
        assert isinstance(effect, ev.SendReceipt)
        assert isinstance(before.stage, st.TypeAddress)
        assert edge.event == Intent("next")
        assert after.stage == st.SendingReceipt(before.stage.of, effect.channel)
        assert before.stage.typed in ADDRESSES[effect.channel]
        assert is_address(effect.channel, effect.address)
        sent.add(effect.channel)
    assert sent == set(Channel)


def test_a_receipt_that_did_not_come_leaves_every_other_way() -> None:
    """A jam, a hub that does not take the letter: neither ends the visit, and neither forgets the payment."""
    failed = 0
    for before, edge, after in edges():
        if isinstance(edge.event, ev.PrintFailed | ev.ReceiptNotTaken) and isinstance(
            before.stage, st.Printing | st.SendingReceipt
        ):
            assert isinstance(after.stage, st.ReceiptWays)
            assert after.stage.of == before.stage.of
            assert after.stage.notice
            failed += 1
    assert failed > 100


def test_a_payment_of_a_short_while_ago_is_told_only_with_the_bill_that_the_hub_has_found() -> None:
    for before, edge, after in entering(st.PaidBefore):
        if isinstance(before.stage, st.ReceiptWays):
            continue
        assert isinstance(before.stage, st.LookingUp)
        assert isinstance(after.stage, st.PaidBefore)
        assert edge.event == ev.Found(before.stage.ref, after.stage.bill.statement, earlier=after.stage.earlier)  # type: ignore[arg-type]


# privacy


def test_the_camera_looks_while_a_bill_is_asked_for_and_at_no_other_time() -> None:
    for before, edge, after in edges():
        was, looks = (isinstance(visit.stage, st.Scan | st.WhichBill) for visit in (before, after))
        switched = [effect for effect in edge.effects if isinstance(effect, ev.StartScanning | ev.StopScanning)]
        assert switched == ([] if was == looks else [ev.StartScanning() if looks else ev.StopScanning()]), edge.event


def test_a_sound_says_what_the_screen_says() -> None:
    """A key that was taken; how a payment ended; whether a bill that is shown was found."""
    for before, edge, after in edges():
        heard = [effect.sound for effect in edge.effects if isinstance(effect, ev.Play)]
        if heard == [ev.Sound.KEY]:
            assert isinstance(edge.event, Intent)
            assert edge.event.name in KEYS
            assert after.stage != before.stage
        elif isinstance(edge.event, ev.Settled) and after.stage != before.stage:
            good = isinstance(after.stage, st.Paid) and settled(after.stage)
            assert heard == [ev.Sound.DONE if good else ev.Sound.ATTENTION]
        elif heard:
            assert isinstance(before.stage, st.Scan | st.WhichBill)
            counted = isinstance(edge.event, ev.CodeRead) and isinstance(edge.event.meaning, StatementRef)
            assert heard == [ev.Sound.FOUND if counted else ev.Sound.ATTENTION]
            assert counted or isinstance(after.stage, st.WhichBill) or (isinstance(after.stage, st.Scan) and after.stage.notice)
        elif isinstance(edge.event, ev.CodeRead):
            assert after.stage == before.stage


def test_which_of_two_bills_is_meant_is_said_by_leaving_one_and_never_guessed() -> None:
    for _, edge, _ in entering(st.WhichBill):
        assert edge.event == ev.TwoBills()
        assert edge.effects == (ev.Play(ev.Sound.ATTENTION),)
    named = 0
    for before, edge, after in leaving(st.WhichBill):
        if isinstance(after.stage, st.BirthDate | st.OtherAmount):
            assert isinstance(edge.event, ev.CodeRead)
            assert isinstance(edge.event.meaning, StatementRef)
            ref = after.stage.ref if isinstance(after.stage, st.BirthDate) else after.stage.bill.ref
            assert isinstance(ref, StatementRef)
            assert ref == edge.event.meaning or (not before.world.hub and ref.value == edge.event.beside)
            named += 1
    assert named > 10


def test_a_hint_changes_a_notice_and_nothing_else() -> None:
    """It comes from the picture and not from a person: it answers no question, and it ends no warning."""
    hints = 0
    for before, edge, after in edges():
        if isinstance(edge.event, ev.Guided):
            said = edge.event.guidance.value if edge.event.guidance else ""
            assert after == dataclasses.replace(before, stage=st.Scan(notice=said))
            assert edge.effects == ()
            hints += 1
    assert hints > 100


def test_what_a_camera_sees_answers_no_question_unless_it_names_a_bill() -> None:
    """A paper that was left there must not take the question away whether anybody is."""
    asked = 0
    for before, edge, after in edges():
        if ev.names_no_bill(edge.event):
            assert after.asking == before.asking
            asked += before.asking is Asking.STILL_THERE
    assert asked > 100


def test_of_a_link_and_another_bills_number_beside_it_neither_is_shown() -> None:
    """One page has the codes of one statement: these were two bills, and only the hub could tell."""
    sent_back = 0
    for before, edge, after in entering(st.Scan):
        if isinstance(before.stage, st.LookingUp):
            assert isinstance(edge.event, ev.Found)
            assert before.stage.beside not in ("", edge.event.statement.number)
            assert after.stage == st.Scan(notice="two-bills")
            still, _ = step(after, ev.StillInView())
            assert still == after
            assert step(after, ev.BillsGone())[0].stage == st.Scan()
            sent_back += 1
    assert sent_back > 5


def test_a_wipe_leaves_nothing() -> None:
    """Law 10: the state after it is that of a kiosk where nobody has ever been."""
    wiped = 0
    for before, edge, after in edges():
        if isinstance(after.stage, st.Attract) and not isinstance(before.stage, st.Attract):
            assert ev.Wipe() in edge.effects
        if ev.Wipe() in edge.effects:
            assert after == at_rest(RULES, before.world)
            wiped += 1
    assert wiped > 5_000


# leaving


def test_nowhere_is_a_trap() -> None:
    """From every state the kiosk comes to rest: by what the person may touch, by an answer that is due, or by waiting."""
    back = defaultdict(list)
    for edge in walk().edges:
        back[edge.after].append(edge.before)
    home = [i for i, visit in enumerate(walk().states) if visit == at_rest(RULES, visit.world)]
    waiting, seen = deque(home), set(home)
    while waiting:
        for i in back[waiting.popleft()]:
            if i not in seen:
                seen.add(i)
                waiting.append(i)
    assert len(seen) == len(walk().states)


def test_the_way_out_is_home_within_three_touches_and_the_last_word() -> None:
    """Cancel, where it is shown; after the last word on money, the screen's own way on: nobody is sent home past it."""
    for visit in walk().states:
        for last_word in _last_words(visit):
            after, touches = visit, 0
            while not isinstance(after.stage, st.Attract):
                if isinstance(after.stage, st.Printing | st.SendingReceipt):
                    printing = isinstance(after.stage, st.Printing)
                    after, _ = step(after, ev.Printed(ev.Paper.RECEIPT) if printing else ev.ReceiptNotTaken())
                    continue
                touch = _way_out(after)
                after, _ = step(after, touch)
                touches += 1
                if touch == Intent("cancel") and last_word is not None and type(after.stage) is type(visit.stage):
                    after, _ = step(after, last_word)
                    if isinstance(after.stage, st.AtTerminal):
                        after, _ = step(after, ev.Settled(after.stage.attempt, RESULTS[0]))
                assert touches <= 3 + (visit.asking is Asking.HELP), (visit, last_word)


def _way_out(visit: Visit) -> Intent:
    match visit.stage:
        case _ if visit.asking is Asking.HELP:
            return Intent("stay")
        case _ if visit.asking is Asking.STILL_THERE:
            return Intent("cancel")
        case st.Paid() | st.ReceiptWays():
            return Intent("no-receipt")
        case st.TypeAddress():
            return Intent("back")
        case st.Unclear() | st.ThankYou() | st.ShowCode():
            return Intent("done")
        case _:
            return Intent("cancel")


def test_a_cancel_that_crosses_an_outcome_hides_nothing() -> None:
    """Touched on the card's screen, it arrives when the outcome is there: the patient must see that outcome."""
    for before, edge, after in edges():
        if edge.event == Intent("cancel") and isinstance(before.stage, st.Paid | st.Unclear | st.ThankYou | RECEIVING):
            assert before.asking is Asking.STILL_THERE or after == before


def _last_words(visit: Visit) -> tuple[ev.Event | None, ...]:
    """How what is under way can end."""
    match visit.stage:
        case st.Opening():
            return ev.Opened(ATTEMPTS[0]), ev.OpenRefused("limit-total")
        case st.AtTerminal(attempt=attempt):
            return (*(ev.Settled(attempt, what) for what in RESULTS), ev.TerminalRefused(attempt, "terminal-away"))
        case _:
            return (None,)


def test_cancel_never_leaves_a_sale_that_runs() -> None:
    for before, edge, after in edges():
        if edge.event == Intent("cancel") and isinstance(before.stage, st.Opening | st.AtTerminal):
            assert type(after.stage) is type(before.stage)
    for before, edge, _, _ in effects_of(ev.CancelTerminal):
        assert isinstance(before.stage, st.AtTerminal)
        assert not before.stage.cancelling
        assert edge.event == Intent("cancel")


def test_who_walks_away_is_warned_and_then_forgotten() -> None:
    """On every screen that waits for a person; where we wait for something else, idleness does nothing."""
    for visit in walk().states:
        seconds = patience(visit)
        rest = at_rest(RULES, visit.world)
        after, effects = step(visit, ev.Idle())
        if visit == rest or (isinstance(visit.stage, WAITING_FOR_SOMETHING_ELSE) and visit.asking is not Asking.STILL_THERE):
            assert seconds is None
            assert (after, effects) == (visit, ())
        elif visit.asking is Asking.STILL_THERE:
            assert seconds == RULES.warning_s
            assert after == rest
        elif isinstance(visit.stage, st.Attract) or (
            isinstance(visit.stage, st.ThankYou) and visit.stage.slip is not st.Slip.FAILED
        ):
            assert seconds == (RULES.thanks_s if isinstance(visit.stage, st.ThankYou) else RULES.idle_s)
            assert after == rest
        else:
            assert seconds == RULES.idle_s
            assert (after, effects) == (dataclasses.replace(visit, asking=Asking.STILL_THERE), ())
            assert step(after, Intent("stay")) == (dataclasses.replace(visit, asking=Asking.NOTHING), ())


def test_no_warning_lies_over_a_moment_that_waits_for_something_else() -> None:
    assert not any(
        visit.asking is Asking.STILL_THERE and isinstance(visit.stage, WAITING_FOR_SOMETHING_ELSE) for visit in walk().states
    )


# what changes nothing


def test_answers_to_somebody_else_change_nothing() -> None:
    for visit, event in itertools.product(walk().states, STRANGERS):
        assert step(visit, event) == (visit, ())
    assert not any(FOREIGN in (getattr(visit.stage, "ref", None),) for visit in walk().states)


def test_a_touch_that_no_screen_has_changes_nothing() -> None:
    strange = [Intent(""), Intent("Start"), Intent("key", "12"), Intent("key", "٣"), Intent("key", ""), Intent("key", "é")]
    strange += [Intent("choose-language", "fr"), Intent("language", "fr"), Intent("language"), Intent("x" * 40, "y" * 200)]
    for visit, intent in itertools.product(walk().states, strange):
        assert step(visit, intent) == (visit, ())


def test_what_works_changes_what_is_known_and_nothing_else() -> None:
    worlds = [ev.World(i != 0, i != 1, i != 2, i != 3) for i in range(5)]
    for visit, world in itertools.product(walk().states, worlds):
        assert step(visit, ev.WorldChanged(world)) == (dataclasses.replace(visit, world=world), ())

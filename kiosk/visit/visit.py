"""The visit: `step(visit, event) -> (visit, effects)`, the only place where a visit changes (law 11). Pure.

An event that a stage has no use for changes nothing: a late answer, a code shown at the wrong time, a touch that crossed
a change of screen. Nothing here knows the time; `patience` says how long to wait before `Idle`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from domain.calls import CallReason
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.calling import LOCKED_OUT, call_answered, call_offered, call_staff
from kiosk.visit.finding import found_step
from kiosk.visit.hearing import Hearing, heard
from kiosk.visit.informing import informed_step
from kiosk.visit.paying import paid_step
from kiosk.visit.receiving import received_step
from kiosk.visit.screens import KEYS, Intent, Theme
from kiosk.visit.staff import staff_offered, staff_step
from kiosk.visit.stages import Asking, Visit, at_rest

Stepped = tuple[Visit, tuple[ev.Effect, ...]]

KNOCK = ev.Play(ev.Sound.KEY)
TEXT_SIZES = (100, 150, 200)
THEMES = (Theme.DAY, Theme.NIGHT, Theme.CONTRAST)

WAITING = (st.LookingUp, st.Probing, st.Opening, st.AtTerminal, st.Printing, st.SendingReceipt, st.StaffChecking)
"""Where something else has to answer, and no person."""

RECEIVING = (st.Printing, st.ReceiptWays, st.TypeAddress, st.SendingReceipt, st.ShowCode)
PAST_CANCELLING = (st.AtTerminal, st.Paid, st.Unclear, *RECEIVING, st.ThankYou)
"""Where a Cancel comes too late."""

T = TypeVar("T")


def step(visit: Visit, event: ev.Event) -> Stepped:
    """What the visit becomes after `event`, and what must be done about it."""
    match event:
        case ev.WorldChanged(world):
            return replace(visit, world=world), ()
        case ev.Idle():
            return _idle(visit)
        case ev.StaffCalled() | ev.StaffNotCalled():
            return call_answered(visit, event), ()
        case Intent() if (hearing := heard(visit.hearing, event)) is not None:
            return _listening(visit, hearing, event), ()
        case Intent() if visit.asking is not Asking.NOTHING:
            return _answered(visit, event)
        case Intent():
            return _touched(visit, event)
        case _:
            return _moved(visit, event)


def patience(visit: Visit) -> int | None:
    """Seconds without anything from the person after which `Idle` is due; None where we wait for something else."""
    if visit.asking is Asking.STILL_THERE:
        return visit.rules.warning_s
    match visit.stage:
        case st.Attract() if visit == at_rest(visit.rules, visit.world):
            return None
        case stage if isinstance(stage, WAITING):
            return None
        case st.ThankYou() if _goes_by_itself(visit.stage):
            return visit.rules.thanks_s
        case _:
            return visit.rules.idle_s


def _listening(before: Visit, hearing: Hearing, intent: Intent) -> Visit:
    """Who asks to listen is told how, and where the headphones go in; under a question that runs out, that one stays. Headphones
    that are a sound card themselves are plugged in before there is a voice."""
    if not before.world.voice and intent.name != "headphones":
        return before
    visit = replace(before, hearing=hearing)
    if intent.name == "listen" and visit.asking is not Asking.STILL_THERE:
        return replace(visit, asking=Asking.LISTEN)
    leaves = intent.name in ("listen-off", "curtain") and visit.asking is Asking.LISTEN
    return replace(visit, asking=Asking.NOTHING) if leaves else visit


def _touched(visit: Visit, intent: Intent) -> Stepped:
    """The touches that mean the same on every screen; the rest is the stage's."""
    match intent.name:
        case "help":
            return replace(visit, asking=Asking.HELP), ()
        case "hear-receipt" if isinstance(visit.stage, st.ThankYou):
            return replace(visit, asking=Asking.RECEIPT), ()
        case "text-size":
            return replace(visit, text_percent=_after(TEXT_SIZES, visit.text_percent)), ()
        case "theme":
            return replace(visit, theme=_after(THEMES, visit.theme)), ()
        case "languages" if len(visit.rules.languages) > 1:
            return replace(visit, asking=Asking.LANGUAGE), ()
        case "cancel":
            return _cancel(visit)
        case _:
            return _moved(visit, intent)


def _answered(visit: Visit, intent: Intent) -> Stepped:
    """An answer to what lies over the screen."""
    if intent.name == "stay":
        return replace(visit, asking=Asking.NOTHING), ()
    if intent.name == "reach" and visit.asking is Asking.HELP:
        return replace(visit, reach=not visit.reach, asking=Asking.NOTHING), ()
    if intent.name == "call-staff" and call_offered(visit):
        return call_staff(visit, CallReason.HELP)
    if intent.name == "cancel" and visit.asking is Asking.STILL_THERE:
        return home(visit)
    if intent.name == "language" and visit.asking is Asking.LANGUAGE and intent.value in visit.rules.languages:
        return _speaking(replace(visit, asking=Asking.NOTHING), intent.value), ()
    if intent.name == "staff" and staff_offered(visit):
        return replace(visit, stage=st.StaffPin(), asking=Asking.NOTHING), ()
    return visit, ()


def _moved(visit: Visit, event: ev.Event) -> Stepped:
    """What the stage makes of an event. A question over the screen falls when a person or an answer changes the screen under it;
    what a camera sees is no person."""
    if isinstance(event, Intent) and event.name == "choose-language":
        # on the first screen a language is the beginning: who cannot read the kiosk's own has nothing else to touch
        if event.value not in visit.rules.languages or not isinstance(visit.stage, st.Attract) or not st.takes_cards(visit):
            return visit, ()
        return replace(visit, language=event.value, stage=st.Scan()), (ev.StartScanning(),)
    for part in (found_step, informed_step, paid_step, received_step, staff_step):
        moved = part(visit, event)
        if moved is not None:
            stage, effects = moved
            if isinstance(stage, st.Attract):
                return home(visit)
            asking = visit.asking if ev.names_no_bill(event) else Asking.NOTHING
            typed = isinstance(event, Intent) and event.name in KEYS and stage != visit.stage
            after = replace(visit, stage=stage, asking=asking)
            if stage == LOCKED_OUT:
                after, called = call_staff(after, CallReason.TOO_MANY_TRIES)
                effects = (*effects, *called)
            return after, (*effects, KNOCK) if typed else effects
    return visit, ()


def _goes_by_itself(stage: st.Stage) -> bool:
    """No warning is due: nobody is here, or the screen says that it will go. Whose paper did not come out has only the
    reference on the screen, and is asked."""
    return isinstance(stage, st.Attract) or (isinstance(stage, st.ThankYou) and stage.slip is not st.Slip.FAILED)


def _idle(visit: Visit) -> Stepped:
    """First a warning, then the end. The thank-you screen says by itself that it will go."""
    if patience(visit) is None:
        return visit, ()
    if visit.asking is Asking.STILL_THERE or _goes_by_itself(visit.stage):
        return home(visit)
    return replace(visit, asking=Asking.STILL_THERE), ()


def _cancel(visit: Visit) -> Stepped:
    """Leaves, unless money may be moving: then it is a request, and the terminal has the last word."""
    match visit.stage:
        case st.Opening() as opening:
            return replace(visit, stage=replace(opening, cancelling=True)), ()
        case st.AtTerminal(cancelling=False) as selling:
            return replace(visit, stage=replace(selling, cancelling=True)), (ev.CancelTerminal(),)
        case stage if isinstance(stage, PAST_CANCELLING):
            # Nothing is left to cancel, and no Cancel is shown: this one was meant for the screen before. Leaving now would
            # hide from the patient that the card was charged, or that it must not be used again.
            return visit, ()
        case _:
            return home(visit)


def home(visit: Visit) -> Stepped:
    """The end of a visit: everything about this person is dropped (law 10)."""
    scanning = isinstance(visit.stage, st.SCANNING)
    return at_rest(visit.rules, visit.world), ((ev.StopScanning(), ev.Wipe()) if scanning else (ev.Wipe(),))


def _speaking(visit: Visit, language: str) -> Visit:
    """The same stage in another language. Half a date is dropped: its digits would change their meaning."""
    stage = visit.stage
    if isinstance(stage, st.BirthDate) and language != visit.language:
        stage = replace(stage, digits="", notice="")
    return replace(visit, language=language, stage=stage)


def _after(values: tuple[T, ...], current: T) -> T:
    return values[(values.index(current) + 1) % len(values)]

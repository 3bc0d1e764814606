"""The last screens of a visit: thanks, or the way to a person."""

from __future__ import annotations

from domain.payment import short_reference
from kiosk.visit import stages as st
from kiosk.visit.pages.page import Page, Site
from kiosk.visit.paying import settled
from kiosk.visit.screens import Action, Picture, Tone
from kiosk.visit.stages import Call, Slip, Visit
from kiosk.visit.words import Words

HANDED_OVER = {
    Slip.PRINTED: "thanks-take-receipt", Slip.EMAILED: "thanks-emailed", Slip.TEXTED: "thanks-texted",
}  # fmt: skip
"""What is to be said of a receipt that is on its way."""


def thank_you(visit: Visit, stage: st.ThankYou, words: Words, site: Site) -> Page:
    """Good only when the bank and the hospital both know: the rest is accepted or unknown, and stays amber (look)."""
    unclear = isinstance(stage.paid, st.Unclear)
    code, notice = short_reference(stage.paid.attempt), None
    if stage.slip is Slip.FAILED:  # the reference is all that such a patient has: the screen waits for them
        notice = words.say("notice-slip-failed", code=code)
        lines = [words.say("help-desk", desk=site.desk[visit.language])]
    else:
        handed = [words.say(HANDED_OVER[stage.slip])] if stage.slip in HANDED_OVER else []
        lines = [*handed, words.say("reference", code=code), words.say("thanks-line")]
    if unclear:
        lines.insert(0, words.say("why-account-blocked"))
    title = words.say("thanks-title-unknown" if unclear else "thanks-title")
    tone = Tone.GOOD if isinstance(stage.paid, st.Paid) and settled(stage.paid) and not notice else Tone.WARN
    picture = Picture("paper" if stage.slip is Slip.PRINTED else "door", words.say("thanks-picture"), moving=False)
    done = Action("done", words.say("thanks-done"))
    hear = Action("hear-receipt", words.say("listen-receipt")) if visit.hearing.on else None
    return Page("thank-you", title, tuple(lines), notice, tone, picture, primary=done, secondary=hear, cancel=False)


def ending(visit: Visit, stage: st.SeeDesk | st.NotYet, words: Words, site: Site) -> Page:
    """Nothing more can be done here."""
    return _not_yet(visit, words, site) if isinstance(stage, st.NotYet) else _see_desk(visit, stage, words, site)


def _not_yet(visit: Visit, words: Words, site: Site) -> Page:
    """In an emergency department: care comes first, and the screen asks for nothing."""
    done, where = Action("done", words.say("desk-done")), words.say("not-yet-desk", desk=site.desk[visit.language])
    picture = Picture("door", words.say("not-yet-picture"), moving=False)
    lines = (words.say("not-yet-line"), where)
    return Page("not-yet", words.say("not-yet-title"), lines, None, Tone.PLAIN, picture, primary=done, cancel=False)


def _see_desk(visit: Visit, stage: st.SeeDesk, words: Words, site: Site) -> Page:
    where = (words.say("help-desk", desk=site.desk[visit.language]), words.say("help-phone", phone=site.phone))
    done = Action("done", words.say("desk-done"))
    picture = Picture("door", words.say("desk-picture"), moving=False)
    called = (words.say("call-line-taken"),) if visit.call is Call.TAKEN else ()
    lines = (words.say(f"why-{stage.why}"), *called, *where)
    return Page("see-desk", words.say("desk-title"), lines, None, Tone.WARN, picture, primary=done, cancel=False)

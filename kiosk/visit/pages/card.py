"""The screens from the card on: what the terminal asks for, and what became of the payment."""

from __future__ import annotations

from domain.payment import short_reference
from kiosk.visit import stages as st
from kiosk.visit.choosing import left
from kiosk.visit.events import CardStep
from kiosk.visit.pages.page import Page, Site
from kiosk.visit.pages.receiving import receipt_actions
from kiosk.visit.paying import READER_FAULTS, READER_OUT, TAKEN_BACK, bank_approved, settled
from kiosk.visit.screens import Action, Choices, Picture, Tone
from kiosk.visit.stages import Slip, Visit
from kiosk.visit.words import Words

CARD_PICTURES = {
    CardStep.INSERT_CARD: "insert-card",
    CardStep.READING: "wait",
    CardStep.ENTER_PIN: "enter-pin",
    CardStep.WAIT: "wait",
    CardStep.REMOVE_CARD: "remove-card",
    CardStep.CHECKING: "clock",
}


def opening(stage: st.Opening, words: Words) -> Page:
    """Who asks to stop sees that it was heard: a reader that is not there yet may take its time."""
    what, label = ("card-cancelling", "amount-not-paid") if stage.cancelling else ("opening", "amount-to-pay")
    picture, cancel = Picture("wait", words.say(f"{what}-picture"), moving=True), not stage.cancelling
    title, amount = words.say(f"{what}-title"), stage.payment.amount
    return Page("opening", title, middle=picture, amount=amount, amount_label=label, cancel=cancel)


def at_terminal(stage: st.AtTerminal, words: Words) -> Page:
    what = "cancelling" if stage.cancelling else str(stage.step)
    checking = stage.step is CardStep.CHECKING
    if checking:
        what = "checking"
    picture = Picture(CARD_PICTURES[stage.step], words.say(f"card-{what}-picture"), moving=True)
    lines = (words.say(f"card-{what}-line"),)
    tone = Tone.WARN if checking else Tone.PLAIN
    cancel = not stage.cancelling and not checking
    title, label = words.say(f"card-{what}-title"), "amount-unknown" if checking or stage.cancelling else "amount-to-pay"
    return Page("card", title, lines, None, tone, picture, stage.payment.amount, label, cancel=cancel)


def paid(visit: Visit, stage: st.Paid, words: Words) -> Page:
    """Green only when the bank has said yes and the hospital's computer was there; otherwise amber (look: never green)."""
    result, money = stage.result, words.money(stage.result.amount)
    rest, several = left(stage.payment, result.amount), "-several" if stage.payment.bill.by is st.By.BILL else ""
    if settled(stage):
        screen, tone, caption, label, lines = "approved", Tone.GOOD, "approved-picture", "amount-paid", []
        if rest is not None:
            lines.append(words.say(f"approved-left{several}", amount=words.money(rest)))
    else:
        why = "hub" if bank_approved(stage) else "bank"
        screen, tone, caption, label = "accepted", Tone.WARN, f"accepted-{why}-picture", "amount-accepted"
        lines = [words.say("accepted-line"), words.say(f"accepted-{why}-line")]
    if stage.noted:
        lines.insert(0, words.say("slip-over"))
    if result.card.brand and result.card.last4:
        lines.append(words.say("approved-card", brand=result.card.brand, last4=result.card.last4))
    elif result.card.last4:
        lines.append(words.say("approved-card-unbranded", last4=result.card.last4))
    title = words.say(f"{screen}-title", amount=money)
    picture = Picture("tick" if tone is Tone.GOOD else "clock", words.say(caption), moving=False)
    middle: Picture | Choices = picture
    notice, receipt, other = receipt_actions(visit, words)
    if other is None:
        lines.append(words.say("reference", code=short_reference(stage.attempt)))
    else:  # beside choices a picture has no words; what is not yet approved has said so above
        lines = [*((picture.caption,) if tone is Tone.GOOD else ()), *lines]
        middle = Choices((other,), picture)
    none = Action("no-receipt", words.say("receipt-none"))
    return Page(screen, title, tuple(lines), notice, tone, middle, result.amount, label, receipt, none, cancel=False)


SCREENS_NOT_PAID = {"declined": "declined", "cancelled": "cancelled", TAKEN_BACK: "cancelled"}
"""The screen for each way not to have paid; everything else never began."""


def not_paid(visit: Visit, stage: st.NotPaid, words: Words, site: Site) -> Page:
    """That the card was not charged comes first; then where a person takes the payment if the reader needs one too, and why."""
    screen = SCREENS_NOT_PAID.get(stage.why, "not-started")
    title, amount = words.say(f"{screen}-title"), stage.payment.amount
    desk = (words.say("help-desk", desk=site.desk[visit.language]),) if stage.why in READER_OUT else ()
    note = (words.say("slip-over"),) if stage.noted else ()
    lines = (words.say("not-charged"), *note, *desk, words.say(f"why-{stage.why}"))
    picture = Picture("cross", words.say(f"{screen}-picture"), moving=False)
    again, other = Action("again", words.say("again")), Action("other-amount", words.say("not-paid-back"))
    if stage.why not in READER_OUT:
        return Page(screen, title, lines, None, Tone.BAD, picture, amount, "amount-not-paid", again, other)
    done, still = Action("done", words.say("desk-done")), again if stage.why not in READER_FAULTS else None
    return Page(screen, title, lines, None, Tone.BAD, picture, amount, "amount-not-paid", done, still, cancel=False)


def unclear(stage: st.Unclear, words: Words, site: Site) -> Page:
    title, amount = words.say("unknown-title"), stage.payment.amount
    when = words.say("unknown-next", days=site.answer_days)
    code = short_reference(stage.attempt)
    notice = words.say("notice-slip-failed", code=code) if stage.slip is Slip.FAILED else None
    lines = (words.say("unknown-line"), when, *(() if notice else (words.say("reference", code=code),)))
    picture = Picture("clock", words.say("unknown-picture"), moving=False)
    done = Action("done", words.say("unknown-done"))
    return Page("unknown", title, lines, notice, Tone.WARN, picture, amount, "amount-unknown", done, cancel=False)

"""The screens on which a bill is read, and on which it is said how much of it is paid, and how."""

from __future__ import annotations

from domain.money import Money, from_digits
from domain.statement_codes import ending
from kiosk.visit import stages as st
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.pages.page import Page, of_bill
from kiosk.visit.paying import due
from kiosk.visit.screens import Action, Bill, Keypad, Picture, Said, Tone
from kiosk.visit.stages import Visit
from kiosk.visit.words import Words


def statement(visit: Visit, stage: st.ShowStatement, words: Words) -> Page:
    """What is due, and why."""
    statement = stage.bill.statement
    assert statement is not None, "this stage is reached with a statement only"
    owed = statement.due
    lines = (words.say("statement-line", name=statement.guarantor_name, ending=ending(statement.number)),)
    notice = _changed(stage.before, owed, words) if stage.before is not None else None
    bill = Bill(bill_rows(statement, words, details=stage.details))
    more = (Action("details", words.say("details-hide" if stage.details else "details-show")), *_help(visit, words))
    if owed.minor <= 0:
        title = words.say("statement-title-credit" if owed.minor < 0 else "statement-title-zero")
        done = Action("done", words.say("statement-done"))
        credit = -owed if owed.minor < 0 else None
        return Page("statement", title, lines, notice, Tone.GOOD, bill, credit, "amount-credit", done, None, more, back=True)
    money = words.money(owed)
    title = words.say("statement-title", amount=money)
    pay, other = Action("pay", words.say("pay", amount=money)), Action("other-amount", words.say("pay-other"))
    return Page("statement", title, lines, notice, Tone.PLAIN, bill, owed, "amount-due", pay, other, more, back=True)


def _help(visit: Visit, words: Words) -> tuple[Action, ...]:
    """On every screen that shows a balance (26 CFR 1.501(r)-4(b)(5)), where the hospital has said whom it helps."""
    return (Action("help-paying", words.say("help-paying")),) if visit.rules.help_paying else ()


def _changed(before: Money, now: Money, words: Words) -> Said:
    """Of a bill that is shown again, because it is not what was shown before."""
    if now.minor <= 0:
        return words.say("notice-bill-changed-settled")
    if now == before:
        return words.say("notice-bill-changed-lines", now=words.money(now))
    return words.say("notice-bill-changed", now=words.money(now), before=words.money(before))


def other_amount(visit: Visit, stage: st.OtherAmount, words: Words) -> Page:
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    typed = from_digits(stage.digits, visit.rules.currency)
    owed = due(stage.bill)
    line = words.say("amount-line", due=words.money(owed)) if owed else of_bill("amount-line-away", stage.bill, words)
    keypad = Keypad(words.money(typed), words.say("amount-hint"), words.say("key-erase"), words.say("key-clear"))
    pay = Action("pay", words.say("pay", amount=words.money(typed)))
    title, more = words.say("amount-title"), _help(visit, words)
    return Page("amount", title, (line,), notice, middle=keypad, primary=pay, more=more, back=True)


def consent(visit: Visit, stage: st.Consent, words: Words) -> Page:
    """Accepted is not approved: said before the patient commits (law 4)."""
    pay = Action("pay-offline", words.say("pay", amount=words.money(stage.amount)))
    kept = visit.rules.away is st.HubAway.CAPTURED
    why = words.say("consent-bank-line" if kept else "consent-line")
    lines = (of_bill("consent-bill", stage.bill, words), why, words.say("consent-receipt"))
    picture = Picture("clock", words.say("consent-bank-picture" if kept else "consent-picture"), moving=False)
    return Page("consent", words.say("consent-title"), lines, None, Tone.WARN, picture, stage.amount, primary=pay, back=True)

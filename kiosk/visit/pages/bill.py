"""The screens on which a bill is read, and on which it is said how much of it is paid, and how."""

from __future__ import annotations

from dataclasses import replace

from domain.money import Money, from_digits
from domain.statement_codes import ending
from kiosk.visit import stages as st
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.choosing import Item, by_visit, due, items
from kiosk.visit.pages.page import Page, of_bill
from kiosk.visit.screens import Action, Bill, Choices, Keypad, Picture, Said, Tone
from kiosk.visit.stages import By, Visit
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
    pay = Action("pay", words.say("pay", amount=money))
    single = not by_visit(statement)
    other = Action("other-amount", words.say("pay-other")) if single else Action("choose", words.say("pay-choose"))
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


def choose(visit: Visit, stage: st.Choose, words: Words) -> Page:
    """The bills of one guarantor, or the visits of one bill: each is paid or not, and what that comes to is in view."""
    shown, owed, what = items(stage.bill), due(stage.bill), stage.bill.by
    assert owed is not None, "this stage is reached with statements only"
    assert what is not None, "and with a choice"
    code = stage.notice or ("" if owed.minor > 0 else "nothing-chosen")
    notice = words.say(f"notice-{code}") if code else None
    choices = Choices(tuple(_choice(item, place, what, words) for place, item in enumerate(shown)))
    title = words.say(f"choose-{what}-title")
    lines = words.say(f"choose-{what}-line"), words.say("choose-sum", due=words.money(owed))
    pay = Action("pay", words.say("pay", amount=words.money(owed))) if owed.minor > 0 else None
    other = Action("other-amount", words.say("pay-other")) if owed.minor > 0 else None
    screen, more = f"choose-{what}s", _help(visit, words)
    return Page(screen, title, lines, notice, Tone.PLAIN, choices, primary=pay, secondary=other, more=more, back=True)


def _choice(item: Item, place: int, what: By, words: Words) -> Action:
    """One of them; whose it is, is as private as on the statement, and where a visit was is left out as there: it may say why."""
    number, money = ending(item.statement.number), words.money(item.due)
    if item.visit is None:
        patients = ", ".join(dict.fromkeys(visit.patient for visit in item.statement.visits))
        label = words.say("choose-bill", patients=patients, ending=number, due=money)
        see = replace(words.say("choose-see"), speech=words.say("choose-see-which", ending=number).speech)
    else:
        date = words.date(item.visit.date)
        label, see = words.say("choose-visit", date=date, patient=item.visit.patient, due=money), None
    mark = "on" if item.chosen else "off"
    return Action("toggle", replace(label, speech=f"{label.speech}, {words.say(f'choose-{mark}').speech}"), str(place), mark, see)


def other_amount(visit: Visit, stage: st.OtherAmount, words: Words) -> Page:
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    typed = from_digits(stage.digits, visit.rules.currency)
    owed = due(stage.bill)
    several = f"-{stage.bill.by}s" if stage.bill.by else ""
    line = words.say(f"amount-line{several}", due=words.money(owed)) if owed else of_bill("amount-line-away", stage.bill, words)
    keypad = Keypad(words.money(typed), words.say("amount-hint"), words.say("key-erase"), words.say("key-clear"))
    pay = Action("pay", words.say("pay", amount=words.money(typed)) if typed.minor else words.say("pay-this"))
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

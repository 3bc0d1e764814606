"""The first half of a visit: from nobody to a statement on the screen. Part of `step`; None for what it has no use for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from domain.names import PIN_DIGITS, Proof, words
from domain.statement_codes import RefKind, Refusal, StatementRef, read_typed
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.choosing import choose_again, open_ones
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Bill, By, HubAway, Stage, Visit

Moved = tuple[Stage, tuple[ev.Effect, ...]] | None

MOST_TRIES = 3
"""Wrong birth dates before the kiosk sends a person to the desk; the hub counts on its own besides."""

DATE_ORDER = {"en": "mdy", "es": "dmy", "zh": "ymd", "vi": "dmy", "ar": "dmy"}
"""In which order a language writes a date (CLDR, short dates of the locales in kiosk.words): day, month and year."""

DATE_WIDTHS = {"d": 2, "m": 2, "y": 4}
"""How many digits each of them is typed with."""

NUMBER_DIGITS = 12
DATE_DIGITS = 8
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
SPACE = " "
MOST_LETTERS = 60
"""What a name is typed with: accents, capitals and apostrophes do not matter (domain/names.py)."""
OLDEST = dt.date(1900, 1, 1)
"""Nobody who lives was born before; who typed it meant another year. Asked for, it would cost one of the hub's tries."""

ATTENTION = ev.Play(ev.Sound.ATTENTION)


def found_step(visit: Visit, event: ev.Event) -> Moved:
    """Attract to ShowStatement."""
    match visit.stage, event:
        case st.Attract(), Intent("start") if st.takes_cards(visit) and len(visit.rules.languages) == 1:
            return st.Scan(), (ev.StartScanning(),)
        case (st.Scan() | st.WhichBill()) as stage, _:
            return _scanning(visit, stage, event)
        case st.OtherWays(), Intent():
            return _other_way(visit, event)
        case st.TypeNumber() as stage, Intent():
            return _typing_number(visit, stage, event)
        case st.TypeName() as stage, Intent():
            return _typing_name(stage, event)
        case st.BirthDate() as stage, Intent():
            return _typing_date(visit, stage, event)
        case st.TypeProof() as stage, Intent():
            return _typing_proof(stage, event)
        case st.LookingUp() as stage, _:
            return _looked_up(visit, stage, event)
        case ((st.SeeDesk() | st.NotYet()), Intent("done")):
            return st.Attract(), ()
        case _:
            return None


def _scanning(visit: Visit, stage: st.Scan | st.WhichBill, event: ev.Event) -> Moved:
    """While the scanner watches."""
    match stage, event:
        case _, ev.CodeRead(StatementRef() as ref, beside):
            return _identified(visit, ref, (ev.StopScanning(), ev.Play(ev.Sound.FOUND)), beside)
        case _, Intent("other-ways"):
            return st.OtherWays(), (ev.StopScanning(),)
        case _, Intent("back"):
            return st.Attract(), (ev.StopScanning(),)
        case st.Scan(), ev.TwoBills():
            return st.WhichBill(), (ATTENTION,)
        case st.WhichBill() | st.Scan(notice="same-bill" | "two-bills"), ev.BillsGone():
            return st.Scan(), ()
        case st.Scan(notice="two-bills"), ev.StillInView():
            return None  # it is, and what to do about it has been said
        case st.Scan(), ev.CodeRead(Refusal() as refusal):
            return st.Scan(notice=refusal.value), (ATTENTION,)
        case st.Scan(), ev.StillInView():
            return st.Scan(notice="same-bill"), (ATTENTION,)
        case st.Scan(), ev.Guided(ev.Guidance() as guidance):
            return st.Scan(notice=guidance.value), ()
        case st.Scan(notice), ev.Guided(None) if notice in tuple(ev.Guidance):
            return st.Scan(), ()  # its cause has gone; what was said of a code stays, to be read
        case _:
            return None


def _identified(visit: Visit, ref: StatementRef, effects: tuple[ev.Effect, ...], beside: str = "") -> Moved:
    """A bill is named. With the hub away there is nothing to check a birth date against and nothing private to show."""
    if visit.world.hub:
        return st.BirthDate(ref, beside=beside), effects
    return _unseen(visit, ref, beside), effects


def _unseen(visit: Visit, ref: StatementRef, beside: str) -> Stage:
    """The hub cannot show this bill: its amount is typed, where a card can be taken without the hub. A number beside a link is
    what is paid then: a person can compare it with the paper. Not another biller's reference: one wrong digit in ten may pass its
    check, and nobody could see whose bill it is. In an emergency department nothing is asked while the hub cannot allow it."""
    if visit.rules.emergency:
        return st.NotYet()
    if visit.rules.away is HubAway.REFUSED or ref.kind is RefKind.BILLER:
        return st.SeeDesk("hub-away")
    known = StatementRef(RefKind.NUMBER, beside) if beside else ref
    return st.OtherAmount(Bill(known, None), notice="hub-away")


def _other_way(visit: Visit, intent: Intent) -> Moved:
    """A name is the hub's to find: while it is away none is asked for."""
    match intent:
        case Intent("back"):
            return st.Scan(), (ev.StartScanning(),)
        case Intent("type-number"):
            return st.TypeNumber(), ()
        case Intent("by-name") if visit.world.hub:
            return st.TypeName(Proof.STATEMENT_PIN), ()
        case Intent("by-appointment") if visit.world.hub:
            return st.TypeName(Proof.APPOINTMENT), ()
        case _:
            return None


def _typing_number(visit: Visit, stage: st.TypeNumber, intent: Intent) -> Moved:
    match intent:
        case Intent("back"):
            return st.OtherWays(), ()
        case Intent("next"):
            meaning = read_typed(stage.digits)
            if isinstance(meaning, Refusal):
                return replace(stage, notice=meaning.value), ()
            return _identified(visit, meaning, ())
        case _:
            digits = typed(stage.digits, intent, NUMBER_DIGITS, stage.notice)
            return None if digits is None else (st.TypeNumber(digits), ())


def _typing_name(stage: st.TypeName, intent: Intent) -> Moved:
    match intent:
        case Intent("back"):
            return st.OtherWays(), ()
        case Intent("next"):
            if not words(stage.letters):
                return replace(stage, notice="name-missing"), ()
            return st.BirthDate(ev.Named(stage.proof, stage.letters.strip()), stage.tries), ()
        case _:
            letters = written(stage.letters, intent)
            return None if letters is None else (replace(stage, letters=letters, notice=""), ())


def _typing_date(visit: Visit, stage: st.BirthDate, intent: Intent) -> Moved:
    match intent:
        case Intent("back") if isinstance(stage.ref, ev.Named):
            return st.TypeName(stage.ref.proof, stage.ref.name, stage.tries), ()
        case Intent("back"):
            return st.Scan(), (ev.StartScanning(),)
        case Intent("next"):
            date = birth_date(stage.digits, visit.language, visit.world.today)
            if date is None:
                short = len(stage.digits) < DATE_DIGITS
                return replace(stage, notice="date-not-whole" if short else "date-not-a-date"), ()
            if isinstance(stage.ref, ev.Named):
                return st.TypeProof(stage.ref, date, stage.tries), ()
            return st.LookingUp(stage.ref, date, stage.tries, stage.beside), (ev.LookUp(stage.ref, date),)
        case _:
            digits = typed(stage.digits, intent, DATE_DIGITS, stage.notice)
            return None if digits is None else (replace(stage, digits=digits, notice=""), ())


def _typing_proof(stage: st.TypeProof, intent: Intent) -> Moved:
    match intent:
        case Intent("back"):
            return st.BirthDate(stage.named, stage.tries), ()
        case Intent("next"):
            if len(stage.digits) < PIN_DIGITS:
                return replace(stage, notice="digits-missing"), ()
            asked = ev.LookUpNamed(stage.named, stage.birth_date, stage.digits)
            return st.LookingUp(stage.named, stage.birth_date, stage.tries), (asked,)
        case _:
            digits = typed(stage.digits, intent, PIN_DIGITS)
            return None if digits is None else (replace(stage, digits=digits, notice=""), ())


def _looked_up(visit: Visit, stage: st.LookingUp, event: ev.Event) -> Moved:
    """Only the answer to this very question counts; a late one to an earlier visit's is nobody's."""
    match event:
        case ev.Found(ref, statement) if ref == stage.ref and statement.due.currency != visit.rules.currency:
            return st.SeeDesk("bill-currency"), ()
        case ev.Found(ref, statement) if ref == stage.ref and stage.beside not in ("", statement.number):
            return st.Scan(notice="two-bills"), (ev.StartScanning(),)  # a link, and another bill's number beside it
        case ev.Found(ref, statement, others, earlier) if ref == stage.ref:
            by = StatementRef(RefKind.NUMBER, statement.number) if isinstance(ref, ev.Named) else ref
            family = open_ones((statement, *others), visit.rules.currency)
            bill = Bill(by, statement, stage.birth_date)
            if len(family) > 1 and statement in family:
                bill = replace(bill, family=family, by=By.BILL)
            if earlier is not None:
                return st.PaidBefore(bill, earlier), ()
            return choose_again(bill), ()
        case ev.NotFound(ref) if ref == stage.ref:
            return _no_match(stage, stage.tries + 1), ()
        case ev.TooManyTries(ref) if ref == stage.ref:
            return st.SeeDesk("too-many-tries"), ()
        case ev.BillBlocked(ref) if ref == stage.ref:
            return st.SeeDesk("account-blocked"), ()
        case ev.NotYet(ref) if ref == stage.ref:
            return st.NotYet(), ()
        case ev.BillUnread(ref) if ref == stage.ref:
            return unread(visit), ()
        case ev.LookUpFailed(ev.Named() as named) if named == stage.ref and visit.rules.emergency:
            return st.NotYet(), ()
        case ev.LookUpFailed(ev.Named() as named) if named == stage.ref:
            return st.OtherWays(notice="names-away"), ()
        case ev.LookUpFailed(StatementRef() as ref) if ref == stage.ref:
            return _unseen(visit, ref, stage.beside), ()
        case _:
            return None


def _no_match(stage: st.LookingUp, tries: int) -> Stage:
    """What was typed last is asked for again, until there have been too many tries."""
    if tries >= MOST_TRIES:
        return st.SeeDesk("too-many-tries")
    if isinstance(stage.ref, ev.Named):
        return st.TypeProof(stage.ref, stage.birth_date, tries, notice=f"no-match-{stage.ref.proof}")
    return st.BirthDate(stage.ref, tries, notice="no-match", beside=stage.beside)


def typed(digits: str, intent: Intent, most: int, refused: str = "") -> str | None:
    """The digits after a touch on the keypad, None when the touch was not one of its keys. A key too many does nothing; but
    when all that was typed was `refused`, it is the first one of another try."""
    match intent:
        case Intent("key", value) if len(value) == 1 and value in "0123456789":
            kept = "" if refused and len(digits) == most else digits
            return (kept + value)[:most]
        case Intent("erase"):
            return digits[:-1]
        case Intent("clear"):
            return ""
        case _:
            return None


def written(letters: str, intent: Intent) -> str | None:
    """The name after a touch on the keys for letters, None when the touch was not one of them: more than a letter at once is no
    person's finger. A key too many does nothing, nor a space where no word has ended."""
    match intent:
        case Intent("key", value) if len(value) == 1 and value in LETTERS + SPACE:
            too_many = len(letters) >= MOST_LETTERS or (value == SPACE and (not letters or letters.endswith(SPACE)))
            return letters if too_many else letters + value
        case Intent("erase"):
            return letters[:-1]
        case Intent("clear"):
            return ""
        case _:
            return None


def unread(visit: Visit) -> Stage:
    """Where a bill that the hub could not show is looked up by a person; nobody in an emergency is sent to a desk to pay."""
    return st.NotYet() if visit.rules.emergency else st.SeeDesk("bill-unread")


def birth_date(digits: str, language: str, today: dt.date) -> dt.date | None:
    """The date that eight digits mean in a language's order; None when there is no such day or nobody was born then, or yet."""
    if len(digits) != DATE_DIGITS:
        return None
    parts = dict(zip(DATE_ORDER[language], map(int, date_parts(digits, language)), strict=True))
    try:
        date = dt.date(parts["y"], parts["m"], parts["d"])
    except ValueError:
        return None
    return date if OLDEST <= date <= today else None


def date_parts(digits: str, language: str) -> list[str]:
    """Eight places as the language parts them: "19620304" is 1962, 03, 04 where the year comes first."""
    parts, at = [], 0
    for letter in DATE_ORDER[language]:
        parts.append(digits[at : at + DATE_WIDTHS[letter]])
        at += DATE_WIDTHS[letter]
    return parts

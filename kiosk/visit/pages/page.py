"""What every screen is made of: the part that its stage decides, what the site says of itself, and words that several need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.billing import Statement
from domain.money import Money
from domain.payment import Part
from domain.statement_codes import ending
from kiosk.visit import stages as st
from kiosk.visit.screens import Action, Brand, Middle, Picture, Said, Tone
from kiosk.visit.words import Words


@dataclass(frozen=True, slots=True)
class HelpPaying:
    """The hospital's summary of its financial assistance in plain language, paragraphs by language, and whom to call."""

    phone: str
    summary: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Site:
    """What this hospital says of itself: its name, and where (by language) and how to find a person."""

    name: str
    desk: Mapping[str, str]
    phone: str
    answer_days: int
    """Working days within which the billing office answers about an unknown payment."""
    check_host: str
    """Where a receipt's code is checked, in capitals."""
    greeting: Mapping[str, str] = field(default_factory=dict)
    """The hospital's own words on the first screen, by language; empty for none."""
    brand: Brand | None = None
    help_paying: HelpPaying | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a screen that its stage decides."""

    screen: str
    title: Said
    lines: tuple[Said, ...] = ()
    notice: Said | None = None
    tone: Tone = Tone.PLAIN
    middle: Middle = None
    amount: Money | None = None
    amount_label: str = "amount-to-pay"
    primary: Action | None = None
    secondary: Action | None = None
    more: tuple[Action, ...] = ()
    back: bool = False
    cancel: bool = True


def waiting(screen: str, words: Words, amount: Money | None = None, cancel: bool = True) -> Page:
    """A moment in which something else has to answer."""
    shown = Picture("wait", words.say(f"{screen}-picture"), moving=True)
    return Page(screen, words.say(f"{screen}-title"), middle=shown, amount=amount, cancel=cancel)


def in_language(code: str, languages: Mapping[str, Words], message: str) -> Said:
    """In a language that may be another than the screen's, and spoken as one."""
    return replace(languages[code].say(message), language=code)


def of_part(part: Part, bill: st.Bill, words: Words) -> Said:
    """Which bill, or which visit of it, a part of a payment is for."""
    visits = bill.statement.visits if bill.statement is not None else ()
    date = next((visit.date for visit in visits if part.visit and visit.number == part.visit), None)
    if date is None:
        return words.say("receipt-part", ending=ending(part.statement))
    return words.say("receipt-part-visit", ending=ending(part.statement), date=words.date(date))


def of_statement(bill: Statement, words: Words) -> Said:
    """Which bill, by the end of its number, and the day of its visit where it is of one: where that was may say why."""
    if len(bill.visits) != 1:
        return words.say("receipt-part", ending=ending(bill.number))
    return words.say("receipt-part-visit", ending=ending(bill.number), date=words.date(bill.visits[0].date))


def of_bill(message: str, bill: st.Bill, words: Words) -> Said:
    """With the end of the number that is printed on it. A link has none that people know: it is what was shown just now."""
    if bill.by is st.By.BILL:
        return words.say(f"{message}-several")
    return words.say(message, ending=ending(bill.number)) if bill.number else words.say(f"{message}-link")

"""`present(visit, ...) -> Snapshot`: what the screen says at every stage. Pure; all words come from the catalogue by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.money import Money, from_digits
from domain.names import initials
from domain.payment import Outcome, receipt_code
from domain.statement_codes import RefKind, StatementRef, ending
from kiosk.visit import stages as st
from kiosk.visit.bill_rows import bill_rows
from kiosk.visit.events import Asked, CardStep, Named
from kiosk.visit.finding import DATE_DIGITS, LETTERS, NUMBER_DIGITS, SPACE, date_parts
from kiosk.visit.hearing import voice
from kiosk.visit.paying import READER_FAULTS, TAKEN_BACK, due
from kiosk.visit.screens import (
    Action,
    Bill,
    Choices,
    Keypad,
    Letters,
    Middle,
    Overlay,
    Picture,
    Privacy,
    Said,
    Snapshot,
    Tone,
)
from kiosk.visit.staff import staff_offered
from kiosk.visit.staff_report import report_rows
from kiosk.visit.stages import Asking, Slip, Visit
from kiosk.visit.words import Words

SHOWN_LETTERS = 20
"""The end of a name that is being typed: as much as has room at every size, however wide its letters are."""


@dataclass(frozen=True, slots=True)
class Site:
    """What this hospital says of itself: its name, and where (by language) and how to find a person."""

    name: str
    desk: Mapping[str, str]
    phone: str
    answer_days: int
    """Working days within which the billing office answers about an unknown payment."""


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
    back: bool = False
    cancel: bool = True


def present(visit: Visit, languages: Mapping[str, Words], site: Site, serial: int) -> Snapshot:
    """The whole screen. `languages` holds the words of every language that the site has settled on."""
    words = languages[visit.language]
    page = _page(visit, languages, words, site)
    return Snapshot(
        serial=serial,
        screen=page.screen,
        language=visit.language,
        right_to_left=words.right_to_left,
        theme=visit.theme,
        text_percent=visit.text_percent,
        site_name=site.name,
        title=page.title,
        lines=page.lines,
        notice=page.notice,
        tone=page.tone,
        middle=page.middle,
        amount=words.money(page.amount) if page.amount else None,
        amount_label=words.say(page.amount_label) if page.amount else None,
        primary=page.primary,
        secondary=page.secondary,
        back=Action("back", words.say("back")) if page.back else None,
        cancel=Action("cancel", words.say("cancel")) if page.cancel else None,
        top=(Action("languages", words.say("language-name")),) if len(visit.rules.languages) > 1 else (),
        foot=tuple(Action(name, words.say(f"foot-{name}")) for name in _foot(visit)),
        overlay=_overlay(visit, languages, words, site),
        motion=visit.rules.motion,
        reach=visit.reach,
        voice=voice(visit.hearing, words) if visit.hearing.on and visit.world.voice else None,
    )


def _foot(visit: Visit) -> tuple[str, ...]:
    return ("text-size", "theme", "listen", "help") if visit.world.voice else ("text-size", "theme", "help")


def _overlay(visit: Visit, languages: Mapping[str, Words], words: Words, site: Site) -> Overlay | None:
    match visit.asking:
        case Asking.STILL_THERE:
            stay, leave = Action("stay", words.say("idle-stay")), Action("cancel", words.say("idle-leave"))
            line = words.say("idle-line", seconds=visit.rules.warning_s)
            return Overlay(words.say("idle-title"), (line,), (stay, leave), visit.rules.warning_s)
        case Asking.HELP:
            where = words.say("help-desk", desk=site.desk[visit.language]), words.say("help-phone", phone=site.phone)
            lines = (*where, words.say("help-keys"))
            close = Action("stay", words.say("help-close"))
            staff = (Action("staff", words.say("staff-open")),) if staff_offered(visit) else ()
            reach = Action("reach", words.say("help-reach-off" if visit.reach else "help-reach"))
            return Overlay(words.say("help-title"), lines, (close, reach, *staff), 0)
        case Asking.LANGUAGE:
            present_first = sorted(visit.rules.languages, key=lambda code: code != visit.language)
            names = tuple(Action("language", _in(code, languages, "language-name"), code) for code in present_first)
            return Overlay(words.say("language-title"), (), names, 0)
        case Asking.LISTEN:
            how = tuple(words.say(f"listen-{line}") for line in ("plug", "keys", "speed"))
            close, off = Action("stay", words.say("help-close")), Action("listen-off", words.say("listen-off"))
            dark = Action("curtain", words.say("listen-curtain"), "down")
            return Overlay(words.say("listen-title"), how, (close, dark, off), 0)
        case Asking.RECEIPT if isinstance(visit.stage, st.ThankYou):
            close = Action("stay", words.say("listen-receipt-done"))
            return Overlay(words.say("receipt-title"), receipt_lines(visit.stage.paid, words), (close,), 0)
        case _:
            return None


def _page(visit: Visit, languages: Mapping[str, Words], words: Words, site: Site) -> Page:
    stage = visit.stage
    match stage:
        case st.Attract():
            return _attract(visit, languages, words)
        case st.Scan() | st.WhichBill() | st.OtherWays():
            return _looking_for(visit, stage, words)
        case st.TypeNumber() | st.TypeName() | st.BirthDate() | st.TypeProof() | st.OtherAmount():
            return _typing(visit, stage, words)
        case st.LookingUp():
            return _waiting("looking-up", words)
        case st.ShowStatement():
            return _statement(stage, words)
        case st.Probing(amount=amount):
            return _waiting("probing", words, amount)
        case st.Consent(bill, amount):
            pay = Action("pay-offline", words.say("pay", amount=words.money(amount)))
            kept = visit.rules.away is st.HubAway.CAPTURED
            why = words.say("consent-bank-line" if kept else "consent-line")
            lines = (_of_bill("consent-bill", bill, words), why, words.say("consent-receipt"))
            picture = Picture("clock", words.say("consent-bank-picture" if kept else "consent-picture"), moving=False)
            return Page("consent", words.say("consent-title"), lines, None, Tone.WARN, picture, amount, primary=pay, back=True)
        case st.Opening(payment, cancelling):
            return _waiting("opening", words, payment.amount, cancel=not cancelling)
        case st.AtTerminal():
            return _card(stage, words)
        case st.Paid():
            return _paid(visit, stage, words)
        case st.NotPaid():
            return _not_paid(stage, words)
        case st.Unclear():
            return _unclear(stage, words, site)
        case st.Printing(paid):
            shown = Picture("paper", words.say("printing-picture"), moving=True)
            title, amount = words.say("printing-title"), paid.result.amount
            return Page("printing", title, middle=shown, amount=amount, amount_label="amount-paid", cancel=False)
        case st.ThankYou():
            return _thank_you(visit, stage, words, site)
        case st.SeeDesk():
            return _see_desk(visit, stage, words, site)
        case st.StaffPin() | st.StaffChecking() | st.StaffView():
            return _staff(stage, visit.rules.badges, words)


def _attract(visit: Visit, languages: Mapping[str, Words], words: Words) -> Page:
    others = [code for code in visit.rules.languages if code != visit.language]
    if not st.takes_cards(visit):
        why = words.say("closed-line" if not visit.world.terminal else "why-hub-away")
        lines = (why, *(_in(other, languages, "closed-title") for other in others))
        picture = Picture("warning", words.say("closed-picture"), moving=False)
        return Page("out-of-service", words.say("closed-title"), lines, None, Tone.WARN, picture, cancel=False)
    hand_held = "" if visit.rules.camera else "-hand-held"
    picture = Picture("hold-bill", words.say(f"attract-picture{hand_held}"), moving=True)
    title, lines = words.say("attract-title"), (words.say("attract-line"),)
    if not others:
        start = Action("start", words.say("attract-start"))
        return Page("attract", title, lines, None, Tone.PLAIN, picture, primary=start, cancel=False)
    begin = tuple(Action("choose-language", _in(code, languages, "language-choose"), code) for code in visit.rules.languages)
    return Page("attract", title, lines, None, Tone.PLAIN, Choices(begin, picture), cancel=False)


def _in(code: str, languages: Mapping[str, Words], message: str) -> Said:
    """In a language that may be another than the screen's, and spoken as one."""
    return replace(languages[code].say(message), language=code)


def _looking_for(visit: Visit, stage: st.Scan | st.WhichBill | st.OtherWays, words: Words) -> Page:
    """How a bill is found."""
    if isinstance(stage, st.OtherWays):
        return _other_ways(visit, stage, words)
    return _scan(visit, stage, words)


def _scan(visit: Visit, stage: st.Scan | st.WhichBill, words: Words) -> Page:
    other = Action("other-ways", words.say("scan-other"))
    camera = visit.rules.camera
    screen, said = ("scan", stage.notice) if isinstance(stage, st.Scan) else ("which-bill", "" if camera else "two-bills")
    notice = words.say(f"notice-{said}") if said else None
    if not visit.world.scanner:
        shown = Picture("paper", words.say("scan-camera-away-picture"), moving=False)
        lines = (words.say("scan-camera-away" if camera else "scan-camera-away-hand-held"),)
        return Page("scan", words.say("scan-title-typing"), lines, notice, middle=shown, primary=other, back=True)
    if not camera:
        title, line, caption = (words.say(f"scan-{part}-hand-held") for part in ("title", "line", "picture"))
        shown = Picture("hold-bill", caption, moving=True)
        return Page(screen, title, (line,), notice, middle=shown, secondary=other, back=True)
    picture = Picture("camera", words.say(f"{screen}-picture"), moving=True)
    title, lines = words.say(f"{screen}-title"), (words.say(f"{screen}-line"),)
    return Page(screen, title, lines, notice, middle=picture, secondary=other, back=True)


def _other_ways(visit: Visit, stage: st.OtherWays, words: Words) -> Page:
    """What is not possible while the hub is away is not offered, and why is said."""
    by_name = (Action("by-name", words.say("ways-name")), Action("by-appointment", words.say("ways-appointment")))
    items = (Action("type-number", words.say("ways-number")), *(by_name if visit.world.hub else ()))
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    lines = () if visit.world.hub or notice else (words.say("ways-away"),)
    return Page("other-ways", words.say("ways-title"), lines, notice, middle=Choices(items), back=True)


def _typing_name(stage: st.TypeName, words: Words) -> Page:
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    hyphen = words.say("key-hyphen").speech
    keys = tuple(Action("key", Said(letter, hyphen if letter == "-" else letter), letter) for letter in LETTERS)
    cut = len(stage.letters) > SHOWN_LETTERS
    seen = ("\N{HORIZONTAL ELLIPSIS}" if cut else "") + stage.letters[-SHOWN_LETTERS:] + "_"
    shown = Said(seen, " ".join(stage.letters), Privacy.PRIVATE)
    space = Action("key", words.say("key-space"), SPACE)
    erase, clear = words.say("key-erase-letter"), words.say("key-clear-letters")
    letters = Letters(shown, words.say("name-hint"), keys, space, erase, clear)
    go_on, lines = Action("next", words.say("name-next")), (words.say("name-line"),)
    return Page("name", words.say("name-title"), lines, notice, middle=letters, primary=go_on, back=True)


def _typing(
    visit: Visit, stage: st.TypeNumber | st.TypeName | st.BirthDate | st.TypeProof | st.OtherAmount, words: Words
) -> Page:
    """The keypads, and the keys for letters."""
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    keys = words.say("key-erase"), words.say("key-clear")
    match stage:
        case st.TypeName():
            return _typing_name(stage, words)
        case st.TypeNumber(digits):
            shown = " ".join(digits.ljust(NUMBER_DIGITS, "_")[i : i + 4] for i in range(0, NUMBER_DIGITS, 4))
            keypad = Keypad(Said(shown, " ".join(digits)), words.say("number-hint"), *keys)
            lines, find = (words.say("number-line"),), Action("next", words.say("number-next"))
            return Page("number", words.say("number-title"), lines, notice, middle=keypad, primary=find, back=True)
        case st.BirthDate(ref, _, digits):
            typed_date = Said(_date_shown(digits, visit.language, words), " ".join(digits), Privacy.PRIVATE)
            keypad = Keypad(typed_date, words.say("birth-hint"), *keys)
            whose = _whose(ref, words)
            show = Action("next", words.say("birth-next-named" if isinstance(ref, Named) else "birth-next"))
            return Page("birth-date", words.say("birth-title"), (whose,), notice, middle=keypad, primary=show, back=True)
        case st.TypeProof(named, _, _, digits):
            hidden = Said("\N{BULLET} " * len(digits), " ".join(digits), Privacy.PRIVATE)
            keypad = Keypad(hidden, words.say("digits-hint"), *keys)
            lines = (words.say(f"{named.proof}-line", initials=initials(named.name)),)
            show = Action("next", words.say("birth-next"))
            title = words.say(f"{named.proof}-title")
            return Page(named.proof.value, title, lines, notice, middle=keypad, primary=show, back=True)
        case st.OtherAmount(bill, digits):
            typed = from_digits(digits, visit.rules.currency)
            owed = due(bill)
            line = words.say("amount-line", due=words.money(owed)) if owed else _of_bill("amount-line-away", bill, words)
            keypad = Keypad(words.money(typed), words.say("amount-hint"), *keys)
            pay = Action("pay", words.say("pay", amount=words.money(typed)))
            return Page("amount", words.say("amount-title"), (line,), notice, middle=keypad, primary=pay, back=True)


def _whose(ref: Asked, words: Words) -> Said:
    """Whose birth date is asked for. Of a name that was typed no more than its initials stays on the screen."""
    match ref:
        case Named(name=name):
            return words.say("birth-line-named", initials=initials(name))
        case StatementRef(RefKind.LINK):
            return words.say("birth-line-link")
        case StatementRef(value=value):
            return words.say("birth-line", ending=ending(value))


def _of_bill(message: str, bill: st.Bill, words: Words) -> Said:
    """With the end of the number that is printed on it. A link has none that people know: it is what was shown just now."""
    return words.say(message, ending=ending(bill.number)) if bill.number else words.say(f"{message}-link")


def _date_shown(digits: str, language: str, words: Words) -> str:
    """Eight places in the language's order, with what is still to come as underscores. Right to left it runs as its hint does,
    the day at the right, and the digits of each part as digits do."""
    parts = date_parts(digits.ljust(DATE_DIGITS, "_"), language)
    if words.right_to_left:
        return "\u2067" + " / ".join(f"\u2066{part}\u2069" for part in parts) + "\u2069"
    return " / ".join(parts)


def _waiting(screen: str, words: Words, amount: Money | None = None, cancel: bool = True) -> Page:
    """A moment in which something else has to answer."""
    shown = Picture("wait", words.say(f"{screen}-picture"), moving=True)
    return Page(screen, words.say(f"{screen}-title"), middle=shown, amount=amount, cancel=cancel)


def _statement(stage: st.ShowStatement, words: Words) -> Page:
    statement = stage.bill.statement
    assert statement is not None, "this stage is reached with a statement only"
    owed = statement.due
    lines = (words.say("statement-line", name=statement.guarantor_name, ending=ending(statement.number)),)
    bill = Bill(bill_rows(statement, words))
    if owed.minor <= 0:
        title = words.say("statement-title-credit" if owed.minor < 0 else "statement-title-zero")
        done = Action("done", words.say("statement-done"))
        credit = -owed if owed.minor < 0 else None
        return Page("statement", title, lines, None, Tone.GOOD, bill, credit, "amount-credit", primary=done, back=True)
    money = words.money(owed)
    title = words.say("statement-title", amount=money)
    pay, other = Action("pay", words.say("pay", amount=money)), Action("other-amount", words.say("pay-other"))
    return Page("statement", title, lines, None, Tone.PLAIN, bill, owed, "amount-due", pay, other, back=True)


CARD_PICTURES = {
    CardStep.INSERT_CARD: "insert-card",
    CardStep.READING: "wait",
    CardStep.ENTER_PIN: "enter-pin",
    CardStep.WAIT: "wait",
    CardStep.REMOVE_CARD: "remove-card",
    CardStep.CHECKING: "clock",
}


def _card(stage: st.AtTerminal, words: Words) -> Page:
    what = "cancelling" if stage.cancelling else str(stage.step)
    checking = stage.step is CardStep.CHECKING
    if checking:
        what = "checking"
    picture = Picture(CARD_PICTURES[stage.step], words.say(f"card-{what}-picture"), moving=True)
    lines = (words.say(f"card-{what}-line"),)
    tone = Tone.WARN if checking else Tone.PLAIN
    cancel = not stage.cancelling and not checking
    return Page("card", words.say(f"card-{what}-title"), lines, None, tone, picture, stage.payment.amount, cancel=cancel)


def _paid(visit: Visit, stage: st.Paid, words: Words) -> Page:
    """Green only when the bank has said yes and the hospital's computer was there; otherwise amber (look: never green)."""
    result, money = stage.result, words.money(stage.result.amount)
    left = due(stage.payment.bill)
    if settled(stage):
        screen, tone, caption, label, lines = "approved", Tone.GOOD, "approved-picture", "amount-paid", []
        if left is not None:
            lines.append(words.say("approved-left", amount=words.money(left - result.amount)))
    else:
        why = "hub" if bank_approved(stage) else "bank"
        screen, tone, caption, label = "accepted", Tone.WARN, f"accepted-{why}-picture", "amount-accepted"
        lines = [words.say(f"accepted-{why}-line"), words.say("accepted-line")]
    if result.card.brand and result.card.last4:
        lines.append(words.say("approved-card", brand=result.card.brand, last4=result.card.last4))
    elif result.card.last4:
        lines.append(words.say("approved-card-unbranded", last4=result.card.last4))
    title = words.say(f"{screen}-title", amount=money)
    picture = Picture("tick" if tone is Tone.GOOD else "clock", words.say(caption), moving=False)
    if not visit.world.printer:
        lines.append(words.say("reference", code=short_reference(stage.attempt)))
        notice, on = words.say("notice-no-printer"), Action("no-receipt", words.say("receipt-without"))
        return Page(screen, title, tuple(lines), notice, tone, picture, result.amount, label, on, cancel=False)
    receipt, none = Action("print", words.say("receipt-print")), Action("no-receipt", words.say("receipt-none"))
    return Page(screen, title, tuple(lines), None, tone, picture, result.amount, label, receipt, none, cancel=False)


def bank_approved(stage: st.Paid) -> bool:
    """Whether the card's bank itself has said yes; law 4: accepted is not approved."""
    return stage.result.outcome is Outcome.APPROVED and not stage.result.approved_offline


def settled(stage: st.Paid) -> bool:
    """Whether nothing is left to be confirmed: the bank has said yes, and the hospital's computer was there."""
    return bank_approved(stage) and not stage.payment.offline


SCREENS_NOT_PAID = {"declined": "declined", "cancelled": "cancelled", TAKEN_BACK: "cancelled"}
"""The screen for each way not to have paid; everything else never began."""


def _not_paid(stage: st.NotPaid, words: Words) -> Page:
    screen = SCREENS_NOT_PAID.get(stage.why, "not-started")
    title, amount = words.say(f"{screen}-title"), stage.payment.amount
    lines = (words.say(f"why-{stage.why}"), words.say("not-charged"))
    picture = Picture("cross", words.say(f"{screen}-picture"), moving=False)
    if stage.why in READER_FAULTS:  # another try would fail as this one did
        done = Action("done", words.say("desk-done"))
        return Page(screen, title, lines, None, Tone.BAD, picture, amount, "amount-not-paid", done, cancel=False)
    again, other = Action("again", words.say("again")), Action("other-amount", words.say("not-paid-back"))
    return Page(screen, title, lines, None, Tone.BAD, picture, amount, "amount-not-paid", again, other)


def _unclear(stage: st.Unclear, words: Words, site: Site) -> Page:
    title, amount = words.say("unknown-title"), stage.payment.amount
    when = words.say("unknown-next", days=site.answer_days)
    lines = (words.say("unknown-line"), when, words.say("reference", code=short_reference(stage.attempt)))
    notice = words.say("notice-slip-failed") if stage.slip is Slip.FAILED else None
    picture = Picture("clock", words.say("unknown-picture"), moving=False)
    done = Action("done", words.say("unknown-done"))
    return Page("unknown", title, lines, notice, Tone.WARN, picture, amount, "amount-unknown", done, cancel=False)


def receipt_lines(paid: st.Paid | st.Unclear, words: Words) -> tuple[Said, ...]:
    """What the paper says of the payment, for who hears it (ADA 707.5); without the date and the machine's own numbers."""
    reference = words.say("reference", code=short_reference(paid.attempt))
    bill = paid.payment.bill
    whose = (_pair("receipt-bill", words.as_written(ending(bill.number)), words),) if bill.number else ()
    if isinstance(paid, st.Unclear):
        amount = _pair("receipt-amount", words.money(paid.payment.amount), words)
        return (words.say("receipt-slip-title"), amount, *whose, words.say("unknown-line"), reference)
    result = paid.result
    lines = [_pair("receipt-amount", words.money(result.amount), words)]
    if result.card.last4:
        lines.append(_pair("receipt-card", words.as_written(f"{result.card.brand} {' '.join(result.card.last4)}".strip()), words))
    if result.authorization:
        lines.append(_pair("receipt-authorization", words.as_written(" ".join(result.authorization)), words))
    lines += whose
    if (owed := due(bill)) is not None:
        lines.append(_pair("receipt-left", words.money(owed - result.amount), words))
    if not bank_approved(paid):
        lines.append(words.say("receipt-bank-line"))
    if paid.payment.offline:
        lines.append(words.say("receipt-accepted-line"))
    return (*lines, reference)


def _pair(label: str, value: Said, words: Words) -> Said:
    named = words.say(label)
    return Said(f"{named.text}: {value.text}", f"{named.speech}: {value.speech}")


def short_reference(attempt: str) -> str:
    """The end of the receipt code, short enough to say on the telephone; the whole code is on paper."""
    code = receipt_code(attempt)
    return f"{code[-8:-4]}-{code[-4:]}"


def _see_desk(visit: Visit, stage: st.SeeDesk, words: Words, site: Site) -> Page:
    where = (words.say("help-desk", desk=site.desk[visit.language]), words.say("help-phone", phone=site.phone))
    done = Action("done", words.say("desk-done"))
    picture = Picture("door", words.say("desk-picture"), moving=False)
    lines = (words.say(f"why-{stage.why}"), *where)
    return Page("see-desk", words.say("desk-title"), lines, None, Tone.WARN, picture, primary=done, cancel=False)


def _thank_you(visit: Visit, stage: st.ThankYou, words: Words, site: Site) -> Page:
    """Good only when the bank and the hospital both know: the rest is accepted or unknown, and stays amber (look)."""
    unclear = isinstance(stage.paid, st.Unclear)
    lines = [words.say("reference", code=short_reference(stage.paid.attempt))]
    notice = None
    if stage.slip is not Slip.FAILED:  # the reference is all that such a patient has: the screen waits for them
        lines.insert(0, words.say("thanks-line"))
    if stage.slip is Slip.FAILED:
        notice = words.say("notice-slip-failed" if unclear else "notice-receipt-failed")
        lines.insert(0, words.say("help-desk", desk=site.desk[visit.language]))
    elif stage.slip is Slip.PRINTED:
        lines.insert(0, words.say("thanks-take-receipt"))
    title = words.say("thanks-title-unknown" if unclear else "thanks-title")
    tone = Tone.GOOD if isinstance(stage.paid, st.Paid) and settled(stage.paid) and not notice else Tone.WARN
    picture = Picture("paper" if stage.slip is Slip.PRINTED else "door", words.say("thanks-picture"), moving=False)
    done = Action("done", words.say("thanks-done"))
    hear = Action("hear-receipt", words.say("listen-receipt")) if visit.hearing.on else None
    return Page("thank-you", title, tuple(lines), notice, tone, picture, primary=done, secondary=hear, cancel=False)


def _staff(stage: st.StaffPin | st.StaffChecking | st.StaffView, badges: bool, words: Words) -> Page:
    """For who works here."""
    match stage:
        case st.StaffPin():
            return _staff_pin(stage, badges, words)
        case st.StaffChecking():
            return _waiting("staff-checking", words)
        case st.StaffView(report):
            lines = (words.say("staff-line-waiting" if report.count else "staff-line-clear"),)
            rows, done = Bill(report_rows(report, words)), Action("done", words.say("staff-done"))
            return Page("staff", words.say("staff-title"), lines, middle=rows, primary=done, cancel=False)


def _staff_pin(stage: st.StaffPin, badges: bool, words: Words) -> Page:
    """Who types is not seen: dots, and nothing that is spoken."""
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    dots = Said("\N{BULLET} " * len(stage.digits), "", Privacy.NEVER)
    keypad = Keypad(dots, words.say("staff-pin-hint"), words.say("key-erase"), words.say("key-clear"))
    show = Action("next", words.say("staff-pin-next"))
    lines = (words.say("staff-badge-line" if badges else "staff-pin-line"),)
    return Page("staff-pin", words.say("staff-pin-title"), lines, notice, middle=keypad, primary=show, back=True)

"""The screens on which a bill is found: the first one, the scan, the other ways, and all that is typed for it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.names import initials
from domain.statement_codes import RefKind, StatementRef, ending
from kiosk.visit import stages as st
from kiosk.visit.events import Asked, Named
from kiosk.visit.finding import DATE_DIGITS, LETTERS, NUMBER_DIGITS, SPACE, date_parts
from kiosk.visit.pages.page import Page, Site, in_language
from kiosk.visit.screens import Action, Choices, Keypad, Letters, Picture, Privacy, Said, Tone
from kiosk.visit.stages import Visit
from kiosk.visit.words import Words

SHOWN_LETTERS = 20
"""The end of a name that is being typed: as much as has room at every size, however wide its letters are."""


def attract(visit: Visit, languages: Mapping[str, Words], words: Words, site: Site) -> Page:
    others = [code for code in visit.rules.languages if code != visit.language]
    if not st.takes_cards(visit):
        why, what = "closed-line" if not visit.world.terminal else "why-hub-away", "closed-title"
        if visit.rules.emergency:  # nobody there is sent to a desk to pay
            why, what = "not-yet-line", "not-yet-title"
        lines = (words.say(why), *(in_language(other, languages, what) for other in others))
        picture = Picture("warning", words.say("closed-picture"), moving=False)
        return Page("out-of-service", words.say(what), lines, None, Tone.WARN, picture, cancel=False)
    hand_held = "" if visit.rules.camera else "-hand-held"
    picture = Picture("hold-bill", words.say(f"attract-picture{hand_held}"), moving=True)
    title, own = words.say("attract-title"), site.greeting.get(visit.language)
    first = words.say("attract-line-emergency" if visit.rules.emergency else "attract-line")
    lines = (*((Said(own, own),) if own else ()), first)
    if not others:
        start = Action("start", words.say("attract-start"))
        return Page("attract", title, lines, None, Tone.PLAIN, picture, primary=start, cancel=False)
    said = ((code, in_language(code, languages, "language-choose")) for code in visit.rules.languages)
    begin = tuple(Action("choose-language", words_of, code) for code, words_of in said)
    return Page("attract", title, lines, None, Tone.PLAIN, Choices(begin, picture), cancel=False)


def looking_for(visit: Visit, stage: st.Scan | st.WhichBill | st.OtherWays, words: Words) -> Page:
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
        shown = Picture("bill", words.say("scan-camera-away-picture"), moving=False)
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


def typing(visit: Visit, stage: st.TypeNumber | st.TypeName | st.BirthDate | st.TypeProof, words: Words) -> Page:
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


def _typing_name(stage: st.TypeName, words: Words) -> Page:
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    hyphen = words.say("key-hyphen").speech
    keys = tuple(Action("key", Said(letter, hyphen if letter == "-" else letter), letter) for letter in LETTERS)
    cut = len(stage.letters) > SHOWN_LETTERS
    seen = ("\N{HORIZONTAL ELLIPSIS}" if cut else "") + stage.letters[-SHOWN_LETTERS:] + "_"
    shown = Said(seen, " ".join(stage.letters), Privacy.PRIVATE)
    space = Action("key", words.say("key-space"), SPACE)
    erase, clear = words.say("key-erase-letter"), Action("clear", words.say("key-clear-letters"))
    letters = Letters(shown, words.say("name-hint"), keys, clear, space, erase)
    go_on, lines = Action("next", words.say("name-next")), (words.say("name-line"),)
    return Page("name", words.say("name-title"), lines, notice, middle=letters, primary=go_on, back=True)


def _whose(ref: Asked, words: Words) -> Said:
    """Whose birth date is asked for. Of a name that was typed no more than its initials stays on the screen."""
    match ref:
        case Named(name=name):
            return words.say("birth-line-named", initials=initials(name))
        case StatementRef(RefKind.LINK):
            return words.say("birth-line-link")
        case StatementRef(value=value):
            return words.say("birth-line", ending=ending(value))


def _date_shown(digits: str, language: str, words: Words) -> str:
    """Eight places in the language's order, with what is still to come as underscores. Right to left it runs as its hint does,
    the day at the right, and the digits of each part as digits do."""
    parts = date_parts(digits.ljust(DATE_DIGITS, "_"), language)
    if words.right_to_left:
        return "\u2067" + " / ".join(f"\u2066{part}\u2069" for part in parts) + "\u2069"
    return " / ".join(parts)

"""A snapshot of every kind of screen there is, for tests and pictures. The names and bills are made up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from kiosk.visit.screens import (
    Action,
    Bill,
    Choices,
    Keypad,
    Middle,
    Overlay,
    Picture,
    Row,
    Said,
    Snapshot,
    Theme,
    Tone,
)
from tests.ui.words import WORDS

LANGUAGES = ("en", "es")
AMOUNT = Said("$1,250.40", "1250 dollars and 40 cents")

NAMES = ("Nguyễn Thị Hồng Ánh", "李娜", "محمد الفاروق", "Олександра Ковальчук", "Zoë Ångström-Núñez")


def said(word: str, language: str) -> Said:
    text = WORDS[word][LANGUAGES.index(language)]
    return Said(text, text)


def action(intent: str, word: str, language: str, value: str = "") -> Action:
    return Action(intent, said(word, language), value)


def sample(name: str, language: str = "en", *, theme: Theme = Theme.DAY, percent: int = 100, motion: bool = False) -> Snapshot:
    """The screen called `name`; see `SCREENS`. Still, unless `motion`."""
    snapshot = SCREENS[name](language)
    return dataclasses.replace(snapshot, theme=theme, text_percent=percent, motion=motion)


def _screen(
    language: str,
    screen: str,
    title: str,
    lines: tuple[str, ...] = (),
    middle: Middle = None,
    *,
    notice: str | None = None,
    tone: Tone = Tone.PLAIN,
    amount: str | None = None,
    primary: Action | None = None,
    secondary: Action | None = None,
    back: bool = False,
    cancel: bool = True,
    overlay: Overlay | None = None,
) -> Snapshot:
    return Snapshot(
        serial=1,
        screen=screen,
        language=language,
        right_to_left=False,
        theme=Theme.DAY,
        text_percent=100,
        site_name="St. Brigid Community Hospital",
        title=said(title, language),
        lines=tuple(said(line, language) for line in lines),
        notice=said(notice, language) if notice else None,
        tone=tone,
        middle=middle,
        amount=AMOUNT if amount else None,
        amount_label=said(amount, language) if amount else None,
        primary=primary,
        secondary=secondary,
        back=action("back", "back", language) if back else None,
        cancel=action("cancel", "cancel", language) if cancel else None,
        top=(
            Action("language", Said("English", "English"), "en"),
            Action("language", Said("Español", "Español"), "es"),
        ),
        foot=tuple(action(name, name, language) for name in ("text-size", "theme", "listen", "help")),
        overlay=overlay,
        motion=True,
    )


def _picture(name: str, caption: str, language: str, *, moving: bool = True) -> Picture:
    return Picture(name, said(caption, language), moving)


def _keypad(shown: str, hint: str, language: str) -> Keypad:
    return Keypad(Said(shown, " ".join(shown)), said(hint, language), said("erase", language), said("clear", language))


def _row(label: str, value: str = "", style: str = "line") -> Row:
    return Row(Said(label, label), Said(value, value), style)


def _bill_rows(language: str, visits: int, lines: int) -> tuple[Row, ...]:
    services = ("Office visit, established patient", "Blood count, complete", "X-ray of the chest, two views", "Supplies")
    rows: list[Row] = []
    for visit in range(visits):
        rows.append(_row(f"March {visit + 3}, 2026, Harbor Clinic: Margaret Whitfield", style="heading"))
        rows += [_row(services[line % len(services)], f"${(line + 1) * 131}.25") for line in range(lines)]
        rows.append(_row(said("charged", language).text, "$2,104.90", "subtotal"))
        rows.append(_row(said("insurance", language).text, "-$854.50"))
        rows.append(_row(said("visit-due", language).text, "$1,250.40", "subtotal"))
    rows.append(_row(said("total", language).text, "$1,250.40", "total"))
    return tuple(rows)


def _bill(language: str, rows: tuple[Row, ...]) -> Snapshot:
    return _screen(
        language, "statement", "due", ("bill-line",), Bill(rows), amount="amount-due",
        primary=action("pay", "pay", language), secondary=action("other-amount", "other", language), back=True,
    )  # fmt: skip


def _attract(language: str) -> Snapshot:
    return _screen(
        language, "attract", "attract", ("attract-line",), _picture("hold-bill", "hold", language),
        primary=action("start", "start", language), cancel=False,
    )  # fmt: skip


def _language(language: str) -> Snapshot:
    items = (
        Action("choose-language", Said("English", "English"), "en"),
        Action("choose-language", Said("Español", "Español"), "es"),
    )
    return _screen(language, "language", "language", ("language",), Choices(items), back=True)


def _many(language: str) -> Snapshot:
    items = tuple(Action("choose", Said(f"Bill {number} of Margaret Whitfield", ""), str(number)) for number in range(10))
    return _screen(language, "choose-bill", "how-much", (), Choices(items), back=True)


def _scan(language: str) -> Snapshot:
    return _screen(
        language, "scan", "scan", ("scan-line",), _picture("camera", "hold", language),
        secondary=action("type-number", "type", language), back=True,
    )  # fmt: skip


def _number(language: str) -> Snapshot:
    keypad = _keypad("4471 0902 88__", "number-hint", language)
    return _screen(
        language, "number", "number", ("number-line",), keypad, notice="number-notice",
        primary=action("next", "next", language), back=True,
    )  # fmt: skip


def _birth(language: str) -> Snapshot:
    keypad = _keypad("03 / 1_ / ____", "birth-hint", language)
    return _screen(
        language, "birth-date", "birth", ("birth-line",), keypad, primary=action("next", "next", language), back=True
    )  # fmt: skip


def _birth_wrong(language: str) -> Snapshot:
    return dataclasses.replace(_birth(language), notice=said("birth-notice", language))


def _looking(language: str) -> Snapshot:
    return _screen(language, "looking-up", "looking", (), _picture("wait", "seconds", language))


def _bill_names(language: str) -> Snapshot:
    rows = tuple(_row(f"March 3, 2026, Harbor Clinic: {name}", style="heading") for name in NAMES)
    snapshot = _bill(language, (*rows, _row("Consultation, 李娜 / محمد", "$1,250.40")))
    return dataclasses.replace(snapshot, lines=(Said(", ".join(NAMES), ""),))


def _amount(language: str) -> Snapshot:
    return _screen(
        language, "amount", "how-much", ("how-much-line",), _keypad("$40.00", "how-much-hint", language),
        notice="how-much-notice", primary=action("pay", "pay", language), back=True,
    )  # fmt: skip


def _offline(language: str) -> Snapshot:
    return _screen(
        language, "consent", "offline", ("offline-line", "offline-receipt"),
        _picture("clock", "offline-picture", language, moving=False), tone=Tone.WARN, amount="to-pay",
        primary=action("pay", "pay", language), back=True,
    )  # fmt: skip


def _card(title: str, line: str, picture: str) -> Callable[[str], Snapshot]:
    def make(language: str) -> Snapshot:
        return _screen(language, "card", title, (line,), _picture(picture, title, language), amount="to-pay")

    return make


def _approved(language: str) -> Snapshot:
    return _screen(
        language, "approved", "paid", ("left", "card"), _picture("tick", "approved", language, moving=False), tone=Tone.GOOD,
        amount="amount-paid", primary=action("print", "print", language),
        secondary=action("no-receipt", "no-receipt", language), cancel=False,
    )  # fmt: skip


def _accepted(language: str) -> Snapshot:
    return _screen(
        language, "accepted", "accepted", ("accepted-line", "accepted-next", "card"),
        _picture("clock", "accepted-picture", language, moving=False), tone=Tone.WARN, amount="amount-paid",
        primary=action("print", "print", language), secondary=action("no-receipt", "no-receipt", language), cancel=False,
    )  # fmt: skip


def _declined(language: str) -> Snapshot:
    return _screen(
        language, "declined", "declined", ("declined-line", "not-charged"),
        _picture("cross", "not-paid", language, moving=False), tone=Tone.BAD, amount="not-paid",
        primary=action("again", "again", language), secondary=action("other-amount", "to-bill", language),
    )  # fmt: skip


def _unknown(language: str) -> Snapshot:
    return _screen(
        language, "unknown", "unknown", ("unknown-line", "unknown-next", "reference"),
        _picture("clock", "unknown-picture", language, moving=False), tone=Tone.WARN, amount="unknown-amount",
        primary=action("done", "unknown-done", language), cancel=False,
    )  # fmt: skip


def _printing(language: str) -> Snapshot:
    picture = _picture("paper", "printing-picture", language)
    return _screen(language, "printing", "printing", (), picture, amount="amount-paid", cancel=False)


def _thanks(language: str) -> Snapshot:
    return _screen(
        language, "thank-you", "thanks", ("take-receipt", "thanks-line", "reference"),
        _picture("door", "thanks-picture", language, moving=False), tone=Tone.GOOD,
        primary=action("done", "finish", language), cancel=False,
    )  # fmt: skip


def _no_paper(language: str) -> Snapshot:
    thanks = _thanks(language)
    return dataclasses.replace(thanks, lines=thanks.lines[1:], notice=said("no-paper", language), tone=Tone.WARN)


def _closed(language: str) -> Snapshot:
    picture = _picture("warning", "closed-picture", language, moving=False)
    return _screen(language, "out-of-service", "closed", ("closed-line",), picture, tone=Tone.WARN, cancel=False)


def _idle(language: str) -> Snapshot:
    actions = (action("stay", "stay", language), action("cancel", "leave", language))
    overlay = Overlay(said("idle", language), (said("idle-line", language),), actions, 20)
    return dataclasses.replace(_birth(language), overlay=overlay)


def _help(language: str) -> Snapshot:
    lines = (said("help-desk", language), said("help-phone", language))
    overlay = Overlay(said("help-title", language), lines, (action("stay", "help-close", language),), 0)
    return dataclasses.replace(_scan(language), overlay=overlay)


def _staff_pin(language: str) -> Snapshot:
    keypad = _keypad("• • • • •", "staff-pin-hint", language)
    return _screen(
        language, "staff-pin", "staff-pin", ("staff-pin-line",), keypad, notice="staff-pin-notice",
        primary=action("next", "next", language), back=True,
    )  # fmt: skip


def _staff(language: str) -> Snapshot:
    def line(word: str, value: str = "") -> Row:
        return _row(said(word, language).text, value)

    def heading(word: str) -> Row:
        return _row(said(word, language).text, style="heading")

    rows = (
        heading("staff-queue"), line("staff-count", "12"), line("staff-sum", "$1,250.40"),
        line("staff-oldest", "11/21/26, 9:02 AM"),
        heading("staff-hub"), line("staff-away"), line("staff-tried", "11/21/26, 4:58 PM"),
        line("staff-next", "11/21/26, 5:03 PM"),
        heading("staff-people"), line("staff-parked", "1"), line("staff-declined", "0"),
        heading("staff-devices"), line("staff-terminal", said("staff-works", language).text),
        line("staff-printer", f"{said('staff-needs', language).text} (printer-no-paper)"),
    )  # fmt: skip
    return _screen(
        language, "staff", "staff", ("staff-line",), Bill(rows), primary=action("done", "finish", language), cancel=False
    )  # fmt: skip


def _help_staff(language: str) -> Snapshot:
    lines = (said("help-desk", language), said("help-phone", language))
    actions = (action("stay", "help-close", language), action("staff", "staff-open", language))
    return dataclasses.replace(_attract(language), overlay=Overlay(said("help-title", language), lines, actions, 0))


SCREENS: dict[str, Callable[[str], Snapshot]] = {
    "attract": _attract,
    "language": _language,
    "many": _many,
    "scan": _scan,
    "number": _number,
    "birth": _birth,
    "birth-wrong": _birth_wrong,
    "looking-up": _looking,
    "bill": lambda language: _bill(language, _bill_rows(language, 1, 3)),
    "bill-long": lambda language: _bill(language, _bill_rows(language, 4, 7)),
    "bill-names": _bill_names,
    "amount": _amount,
    "offline": _offline,
    "card-insert": _card("insert", "insert-line", "insert-card"),
    "card-pin": _card("pin", "pin-line", "enter-pin"),
    "card-take": _card("take", "take-line", "remove-card"),
    "approved": _approved,
    "accepted": _accepted,
    "declined": _declined,
    "unknown": _unknown,
    "printing": _printing,
    "thanks": _thanks,
    "no-paper": _no_paper,
    "closed": _closed,
    "idle": _idle,
    "help": _help,
    "help-staff": _help_staff,
    "staff-pin": _staff_pin,
    "staff": _staff,
}

"""A statement as a hospital prints it: who owes what, why, until when, how to pay, and the two codes that a kiosk reads.

The codes are in the upper half of the first page, which is what lies under a kiosk's camera.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from fpdf.fonts import FontFace

from domain.billing import VisitLines
from domain.money import Money, MoneyError, total
from hub.bills import Bill
from hub.folder import HubError
from hub.paper.codes import BAR_QUIET, BARS_HIGH, QR_QUIET, BarSymbol, QrSymbol
from hub.paper.language import Language
from hub.paper.letterhead import Letterhead
from hub.paper.sheet import BRAND, FOOT, INK, LINE, MARGIN, MUTED, TINT, WHITE, Sheet
from hub.paper.words import PaperWords
from hub.statements import PAID_HERE

PAGES = "{nb}"
"""What stands for their count until the last is written (fpdf2's `alias_nb_pages`)."""

MOST_LETTERS = 500
"""Of a name or a line: more than that does not fit beside the codes, or on a page at all."""

INSET = 4.0
"""Between a box's line and what must stay white around a code in it."""


def statement_pdf(bill: Bill, letterhead: Letterhead, language: Language) -> bytes:
    """The PDF, the same bytes from the same arguments. Raises HubError where it cannot be printed."""
    return _Printer(bill, letterhead, language).print()


def grouped(numbered: str) -> str:
    """A Code 128's text as people read and type it: twelve digits in fours."""
    digits = numbered.removeprefix("LP")
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


class _Printer:
    def __init__(self, bill: Bill, letterhead: Letterhead, language: Language) -> None:
        self._statement = statement = bill.statement
        self._letterhead = letterhead
        self._desk = letterhead.desk[language]
        self._words = PaperWords(language)
        self._currency = statement.due.currency
        self._qr, self._bars = QrSymbol(bill.link_text), BarSymbol(bill.numbered_text)
        self._number = grouped(bill.numbered_text)
        self._pin = bill.pin
        if any(len(text) > MOST_LETTERS for text in self._texts()):
            raise HubError(
                "text-too-long", f"A text on this statement has more than {MOST_LETTERS} letters: it cannot be printed."
            )
        self._sheet = Sheet(letterhead.paper, self._texts(), self._head, self._foot)
        title = f"{letterhead.name}: {self._words.say('statement')} {self._number}"
        self._sheet.titled(title, self._words.locale, statement.issued)

    def _texts(self) -> Iterator[str]:
        """Every text that is not ours."""
        yield from (self._letterhead.name, *self._letterhead.address, self._letterhead.phone, self._desk)
        yield from (self._statement.guarantor_name, self._statement.account)
        for visit in self._statement.visits:
            yield from (visit.place, visit.patient)
            yield from (what for _, what, _ in self._lines(visit))

    def print(self) -> bytes:
        try:
            return self._printed()
        finally:
            self._sheet.let_go()

    def _printed(self) -> bytes:
        self._sheet.add_page()
        y = self._who_and_how_much(self._sheet.get_y())
        y = self._pay_here(y + 14)
        y = self._in_all(y + 14)
        self._sheet.set_y(y + 16)
        for visit in self._statement.visits:
            self._visit(visit)
        return bytes(self._sheet.output())

    # every page

    def _head(self, sheet: Sheet) -> None:
        first = sheet.page_no() == 1
        y = 36.0
        side = 37.0 if first else 20.0
        _mark(sheet, MARGIN, y, side)
        x, half = MARGIN + side + 11, sheet.epw / 2 + 40
        sheet.style(18 if first else 11, BRAND, bold=True)
        left = sheet.write_at(x, y - 2 if first else y + 3, half, self._letterhead.name)
        if first:
            sheet.style(9, MUTED)
            for line in self._letterhead.address:
                left = sheet.write_at(x, left, half, line)
        sheet.style(18 if first else 11, INK, bold=True)
        at = sheet.w - MARGIN - 170
        right = sheet.write_at(at, y - 2 if first else y + 3, 170, self._words.say("statement"), right=True)
        sheet.style(12 if first else 9, INK)
        right = sheet.write_at(at, right, 170, self._number, right=True)
        below = max(left, right, y + side) + 7
        sheet.rule(below, BRAND, 1.8)
        sheet.set_y(below + 14)

    def _foot(self, sheet: Sheet) -> None:
        y = sheet.h - FOOT
        sheet.rule(y)
        sheet.style(9, MUTED)
        sheet.write_at(MARGIN, y + 7, sheet.epw - 100, self._words.say("help", phone=self._letterhead.phone))
        page = self._words.say("page", page=str(sheet.page_no()), pages=PAGES)
        sheet.set_text_shaping(False)  # a shaped text has no place where the count of pages, known at the end, could be put
        sheet.write_at(sheet.w - MARGIN - 100, y + 7, 100, page, right=True)
        sheet.set_text_shaping(True)

    # the first page

    def _who_and_how_much(self, y: float) -> float:
        """Who the bill is addressed to at the left, what is due at the right; returns where both have ended."""
        sheet, say, statement = self._sheet, self._words.say, self._statement
        half = sheet.epw * 0.5 - 10
        sheet.style(9.5, MUTED)
        left = sheet.write_at(MARGIN, y, half, say("responsible"))
        sheet.style(15, INK, bold=True)
        left = sheet.write_at(MARGIN, left, half, statement.guarantor_name) + 7
        for label, value in (
            (say("account"), statement.account),
            (say("issued"), self._words.date(statement.issued)),
            (say("pin"), f"{self._pin[:3]} {self._pin[3:]}"),
        ):
            sheet.style(10, MUTED)
            sheet.write_at(MARGIN, left, 130, label)
            sheet.style(10, INK)
            left = sheet.write_at(MARGIN + 130, left, half - 130, value)
        x, inner = MARGIN + sheet.epw * 0.5 + 10, half - 32
        title, amount, line = self._due()
        sheet.panel(x, y, half, 99, fill=TINT)
        sheet.style(12, BRAND)
        right = sheet.write_at(x + 16, y + 11, inner, title)
        sheet.style(30, INK, bold=True)
        right = sheet.write_at(x + 16, right - 1, inner, self._words.money(amount))
        sheet.style(9.5, INK)
        sheet.write_at(x + 16, right, inner, line)
        return max(left, y + 99)

    def _due(self) -> tuple[str, Money, str]:
        """What the box says: a title, an amount, a sentence."""
        say, due = self._words.say, self._statement.due
        if due.minor < 0:
            return say("credit"), -due, say("credit-line")
        if due.minor == 0:
            return say("settled"), due, say("settled-line")
        until = self._statement.issued + dt.timedelta(days=self._letterhead.pay_within_days)
        return say("due"), due, say("due-by", date=self._words.date(until))

    def _pay_here(self, y: float) -> float:
        """The codes, each with its quiet zone, and what to do with them; returns where the box ends."""
        sheet, say = self._sheet, self._words.say
        height = max(self._qr.side + 2 * QR_QUIET, 112.0)
        sheet.panel(MARGIN, y, sheet.epw, height)
        qr = MARGIN + INSET + QR_QUIET
        self._qr.draw(sheet, qr, y + (height - self._qr.side) / 2)
        bars = sheet.w - MARGIN - INSET - BAR_QUIET - self._bars.width
        x = qr + self._qr.side + QR_QUIET
        width = bars - BAR_QUIET - x
        sheet.style(13, BRAND, bold=True)
        owing = self._statement.due.minor > 0
        below = sheet.write_at(x, y + 12, width, say("kiosk" if owing else "kiosk-see"))
        sheet.style(10.5, INK)
        sheet.write_at(x, below + 3, width, say("kiosk-how"))
        self._bars.draw(sheet, bars, y + 20)
        sheet.style(15, INK)
        sheet.set_xy(bars, y + 20 + BARS_HIGH + 6)
        sheet.cell(self._bars.width, 20, self._number, align="C")
        sheet.style(9.5, INK)
        below = sheet.write_at(MARGIN, y + height + 7, sheet.epw, say("pin-how"))
        if owing:
            below = sheet.write_at(MARGIN, below, sheet.epw, say("call", phone=self._letterhead.phone, desk=self._desk))
        return below

    def _in_all(self, y: float) -> float:
        """How the amount came about, in one row; returns where it ends."""
        sheet, say, due = self._sheet, self._words.say, self._statement.due
        last = (say("sum-credit"), -due) if due.minor < 0 else (say("sum-left"), due)
        sums = [*self._sums(), last]
        each = sheet.epw / len(sums)
        sheet.panel(MARGIN + each * (len(sums) - 1), y, each, 44, fill=TINT)
        sheet.rule(y)
        sheet.rule(y + 44)
        for column, (label, amount) in enumerate(sums):
            bold = column == len(sums) - 1
            sheet.style(9, MUTED)
            sheet.write_at(MARGIN + column * each + 6, y + 7, each - 12, label, right=True)
            sheet.style(12, INK, bold=bold)
            sheet.write_at(MARGIN + column * each, y + 21, each - 6, self._words.money(amount), right=True)
        return y + 44

    def _sums(self) -> list[tuple[str, Money]]:
        """What was charged, and what was taken off it by whom."""
        visits, say = self._statement.visits, self._words.say
        try:
            return [
                (say("sum-charges"), self._total(line.amount for visit in visits for line in visit.charges)),
                (say("sum-adjustments"), -self._total(line.amount for visit in visits for line in visit.adjustments)),
                (say("sum-insurance"), -self._total(p.amount for visit in visits for p in visit.payments if p.by_insurance)),
                (say("sum-patient"), -self._total(p.amount for visit in visits for p in visit.payments if not p.by_insurance)),
            ]
        except MoneyError as error:  # each line is an amount, and so is what is due; what was paid in all need not be
            raise HubError("sum-out-of-range", "The sums of this statement are more than can be printed.") from error

    def _total(self, amounts: Iterator[Money]) -> Money:
        return total(amounts, self._currency)

    # what for

    def _visit(self, visit: VisitLines) -> None:
        """A table whose head comes again on every page that it reaches."""
        sheet, say = self._sheet, self._words.say
        sheet.style(9.5)
        sheet.set_draw_color(LINE)
        sheet.set_line_width(0.5)
        sheet.set_fill_color(WHITE)
        title = FontFace(emphasis="B", size_pt=11, fill_color=TINT)
        column, sum_ = FontFace(color=MUTED, size_pt=8.5), FontFace(emphasis="B")
        left, whole = visit.due(self._currency), f"{self._words.date(visit.date)}, {visit.place}"
        with sheet.table(
            width=sheet.epw,
            col_widths=(16, 64, 20),
            text_align=("LEFT", "LEFT", "RIGHT"),
            borders_layout="HORIZONTAL_LINES",
            line_height=12.5,
            padding=(2.5, 5),
            headings_style=FontFace(emphasis=""),
            num_heading_rows=2,
        ) as table:
            table.row().cell(f"{whole}. {say('patient', name=visit.patient)}", colspan=3, style=title)
            table.row([say("column-date"), say("column-what"), say("column-amount")], style=column)
            for date, what, amount in self._lines(visit):
                table.row([self._words.date(date), what, self._words.money(amount)])
            total = table.row(style=sum_)
            total.cell(say("sum-credit" if left.minor < 0 else "sum-left"), colspan=2, align="RIGHT")
            total.cell(self._words.money(-left if left.minor < 0 else left))
        sheet.ln(14)

    def _lines(self, visit: VisitLines) -> Iterator[tuple[dt.date, str, Money]]:
        """Charges as they are, and what lowers them below zero."""
        for charge in visit.charges:
            yield charge.date, charge.description, charge.amount
        for adjustment in visit.adjustments:
            yield adjustment.date, adjustment.description, -adjustment.amount
        for paid in visit.payments:
            what = self._words.say("at-the-kiosk") if paid.description == PAID_HERE else paid.description
            by = "by-insurance" if paid.by_insurance else "by-patient"
            yield paid.date, self._words.say(by, what=what), -paid.amount


def _mark(sheet: Sheet, x: float, y: float, side: float) -> None:
    """A cross in a square with round corners: the sign of a hospital."""
    sheet.set_fill_color(BRAND)
    sheet.rect(x, y, side, side, style="F", round_corners=True, corner_radius=side / 4)
    sheet.set_fill_color(WHITE)
    arm, edge = side * 0.28, side * 0.21
    sheet.rect(x + (side - arm) / 2, y + edge, arm, side - 2 * edge, style="F")
    sheet.rect(x + edge, y + (side - arm) / 2, side - 2 * edge, arm, style="F")

"""The screens for who works here."""

from __future__ import annotations

from kiosk.visit import stages as st
from kiosk.visit.pages.page import Page, waiting
from kiosk.visit.screens import Action, Bill, Keypad, Privacy, Said
from kiosk.visit.staff_report import StaffReport, report_rows
from kiosk.visit.sync_words import ends_by_itself
from kiosk.visit.words import Words


def staff(stage: st.StaffPin | st.StaffChecking | st.StaffView, badges: bool, words: Words) -> Page:
    """For who works here."""
    match stage:
        case st.StaffPin():
            return _staff_pin(stage, badges, words)
        case st.StaffChecking():
            return waiting("staff-checking", words)
        case st.StaffView(report):
            lines = (words.say(_how_it_stands(report)),)
            rows, done = Bill(report_rows(report, words)), Action("done", words.say("staff-done"))
            return Page("staff", words.say("staff-title"), lines, middle=rows, primary=done, cancel=False)


def _how_it_stands(report: StaffReport) -> str:
    """Above all the rows, so it must be true with each sentence about the hub that stands below it."""
    if not report.count:
        return "staff-line-clear"
    stopped = report.tried_at is not None and report.next_at is None
    return "staff-line-waiting" if ends_by_itself(report.trouble) and not stopped else "staff-line-held"


def _staff_pin(stage: st.StaffPin, badges: bool, words: Words) -> Page:
    """Who types is not seen: dots, and nothing that is spoken."""
    notice = words.say(f"notice-{stage.notice}") if stage.notice else None
    dots = Said("\N{BULLET} " * len(stage.digits), "", Privacy.NEVER)
    keypad = Keypad(dots, words.say("staff-pin-hint"), words.say("key-erase"), words.say("key-clear"))
    show = Action("next", words.say("staff-pin-next"))
    lines = (words.say("staff-badge-line" if badges else "staff-pin-line"),)
    return Page("staff-pin", words.say("staff-pin-title"), lines, notice, middle=keypad, primary=show, back=True)

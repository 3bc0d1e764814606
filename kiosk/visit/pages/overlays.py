"""What is laid over a screen: still there, help, the languages, how to listen, the receipt by ear."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.visit import stages as st
from kiosk.visit.calling import call_offered
from kiosk.visit.pages.page import Site, in_language
from kiosk.visit.pages.receipt import receipt_lines
from kiosk.visit.screens import Action, Overlay, Said
from kiosk.visit.staff import staff_offered
from kiosk.visit.stages import Asking, Call, Visit
from kiosk.visit.words import Words

NO_PAYMENT = (
    *(st.Attract, st.Paid, st.Unclear, st.PaidBefore, st.Printing, st.ReceiptWays, st.TypeAddress, st.SendingReceipt),
    *(st.ShowCode, st.ThankYou, st.SeeDesk, st.NotYet, st.StaffPin, st.StaffChecking, st.StaffView),
)
"""Where nobody is about to pay: before, after, and instead."""


def overlay(visit: Visit, languages: Mapping[str, Words], words: Words, site: Site) -> Overlay | None:
    match visit.asking:
        case Asking.STILL_THERE:
            stay, leave = Action("stay", words.say("idle-stay")), Action("cancel", words.say("idle-leave"))
            line = words.say("idle-line", seconds=visit.rules.warning_s)
            return Overlay(words.say("idle-title"), (line,), (stay, leave), visit.rules.warning_s)
        case Asking.HELP:
            where = words.say("help-desk", desk=site.desk[visit.language]), words.say("help-phone", phone=site.phone)
            lines = (*where, words.say("help-keys"))
            call = (Action("call-staff", words.say("call-staff")),) if call_offered(visit) else ()
            close = _close(visit, words)
            staff = (Action("staff", words.say("staff-open")),) if staff_offered(visit) else ()
            reach = Action("reach", words.say("help-reach-off" if visit.reach else "help-reach"))
            first = (close, *call) if visit.call is Call.TAKEN else (*call, close)
            return Overlay(_help_title(visit, words), lines, (*first, reach, *staff), 0)
        case Asking.LANGUAGE:
            present_first = sorted(visit.rules.languages, key=lambda code: code != visit.language)
            names = tuple(Action("language", in_language(code, languages, "language-name"), code) for code in present_first)
            return Overlay(words.say("language-title"), (), (*names, Action("stay", words.say("overlay-close"))), 0)
        case Asking.LISTEN:
            how = tuple(words.say(f"listen-{line}") for line in ("plug", "keys", "speed"))
            off = Action("listen-off", words.say("listen-off"))
            dark = Action("curtain", words.say("listen-curtain"), "down")
            return Overlay(words.say("listen-title"), how, (_close(visit, words), dark, off), 0)
        case Asking.RECEIPT if isinstance(visit.stage, st.ThankYou):
            close = Action("stay", words.say("listen-receipt-done"))
            title = words.say("receipt-slip-title" if isinstance(visit.stage.paid, st.Unclear) else "receipt-title")
            return Overlay(title, receipt_lines(visit.stage.paid, words), (close,), 0)
        case _:
            return None


def _close(visit: Visit, words: Words) -> Action:
    """Back to what lies under it."""
    return Action("stay", words.say("overlay-close" if isinstance(visit.stage, NO_PAYMENT) else "help-close"))


def _help_title(visit: Visit, words: Words) -> Said:
    """What became of the newest call, once that is known: above everything, where the largest letters leave room for little."""
    return words.say(f"call-line-{visit.call}" if visit.call in (Call.TAKEN, Call.MISSED) else "help-title")

"""The staff's way in, from a kiosk at rest: a PIN or a badge, the queue, home again. Part of `step`; None for any other event."""

from __future__ import annotations

from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import Moved, typed
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Asking, Visit

SHORTEST_PIN = 4
LONGEST_PIN = 8


def staff_offered(visit: Visit) -> bool:
    """Only under "Call for help", only while nobody is here: no patient's visit is left for it, and none is looked over."""
    return visit.rules.staff and visit.asking is Asking.HELP and isinstance(visit.stage, st.Attract)


def staff_step(visit: Visit, event: ev.Event) -> Moved:
    """StaffPin to Attract."""
    match visit.stage, event:
        case st.StaffPin(), Intent("back"):
            return st.Attract(), ()
        case st.StaffPin(), ev.BadgeProved():
            return st.StaffChecking(), (ev.LookForBadge(),)
        case st.StaffPin(), ev.StaffRefused(why):
            return st.StaffPin(notice=why), ()
        case st.StaffPin(digits), Intent("next"):
            if len(digits) < SHORTEST_PIN:
                return st.StaffPin(digits, notice="pin-short"), ()
            return st.StaffChecking(), (ev.LookForStaff(digits),)
        case st.StaffPin(digits), Intent():
            more = typed(digits, event, LONGEST_PIN)
            return None if more is None else (st.StaffPin(more), ())
        case st.StaffChecking(), ev.StaffSees(report):
            return st.StaffView(report), ()
        case st.StaffChecking(), ev.StaffRefused(why):
            return st.StaffPin(notice=why), ()
        case st.StaffView(), Intent("done"):
            return st.Attract(), ()
        case _:
            return None

"""Calling a member of staff: by the visit itself when somebody is locked out, or by a touch. Part of `step`.

Nothing else of a visit hangs on a call, and no call is made again: one that comes late calls staff to who has left.
"""

from __future__ import annotations

from dataclasses import replace

from domain.calls import CallReason
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.stages import Asking, Call, Visit

LOCKED_OUT = st.SeeDesk("too-many-tries")


def call_offered(visit: Visit) -> bool:
    """Under "Call for help", while the hub is there to take a call."""
    return visit.asking is Asking.HELP and visit.world.hub


def call_staff(visit: Visit, why: CallReason) -> tuple[Visit, tuple[ev.Effect, ...]]:
    """A touch while a call is under way is that call."""
    if why is CallReason.HELP and visit.call is Call.ASKED:
        return visit, ()
    return replace(visit, call=Call.ASKED), (ev.CallStaff(why),)


def call_answered(visit: Visit, event: ev.StaffCalled | ev.StaffNotCalled) -> Visit:
    """Of two calls that are under way, one that was taken is enough."""
    if isinstance(event, ev.StaffCalled):
        return visit if visit.call is Call.NONE else replace(visit, call=Call.TAKEN)
    return replace(visit, call=Call.MISSED) if visit.call is Call.ASKED else visit

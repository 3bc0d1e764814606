"""What a patient may read before paying, and take home on paper: the lines of the bill, who helps with it, how it is disputed.

Part of `step`; None for what it has no use for.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.finding import Moved
from kiosk.visit.screens import Intent
from kiosk.visit.stages import Slip, Visit


def informed_step(visit: Visit, event: ev.Event) -> Moved:
    """From a bill to what explains it, and back."""
    match visit.stage, event:
        case st.ShowStatement() as stage, Intent("details"):
            return replace(stage, details=not stage.details), ()
        case (st.ShowStatement() | st.Choose() | st.OtherAmount()) as stage, Intent("help-paying") if visit.rules.help_paying:
            return st.HelpPaying(stage), ()
        case st.HelpPaying(behind), Intent("back"):
            return behind, ()
        case (st.HelpPaying() | st.OverEstimate()) as stage, _:
            return _on_paper(visit, stage, event)
        case _:
            return None


def _on_paper(visit: Visit, stage: st.HelpPaying | st.OverEstimate, event: ev.Event) -> Moved:
    """One copy each; another where the first did not come out."""
    paper = ev.Paper.HELP if isinstance(stage, st.HelpPaying) else ev.Paper.RIGHTS
    match event:
        case Intent("print") if visit.world.printer and stage.slip in (None, Slip.FAILED):
            return replace(stage, slip=Slip.PRINTING), (ev.Print(paper),)
        case ev.Printed(printed) if printed is paper and stage.slip is Slip.PRINTING:
            return replace(stage, slip=Slip.PRINTED), ()
        case ev.PrintFailed(printed) if printed is paper and stage.slip is Slip.PRINTING:
            return replace(stage, slip=Slip.FAILED), ()
        case _:
            return None

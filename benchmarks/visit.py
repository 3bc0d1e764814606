"""`visit`: what a visit asks of a person's hands, and how soon the screen follows them.

Touches are counted on the shipped visit itself: the shortest way from nobody to a printed receipt for a bill that is scanned and
paid in full, over what the screens offer. The digits of the birth date are typed, not chosen, and told beside.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.runner import Progress
from benchmarks.stage import stage
from benchmarks.visit_face import WORDS
from benchmarks.visit_memory import figures as memory_figures
from benchmarks.visit_speech import figures as speech_figures
from demo.gallery import ATTEMPT, OWING, RULES, SITE, UP, VISA
from domain.payment import Outcome, Result
from domain.statement_codes import RefKind, StatementRef
from kiosk.visit import events as ev
from kiosk.visit import stages as st
from kiosk.visit.present import present
from kiosk.visit.screens import Choices, Intent, Keypad
from kiosk.visit.stages import Slip, Visit
from kiosk.visit.visit import step

MOST_TOUCHES = 5
LIMITS_MS = {"switch": 50.0, "theme": 30.0, "language": 60.0}
BORN = dt.date(1962, 3, 14)
LINK = StatementRef(RefKind.LINK, "ABCDEFGHIJKLMNOP")


def figures(progress: Progress) -> Iterator[Figure]:
    """Yields visit.touches, visit.switch_ms, visit.theme_ms, visit.language_ms, and those of benchmarks.visit_speech
    and visit_memory."""
    touches, keys = shortest_visit()
    note = (
        f"from the attract screen to the printed receipt of a bill scanned and paid in full; and {keys} keys for the birth date"
    )
    yield Figure("visit.touches", touches, MOST_TOUCHES, "lower", note)
    progress("screens, themes and languages")
    with tempfile.TemporaryDirectory() as folder:
        place = stage(Path(folder))
        with place.start("benchmarks.visit_face", str(place.socket)) as process:
            assert process.stdout is not None
            took: dict[str, list[float]] = json.loads(process.stdout.readline())
    for name, limit in LIMITS_MS.items():
        ms = sorted(took[name])
        note = f"median of {len(ms)} from the snapshot to the swapped frame, 1080 x 1920, software; the longest {ms[-1]:.0f} ms"
        yield Figure(f"visit.{name}_ms", round(statistics.median(ms), 1), limit, "lower", note)
    yield from speech_figures(progress)
    yield from memory_figures(progress)


def shortest_visit() -> tuple[int, int]:
    """The least touches, and the keys of the keypad beside them."""
    begin = st.at_rest(RULES, UP)
    found, waiting = {begin: (0, 0)}, deque([begin])
    while waiting:
        visit = waiting.popleft()
        touches, keys = found[visit]
        if isinstance(visit.stage, st.ThankYou) and visit.stage.slip is Slip.PRINTED:
            return touches, keys
        for after, by in _after(visit):
            if after not in found:
                found[after] = touches + (by == "touch"), keys + (by == "key")
                waiting.append(after) if by == "touch" else waiting.appendleft(after)
    raise RuntimeError("no visit comes to its end")


def _after(visit: Visit) -> Iterator[tuple[Visit, str]]:
    """Where one touch, one key or one answer leads."""
    for event in ANSWERS:
        yield step(visit, event)[0], "answer"
    shown = present(visit, WORDS, SITE, serial=0)
    if isinstance(shown.middle, Keypad) and isinstance(visit.stage, st.BirthDate):
        digits = BORN.strftime("%m%d%Y")
        if len(visit.stage.digits) < len(digits):
            yield step(visit, Intent("key", digits[len(visit.stage.digits)]))[0], "key"
    choices = shown.middle.items if isinstance(shown.middle, Choices) else ()
    for action in (shown.primary, *choices):
        if action is not None:
            yield step(visit, Intent(action.intent, action.value))[0], "touch"


_STATEMENT = OWING.statement
assert _STATEMENT is not None, "the gallery's bill is a whole one"
ANSWERS: tuple[ev.Event, ...] = (
    ev.CodeRead(LINK),
    ev.Found(LINK, _STATEMENT),
    ev.HubProbed(True),
    ev.Opened(ATTEMPT),
    ev.Settled(ATTEMPT, Result(Outcome.APPROVED, _STATEMENT.due, VISA)),
    ev.Printed(ev.Paper.RECEIPT),
)

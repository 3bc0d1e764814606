"""From what the scanner has in view to what the visit hears: which statement is meant, that there are two, or that none is ours.

A bill carries several codes, and other papers lie beside it: a code that names a statement wins over those that name none. Two
codes of one family that name different statements are two bills, and which is meant is never guessed. A link and a number, or the
references of two schemes, may well stand on one page: the signed link counts then before our number, and that before another
biller's reference. Whether a number beside a link is the same bill's only the hub can tell, so it goes along to be compared; with
the hub away it is the number that is paid, for a person can compare that.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from devices.scanners.agreement import GONE_S
from devices.scanners.aim import UNNAMED
from devices.scanners.port import Code, Hint, View
from domain.biller_profiles import Profile, read_code
from domain.statement_codes import RefKind, Refusal, StatementRef
from kiosk.visit import events as ev

log = structlog.get_logger()

STRANGER_S = 1.0
"""A code that names no statement is told of after this long in view: our own beside it may take a moment more to be read."""

SETTLE_S = 0.5
"""The longest that an agreed bill waits for another one, or for a number, which a single frame has shown beside it."""

Meaning = StatementRef | Refusal
Bills = frozenset[StatementRef]


@dataclass(slots=True)
class _Watch:
    """What was seen since the scanner began to watch, at `began_at`; `met_at` is since when one bill is in view."""

    began_at: float
    met_at: float | None = None
    agreed: frozenset[Code] = frozenset()
    strangers: frozenset[Code] = frozenset()
    hint: Hint | None = None
    still_there: bool = False
    two: bool = False


class Scanning:
    """All of it belongs to one loop. `post` hears CodeRead, TwoBills, StillInView, BillsGone and Guided."""

    def __init__(self, profiles: Sequence[Profile], today: Callable[[], dt.date], post: Callable[[ev.Event], None]) -> None:
        """`today` is the site's date, for keys of links that end with a day."""
        self._profiles = profiles
        self._today = today
        self._post = post
        self._taken: Bills = frozenset()
        """The names of the bill that was taken last."""
        self._telling: asyncio.TimerHandle | None = None
        self._watch = _Watch(0.0)

    def begin(self) -> None:
        """The scanner begins to watch; what it has in view goes to `see`."""
        self._watch = _Watch(_now())

    def end(self) -> None:
        """Nothing more is told."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def forget(self) -> None:
        """The visit is over: whoever comes next may show the same bill, and nothing of who was here stays (law 10)."""
        self._taken = frozenset()
        self._watch = _Watch(0.0)

    def see(self, view: View) -> None:
        meanings = {code: self._meaning(code) for code in view.agreed}
        bills = bills_named(meanings.values())
        refused = {code: meaning for code, meaning in meanings.items() if isinstance(meaning, Refusal)}
        self._mind_strangers(refused, alone=not bills)
        self._watch.agreed = view.agreed
        if view.hint is not self._watch.hint:
            self._watch.hint = view.hint
            self._post(ev.Guided(ev.Guidance(view.hint.value) if view.hint else None))
        if not bills and (self._watch.two or self._watch.still_there):
            self._post(ev.BillsGone())
        if self._watch.still_there and not self._taken & bills:
            self._watch.still_there, self._taken = False, frozenset()
        numbers = _numbers(meanings.values())
        seen = {*meanings.values(), *(self._meaning(sighting.code) for sighting in view.sightings)}
        self._heed(bills, numbers, whole=bills_named(seen) == bills and _numbers(seen) == numbers)

    def _meaning(self, code: Code) -> Meaning:
        if code.symbology == UNNAMED:
            return Refusal.UNNAMED
        return read_code(code.symbology, code.text, self._profiles, self._today())

    def _heed(self, bills: Bills, numbers: Bills, *, whole: bool) -> None:
        """`bills` and `numbers` are agreed on; `whole` says that this frame shows no other that may be agreed on yet."""
        watch, now = self._watch, _now()
        two, watch.two = watch.two, len(bills) > 1
        if len(bills) != 1:
            watch.met_at = None
            if watch.two and not two:
                watch.still_there, self._taken = False, frozenset()  # the one that stays is the answer, whichever it is
                self._post(ev.TwoBills())
            return
        watch.met_at = now if watch.met_at is None else watch.met_at
        (bill,) = bills
        if bill in self._taken and (watch.still_there or now - watch.began_at < GONE_S):
            if not watch.still_there:
                watch.still_there = True
                self._post(ev.StillInView())
        elif whole or now - watch.met_at >= SETTLE_S:
            beside = numbers - bills
            self._taken = bills | beside
            self._post(ev.CodeRead(bill, *(ref.value for ref in beside)))

    def _mind_strangers(self, refused: dict[Code, Refusal], alone: bool) -> None:
        """What is refused is logged at once, and told when it stays in view with no bill beside it."""
        for code in refused.keys() - self._watch.agreed:
            log.info("scanner.refused", reason=refused[code].value)
        strangers = frozenset(refused) if alone else frozenset()
        if strangers == self._watch.strangers:
            return
        self.end()
        self._watch.strangers = strangers
        if strangers:
            nearest = max(refused.values(), key=tuple(Refusal).index)  # they are listed from the strangest on
            self._telling = asyncio.get_running_loop().call_later(STRANGER_S, self._post, ev.CodeRead(nearest))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _family(ref: StatementRef) -> tuple[int, str]:
    """What has one name for each statement; the first is believed first."""
    scheme = ref.value.partition("/")[0] if ref.kind is RefKind.BILLER else ""
    return tuple(RefKind).index(ref.kind), scheme


def _numbers(meanings: Iterable[Meaning]) -> Bills:
    return frozenset(ref for ref in meanings if isinstance(ref, StatementRef) and ref.kind is RefKind.NUMBER)


def bills_named(meanings: Iterable[Meaning]) -> Bills:
    """The statements that are named: by the first family that names any, or by our own family that names two."""
    families = defaultdict[tuple[int, str], set[StatementRef]](set)
    for ref in meanings:
        if isinstance(ref, StatementRef):
            families[_family(ref)].add(ref)
    named = [families[family] for family in sorted(families)]
    two = (refs for refs in named if len(refs) > 1 and all(ref.kind is not RefKind.BILLER for ref in refs))
    return frozenset(next(two, named[0] if named else ()))

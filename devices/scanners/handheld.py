"""What every hand-held scanner has in common: no picture, and one code in view for a while after each pull of its trigger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from devices.health import Condition, Health
from devices.scanners.agreement import GONE_S
from devices.scanners.aim import UNNAMED
from devices.scanners.port import NO_PICTURE, Code, View

NOTHING = View(NO_PICTURE, (), frozenset(), None)
UNNAMED_FAULT = Health(Condition.LOW, "scanner-unnamed")
"""It works, and what it sends has no AIM identifier, or is not whole: a technician has to set it up."""

log = structlog.get_logger()


class HandHeld:
    """The watching half of a scanner (devices.scanners.port). The scanner itself has read the code and checked it against what
    it printed on light; there is no second frame to agree. Its code stays in view for GONE_S, so that a scanner on a stand,
    which reads on and on, counts once."""

    def __init__(self) -> None:
        self._seen: Callable[[View], None] | None = None
        self._shown = NOTHING
        self._gone: asyncio.TimerHandle | None = None
        self._told = Health(Condition.AWAY, "scanner-away")
        self._unnamed = False

    def watch(self, seen: Callable[[View], None]) -> None:
        self.rest()
        self._seen = seen

    def rest(self) -> None:
        self._seen = None
        self._shown = NOTHING
        if self._gone is not None:
            self._gone.cancel()
            self._gone = None

    def health(self) -> Health:
        return self._state()

    def take(self, code: Code) -> None:
        """A pull of the trigger. A code that nobody waits for is forgotten."""
        before = self._state()
        self._unnamed = code.symbology == UNNAMED
        self._log_change(before)
        if self._seen is None:
            return
        if self._gone is not None:
            self._gone.cancel()
        self._gone = asyncio.get_running_loop().call_later(GONE_S, self._show, NOTHING)
        self._show(View(NO_PICTURE, (), frozenset({code}), None))

    def tell(self, health: Health) -> None:
        """How the scanner is from now on; one that comes anew has not been heard."""
        before = self._state()
        self._told = health
        self._unnamed = self._unnamed and health.usable
        self._log_change(before)

    def _state(self) -> Health:
        """What was told last, but for a scanner that works and does not say what it reads."""
        return UNNAMED_FAULT if self._unnamed and self._told.usable else self._told

    def _show(self, view: View) -> None:
        if self._seen is not None and view != self._shown:
            self._shown = view
            self._seen(view)

    def _log_change(self, before: Health) -> None:
        health = self._state()
        if health != before:
            log.info("scanner.health", condition=health.condition, fault=health.fault, detail=health.detail)

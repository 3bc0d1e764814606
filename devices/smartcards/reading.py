"""The loop of the reader's process: looks at the slot, asks each card once, says what came of it. The same over any Service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from devices.health import Condition
from devices.own_process import Alive, State
from devices.smartcards.apdu import Line
from devices.smartcards.identify import Asking, identify
from devices.smartcards.messages import Look, Report, Said
from devices.smartcards.port import CardError, Refused, Seen
from devices.smartcards.service import Service, ServiceAway, Slot

POLL_S = 0.25
AWAY_S = 1.0
"""Between two looks for a service or a reader that is not there."""

_READY = State(Condition.READY)
_LEFT_IN = State(Condition.OUT, "smartcard-left-in")


class Looks(Protocol):
    """Where the engine's wishes come from."""

    def next(self, seconds: float) -> Look | None:
        """The next one, waited for so long. Raises EOFError when there will be none."""


class Reading:
    """`say` tells the engine. `skip_present`: the card that lies there now is asked nothing, it hung before; the next one is."""

    def __init__(self, service: Service, asking: Asking, say: Callable[[Said], None], skip_present: bool) -> None:
        self._service = service
        self._asking = asking
        self._say = say
        self._skipping = skip_present
        self._look = Look(frozenset(), 0)
        self._asked = 0
        self._state: State | None = None

    def run(self, looks: Looks) -> None:
        """Until there are no more looks. A bug ends it, and so does Unsafe."""
        wait = 0.0
        try:
            while True:
                if (look := looks.next(wait)) is not None:
                    self._look, self._asked = look, 0
                wait = self._step()
                self._say(Alive())
        except EOFError:
            return

    def _step(self) -> float:
        """One look at the slot. Gives how long nothing need be done."""
        try:
            slot = self._service.wait(POLL_S)
        except ServiceAway as away:
            self._tell(State(Condition.AWAY, away.fault, away.detail))
            return AWAY_S
        self._skipping = self._skipping and slot.card
        self._tell(_LEFT_IN if self._skipping else _READY)
        if slot.card and not self._skipping and self._look.wanted and self._asked != slot.serial:
            self._asked = slot.serial
            self._say(Report(self._seen(slot), self._look.number))
        return 0.0

    def _seen(self, slot: Slot) -> Seen:
        try:
            with self._service.connect() as line:
                return identify(slot.atr, self._alive_after(line), self._look.wanted, self._asking)
        except CardError as error:
            return Refused(error.reason)

    def _alive_after(self, line: Line) -> Line:
        """A long conversation is no hanging one."""

        def answering(command: bytes) -> bytearray:
            said = line(command)
            self._say(Alive())
            return said

        return answering

    def _tell(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self._say(state)

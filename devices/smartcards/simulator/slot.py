"""A Service without PC/SC: a slot into which a test or a person puts virtual cards. The loop above it is the shipped one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from devices.smartcards.apdu import Line
from devices.smartcards.port import CardError, Refusal
from devices.smartcards.service import ServiceAway, Slot
from devices.smartcards.simulator.cards import Card, TornOut


class SimulatedSlot:
    """`put` and `take` may be called from another thread than the loop's, as a person's hand would."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._card: Card | None = None
        self._serial = 0
        self._away = ""
        self._told: tuple[int, bool, str] | None = None

    def put(self, card: Card) -> None:
        with self._changed:
            self._card, self._serial = card, self._serial + 1
            self._changed.notify()

    def take(self) -> None:
        with self._changed:
            self._card = None
            self._changed.notify()

    def away(self, fault: str) -> None:
        """The service, or the reader, is not there from now on; empty for back again."""
        with self._changed:
            self._away = fault
            self._changed.notify()

    def wait(self, seconds: float) -> Slot:
        with self._changed:
            self._changed.wait_for(lambda: self._now() != self._told, seconds)
            self._told = self._now()
            if self._away:
                raise ServiceAway(self._away, "simulated")
            card = self._card
            return Slot(card is not None, card.atr if card else b"", self._serial)

    @contextmanager
    def connect(self) -> Iterator[Line]:
        card = self._card
        if card is None:
            raise CardError(Refusal.TAKEN_AWAY, "connecting")
        yield lambda command: self._answer(card, command)

    def _answer(self, card: Card, command: bytes) -> bytearray:
        if self._card is not card:
            raise CardError(Refusal.TAKEN_AWAY, "a command")
        try:
            said = card.answer(command)
        except TornOut:
            self.take()
            return bytearray()  # as PC/SC has it: success, and nothing said
        if said is None:
            threading.Event().wait()
        return bytearray(said or b"")

    def _now(self) -> tuple[int, bool, str]:
        return self._serial, self._card is not None, self._away

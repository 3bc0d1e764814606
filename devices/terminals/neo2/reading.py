"""A card's part of a sale, frame by frame: activate, a contact card's steps, and what each answer says. No money moves here."""

from __future__ import annotations

import asyncio
import contextlib

from devices.terminals.neo2 import codes, packets
from devices.terminals.neo2.card import CardRead, error_of, judged, read_card
from devices.terminals.neo2.errors import Unreadable
from devices.terminals.neo2.framing import Frame
from devices.terminals.neo2.sale import SaleRun
from devices.terminals.neo2.session import Session, Timers
from devices.terminals.port import Step
from domain.payment import Outcome


class Ended(Exception):
    """The sale ended before any bank was asked."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(f"{outcome.value} {reason}")
        self.outcome = outcome
        self.reason = reason


class Reading:
    """One card. Raises what the session raises, Ended, and Unencrypted; every answer's data is wiped when it has been read."""

    def __init__(self, session: Session, timers: Timers, stop: asyncio.Event, run: SaleRun, card_was_in: bool) -> None:
        self._session = session
        self._timers = timers
        self._stop = stop
        self._run = run
        self._card_was_in = card_was_in
        self.waits = False
        """A contact card waits for the host's word (60-12)."""

    async def card(self, minor: int, currency: int) -> CardRead:
        """Waits for a card and reads it. Raises NotStarted when the reader did not begin."""
        self._run.show(Step.INSERT_CARD)
        command = packets.activate(minor, currency, int(self._timers.card), self._timers.next_command)
        answer = await self._session.run(command, self._timers.card + self._timers.process, self._saw, self._stop)
        if answer is None:
            raise Ended(Outcome.CANCELLED, "cancelled")
        refusal = codes.refusal_of(answer.code, card_was_in=self._card_was_in)
        if refusal is not None:
            answer.wipe()
            raise refusal
        return await self._read(answer)

    async def _read(self, answer: Frame) -> CardRead:
        try:
            self._last(answer, packets.OK, packets.GO_ONLINE)
            objects = memoryview(answer.data)
            # A contact card's start may have its result before the attribution byte, as the answer to 60-10 has.
            started = bytes(objects[:2]) == codes.STARTED.to_bytes(2, "big")
            read = _use(objects[2:] if started else objects, None)
        finally:
            answer.wipe()
        if not read.contact:
            return read
        self._run.card_in = True
        self._run.show(Step.READING)
        answered = await self._session.run(packets.authenticate(), self._timers.process, self._saw, self._stop)
        if answered is None:
            raise Ended(Outcome.CANCELLED, "cancelled")
        return self._authenticated(answered, read)

    def _authenticated(self, answer: Frame, started: CardRead) -> CardRead:
        try:
            self._last(answer, packets.OK)
            result, objects = _result(answer), memoryview(answer.data)[2:]
            if result in codes.DECLINED:
                judged(objects)
                raise Ended(Outcome.DECLINED, f"neo2-result-{result:04x}")
            if result != codes.GO_ONLINE and result not in codes.APPROVED:
                raise Ended(Outcome.CANCELLED, f"neo2-result-{result:04x}")
            read = _use(objects, started)
        finally:
            answer.wipe()
        self.waits = result == codes.GO_ONLINE
        return read

    async def complete(self, word: bytes) -> bool:
        """Hands `word` to the contact card, which has the last one: whether it agrees. Never stopped half-way."""
        self._run.show(Step.WAIT)
        answer = await self._session.run(packets.complete(word), self._timers.process, self._saw)
        assert answer is not None, "nothing could stop it"
        agrees = answer.code == packets.OK and _result(answer) in codes.APPROVED
        answer.wipe()
        return agrees

    def _saw(self, frame: Frame) -> None:
        if frame.response and frame.code == packets.UI_EVENT:
            self._run.show(Step.READING)

    def _last(self, answer: Frame, *wanted: int) -> None:
        """Raises Ended where a transaction ended otherwise; what it says of why is looked at as closely as a card."""
        if answer.code in wanted:
            return
        why = ""
        if answer.command != packets.CONTACT:
            with contextlib.suppress(Unreadable):
                why = error_of(memoryview(answer.data))
        raise Ended(codes.outcome_of(answer.code), f"neo2-{answer.code:02x}" + (f"-{why}" if why else ""))


def _use(objects: memoryview, started: CardRead | None) -> CardRead:
    try:
        return read_card(objects, started)
    except Unreadable as useless:
        raise Ended(Outcome.CANCELLED, f"neo2-card-{useless.reason}") from useless


def _result(answer: Frame) -> int:
    """A contact card's result: two bytes before its objects. One that says none has not agreed to anything."""
    return int.from_bytes(answer.data[:2], "big") if len(answer.data) >= 2 else 0xFFFF

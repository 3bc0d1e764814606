"""One command at a time, and its answer: what may be written when, and how long to wait. Nothing is ever written twice.

NEO 2 has no acknowledgement below its answers. A command whose answer does not come may have been carried out, so it is not sent
again; the line is opened afresh, and the new conversation begins with a cancel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import structlog

from devices.terminals.errors import Broken
from devices.terminals.neo2 import packets
from devices.terminals.neo2.errors import Refused, Tampered
from devices.terminals.neo2.framing import Frame
from devices.terminals.neo2.link import Link

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timers:
    """Seconds, all on the running loop's clock.

    `t1` longest pause inside a frame; `answer` a command to its answer; `card` how long the reader waits for a card, 1 to 255;
    `process` a card's own work, on top of that; `stop` a cancel to its answer; `recovery` asking the hub after silence; `idle`
    between keep-alives; `retry` the first wait before trying again, doubled up to `retry_most`.
    """

    t1: float = 0.5
    answer: float = 3.0
    card: float = 60.0
    process: float = 45.0
    stop: float = 5.0
    recovery: float = 90.0
    idle: float = 30.0
    retry: float = 0.25
    retry_most: float = 5.0

    def __post_init__(self) -> None:
        if not all(value > 0 for value in (self.t1, self.answer, self.process, self.stop, self.recovery, self.retry)):
            raise ValueError("a timer is longer than nothing")
        if not 0 < self.idle <= 60:
            raise ValueError("the keep-alive is at most a minute")
        if not (1 <= self.card <= 255 and self.card == int(self.card)):
            raise ValueError("a reader waits 1 to 255 whole seconds for a card")
        if self.recovery > 10_000:
            raise ValueError("a patient waits hours for no recovery")

    @property
    def next_command(self) -> int:
        """How long the reader is to wait for our next command in a contact card's sale: longer than the hub may take, to answer
        and then to say what became of it."""
        return int(2 * self.recovery + self.process)


class State(Enum):
    """What is on the line. QUIET: nothing. ASKED: a command waits for its answer. RUNNING: a transaction does. ASKING: it does,
    and the reader has asked us something. STOPPING: it was told to stop. LOST: an answer did not come."""

    QUIET = auto()
    ASKED = auto()
    RUNNING = auto()
    ASKING = auto()
    STOPPING = auto()
    LOST = auto()


def state_after(state: State, frame: Frame) -> State | None:
    """The one place that decides whether `frame` may be written, and what the line is in then: None when it may not.

    While a transaction runs the reader takes any command for a cancel, so only 05-01 goes out, and after that nothing before its
    answer (p242). Nothing is written while an answer is due: so no frame, once written, ever goes out again for want of one.
    """
    if frame.response:
        return State.RUNNING if state is State.ASKING and frame.command == packets.READER_ASKS else None
    if state is State.QUIET:
        return State.RUNNING if frame.command in packets.TRANSACTION else State.ASKED
    is_stop = frame.command == packets.CANCEL and frame.code in (0x01, 0x02)
    return State.STOPPING if state is State.RUNNING and is_stop else None


class Session:
    """Conversations over one link, one at a time."""

    def __init__(self, link: Link, timers: Timers) -> None:
        self._link = link
        self._timers = timers
        self._state = State.LOST

    @property
    def quiet(self) -> bool:
        """Whether another command may be written: False from an answer that did not come until `open`."""
        return self._state is State.QUIET

    async def open(self) -> None:
        """Opens the line, and brings a reader that was left in the middle of a sale back: whatever that still says is dropped.
        Raises LinkDown, Broken, Tampered."""
        await self._link.open()
        self._state = State.QUIET
        await self.ask(packets.cancel(), accepts=frozenset(range(0x100)))

    async def ask(self, command: Frame, *, accepts: frozenset[int] = frozenset({packets.OK})) -> Frame:
        """The answer to a command that starts no transaction. Raises Refused for a status that is not accepted, Tampered, Broken
        and LinkDown."""
        self._drop_strays()
        await self._write(command)
        until = _now() + self._timers.answer
        while True:
            frame = await self._next(until, None)
            assert frame is not None, "nothing could stop the wait"
            if frame.response and frame.command == command.command:
                break
            _stray(frame)
        self._state = State.QUIET
        _judge(frame)
        if frame.code not in accepts:
            raise Refused(frame.code)
        return frame

    async def run(
        self, command: Frame, patience: float, saw: Callable[[Frame], None], stop: asyncio.Event | None = None
    ) -> Frame | None:
        """Runs a transaction until its last word, which is returned; None when `stop` was set and the reader has stopped. `saw`
        is told of the words before the last, and of what the reader asks.

        A card that came although we had said stop is dropped: no bank has been asked yet. Raises Tampered, Broken, LinkDown.
        """
        self._drop_strays()
        await self._write(command)
        until = _now() + patience
        while True:
            frame = await self._next(until, stop)
            if frame is None:
                await self._stop(command)
                return None
            if frame.command == packets.READER_ASKS:  # never a response here, whatever the order of its CRC
                saw(frame)
                self._state = State.ASKING
                await self._write(packets.answer(frame))
                frame.wipe()
            elif not frame.response or frame.command != command.command:
                _stray(frame)
            elif frame.code in (packets.UI_EVENT, packets.ACCEPTED):
                saw(frame)
                frame.wipe()
            else:
                self._state = State.QUIET
                _judge(frame)
                return frame

    async def _stop(self, command: Frame) -> None:
        """Tells the reader to stop, once. Its transaction's own answer may cross ours (p243): that proves that the stop came too
        late, and the reader may answer it all the same. Only an answer to the stop leaves a line that we know to be quiet."""
        await self._write(packets.cancel())
        until = _now() + self._timers.stop
        while True:
            try:
                frame = await self._next(until, None)
            except Broken as broken:
                raise Broken("stop-unanswered" if broken.reason == "silence" else broken.reason) from broken
            assert frame is not None, "nothing could stop the wait"
            if frame.response and frame.command == packets.CANCEL:
                self._state = State.QUIET
                _judge(frame)
                return
            _stray(frame)
            if frame.command == command.command:
                _judge(frame)

    async def _write(self, frame: Frame) -> None:
        after = state_after(self._state, frame)
        if after is None:
            raise AssertionError(f"{packets.name_of(frame)} may not be written while the line is {self._state.name}")
        self._state = after
        try:
            await self._link.send(frame)
        except BaseException:
            self._state = State.LOST
            raise

    async def _next(self, until: float, stop: asyncio.Event | None) -> Frame | None:
        """The next frame, or None when `stop` was set first. Raises Broken for silence and for a reader that has started anew."""
        receiving = asyncio.ensure_future(self._link.receive())
        stopping = asyncio.ensure_future(stop.wait()) if stop is not None else None
        waits = {receiving} if stopping is None else {receiving, stopping}
        known = False
        try:
            await asyncio.wait(waits, timeout=max(0, until - _now()), return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                frame = receiving.result()
                if frame.command == packets.BOOT and not frame.response:
                    raise Broken("restarted")
                known = True
                return frame
            if stopping is not None and stopping.done():
                known = True
                return None
        finally:
            if not known:
                self._state = State.LOST
            for wait in waits:
                wait.cancel()
        raise Broken("garbage" if self._link.garbled else "silence")

    def _drop_strays(self) -> None:
        """What came while nobody asked. Raises Broken where it says that the reader has started anew."""
        for frame in self._link.waiting():
            if frame.command == packets.BOOT and not frame.response:
                self._state = State.LOST
                raise Broken("restarted")
            _stray(frame)


def _stray(frame: Frame) -> None:
    _log.info("terminal.frame", direction="in", name=packets.name_of(frame), reason="stray")
    frame.wipe()


def _judge(frame: Frame) -> None:
    if frame.response and frame.code == packets.TAMPERED:
        raise Tampered


def _now() -> float:
    return asyncio.get_running_loop().time()

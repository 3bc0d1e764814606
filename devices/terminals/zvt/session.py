"""One command and everything the terminal says until its last word: who is master, who answers, and how long to wait.

The terminal becomes master when it accepts a command, and stays so until completion or abort; till then it is answered and
nothing else is sent but one abort (06 B0), and that only while it is our turn to listen.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog

from devices.terminals.errors import Broken, LinkDown
from devices.terminals.port import Progress, Step
from devices.terminals.zvt.codes import NOT_SUPPORTED, step_of
from devices.terminals.zvt.errors import CodecError, Refused
from devices.terminals.zvt.link import Link
from devices.terminals.zvt.packets import ACCEPTED, Kind, Packet, decode, encode, refused

_log = structlog.get_logger()

_FINAL = (Kind.COMPLETION, Kind.ABORT)
_ANSWERS = (Kind.ACCEPTED, Kind.REFUSED)


@dataclass(frozen=True, slots=True)
class Timers:
    """Seconds, all on the running loop's clock. Defaults are the fact sheet's; some of those are disputed, so all are options.

    `t1` longest pause inside a frame; `t2` wait for a link ACK; `t3` command to its acceptance; `t4` between the terminal's
    packets while it is master; `overall` a whole sale, longer than the terminal's own; `closing` what follows an approval
    that is already committed; `moment` a commit before the terminal is asked for patience; `recovery` asking after silence;
    `idle` between keep-alives (the protocol wants one a minute); `cure` between two tries to mend the same trouble; `retry` the
    first wait before reconnecting, doubled up to `retry_most`.
    """

    t1: float = 0.2
    t2: float = 5.0
    t3: float = 5.0
    t4: float = 180.0
    overall: float = 400.0
    closing: float = 30.0
    moment: float = 1.0
    recovery: float = 90.0
    idle: float = 45.0
    cure: float = 600.0
    retry: float = 0.25
    retry_most: float = 5.0

    def __post_init__(self) -> None:
        waits = (self.t1, self.t2, self.t3, self.t4, self.closing, self.moment, self.recovery, self.cure, self.retry)
        if not all(value > 0 for value in waits):
            raise ValueError("a timer is longer than nothing")
        if not 0 < self.idle <= 60:
            raise ValueError("the keep-alive is at most a minute")
        if self.overall <= self.t4:
            raise ValueError("the overall guard is longer than the terminal's own")


class Listener(Protocol):
    """What a command's sender does with what the terminal says."""

    patience: float
    """Seconds to wait for the next packet."""

    def began(self) -> None:
        """The terminal has accepted the command and is master now."""

    async def hear(self, packet: Packet) -> Packet:
        """The answer to a packet that is not the last."""


_TAKEN = (Kind.STATUS_INFORMATION, Kind.INTERMEDIATE_STATUS, Kind.PRINT_LINE, Kind.PRINT_TEXT_BLOCK, Kind.TILL_CLOCK)


def answer_to(packet: Packet) -> Packet:
    """The answer to what needs no thought: a print or a sign of life is taken (our clock is not the terminal's to set, but it
    may tell its own), a request for input or a menu cannot be met by a kiosk, nor what nobody knows."""
    return ACCEPTED if packet.kind in _TAKEN else refused(NOT_SUPPORTED)


class Collect:
    """The listener of commands that sell nothing: takes and keeps everything, and shows where it is."""

    def __init__(self, patience: float, progress: Progress | None = None) -> None:
        self.patience = patience
        self.heard: list[Packet] = []
        self._progress = progress
        self._step: Step | None = None

    def began(self) -> None:
        self._show(Step.WAIT)

    async def hear(self, packet: Packet) -> Packet:
        self.heard.append(packet)
        if packet.kind is Kind.INTERMEDIATE_STATUS:
            self._show(step_of(packet.head[0][0]))
        return answer_to(packet)

    def _show(self, step: Step) -> None:
        if self._progress is not None and step is not self._step:
            self._step = step
            self._progress(step)


class Session:
    """Conversations over one link, one at a time."""

    def __init__(self, link: Link, timers: Timers) -> None:
        self._link = link
        self._timers = timers

    async def converse(self, command: Packet, listener: Listener, stop: asyncio.Event | None = None) -> Packet:
        """Sends `command` and answers the terminal until its completion or abort, which is returned (and answered).

        Setting `stop` asks the terminal once to abort. Raises Refused when the terminal did not begin, and Broken or
        LinkDown when it is not known what it did.
        """
        deadline = _now() + self._timers.overall
        await self._settle_strays()
        await self._accepted(await self._link.send(encode(command)))
        listener.began()
        while True:
            packet = await self._next(min(_now() + listener.patience, deadline), stop)
            if packet is None:
                stop = None
                await self._link.send(encode(Packet(Kind.TILL_ABORT)))
            elif packet.kind in _FINAL:
                await self._farewell()
                return packet
            elif packet.kind not in _ANSWERS:
                await self._link.send(encode(await listener.hear(packet)))

    async def _accepted(self, sends: int) -> None:
        """Waits T3 for 80 00 00. What comes before it belongs to something older: it is answered, unless it is money."""
        until = _now() + self._timers.t3
        while True:
            packet = await self._next(until, None)
            assert packet is not None, "nothing could stop the wait"
            if packet.kind is Kind.ACCEPTED:
                return
            if packet.kind is Kind.REFUSED and sends == 1:
                raise Refused(packet.code)
            if packet.kind is Kind.REFUSED:
                # It may be the repeated frame that is refused, because the first one is being carried out.
                raise Broken("refused-repeat")
            await self._answer_stray(packet)

    async def _settle_strays(self) -> None:
        for raw in self._link.waiting():
            await self._answer_stray(decode_or_break(raw))

    async def _answer_stray(self, packet: Packet) -> None:
        """A status information without its sale is never accepted: nobody has committed it."""
        _log.info("terminal.frame", direction="in", name=packet.kind.value, reason="stray")
        if packet.kind not in (*_ANSWERS, Kind.STATUS_INFORMATION):
            await self._link.send(encode(ACCEPTED))

    async def _farewell(self) -> None:
        """The last word has been heard; whether our answer to it arrives changes nothing."""
        try:
            await self._link.send(encode(ACCEPTED))
        except LinkDown as down:
            _log.info("terminal.frame", direction="out", name="accepted", reason=down.reason)

    async def _next(self, until: float, stop: asyncio.Event | None) -> Packet | None:
        """The next packet, or None when `stop` was set first. Raises Broken for silence."""
        receiving = asyncio.ensure_future(self._link.receive())
        stopping = asyncio.ensure_future(stop.wait()) if stop is not None else None
        waits = {receiving} if stopping is None else {receiving, stopping}
        try:
            await asyncio.wait(waits, timeout=max(0, until - _now()), return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                return decode_or_break(receiving.result())
            if stopping is not None and stopping.done():
                return None
        finally:
            for wait in waits:
                wait.cancel()
        raise Broken("silence")


def _now() -> float:
    return asyncio.get_running_loop().time()


def decode_or_break(raw: bytes) -> Packet:
    """An APDU whose frame was right and whose content is not: the conversation cannot be trusted further."""
    try:
        return decode(raw)
    except CodecError as wrong:
        raise Broken(wrong.reason) from wrong

"""Master rights from the terminal's side: who may speak, who must answer, and a loud complaint about a till that does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from devices.terminals.simulator.faults import Faults
from devices.terminals.simulator.rules import Complaint
from devices.terminals.simulator.zvt.codec import Message, apdu, read
from devices.terminals.simulator.zvt.line import Line

ACCEPTED = apdu(0x8000)
TILL_ABORT = 0x06B0


def refused(code: int) -> bytes:
    return apdu(0x8400 | code)


class Floor:
    """The conversation with the till. `aborted` is set when it asked to stop; `abort_answer` is what it then hears."""

    def __init__(self, line: Line, faults: Faults, answer_s: float, complain: Complaint) -> None:
        self.line = line
        self._faults = faults
        self._answer_s = answer_s
        self._complain = complain
        self._excused = 0
        self.aborted = asyncio.Event()
        self.abort_answer = ACCEPTED

    async def command(self) -> Message:
        """The till's next command, while it is master. An answer that nobody waits for is told and dropped."""
        while (message := await self._next()) is None or message.answers:
            if message is not None:
                self._complain("answer-to-nothing", apdu(message.control))
        self.aborted.clear()
        return message

    async def tell(self, said: bytes, copies: int = 1) -> bool:
        """Sends what needs no answer. False when it did not arrive."""
        self.line.spoke()
        return await self.line.send(said, copies)

    async def say(self, said: bytes, copies: int = 1) -> Message | None:
        """Sends and waits for the till's answer. None when none came."""
        strikes = self._faults.strikes
        if not await self.tell(said, copies):
            return None
        try:
            async with asyncio.timeout(self._answer_s):
                while (message := await self._next()) is not None and not message.answers:
                    await self._out_of_turn(message)
                return message
        except TimeoutError:
            if self.line.plugged and strikes == self._faults.strikes:
                self._complain("no-answer", said)
            return None

    async def meanwhile(self, waiting: Awaitable[str], seconds: float) -> str | None:
        """What `waiting` brings, while the till is heard. None when it aborted, or has already, or nothing came in time."""
        wanted = asyncio.ensure_future(waiting)
        stopped = asyncio.ensure_future(self.aborted.wait())
        hearing = asyncio.ensure_future(self._hear())
        try:
            await asyncio.wait({wanted, stopped, hearing}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                hearing.result()
            return wanted.result() if wanted.done() and not self.aborted.is_set() else None
        finally:
            for task in (wanted, stopped, hearing):
                task.cancel()
            await asyncio.wait({wanted, stopped, hearing})

    async def _hear(self) -> None:
        while True:
            message = await self._next()
            if message is not None and message.answers:
                self._complain("answer-to-nothing", apdu(message.control))
            elif message is not None:
                await self._out_of_turn(message)

    async def _out_of_turn(self, message: Message) -> None:
        """We are master: an abort is heard, any other command has to wait."""
        if message.control == TILL_ABORT:
            await self.tell(self.abort_answer)
            if self.abort_answer == ACCEPTED:
                self.aborted.set()
            return
        self._complain("command-while-terminal-is-master", apdu(message.control))
        await self.tell(refused(0x9C))

    async def _next(self) -> Message | None:
        """None when the till has gone: it will not answer any more."""
        while True:
            raw = await self.line.inbox.get()
            if raw is None:
                return None
            try:
                message = read(raw)
            except ValueError as wrong:
                if self._excused == self._faults.strikes:
                    self._complain(f"unreadable: {wrong}", raw)
            else:
                self._excused = self._faults.strikes
                return message

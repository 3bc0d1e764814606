"""A CardReader that is a process of its own, and the watchdog over it: what falls silent is killed and started again.

A command to a hung card never returns, and no thread can be made to give up (measured: no limit anywhere in PC/SC). Faults:
"smartcard-service-away", "smartcard-reader-away", "smartcard-left-in", "smartcard-not-installed", "smartcard-no-authority",
"smartcard-unsafe", "smartcard-bug", "smartcard-starting".
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum

import structlog

from devices.health import Condition, Health
from devices.keeper import Keeper
from devices.smartcards.messages import LONGEST_LINE, Alive, Look, Report, State, said_of, to_line
from devices.smartcards.port import Kind, Refusal, Refused, Seen

START_S = 20.0
"""Until a new process has said its first word: it imports for a second, more on a busy machine."""
PATIENCE_S = 5.0
"""Silence after that. It speaks four times a second and after each answer; the slowest answer, an RSA signature, takes one."""
AGAIN_S = 1.0
"""Before a process that was killed or fell is started again."""
PERSON_S = 30.0
"""Before one that wants a person to act is: for the technician who has just acted."""

log = structlog.get_logger()

_STARTING = Health(Condition.BUSY, "smartcard-starting")


class _End(Enum):
    HUNG = "hung"
    ENDED = "ended"
    ODD = "odd"


def open_reader(reader: str, ca_file: str) -> ReaderProcess:
    """The reader whose PC/SC name begins with `reader`, not yet opened; badges of the authority in `ca_file`, none if empty."""
    return ReaderProcess((sys.executable, "-m", "devices.smartcards.reader_process", reader, ca_file))


class ReaderProcess:
    """A CardReader. `command` is the process, which takes --skip-present; `patience` in seconds."""

    def __init__(self, command: Sequence[str], patience: float = PATIENCE_S, again: float = AGAIN_S) -> None:
        self._command = command
        self._patience = patience
        self._again = again
        self._health = _STARTING
        self._look = Look(frozenset(), 0)
        self._seen: Callable[[Seen], None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._keeper = Keeper("the card reader", self._keep)

    async def open(self) -> None:
        self._keeper.start()

    async def close(self) -> None:
        self.rest()
        await self._keeper.stop()

    def health(self) -> Health:
        return self._health

    def watch(self, wanted: frozenset[Kind], seen: Callable[[Seen], None]) -> None:
        self._seen = seen
        self._wish(wanted)

    def rest(self) -> None:
        self._seen = None
        self._wish(frozenset())

    def _wish(self, wanted: frozenset[Kind]) -> None:
        self._look = Look(wanted, self._look.number + 1)
        self._send()

    def _send(self) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(to_line(self._look))

    async def _keep(self) -> None:
        skip_present = False
        while True:
            end = await self._live(("--skip-present",) if skip_present else ())
            log.info("smartcard.restarted", reason=end.value)
            skip_present = True  # what has ended a process may well do so again
            if end is not _End.ENDED:
                self._deliver(Refused(Refusal.UNREADABLE))
            person = self._health.condition in (Condition.OUT, Condition.LATCHED) and end is _End.ENDED
            if not person:
                self._tell(_STARTING)
            await asyncio.sleep(PERSON_S if person else self._again)

    async def _live(self, options: tuple[str, ...]) -> _End:
        """One process from its start to its end."""
        pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._command, *options, stdin=pipe, stdout=pipe, stderr=nowhere, limit=LONGEST_LINE
        )
        assert process.stdout is not None, "it was asked for"
        self._process = process
        try:
            self._send()
            line = await _line(process.stdout, START_S)
            while line:
                self._hear(line)
                line = await _line(process.stdout, self._patience)
        except TimeoutError:
            return _End.HUNG
        except ValueError:  # NotOurs, or a line without an end (asyncio.StreamReader.readline)
            return _End.ODD
        finally:
            self._process = None
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)  # process.kill() may take the exit code before asyncio does
            await process.wait()
        return _End.ENDED

    def _hear(self, line: bytes) -> None:
        """Raises NotOurs."""
        match said_of(line):
            case Alive():
                pass
            case State(condition, fault, detail):
                self._tell(Health(condition, fault, detail))
            case Report(seen, number) if number == self._look.number:
                log.info("smartcard.seen", kind=seen.kind, reason=seen.reason.value if isinstance(seen, Refused) else "")
                self._deliver(seen)
            case Report():
                pass  # for somebody who has left

    def _deliver(self, seen: Seen) -> None:
        if self._seen is not None:
            self._seen(seen)

    def _tell(self, health: Health) -> None:
        if health != self._health:
            self._health = health
            log.info("smartcard.health", condition=health.condition.value, fault=health.fault, detail=health.detail)


async def _line(stream: asyncio.StreamReader, seconds: float) -> bytes:
    """Empty at the end. Raises TimeoutError. (asyncio.wait_for of Python 3.11 loses a cancellation that comes with a line.)"""
    async with asyncio.timeout(seconds):
        return await stream.readline()

"""A CardReader that is a process of its own, and the watchdog over it: what falls silent is killed and started again.

A command to a hung card never returns, and no thread can be made to give up (measured: no limit anywhere in PC/SC). Faults:
"smartcard-service-away", "smartcard-reader-away", "smartcard-left-in", "smartcard-not-installed", "smartcard-no-authority",
"smartcard-unsafe", "smartcard-bug", "smartcard-starting".
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

import structlog

from devices.health import Condition, Health
from devices.keeper import Keeper
from devices.own_process import AGAIN_S, Alive, End, State, run_watched, say
from devices.smartcards.messages import LONGEST_LINE, Look, Report, said_of, to_line
from devices.smartcards.port import Kind, Refusal, Refused, Seen

PATIENCE_S = 5.0
"""Silence, once it has spoken: it does four times a second, and after each answer. The slowest, an RSA signature, takes one."""
PERSON_S = 30.0
"""Before one that wants a person to act is: for the technician who has just acted."""

log = structlog.get_logger()

_STARTING = Health(Condition.BUSY, "smartcard-starting")


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
        say(self._process, to_line(self._look))

    async def _keep(self) -> None:
        skip_present = False
        while True:
            end = await self._live(("--skip-present",) if skip_present else ())
            log.info("smartcard.restarted", reason=end.value)
            skip_present = True  # what has ended a process may well do so again
            if end is not End.ENDED:
                self._deliver(Refused(Refusal.UNREADABLE))
            person = self._health.condition in (Condition.OUT, Condition.LATCHED) and end is End.ENDED
            if not person:
                self._tell(_STARTING)
            await asyncio.sleep(PERSON_S if person else self._again)

    async def _live(self, options: tuple[str, ...]) -> End:
        """One process from its start to its end."""
        return await run_watched(
            (*self._command, *options),
            self._talk_to,
            self._hear,
            patience=self._patience,
            longest=LONGEST_LINE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def _talk_to(self, process: asyncio.subprocess.Process | None) -> None:
        self._process = process
        say(process, to_line(self._look))

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

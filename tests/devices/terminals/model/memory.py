"""The journal, as much of it as the engine sees: what is committed outlives every process, and each commit may go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from domain.limits import Limits
from domain.money import Money
from domain.payment import IN_DOUBT, Attempt, Outcome, Result
from offline_queue.attempts import Found, State
from offline_queue.errors import DiskFull
from tests.devices.terminals.model.choices import Path
from tests.virtual_time import passes

OPEN, NOT_STARTED = "open", "not-started"
SLOW_S, TOO_SLOW_S = 7.0, 60.0
"""A commit for which a terminal waits if it is asked to, and one that takes longer than any terminal waits."""


@dataclass(slots=True)
class Row:
    """`state` is an Outcome's value, or OPEN or NOT_STARTED; `asked` whether the terminal was asked since its end is unknown."""

    attempt: Attempt
    state: str = OPEN
    result: Result | None = None
    asked: bool = False
    by: int = 0
    """The number of the process that settled it."""
    ended: bool = False
    """The driver has come to the end of its sale."""
    doubted: bool = False
    """An approval that the terminal's last word went against, and people are told so."""


@dataclass
class Disk:
    """What is committed, oldest attempt first."""

    rows: dict[str, Row] = field(default_factory=dict)

    def newest(self) -> Row | None:
        return next(reversed(self.rows.values()), None)

    def frozen(self) -> object:
        return tuple(
            (row.attempt, row.state, row.result, row.asked, row.by, row.ended, row.doubted) for row in self.rows.values()
        )


class Process(Protocol):
    """What commits belong to (house.House)."""

    @property
    def processes(self) -> int:
        """Its number."""

    def dies(self) -> None: ...

    def impatient(self) -> None: ...

    async def alive(self) -> None: ...


class Memory:
    """One process's hold on the disk. The same rules as offline_queue.attempts: a result is settled once, only UNKNOWN may
    become known, an approval come into doubt, and another second word is refused."""

    def __init__(self, disk: Disk, path: Path, process: Process) -> None:
        self._disk = disk
        self._path = path
        self._process = process

    async def open_attempt(self, attempt: Attempt, limits: Limits | None) -> None:
        await self._commits("attempt is committed", "fails", "crash before")
        assert attempt.id not in self._disk.rows
        self._disk.rows[attempt.id] = Row(attempt)
        await self._committed("attempt is committed")

    async def settle(self, attempt_id: str, result: Result) -> None:
        await self._commits("result is committed", "fails", "slow", "too slow", "crash before")
        row = self._disk.rows[attempt_id]
        if result.outcome.money_moved:
            assert result.amount.minor > 0
        if row.state == Outcome.APPROVED and (result.outcome, result.reason) == (Outcome.UNKNOWN, IN_DOUBT):
            row.doubted = True
            return
        if row.state not in (OPEN, Outcome.UNKNOWN):
            assert (row.state, row.result and row.result.amount) == (result.outcome, result.amount), "result contradicted"
            return
        row.state, row.result, row.by = result.outcome.value, result, self._process.processes

    async def not_started(self, attempt_id: str, fault: str) -> None:
        await self._commits("no sale is committed", "fails", "crash before")
        row = self._disk.rows[attempt_id]
        assert row.state in (OPEN, NOT_STARTED), "result contradicted"
        row.state = NOT_STARTED

    async def to_inquire(self) -> Found | None:
        newest = self._disk.newest()
        unknown = newest is not None and newest.state in (OPEN, Outcome.UNKNOWN)
        return Found(newest.attempt, State(newest.state), newest.result, fault="") if newest and unknown else None

    async def taken_under(self, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]:
        raise AssertionError("no day ends here")

    async def _commits(self, what: str, *faults: str) -> None:
        await self._process.alive()
        match self._path.choose(what, "well", *faults):
            case "fails":
                raise DiskFull
            case "crash before":
                self._process.dies()
            case "slow":
                await passes(SLOW_S)
                if self._path.choose(f"{what} slowly", "well", "fails") == "fails":
                    raise DiskFull
            case "too slow":
                self._process.impatient()
                await passes(TOO_SLOW_S)
        await self._process.alive()

    async def _committed(self, what: str) -> None:
        """A crash after the commit of a result is one before whatever is sent next; after this one nothing is sent for it."""
        if self._path.choose(f"{what}, then", "well", "crash") == "crash":
            self._process.dies()
        await self._process.alive()

"""A device that is a process of its own, because what it waits for may never come back: the watchdog over it, and its own side.

Both sides write JSON lines. The process speaks several times a second; what falls silent or talks nonsense is killed.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from devices.health import Condition

START_S = 20.0
"""Until a new process has said its first word: it imports for a second, more on a busy machine."""
AGAIN_S = 1.0
"""Before a process that was killed or fell is started again."""

NOTHING_TOLD: Mapping[str, str] = MappingProxyType({})

_ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4

Message = TypeVar("Message")


class End(Enum):
    """How a process came to its end: it fell silent, it ended by itself, it said what none of us would, it never began because
    the system had no room for it."""

    HUNG = "hung"
    ENDED = "ended"
    ODD = "odd"
    NOT_BEGUN = "not-begun"


@dataclass(frozen=True, slots=True)
class Alive:
    """From the process: neither it nor one of its threads is stuck. Said several times a second."""

    kind: Literal["alive"] = "alive"


@dataclass(frozen=True, slots=True)
class State:
    """From the process: how its device is (devices.health.Health), whenever that changes."""

    condition: Condition
    fault: str = ""
    detail: str = ""
    kind: Literal["state"] = "state"


FORGETTING = ConfigDict(cache_strings="keys")
"""For who reads lines (law 10): pydantic would keep their short strings, codes and names among them, until the process ends."""


class NotOurs(ValueError):
    """A line that none of us would write."""


def read_line(kind: TypeAdapter[Message], line: bytes, longest: int) -> Message:
    """The message in a line of at most `longest` bytes. Raises NotOurs."""
    if len(line) > longest:
        raise NotOurs("too long")
    try:
        return kind.validate_json(line)
    except ValidationError as error:
        raise NotOurs("not a message") from error


def say(process: asyncio.subprocess.Process | None, line: bytes) -> None:
    """To a process that hears; nothing where there is none, or none any more: a new one is told when it begins."""
    if process is not None and process.stdin is not None and not process.stdin.is_closing():
        process.stdin.write(line)


async def run_watched(
    command: Sequence[str],
    talk: Callable[[asyncio.subprocess.Process | None], None],
    hear: Callable[[bytes], None],
    *,
    patience: float,
    longest: int,
    stderr: int | None = None,
    told: Mapping[str, str] = NOTHING_TOLD,
) -> End:
    """One process from its start to its end; nothing of it is left after. `talk` gets it, to write to, and None when it is over;
    `hear` each line that it says, of at most `longest` bytes, and raises NotOurs; whatever else that raises is our own bug, and
    goes on up. `patience` is the longest silence in seconds. `told` is what it finds in its environment: an argument is
    everybody's to read.
    """
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, **told, "PYTHONPATH": str(_ROOT)}  # its modules are ours, wherever the kiosk was started
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=stderr, limit=longest, env=environment
        )
    except OSError:
        return End.NOT_BEGUN
    assert process.stdout is not None, "it was asked for"
    try:
        talk(process)
        line = await _line(process.stdout, START_S)
        while not isinstance(line, End):
            try:
                hear(line)
            except NotOurs:
                return End.ODD
            line = await _line(process.stdout, patience)
        return line
    finally:
        talk(None)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # process.kill() may take the exit code before asyncio does
        await _reaped(process)


async def _reaped(process: asyncio.subprocess.Process) -> None:
    """Waits for one that was killed, however often its task is cancelled meanwhile: asyncio would keep it as one that runs."""
    cancelled = False
    while process.returncode is None:
        try:
            await process.wait()
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


async def _line(stream: asyncio.StreamReader, seconds: float) -> bytes | End:
    """The next, or how it came to its end. (asyncio.wait_for of Python 3.11 loses a cancellation that comes with a line.)"""
    try:
        async with asyncio.timeout(seconds):
            return await stream.readline() or End.ENDED
    except TimeoutError:
        return End.HUNG
    except ValueError:  # a line without an end (asyncio.StreamReader.readline)
        return End.ODD


def leave_nothing() -> None:
    """The process's first act: from now on it has no core dump, no other process of the user may look into it, and it ends with
    its parent."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for option, value in ((_PR_SET_DUMPABLE, 0), (_PR_SET_PDEATHSIG, signal.SIGKILL)):
        if prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")

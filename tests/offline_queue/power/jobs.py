"""What a victim is told to do, and what its disk does to it; and the process that runs the victims."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from enum import IntEnum, IntFlag, StrEnum
from pathlib import Path
from unittest import mock

import pytest

from offline_queue import ballast

TREE = Path(__file__).parents[3]


def small_ballast() -> AbstractContextManager[object]:
    """Two pieces of ballast instead of 32: a thousand starts that each write 4 MiB would show nothing more."""
    return mock.patch.object(ballast, "BALLAST_BYTES", 256 * 1024)


class Calls(IntFlag):
    """The kinds of system calls, by the bits of shim.c's `enum what`."""

    OPEN = 1 << 2
    WRITE = 1 << 4
    RESIZE = 1 << 5
    SYNC = 1 << 6
    UNLINK = 1 << 7
    RENAME = 1 << 8
    MKDIR = 1 << 9
    READ = 1 << 10
    CUT = 1 << 11
    CHANGING = OPEN | WRITE | RESIZE | SYNC | UNLINK | RENAME | MKDIR | CUT
    ALL = CHANGING | READ


class Then(IntEnum):
    """What becomes of the call, as in shim.c's `enum action`."""

    NOTHING = 0
    FAIL = 1
    KILL = 2
    """SIGKILL, and the call is not made."""
    TEAR = 3
    """Half of the write is made, then SIGKILL."""
    SHORT = 4
    """Half of the write is made, and its caller is told so."""


@dataclass(frozen=True, slots=True)
class Fault:
    """At the `call`-th (from 1) of the `calls`, and at all after it when `always`: `then`, with errno `error` when it fails."""

    call: int = 0
    calls: Calls = Calls.ALL
    then: Then = Then.NOTHING
    error: int = 0
    always: bool = False


class Ending(StrEnum):
    """How a start of the kiosk ends: its memory CLOSED as at an orderly stop, or not at all."""

    CLOSED = "closed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Job:
    """One start of the kiosk whose memory is `root`/memory: `payments`, and after every `deliver_every`-th of them what waits is
    delivered. System calls are logged to the file `log` unless that is empty."""

    root: str
    seed: int
    number: int
    payments: int
    ending: Ending = Ending.CLOSED
    deliver_every: int = 3
    log: str = ""
    careless: bool = False
    fault: Fault = Fault()

    def write(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> Job:
        words = json.loads(line)
        words["ending"] = Ending(words["ending"])
        words["fault"] = Fault(**words["fault"])
        return cls(**words)


@dataclass(frozen=True, slots=True)
class Done:
    """How it ended: 0, the exit status of a bug, or minus the signal; and how many calls the fault could have been at."""

    status: int
    matched: int | None


class Victims:
    """Runs jobs, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, job: Job) -> Done:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(job.write() + "\n")
        self._process.stdin.flush()
        return Done(**json.loads(self._process.stdout.readline()))


@contextmanager
def victims(folder: Path) -> Iterator[Victims]:
    """Compiles the shim into `folder` and starts a process under it; skips the test where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler (cc, gcc): the disk cannot be watched")
    library = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True
    )
    # what a victim runs is measured by other tests: under coverage it would take twice the time
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.offline_queue.power.victim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=TREE,
        env=environment | {"LD_PRELOAD": str(library)},
    ) as process:
        yield Victims(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0

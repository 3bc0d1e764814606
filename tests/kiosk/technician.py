"""`main.py terminal` as a process of its own, against the simulator's: what a technician types, reads, interrupts and kills."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.terminals.simulator.books import open_books
from devices.terminals.uris import machine_time
from tests.devices.terminals.simulated import PATIENT
from tests.kiosk.installation import LIMIT_S, ROOT


def sold_before(folder: Path) -> Path:
    """Books of a terminal that has sold before, none of it now: a new one cannot say which sale was its last (no baseline)."""
    books = open_books(folder / "books.json", machine_time)
    books.charge(500, "VISA", "400000eeeeee0000")
    books.standing.clear()
    books.save()
    return folder / "books.json"


@dataclass
class Said:
    """What a command ended with."""

    code: int
    lines: list[str]
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.lines[-1])
        return found

    @property
    def sentence(self) -> str:
        """The one line on stderr of a known failure."""
        (line,) = self.err.splitlines()
        assert line.startswith("lobbypay: ")
        assert self.code == 1
        return line.removeprefix("lobbypay: ")


class Working:
    """A command at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, word: str) -> str:
        """The next line with that word in it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            async for line in self.process.stdout:
                self.lines.append(line.decode().rstrip("\n"))
                if word in self.lines[-1]:
                    return self.lines[-1]
        raise AssertionError(f"it ended and never said {word}")

    def interrupt(self, how: signal.Signals = signal.SIGINT) -> None:
        self.process.send_signal(how)

    async def end(self) -> Said:
        async with asyncio.timeout(LIMIT_S):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return Said(self.process.returncode, [*self.lines, *out.decode().splitlines()], err.decode())


@dataclass
class Technician:
    """Somebody at a command line in `folder`, with a terminal at `port`."""

    folder: Path
    port: str
    options: str = PATIENT
    before: list[str] = field(default_factory=list)
    """Options before the verb."""

    @property
    def uri(self) -> str:
        return f"zvt+serial://{self.port}?{self.options}"

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "lobbypay" / "terminal.db"

    @contextlib.asynccontextmanager
    async def typing(self, *words: str) -> AsyncIterator[Working]:
        """`lobbypay terminal --uri ... --json WORDS` until the block ends, then killed if it still runs."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, ROOT / "main.py", "terminal", "--uri", self.uri, *self.before, *words,
            cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe,
            env=os.environ | {"XDG_STATE_HOME": str(self.folder / "state"), "COLUMNS": "200", "NO_COLOR": "1"},
        )  # fmt: skip
        try:
            yield Working(process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    async def types(self, *words: str) -> Said:
        async with self.typing(*words) as working:
            return await working.end()

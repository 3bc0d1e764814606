"""A kiosk on disk as a technician leaves it: settings, password, data folder; and its commands as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.offline_queue.world import World, enrolled

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
"""For anything that a child is waited for: a cold start on a busy machine takes some seconds."""

SETTINGS = """\
[kiosk]
name = "lobby-1"
data = "data"
zone = "America/New_York"

[site]
name = "St. Brendan"
desk = {{ en = "the desk by the door", es = "la mesa junto a la puerta" }}
phone = "555-0100"
answer_days = 3
currency = "USD"
languages = ["es", "en"]
check_host = "PAY.HOSPITAL.EXAMPLE:8443"

[hub]
url = "https://127.0.0.1:1"
ca_file = ""

[terminal]
uri = "zvt+serial://{folder}/no-terminal?baud=115200"
password_file = "password"
day_ends_at = 03:30:00
capture = false

[scanner]
uri = "camera:{folder}/no-camera"

[printer]
uri = "escpos+tcp://127.0.0.1:1"

[billers]
profiles = ["lobbypay-link", "lobbypay-number"]
payees = []

[offline]
payment = 20000
total = 100000
count = 40
age_hours = 72

[pace]
idle_s = 60
warning_s = 20
thanks_s = 15

[screen]
motion = true
windowed = false

[staff]
pin_hash = ""
"""
"""Nothing answers at any of these addresses: what is tried here has to bear that. Paths are from where the command is called."""


class Installation:
    """In `folder`, with nothing enrolled yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "kiosk.toml"
        self.data = folder / "data"
        self.password = folder / "password"
        self.config.write_text(SETTINGS.format(folder=folder), encoding="utf-8")
        self.password.write_text("123456\n", encoding="ascii")

    def amend(self, old: str, new: str) -> None:
        text = self.config.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    async def enrol(self) -> None:
        """As if a hub had taken it in."""
        journal, client, _ = await enrolled(World(), self.data)
        await client.close()
        await journal.close()


class Command:
    """One `main.py` at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []

    async def ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            line = await self.process.stdout.readline()
        found: dict[str, Any] = json.loads(line)["ready"]
        return found

    async def event(self, name: str) -> dict[str, Any]:
        """The next log line of that name."""
        assert self.process.stderr is not None
        async with asyncio.timeout(LIMIT_S):
            async for line in self.process.stderr:
                if line.startswith(b"{"):
                    self.events.append(json.loads(line))
                    if self.events[-1]["event"] == name:
                        return self.events[-1]
        raise AssertionError(f"it ended and never said {name}")

    async def end(self, typed: str | None = None) -> tuple[int, str, str]:
        """Waits for it to end; its exit code, and what is left of its standard output and error."""
        async with asyncio.timeout(LIMIT_S):
            out, err = await self.process.communicate(None if typed is None else typed.encode())
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()

    async def sentence(self, typed: str | None = None) -> str:
        """What a command that fails says: one line on stderr, and exit code 1. Log lines do not count."""
        code, out, err = await self.end(typed)
        lines = [line for line in err.splitlines() if not line.startswith("{")]
        assert (code, out, len(lines)) == (1, "", 1), (code, out, err)
        return lines[0].removeprefix("lobbypay: ")


@contextlib.asynccontextmanager
async def kiosk(place: Installation, *options: str) -> AsyncIterator[Command]:
    """`main.py kiosk` until the block ends, then killed if it still runs, and all that it started with it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "main.py", "kiosk", "--config", place.config, *options,
        cwd=place.folder, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True,
    )  # fmt: skip
    try:
        yield Command(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await process.communicate()


def children(pid: int) -> dict[str, int]:
    """The processes that `pid` started, by what they are: "engine" or "ui"."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        found["engine" if b"--part" in words else "ui"] = int(child)
    return found

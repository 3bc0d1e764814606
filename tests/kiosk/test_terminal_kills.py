"""kill -9 at every commit of a technician's payment and in between: the same id never charges again, and loses no charge."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest

from tests.devices.terminals.simulated import Simulator, simulator
from tests.kiosk.installation import LIMIT_S, ROOT
from tests.kiosk.technician import Said, Technician, sold_before

DYING = """
import os, signal, sys
sys.path.insert(0, sys.argv.pop(1))
where, when = sys.argv.pop(1).split(":")
from kiosk.terminal_journal import TerminalJournal
from kiosk.terminal_voice import Voice

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def dying(method):
    def call(*arguments, **named):
        if when == "before":
            die()
        method(*arguments, **named)
        die()
    return call

def step(voice, step):
    if step.value == when:
        die()

if where == "step":
    Voice.step = step
else:
    setattr(TerminalJournal, where, dying(getattr(TerminalJournal, where)))
import main
sys.exit(main.main())
"""
"""`main.py`, killed at a place that its second argument names."""

PLACES = (
    "open_attempt:before",
    "open_attempt:after",
    "step:insert-card",
    "step:reading",
    "step:wait",
    "settle:before",
    "settle:after",
    "step:remove-card",
    "close:before",
)


@pytest.mark.parametrize("place", PLACES)
async def test_killed_at(place: str, tmp_path: Path) -> None:
    async with simulator(tmp_path, "--books", str(sold_before(tmp_path)), "--answer-ms", "500") as terminal:
        technician = Technician(tmp_path, str(tmp_path / "tty"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", DYING, str(ROOT), place, "terminal", "--uri", technician.uri, "pay", "12.34", "--attempt", "A1",
            "--journal", str(technician.journal), cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            assert await process.wait() == -9
        first = await _paid_again(technician, terminal)
        if place == "open_attempt:before":
            assert first.last["outcome"] == "approved", "nothing had been promised yet: this was the first time"
        if place in ("settle:after", "step:remove-card", "close:before"):
            assert (first.last["outcome"], len(first.json)) == ("approved", 1), "it was in the journal already"


@pytest.mark.parametrize("seed", range(2))
async def test_killed_at_any_moment(seed: int, tmp_path: Path) -> None:
    delay = random.Random(seed).uniform(0, 0.4)
    async with simulator(
        tmp_path, "--books", str(sold_before(tmp_path)), "--answer-ms", "500", "--card-delay-ms", "100", "--bank-ms", "100"
    ) as terminal:
        technician = Technician(tmp_path, str(tmp_path / "tty"))
        async with technician.typing("pay", "12.34", "--attempt", "A1") as paying:
            await paying.until("A1")
            asyncio.get_running_loop().call_later(delay, paying.process.kill)
            await paying.end()
        await _paid_again(technician, terminal)


async def _paid_again(technician: Technician, terminal: Simulator) -> Said:
    """The same id once more: what stands charged and what is said agree, and a third time changes neither."""
    first = await technician.types("pay", "12.34", "--attempt", "A1", "--json")
    charged = await terminal.totals()
    assert charged["count"] <= 1
    if first.last["outcome"] == "approved":
        assert [charge["receipt"] for charge in charged["charges"]] == [first.last["receipt"]]
    else:
        assert first.last["outcome"] == "unknown" or charged["count"] == 0, "a charge was called off that stands"
    again = await technician.types("pay", "12.34", "--attempt", "A1", "--json")
    assert again.last == first.last
    assert await terminal.totals() == charged
    return first

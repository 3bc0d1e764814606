"""The one that keeps a kiosk's two processes running: what falls comes back, what cannot run is not tried for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk import keeper
from kiosk.keeper import KNOWN_FAILURE, keep_running
from tests.devices.simulator_process import until
from tests.kiosk.installation import Installation, children, kiosk


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "AGAIN_S", 0.01)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


def notes(diary: Path) -> list[str]:
    return diary.read_text(encoding="ascii").split()


STAYS = "exec sleep 60"


def script(diary: Path, name: str, then: str) -> list[str]:
    """A process that writes its name into the diary, and then..."""
    return ["sh", "-c", f"echo {name} >> {diary}; {then}"]


def falling(diary: Path, name: str, code: int, says: str = "") -> list[str]:
    """One that falls twice with that exit code, and stays the third time; it says something first, or nothing."""
    speak = f"echo {says}; " if says else ""
    return script(diary, name, f"{speak}test $(grep -c {name} {diary}) -ge 3 && {STAYS}; exit {code}")


@contextlib.asynccontextmanager
async def keeping(engine: list[str], ui: list[str]) -> AsyncIterator[asyncio.Task[int]]:
    """Until the block ends, by SIGTERM if it has not ended before."""
    running = asyncio.create_task(keep_running(engine, ui))
    try:
        yield running
    finally:
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        assert await running in (0, KNOWN_FAILURE)
        for stop in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(stop)


async def test_what_falls_comes_back(diary: Path) -> None:
    async with keeping(falling(diary, "engine", 70, says="ready"), falling(diary, "ui", 1)):
        await until(lambda: sorted(notes(diary)) == ["engine"] * 3 + ["ui"] * 3)
    assert notes(diary)[0] == "engine"


async def test_the_ui_waits_for_the_engine(diary: Path) -> None:
    async with keeping(falling(diary, "engine", 70), script(diary, "ui", STAYS)):
        await until(lambda: len(notes(diary)) == 3)
    assert notes(diary) == ["engine"] * 3


async def test_a_failure_that_starting_again_does_not_mend_ends_it_all(diary: Path) -> None:
    async with keeping(script(diary, "engine", f"echo ready; exit {KNOWN_FAILURE}"), script(diary, "ui", STAYS)) as running:
        assert await asyncio.wait_for(running, 30) == KNOWN_FAILURE
    assert notes(diary).count("engine") == 1


async def test_asked_to_end_it_ends_what_it_started(diary: Path) -> None:
    gentle = f"trap 'echo bye >> {diary}; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    async with keeping(script(diary, "engine", gentle), script(diary, "ui", gentle)) as running:
        await until(lambda: len(notes(diary)) == 2)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
    assert notes(diary).count("bye") == 2


async def test_what_does_not_end_when_asked_is_killed(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "END_S", 0.1)
    deaf = f"trap '' TERM; echo $$ >> {diary}; echo ready; while :; do sleep 0.05; done"
    async with keeping(script(diary, "engine", deaf), script(diary, "ui", STAYS)):
        await until(lambda: len(notes(diary)) >= 2)
        pid = int(notes(diary)[1])
    assert not Path(f"/proc/{pid}").exists()


async def test_a_whole_kiosk_survives_the_death_of_either_part(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    await place.enrol()
    async with kiosk(place) as command:
        pid = command.process.pid
        await command.event("ui.connected")
        before = children(pid)
        os.kill(before["ui"], signal.SIGKILL)
        await command.event("ui.lost")
        await command.event("ui.connected")
        os.kill(before["engine"], signal.SIGKILL)
        await command.event("engine.started")
        await command.event("ui.connected")
        after = children(pid)
        assert after.keys() == before.keys() == {"engine", "ui"}
        assert not set(after.values()) & set(before.values())
        command.process.send_signal(signal.SIGTERM)
        code, _, _ = await command.end()
    assert code == 0
    assert not any(Path(f"/proc/{child}").exists() for child in after.values())

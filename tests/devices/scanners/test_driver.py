"""The watchdog over a camera's process: what hangs, falls or talks nonsense is replaced, and who watches goes on watching."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from devices.health import Condition, Health
from devices.own_process import State
from devices.scanners.driver import CameraProcess
from devices.scanners.handheld import NOTHING
from devices.scanners.messages import LONGEST_LINE, Look, Report, look_of, said_of, to_line
from devices.scanners.port import NO_PICTURE, Code, Hint, Sighting, View
from tests.devices.simulator_process import LIMIT_S, until
from tests.log_watch import LogWatch

BILL = Code("QRCode", "ABC\u0000\u4e2d")
VIEW = View((1280, 720), (Sighting(BILL, ((1, 2), (3, 4), (5, 6), (7, 8))),), frozenset({BILL}), Hint.GLARE)

ECHOING = """
import sys
from devices.scanners.messages import *
def say(message):
    sys.stdout.buffer.write(to_line(message)); sys.stdout.flush()
say(State("ready"))
for line in sys.stdin.buffer:
    number = look_of(line).number
    say(Report(View((number, 1), (), frozenset(), None), number))
"""
"""A camera whose views are as wide as the number of the look that they are for."""


def scripted(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def saying(line: bytes, then: str, times: int = 1) -> tuple[str, ...]:
    return scripted(f"import os, sys, time; sys.stdout.buffer.write({line!r} * {times}); sys.stdout.flush(); {then}")


@asynccontextmanager
async def opened(
    command: Sequence[str], patience: float = LIMIT_S, again: Sequence[float] = (0.0,)
) -> AsyncIterator[tuple[CameraProcess, asyncio.Queue[View]]]:
    """It watches already, and what it sees is in the queue."""
    camera, seen = CameraProcess(command, patience, again), asyncio.Queue[View]()
    camera.watch(seen.put_nowait)
    await camera.open()
    try:
        yield camera, seen
    finally:
        await camera.close()


async def first(seen: asyncio.Queue[View]) -> View:
    async with asyncio.timeout(LIMIT_S):
        return await seen.get()


async def test_a_watch_that_began_before_the_process_is_served_and_the_next_one_as_its_own() -> None:
    async with opened(scripted(ECHOING)) as (camera, seen):
        assert await first(seen) == View((1, 1), (), frozenset(), None)
        assert camera.health() == Health(Condition.READY)
        camera.rest()
        other = asyncio.Queue[View]()
        camera.watch(other.put_nowait)
        assert (await first(other)).size == (2, 1)
        assert seen.empty()
    assert camera.health() == Health(Condition.AWAY, "camera-away")


async def test_a_view_for_somebody_who_has_left_is_told_to_nobody() -> None:
    seen = list[View]()
    camera = CameraProcess(("nothing",))
    camera.watch(seen.append)
    camera.rest()
    camera.watch(seen.append)
    for number in (1, 0, 2):
        camera._hear(to_line(Report(VIEW, number)))
    camera.rest()
    camera._hear(to_line(Report(VIEW, 0)))
    assert seen == [VIEW]


async def test_a_process_that_falls_is_a_fault_and_what_it_saw_is_gone_and_the_next_one_watches_on(log_watch: LogWatch) -> None:
    async with opened(scripted(ECHOING)) as (camera, seen):
        await first(seen)
        process = camera._process
        assert process is not None
        os.kill(process.pid, signal.SIGSEGV)
        assert await first(seen) == NOTHING
        assert (await first(seen)).size == (1, 1)
        assert camera.health() == Health(Condition.READY)
    told = [(event["condition"], event["fault"], event["detail"]) for event in log_watch.events]
    assert told == [("ready", "", ""), ("away", "camera-fallen", "ended"), ("ready", "", "")]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (saying(b'{"kind":"alive"}\n', "time.sleep(3600)"), "hung"),
        (saying(b'{"kind":"alive"}\n', "os.kill(os.getpid(), 11)"), "ended"),
        (saying(b"hello\n", "time.sleep(3600)"), "odd"),
        (saying(b'{"kind":"report","number":1,"view":{}}\n', "time.sleep(3600)"), "odd"),
        (saying(b'{"kind":"state","condition":"splendid"}\n', "time.sleep(3600)"), "odd"),
        (saying(b"x", "time.sleep(3600)", times=2 * LONGEST_LINE + 1), "odd"),
        (("a command that is not there",), "not-begun"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_how_it_came_to_its_end_is_told(command: tuple[str, ...], why: str) -> None:
    async with opened(command, patience=0.2, again=(3600.0,)) as (camera, _):
        await until(lambda: camera.health() == Health(Condition.AWAY, "camera-fallen", why))
        assert camera._process is None


async def test_where_its_bug_was_stays_told_until_it_works_again() -> None:
    bug = to_line(State(Condition.AWAY, "camera-bug", "KeyError camera.py:7"))
    async with opened(saying(bug, "sys.exit(1)"), again=(3600.0,)) as (camera, seen):
        assert await first(seen) == NOTHING
        assert camera.health() == Health(Condition.AWAY, "camera-bug", "KeyError camera.py:7")


@pytest.mark.parametrize(
    ("state", "pauses"), [(State(Condition.AWAY, "camera-away"), [1.0, 2.0, 5.0, 5.0]), (State(Condition.READY), [1.0] * 4)]
)
async def test_one_that_falls_again_and_again_is_given_time_unless_it_worked(
    state: State, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept, enough = list[float](), asyncio.Event()

    async def pause(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == len(pauses):
            enough.set()

    monkeypatch.setattr(asyncio, "sleep", pause)
    async with opened(saying(to_line(state), "sys.exit(0)"), again=(1.0, 2.0, 5.0)), asyncio.timeout(LIMIT_S):
        await enough.wait()
    assert slept[: len(pauses)] == pauses


async def test_closing_ends_the_process() -> None:
    async with opened(scripted(ECHOING)) as (camera, seen):
        await first(seen)
        process = camera._process
        assert process is not None
    assert process.returncode is not None
    camera.watch(seen.put_nowait)  # nobody is there to hear it


async def test_what_is_said_arrives_as_it_was_said() -> None:
    assert said_of(to_line(Report(VIEW, 7))) == Report(VIEW, 7)
    assert said_of(to_line(State(Condition.LOW, "camera-low-resolution", "640x480"))).kind == "state"
    assert look_of(to_line(Look(3))) == Look(3)


async def test_a_page_full_of_the_largest_codes_is_one_without_any() -> None:
    codes = [Code("QRCode", f"{chr(number)}\x01" * 1400) for number in range(65, 80)]
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    view = View((1920, 1080), tuple(Sighting(code, corners) for code in codes), frozenset(codes), None)
    line = to_line(Report(view, 1))
    assert len(line) < LONGEST_LINE
    assert said_of(line) == Report(View((1920, 1080), (), frozenset(), None), 1)
    assert view.size != NO_PICTURE


async def test_a_bug_of_who_watches_is_ours_and_not_the_camera_s() -> None:
    """It reaches the loop's handler, which ends the engine; the camera is not blamed and started again."""
    bugs = asyncio.Queue[BaseException | None]()
    asyncio.get_running_loop().set_exception_handler(lambda _, what: bugs.put_nowait(what.get("exception")))

    def fails(view: View) -> None:
        raise ValueError("a visit's own")

    camera = CameraProcess(scripted(ECHOING), LIMIT_S)
    camera.watch(fails)
    await camera.open()
    async with asyncio.timeout(LIMIT_S):
        bug = await bugs.get()
    assert str(bug) == "a visit's own"
    assert camera.health().fault != "camera-fallen"
    await camera.close()

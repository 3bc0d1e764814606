"""How an engine's process ends: gently when asked, by a known failure, or by a bug that does not go unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from kiosk.engine_process import BUG, _say_ready, _until_asked
from kiosk.promptness import SWITCH_S
from offline_queue.errors import DiskFull, ResultContradicted
from tests.log_watch import LogWatch

Runs = Callable[[], Coroutine[None, None, None]]


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what the engine changes."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


async def in_a_task() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(broken())
        group.create_task(forever())


async def broken() -> None:
    async with asyncio.TaskGroup():
        raise ZeroDivisionError("Ada Byrne")


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def in_a_callback() -> None:
    asyncio.get_running_loop().call_soon(int, "Ada Byrne")
    await forever()


async def in_a_thread() -> None:
    threading.Thread(target=int, args=("Ada Byrne",), name="camera-read").start()
    await forever()


@pytest.mark.parametrize(
    ("bug", "kind"), [(in_a_task, "ZeroDivisionError"), (in_a_callback, "ValueError"), (in_a_thread, "ValueError")]
)
async def test_a_bug_anywhere_ends_the_process_and_is_journalled_without_its_words(
    bug: Runs, kind: str, log_watch: LogWatch
) -> None:
    log_watch.expect("engine.bug")
    with pytest.raises(SystemExit) as ended:
        await _until_asked(bug(), lambda: None)
    assert ended.value.code == BUG != 1
    (event,) = log_watch.events
    assert event["kind"] == kind
    assert "Ada" not in str(event)
    if bug is in_a_task:
        assert "test_engine_process.py:" in event["where"]


def test_a_started_engine_has_its_loop_handed_the_interpreter_soon(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switched, frozen = list[float](), list[bool]()
    monkeypatch.setattr(sys, "setswitchinterval", switched.append)
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    _say_ready("lobby-1", Path("ui.sock"))
    assert switched == [SWITCH_S]
    assert frozen == [True]
    assert json.loads(capsys.readouterr().out)["ready"]["socket"] == "ui.sock"


async def test_a_loop_that_complains_without_an_exception_is_a_bug_too(log_watch: LogWatch) -> None:
    log_watch.expect("engine.bug")

    async def complains() -> None:
        asyncio.get_running_loop().call_exception_handler({"message": "a socket was left open"})
        await forever()

    with pytest.raises(SystemExit):
        await _until_asked(complains(), lambda: None)


async def test_a_thread_without_a_name_is_heard_too(log_watch: LogWatch) -> None:
    log_watch.expect("engine.bug")

    async def gone() -> None:
        threading.excepthook(threading.ExceptHookArgs((ValueError, ValueError("x"), None, None)))
        await forever()

    with pytest.raises(SystemExit):
        await _until_asked(gone(), lambda: None)


async def test_a_disk_that_fails_is_known(log_watch: LogWatch) -> None:
    async def fails() -> None:
        async with asyncio.TaskGroup():
            raise DiskFull("SQLITE_FULL")

    with pytest.raises(DiskFull):
        await _until_asked(fails(), lambda: None)
    assert log_watch.events == []


async def test_a_bug_beside_a_failing_disk_is_a_bug(log_watch: LogWatch) -> None:
    log_watch.expect("engine.bug")

    async def fails() -> None:
        raise ExceptionGroup("both", [DiskFull(), ResultContradicted()])

    with pytest.raises(SystemExit):
        await _until_asked(fails(), lambda: None)
    assert [event["kind"] for event in log_watch.events] == ["ResultContradicted"]


async def test_signals_are_heard_before_anybody_is_told_that_we_are_up() -> None:
    with contextlib.ExitStack() as stack:
        stack.callback(asyncio.get_running_loop().remove_signal_handler, signal.SIGTERM)
        stack.callback(asyncio.get_running_loop().remove_signal_handler, signal.SIGINT)
        await _until_asked(forever(), lambda: os.kill(os.getpid(), signal.SIGTERM))

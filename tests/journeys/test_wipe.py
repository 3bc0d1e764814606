"""After a visit the patient's name and birth date are in no memory of engine or face, nothing else of the bill in the face's, and
the code that was scanned in none of theirs nor of the camera's process.

It covers what is held: the processes run with an allocator that overwrites what they free; on a kiosk, that is overwritten when
it is used again. It does not cover the compositor; nor the pictures that the camera's process has seen, of which no words can be
looked for; nor, in the engine, the numbers of the bill that was paid, which its journal keeps (law 6) and SQLite holds bound to
its statements.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.tree import ROOT
from demo.world import World
from hub.bills import Bill
from tests.journeys.hall import Hall
from tests.journeys.memory import OVERWRITING, found_in_memory
from tests.journeys.visitor import Visitor
from tests.waiting import until

PATIENCE_S = 20.0
TELLING = 6
"""Letters: a shorter name, as Ng, is in any memory by chance."""

pytestmark = pytest.mark.xdist_group("journeys")


@pytest.fixture
def bill(kiosk: Hall) -> Bill:
    """One whose patient's name can be looked for."""
    return next(bill for bill in iter(kiosk.bill, None) if len(bill.statement.guarantor_name) >= TELLING)


@pytest.fixture
def engine(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The process of an engine that overwrites what it frees."""
    with monkeypatch.context() as patch:
        for name, value in OVERWRITING.items():
            patch.setenv(name, value)
        world.engine.stop()
        world.start_engine()
    yield world.engine.wait_ready()["pid"]
    world.engine.stop()
    world.start_engine()


@pytest.fixture
def face(world: World, engine: int) -> Iterator[int]:
    """The same of a face."""
    environment = os.environ | OVERWRITING | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "ui", "--socket", str(world.socket), "--windowed"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        yield process.pid
        process.terminate()


def camera_of(engine: int) -> int:
    """The process in which the engine's camera looks."""
    children = Path(f"/proc/{engine}/task/{engine}/children").read_text().split()
    return next(int(child) for child in children if b"kiosk.camera_process" in Path(f"/proc/{child}/cmdline").read_bytes())


def left_in(pid: int, *words: str) -> set[str]:
    """What of them is there after as long as a process may need to forget."""
    end = time.monotonic() + PATIENCE_S
    while (left := found_in_memory(pid, words)) and time.monotonic() < end:
        continue
    return left


def test_a_patient_who_has_left_is_forgotten(kiosk: Hall, world: World, engine: int, face: int, bill: Bill) -> None:
    statement = bill.statement
    person = (statement.guarantor_name, bill.birth_date.isoformat())
    shown = (statement.guarantor_name, f"ending in {bill.numbered_text[-4:]}")
    with Visitor(world.socket) as visitor:
        kiosk.to_statement(visitor, bill)
        until(lambda: found_in_memory(face, shown) == set(shown))
        assert statement.guarantor_name in found_in_memory(engine, person)
        camera = camera_of(engine)
        visitor.touch("pay")
        kiosk.taps()
        visitor.wait("approved")
        visitor.press("primary")
        visitor.wait("thank-you")
        visitor.press("primary")
        visitor.wait("attract")
        assert left_in(face, *shown, *person, statement.number, statement.account, bill.link_text) == set()
        assert left_in(engine, *person, bill.link_text) == set()
        assert left_in(camera, bill.link_text) == set()

"""A whole visit in a real Wayland compositor: the shipped face in a process of its own, keys that come from the compositor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from checks.tree import ROOT
from demo.bills import Paper, birth_digits
from hub.bills import Bill
from kiosk.visit.screens import snapshot_from_json
from tests.journeys.compositor import SIZE, Compositor, compositor, missing
from tests.journeys.hall import Hall
from tests.journeys.visitor import Visitor
from tests.ui.conftest import Shown
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys")


MOVING = 0.02
"""How much of the first screen may differ: its drawing moves."""

QUIET = {"QT_LOGGING_RULES": "qt.qpa.wayland.textinput=false"}
"""Qt complains of a keyboard that is unplugged, as one that is not there is after each key."""


@pytest.fixture
def screen(kiosk: Hall, tmp_path: Path) -> Iterator[Compositor]:
    """The kiosk's screen, with its face on it, which has nothing to complain of."""
    if absent := missing():
        pytest.skip(f"needs {absent}; .ci/run installs it")
    said = tmp_path / "face.log"
    with compositor() as screen, said.open("w") as log:
        command = [sys.executable, "-m", "ui", "--socket", str(kiosk.world.socket), "--windowed"]
        with subprocess.Popen(command, cwd=ROOT, env=screen.environment | QUIET, stdout=log, stderr=log) as face:
            try:
                yield screen
            finally:
                face.terminate()
    assert said.read_text(encoding="utf-8") == ""


def different(one: QImage, other: QImage) -> float:
    """How much of two pictures of one size is not the same, of 1; each pixel of a grid is looked at."""
    assert one.size() == other.size()
    places = [(x, y) for x in range(2, one.width(), 5) for y in range(2, one.height(), 5)]
    return sum(one.pixel(x, y) != other.pixel(x, y) for x, y in places) / len(places)


def drawn_here(snapshot: dict[str, Any]) -> QImage:
    """The same screen without a compositor. Needs the QGuiApplication."""
    shown = Shown(SIZE)
    shown.show(snapshot_from_json(json.dumps(snapshot)))
    picture = shown.face.window.grabWindow()
    shown.face.close()
    shown.face.window.deleteLater()
    return picture


@pytest.mark.usefixtures("qapp")
def test_a_bill_is_paid_in_a_compositor(kiosk: Hall, visitor: Visitor, screen: Compositor, bill: Bill) -> None:
    here = drawn_here(visitor.wait("attract"))
    until(lambda: different(screen.photograph(), here) < MOVING)
    screen.presses("Down", "Return")
    visitor.wait("scan")
    kiosk.world.camera.tell(show=Paper(bill).shown())
    visitor.wait("birth-date")
    screen.presses(*birth_digits(bill.birth_date, "en"), "numbersign")
    visitor.wait("statement")
    screen.presses("Return")
    visitor.wait("card")
    kiosk.taps()
    visitor.wait("approved")
    screen.presses("Return")
    visitor.wait("thank-you")
    screen.presses("Return")
    visitor.wait("attract")
    kiosk.delivered()
    assert (kiosk.last().state.value, kiosk.last().amount) == ("approved", bill.statement.due)
    assert kiosk.posting(kiosk.last())

"""The mains fail: hub, engine and terminal die in the same moment, with a payment still on its way. It arrives once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.children import ROOT
from tests.journeys.hall import bounded, hall
from tests.journeys.visitor import Visitor
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("journeys")


def test_everything_dies_at_once_and_the_payment_arrives_once(tmp_path: Path) -> None:
    """In a world of its own: the terminal comes back with no memory, as after a repair."""
    with bounded(240), hall(tmp_path, seed=11) as kiosk:
        world = kiosk.world
        with Visitor(world.socket) as visitor:
            visitor.leave()
            kiosk.to_statement(visitor, kiosk.bill())
            world.cut_hub()
            visitor.touch("pay")
            kiosk.accepts(visitor)
            kiosk.sale_reaches("ended")
            world.restore_hub()
            kiosk.terminals_before = kiosk.charged()
            parts = (world.hub, world.engine, world.terminal)
            for part in parts:
                os.killpg(part.pid, signal.SIGKILL)
            for part in parts:
                part.kill()
        assert not any(part.alive for part in parts)
        paid = kiosk.last()
        assert (paid.state.value, paid.offline) == ("approved", True)
        kiosk.tidy()
        kiosk.delivered()
        until(lambda: kiosk.posting(paid) is not None)
        with Visitor(world.socket) as visitor:
            visitor.leave()
            kiosk.pays(visitor, kiosk.bill())
        assert kiosk.check_books() == 3
        command = [sys.executable, "main.py", "hub", "audit", "--data", str(world.hub_folder), "--json"]
        audit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
        said = json.loads(audit.stdout)
        assert (said["ok"], said["difference"]) == (True, None)
        assert (said["posted"], said["accepted"], said["parked"], said["declined"]) == (3, 0, 0, 0)

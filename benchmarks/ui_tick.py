"""How late the GUI thread is while visits go on, and while a bill is scanned: a 16 ms timer in the face's process, snapshots and
previews from another process.

The timer is Qt's precise one in the GUI thread; lateness is benchmarks.ticks'. Visits: two snapshots a second for a minute, whole
visits, digit by digit, with every screen's drawing moving. Scanning: a simulated 1080p camera that is watched, what it sees on
the screen, and the engine's own loop measured beside. `python -m benchmarks.ui_tick SOCKET SECONDS` is the measured process.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figure import Figure
from benchmarks.stage import Stage, stage
from benchmarks.ticks import PERIOD_MS, Ticks, figures_of

if TYPE_CHECKING:
    from ui.app import Face

SECONDS = 60.0
SCAN_SECONDS = 30.0
SETTLING_S = 3.0
"""Before the first tick counts: the process has just started, and a kiosk starts once a day."""
PER_SECOND = 2.0


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields `ui-tick.p99_ms` and `ui-tick.missed`; while scanning the same of the face, `ui-tick.scan_...`, and of the engine's
    loop, `ui-tick.engine_...`."""
    with tempfile.TemporaryDirectory() as folder:
        place = stage(Path(folder))
        progress(f"{SECONDS:.0f} seconds of visits")
        with place.engine(SETTLING_S + 2 * SECONDS, PER_SECOND):
            measured = _face(place, SECONDS)
    yield from figures_of("ui-tick.", measured, f"{measured['screens']} snapshots")
    with tempfile.TemporaryDirectory() as folder:
        place = stage(Path(folder))
        progress(f"{SCAN_SECONDS:.0f} seconds of scanning at 1080p")
        with place.start("benchmarks.scanning", str(place.socket), str(SETTLING_S)) as engine:
            assert engine.stdin is not None
            assert engine.stdout is not None
            if engine.stdout.readline() != "ready\n":
                raise RuntimeError("the scan did not start")
            measured = _face(place, SCAN_SECONDS)
            engine.stdin.close()
            loop = json.loads(engine.stdout.readline())
    note = f"{measured['previews']} pictures of the camera on the screen"
    yield from figures_of("ui-tick.scan_", measured, note)
    yield from figures_of("ui-tick.engine_", loop, "of the engine's loop meanwhile")


def _face(place: Stage, seconds: float) -> dict[str, Any]:
    with place.start("benchmarks.ui_tick", str(place.socket), str(seconds)) as process:
        assert process.stdout is not None
        measured: dict[str, Any] = json.loads(process.stdout.readline())
    return measured


def measure(socket: Path, seconds: float) -> None:
    """Runs the face and its timer, prints what it saw as a line of JSON."""
    from ui.__main__ import main

    ticks = Ticks()
    counted = {"screens": 0, "previews": 0}

    def opened(face: Face) -> None:
        from PySide6.QtCore import QCoreApplication, Qt, QTimer

        timer = QTimer(face.window)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(PERIOD_MS)

        def tick() -> None:
            ticks.tick()
            if ticks.enough(seconds):
                timer.stop()
                QCoreApplication.quit()

        def begin() -> None:
            ticks.begin()
            timer.timeout.connect(tick)
            timer.start()
            face.store.changed.connect(lambda: count("screens"))
            face.preview_link.received.connect(lambda _: count("previews"))

        def count(what: str) -> None:
            counted[what] += 1

        QTimer.singleShot(int(SETTLING_S * 1000), face.window, begin)

    main(["--socket", str(socket)], opened)
    print(json.dumps({**ticks.as_json(), **counted}), flush=True)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), float(sys.argv[2]))

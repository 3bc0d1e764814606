"""How late the GUI thread is while visits go on: a 16 ms timer in the face's process, snapshots from another process.

The timer is Qt's precise one in the GUI thread. A tick's lateness is the time since the tick before it, less 16 ms; early is not
late. A tick is missed when it is a whole period or more late: a frame that a person could see stumble. Two snapshots a second for
a minute: whole visits, digit by digit, with every screen's drawing moving. A tick during which the host took the processor away
is not counted; see benchmarks.steal. `python -m benchmarks.ui_tick SOCKET SECONDS` is the measured process.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figure import Figure
from benchmarks.stage import stage
from benchmarks.steal import stolen

if TYPE_CHECKING:
    from ui.app import Face

PERIOD_MS = 16
SECONDS = 60.0
SETTLING_S = 3.0
"""Before the first tick counts: the process has just started, and a kiosk starts once a day."""
PER_SECOND = 2.0


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields `ui-tick.p99_ms` and `ui-tick.missed`."""
    with tempfile.TemporaryDirectory() as folder:
        place = stage(Path(folder))
        progress(f"{SECONDS:.0f} seconds of visits")
        with (
            place.engine(SETTLING_S + 2 * SECONDS, PER_SECOND),
            place.start("benchmarks.ui_tick", str(place.socket), str(SECONDS)) as process,
        ):
            assert process.stdout is not None
            measured = json.loads(process.stdout.readline())
    late: list[float] = sorted(measured["late_ms"])
    if len(late) * PERIOD_MS < SECONDS * 1000:
        raise RuntimeError("the host takes the processor away at every other tick: no place to measure milliseconds")
    note = f"{len(late)} ticks, {measured['screens']} snapshots; the latest tick {late[-1]:.1f} ms; the host disturbed "
    note += f"{len(measured['disturbed_ms'])} more, the latest {max(measured['disturbed_ms'], default=0):.1f} ms"
    yield Figure("ui-tick.p99_ms", late[int(len(late) * 0.99)], 5, "lower", note)
    yield Figure("ui-tick.missed", sum(one >= PERIOD_MS for one in late), 0, "lower", f"ticks {PERIOD_MS} ms late or more")


def measure(socket: Path, seconds: float) -> None:
    """Runs the face and its timer, prints what it saw as a line of JSON."""
    from ui.__main__ import main

    late_ms: list[float] = []
    disturbed_ms: list[float] = []
    counted = {"screens": 0}

    def opened(face: Face) -> None:
        from PySide6.QtCore import QCoreApplication, Qt, QTimer

        timer = QTimer(face.window)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(PERIOD_MS)
        before, taken = time.perf_counter(), stolen()

        def tick() -> None:
            nonlocal before, taken
            now, taken_now = time.perf_counter(), stolen()
            ticks = late_ms if taken_now == taken else disturbed_ms
            ticks.append(max(0.0, (now - before) * 1000 - PERIOD_MS))
            before, taken = now, taken_now
            if max(len(late_ms), len(disturbed_ms)) * PERIOD_MS >= seconds * 1000:
                timer.stop()
                QCoreApplication.quit()

        def begin() -> None:
            nonlocal before
            before = time.perf_counter()
            timer.timeout.connect(tick)
            timer.start()
            face.store.changed.connect(count)

        def count() -> None:
            counted["screens"] += 1

        QTimer.singleShot(int(SETTLING_S * 1000), face.window, begin)

    main(["--socket", str(socket)], opened)
    print(json.dumps({"late_ms": late_ms, "disturbed_ms": disturbed_ms, **counted}), flush=True)


if __name__ == "__main__":
    measure(Path(sys.argv[1]), float(sys.argv[2]))

"""How long until the first frame: the face against a bare Qt Quick window of the same size, in the same run.

Both are processes of their own, timed from their start to their first `frameSwapped`, offscreen, with Qt's and Python's caches
warm as on a kiosk that has started before. They take turns, so that a busy machine is busy for both. The face's first frame
counts when it shows the engine's attract screen, not an empty window.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.stage import HEIGHT, WIDTH, Stage, stage

RUNS = 7


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields `start.ratio`: the median of the face over the median of the bare window."""
    with tempfile.TemporaryDirectory() as folder:
        place = stage(Path(folder))
        _face(place), _bare(place)  # fills the caches
        face, bare = [], []
        for run in range(RUNS):
            progress(f"start {run + 1} of {RUNS}")
            face.append(_face(place))
            bare.append(_bare(place))
    ours, least = statistics.median(face), statistics.median(bare)
    note = f"median of {RUNS}: {ours * 1000:.0f} ms, a bare window {least * 1000:.0f} ms"
    yield Figure("start.ratio", ours / least, 1.5, "lower", note)


def _face(place: Stage) -> float:
    with place.engine(seconds=0, per_second=0):
        return _first_frame(place, "attract", "face", str(place.socket))


def _bare(place: Stage) -> float:
    return _first_frame(place, "bare", "bare")


def _first_frame(place: Stage, screen: str, *arguments: str) -> float:
    """Seconds from the start of the process to its first frame."""
    begun = time.monotonic()
    with place.start("benchmarks.first_frame", *arguments) as process:
        assert process.stdout is not None
        shown, width, height, what = process.stdout.readline().split()
    if (int(width), int(height), what) != (WIDTH, HEIGHT, screen):
        raise RuntimeError(f"the first frame was {what}, {width} x {height}, not {screen}")
    return float(shown) - begun

"""What the face and the engine hold after hundreds of visits: each its own process, in a whole demo world."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.runner import Progress
from benchmarks.stage import stage
from demo.bills import birth_digits
from demo.world import World
from hub.demo_data import demo_bills

VISITS = 500
WARM = 100
"""Visits until everything that is made once is there: growth counts from then on."""
LIMITS_MB = {"ui": 150.0, "engine": 120.0}
MOST_GROWTH_PCT = 2.0


def figures(progress: Progress) -> Iterator[Figure]:
    """Yields visit.ui_rss_mb, visit.engine_rss_mb and visit.growth_pct."""
    with tempfile.TemporaryDirectory() as folder, World(Path(folder) / "world", seed=1, card_delay_ms=30) as world:
        bill = max(demo_bills(world.hub_folder), key=lambda each: each.statement.due.minor)
        number, birth = bill.numbered_text.removeprefix("LP"), birth_digits(bill.birth_date, "en")
        (Path(folder) / "stage").mkdir()
        place = stage(Path(folder) / "stage")
        engine = _child_of(world.engine.pid)
        with place.start("benchmarks.visit_payer", str(world.socket), number, birth, str(VISITS)) as face:
            assert face.stdout is not None
            seen: dict[int, dict[str, float]] = {}
            for line in face.stdout:
                visits = int(line)
                progress(f"{visits} of {VISITS} visits", visits / VISITS)
                if visits in (WARM, VISITS):
                    seen[visits] = {"ui": rss_mb(face.pid), "engine": rss_mb(engine)}
                if visits == VISITS:
                    face.terminate()
    if VISITS not in seen:
        raise RuntimeError(f"the visits ended after {max(seen, default=0)}")
    for name, limit in LIMITS_MB.items():
        note = f"after {VISITS} visits; {seen[WARM][name]:.1f} after {WARM}"
        yield Figure(f"visit.{name}_rss_mb", round(seen[VISITS][name], 1), limit, "lower", note)
    growth = {name: (seen[VISITS][name] / seen[WARM][name] - 1) * 100 for name in LIMITS_MB}
    note = f"of the larger one, from {WARM} visits to {VISITS}: " + ", ".join(
        f"{name} {pct:.2f} %" for name, pct in growth.items()
    )
    yield Figure("visit.growth_pct", round(max(growth.values()), 2), MOST_GROWTH_PCT, "lower", note)


def rss_mb(pid: int) -> float:
    """The memory of a process that is in use, in 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (kilobytes,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return kilobytes * 1024 / 1e6


def _child_of(pid: int) -> int:
    """The engine itself: what was started holds it on a leash."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(child)

"""Time that the host of a virtual machine gave to its other guests while this one wanted to run.

A sample during which that happened speaks of the neighbours and not of us: a benchmark of milliseconds takes it again, and says
how often. The count moves in steps of 10 ms (USER_HZ) over all cores, so it may miss a theft, and never invents one.
"""

from __future__ import annotations

from pathlib import Path

STEAL = 8
"""Which word of the "cpu" line it is: man 5 proc, /proc/stat."""


def stolen(stat: Path = Path("/proc/stat")) -> int:
    """Hundredths of a second since the machine started; stands still without a host. Raises ValueError for another file."""
    with stat.open() as lines:
        words = lines.readline().split()
    if words[:1] != ["cpu"] or len(words) <= STEAL:
        raise ValueError(f"{stat} does not begin with the times of the processors")
    return int(words[STEAL])

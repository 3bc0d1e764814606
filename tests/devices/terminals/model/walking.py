"""Goes through all paths of a walk, says how far it is when that takes long, and which path broke a law."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tests.devices.terminals.model.choices import Path, Walk
from tests.devices.terminals.model.house import Device
from tests.devices.terminals.model.world import play

ONE, TWO = (100,), (100, 100)
"""What patients come to pay: always the same, so that one's payment could be taken for the other's."""

PROGRESS_S = 20.0


def go(walk: Walk, make: Callable[[Path], Device], amounts: tuple[int, ...], *, hub_away: bool = False) -> None:
    """Raises what the first path raised that broke a law, with a note of that path."""

    def one(path: Path) -> None:
        try:
            play(path, make, amounts, hub_away=hub_away)
        except Exception as broken:
            broken.add_note(f"path: {path}")
            raise

    begun = told = time.monotonic()
    for path in walk.all(one):
        if time.monotonic() - told > PROGRESS_S:
            told = time.monotonic()
            sys.stderr.write(f"\n{walk.paths} paths, {walk.paths / (told - begun):.0f}/s, now: {path}\n")
    took = time.monotonic() - begun
    sys.stderr.write(f"\n{walk.faults} faults, {len(amounts)} patients, share {walk.share}: {walk.told()}, {took:.0f} s\n")

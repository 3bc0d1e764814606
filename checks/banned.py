"""The gate of banned patterns: which pattern is banned where, and why. Run as `python -m checks.banned`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from checks import patterns
from checks.findings import Finding, report
from checks.perfect import MONEY_ROOMS
from checks.tree import ROOT, files, python_files


@dataclass(frozen=True, slots=True)
class Ban:
    """`where` are patterns of paths from the root, in which * crosses folders."""

    find: patterns.Find
    where: tuple[str, ...]
    why: str


EVERYWHERE = ("*",)
ROOMS = tuple(f"{room}/*" for room in ("domain", "devices", "offline_queue", "kiosk", "ui", "hub", "demo", "benchmarks"))
PURE = ("domain/*", "kiosk/visit/*")

BANS = (
    Ban(patterns.any_float, (*PURE, "hub/intake*", "hub/ledger*"), "law 1: no float where money is reckoned"),
    Ban(patterns.money_float, EVERYWHERE, "law 1: no float touches money"),
    Ban(patterns.impure, PURE, "law 14: pure rooms know no I/O, no clock and no randomness"),
    Ban(patterns.global_random, EVERYWHERE, "law 14: randomness is injected (random.Random, secrets), never the module's own"),
    Ban(patterns.broad_except, EVERYWHERE, "law 12: catch what you know; a handler for everything must raise again"),
    Ban(patterns.fixed_nap, ("tests/*",), "a test awaits a condition; it takes no naps"),
    Ban(patterns.waved_off, EVERYWHERE, "no comment waves off this rule"),
    Ban(patterns.zone_waved_off, ROOMS, "a time has its zone; no comment waves that off (a test may, to show the refusal)"),
    Ban(patterns.uncovered, MONEY_ROOMS, "the money rooms are covered whole; nothing is excused"),
)

REGISTRY = "the address of a package registry"

_PLACES = (
    (re.compile(r"""(?<![\w.~*}>-])/(?:root\b|work\b|home/[a-z])"""), "a path of one machine"),
    (re.compile(r"\b(?:" + "|".join(("pypi", "deb.debian", "registry.npmjs", "pythonhosted")) + r")\.org\b"), REGISTRY),
)
"""What no text file may hold; uv.lock is made by uv and says where its packages are from."""


def in_python(root: Path) -> Iterator[Finding]:
    """Every banned pattern in the Python files below `root`."""
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        source = patterns.Source(path.read_text(encoding="utf-8"))
        for ban in BANS:
            if any(fnmatch(name, where) for where in ban.where):
                yield from (Finding(name, line, ban.why) for line in sorted(set(ban.find(source))))


def in_text(root: Path) -> Iterator[Finding]:
    """Every place name in the text files below `root`."""
    for path in files(root):
        data = path.read_bytes()
        if path.name == "uv.lock" or b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            for place, why in _PLACES:
                if place.search(line):
                    yield Finding(path.relative_to(root).as_posix(), number, why)


if __name__ == "__main__":
    sys.exit(report([*in_python(ROOT), *in_text(ROOT)]))

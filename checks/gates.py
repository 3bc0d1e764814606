"""The gates that need no test to run: linters, types, floors, our own bans. They run side by side, and each is one command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from checks.tree import ROOT


@dataclass(frozen=True, slots=True)
class Gate:
    """`command` exits 0 when what `name` says holds, and prints what does not."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a gate; `words` is what it printed."""

    name: str
    held: bool
    seconds: float
    words: str


_BIN = Path(sys.executable).parent

GATES = (
    Gate("types", (str(_BIN / "mypy"), "--no-color-output")),
    Gate("lint", (str(_BIN / "ruff"), "check", "--quiet", "--no-cache", ".")),
    Gate("format", (str(_BIN / "ruff"), "format", "--quiet", "--check", "--no-cache", ".")),
    Gate("floors", (str(_BIN / "lint-imports"), "--no-logo", "--no-cache")),
    Gate("bans", (sys.executable, "-m", "checks.banned")),
    Gate("tidiness", (sys.executable, "-m", "checks.tidy")),
)


def run_gate(gate: Gate) -> Verdict:
    """Runs one to its end."""
    begun = time.monotonic()
    done = subprocess.run(
        gate.command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return Verdict(gate.name, done.returncode == 0, time.monotonic() - begun, done.stdout.strip())


def run_gates(gates: tuple[Gate, ...] = GATES) -> Iterator[Verdict]:
    """Each verdict as it comes."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for running in as_completed(pool.submit(run_gate, gate) for gate in gates):
            yield running.result()

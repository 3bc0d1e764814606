"""`./lobbypay test`: the gates, then every test under coverage, then the gate of full coverage, then one closing line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from checks import perfect
from checks.gates import Verdict, run_gates
from checks.tree import ROOT

_EXIT = {0: 0, 4: 2}
"""pytest's exit codes as ours (0 well, 2 wrong usage): anything else, "no test was run" included, is a failure."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tests (or gates) did what."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def run(arguments: Sequence[str], *, slow: bool) -> int:
    """Everything; or, with pytest arguments (paths from the root), pytest alone with those.

    Returns the exit code: 0, 1, or 2 for wrong usage.
    """
    extra = ["--slow"] if slow else []
    if arguments:
        done = subprocess.run([sys.executable, "-m", "pytest", *extra, *arguments], check=False, cwd=ROOT)
        return _EXIT.get(done.returncode, 1)
    begun = time.monotonic()
    gates = [_said(verdict) for verdict in run_gates()]
    with tempfile.TemporaryDirectory(prefix="lobbypay-test-") as scratch:
        tests, tested = _run_tests(Path(scratch), extra)
        gates.append(_said(_coverage(Path(scratch))))
    failed = [verdict.name for verdict in gates if not verdict.held]
    if failed:
        print(f"\ngates that did not hold: {', '.join(failed)}")
    held = len(gates) - len(failed)
    print(f"\n{held} of {len(gates)} gates and {tests.passed} tests in {time.monotonic() - begun:.0f} s")
    print(tests + Tally(held, len(failed)), flush=True)
    return 0 if tested and not failed else 1


def _said(verdict: Verdict) -> Verdict:
    print(f"{'ok    ' if verdict.held else 'FAILED'} {verdict.name:<10}{verdict.seconds:6.1f} s", flush=True)
    if not verdict.held:
        print(f"{verdict.words}\n", flush=True)
    return verdict


def _environment(scratch: Path) -> dict[str, str]:
    return os.environ | {"COVERAGE_FILE": str(scratch / "coverage"), "COVERAGE_RCFILE": str(ROOT / "pyproject.toml")}


def _run_tests(scratch: Path, extra: list[str]) -> tuple[Tally, bool]:
    """Every test, in as many processes as there are cores, measured. Returns the counts, and whether all is well."""
    count = scratch / "tests.xml"
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "--quiet", "-n", "auto", f"--junit-xml={count}", *extra]
    done = subprocess.run(command, check=False, cwd=ROOT, env=_environment(scratch), stdin=subprocess.DEVNULL)
    tally = tally_of(count) if count.exists() else Tally(failed=1)
    if done.returncode != 0 and tally.failed == 0:  # none collected, or pytest itself broke: never a pass
        tally += Tally(failed=1)
    return tally, done.returncode == 0


def tally_of(report: Path) -> Tally:
    """The counts in a JUnit report."""
    total = Tally()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        tests, failures, errors, skipped = (int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped"))
        failed = failures + errors
        total += Tally(max(tests - failed - skipped, 0), failed, skipped)
    return total


def _coverage(scratch: Path) -> Verdict:
    """The gate of full coverage, from what the tests left in `scratch`."""
    begun = time.monotonic()
    words: list[str] = []
    for step in (["combine", "--quiet"], ["json", "--quiet", "-o", str(scratch / "coverage.json")]):
        command = [sys.executable, "-m", "coverage", *step]
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=_environment(scratch), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode != 0:
            return Verdict("coverage", held=False, seconds=time.monotonic() - begun, words=done.stdout.strip())
    words = [str(finding) for finding in perfect.findings(perfect.read(scratch / "coverage.json"))]
    return Verdict("coverage", held=not words, seconds=time.monotonic() - begun, words="\n".join(words))

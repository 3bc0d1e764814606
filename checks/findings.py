"""What a gate of ours found, and how it says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is relative to the root; `line` counts from 1, 0 for the whole file; `why` is the law that is broken."""

    path: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.why}" if self.line else f"{self.path}: {self.why}"


def report(findings: Iterable[Finding]) -> int:
    """Prints each finding on a line; returns the gate's exit code."""
    found = list(findings)
    for finding in found:
        print(finding)
    return 1 if found else 0

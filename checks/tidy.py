"""The gate of tidiness: files say what lives in them, stay short, and have a name of their own. `python -m checks.tidy`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from checks.findings import Finding, report
from checks.tree import ROOT, python_files

MOST_LINES = 500
NOBODY = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def findings(root: Path) -> Iterator[Finding]:
    """Every untidy Python file below `root`. An empty one has nothing to say."""
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines()
        first = lines[1] if lines and lines[0].startswith("#!") and len(lines) > 1 else "".join(lines[:1])
        if lines and not (first.startswith('"""') and len(first.strip('" ')) >= 15):
            yield Finding(name, 1, 'the first line says what lives here: """..."""')
        if len(lines) > MOST_LINES:
            yield Finding(name, len(lines), f"longer than {MOST_LINES} lines: split it by idea")
        for part in (path.stem, path.parent.name):
            if part.lower() in NOBODY:
                yield Finding(name, 0, f"nobody lives in {part!r}")


if __name__ == "__main__":
    sys.exit(report(findings(ROOT)))

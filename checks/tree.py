"""Which files are ours to check: everything under the repository root but hidden, cached and generated folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NOT_OURS = {"__pycache__", "demo-out", "htmlcov"}
"""Besides every folder whose name begins with a dot, but for .ci."""


def files(root: Path) -> Iterator[Path]:
    """Every file of ours below `root`, in order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and (name == ".ci" or not name.startswith(".")))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def python_files(root: Path) -> Iterator[Path]:
    """The Python files among them: those named so, and ./lobbypay."""
    return (path for path in files(root) if path.suffix == ".py" or path == root / "lobbypay")

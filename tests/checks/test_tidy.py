"""The gate of tidiness finds what is untidy."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.tidy import MOST_LINES, findings

FIRST = '"""A file that says what lives in it."""\n'


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.py", FIRST, []),
        ("__init__.py", "", []),
        ("lobbypay", "#!/usr/bin/env python3\n" + FIRST, []),
        ("a.py", "import os\n" + FIRST, [1]),
        ("a.py", '"""\nWhat lives here.\n"""\n', [1]),
        ("a.py", '"""A."""\n', [1]),
        ("a.py", FIRST + "x = 1\n" * (MOST_LINES - 1), []),
        ("a.py", FIRST + "x = 1\n" * MOST_LINES, [MOST_LINES + 1]),
        ("utils.py", FIRST, [0]),
        ("helpers/a.py", FIRST, [0]),
    ],
)
def test_untidy_files_are_found(tmp_path: Path, name: str, text: str, lines: list[int]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    assert [finding.line for finding in findings(tmp_path)] == lines

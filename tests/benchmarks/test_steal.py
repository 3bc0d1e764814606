"""What the host took is read from where the kernel says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.steal import stolen


def test_the_eighth_time_of_all_processors(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  1154430 76283 99880 1310864 5643 0 6501 24020 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
    assert stolen(stat) == 24020


@pytest.mark.parametrize("text", ["", "intr 1 2 3 4 5 6 7 8 9 10\n", "cpu  1 2 3 4 5 6 7\n"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    stat = tmp_path / "stat"
    stat.write_text(text)
    with pytest.raises(ValueError, match="processors"):
        stolen(stat)

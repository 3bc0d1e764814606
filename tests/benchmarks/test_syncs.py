"""Syncs are counted by the kernel, each one, and only those of the work."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from benchmarks.syncs import SyncCount, counting
from domain.errors import Known


def test_each_sync_of_the_work_is_counted(tmp_path: Path) -> None:
    def work(syncs: SyncCount) -> list[int]:
        seen = []
        with (tmp_path / "file").open("wb") as file:
            for sync in (os.fsync, os.fdatasync, os.fstat, os.fsync):
                sync(file.fileno())
                seen.append(syncs.count)
        return seen

    assert counting(work) == [1, 2, 2, 3]


def test_one_count_does_not_hear_of_another_thread(tmp_path: Path) -> None:
    def sync() -> None:
        with (tmp_path / "file").open("wb") as file:
            os.fsync(file.fileno())

    def outer(syncs: SyncCount) -> int:
        sync()
        return syncs.count

    assert counting(outer) == 1
    sync()  # here no filter stands
    assert counting(outer) == 1


def test_what_the_work_raises_comes_out() -> None:
    def work(_syncs: SyncCount) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counting(work)


def test_a_processor_whose_numbers_we_do_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(Known, match="not on riscv64"):
        counting(lambda syncs: syncs.count)

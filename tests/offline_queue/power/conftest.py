"""Fixtures of the proofs below SQLite: the process that runs kiosks under the shim, and folders for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.offline_queue.power.jobs import Victims, small_ballast, victims


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    with victims(tmp_path_factory.mktemp("shim")) as running:
        yield running


@pytest.fixture(autouse=True)
def with_a_small_ballast() -> Iterator[None]:
    with small_ballast():
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "kiosk"
    root.mkdir()
    return root


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Where the kiosk starts again and again, not there yet: in memory where that is a folder, as a thousand starts wait for the
    disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder) / "kiosk"

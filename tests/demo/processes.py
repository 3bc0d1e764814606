"""Finding every process that a test has started, and what they started, by a mark that is handed down."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

import pytest

from tests.waiting import until

NAME = "LOBBYPAY_TEST_MARK"


class Marked:
    """All processes whose environment has the mark; not this one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        value = uuid.uuid4().hex
        monkeypatch.setenv(NAME, value)
        self._mark = f"{NAME}={value}".encode("ascii")

    def alive(self) -> list[str]:
        """What they are: their command lines."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            if process.name == str(os.getpid()):
                continue
            with contextlib.suppress(FileNotFoundError, PermissionError, ProcessLookupError):
                if self._mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def all_gone(self) -> None:
        """Waits until there is none."""
        until(lambda: self.alive() == [])

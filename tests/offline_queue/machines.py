"""Machines with a TPM, for tests: swtpm's where it is installed, and one of a few lines behind the tools' names everywhere."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TOOLS = ("tpm2_createprimary", "tpm2_create", "tpm2_load", "tpm2_unseal", "tpm2_flushcontext")


class Machine:
    """Where the process under test runs: `use` puts it on this machine."""

    def __init__(self, tcti: str, path: str) -> None:
        self.tcti = tcti
        self._path = path

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TPM2TOOLS_TCTI", self.tcti)
        monkeypatch.setenv("PATH", self._path)


def plain_tools(folder: Path) -> str:
    """A PATH on which tpm2-tools are tpm_tool.py."""
    folder.mkdir()
    script = Path(__file__).with_name("tpm_tool.py")
    for tool in TOOLS:
        (folder / tool).write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{script}" {tool} "$@"\n')
        (folder / tool).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@contextmanager
def swtpm() -> Iterator[Machine]:
    """A software TPM 2.0 of its own. Skips where it or the tools are not installed."""
    missing = [tool for tool in ("swtpm", *TOOLS) if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs the packages swtpm and tpm2-tools ({', '.join(missing)} not found)")
    with tempfile.TemporaryDirectory(prefix="tpm-") as place:  # short: a socket's path has 107 bytes
        pid = Path(place) / "pid"
        command = ["swtpm", "socket", "--tpm2", "--daemon", "--pid", f"file={pid}", "--tpmstate", f"dir={place}"]
        doors = ["--server", f"type=unixio,path={place}/tpm", "--ctrl", f"type=unixio,path={place}/tpm.ctrl"]
        subprocess.run([*command, *doors, "--flags", "not-need-init,startup-clear"], check=True, capture_output=True)
        try:
            yield Machine(f"swtpm:path={place}/tpm", os.environ["PATH"])
        finally:
            os.kill(int(pid.read_text("ascii")), signal.SIGTERM)

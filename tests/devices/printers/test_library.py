"""python-escpos leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.devices.simulator_process import ROOT


def test_a_process_that_prints_leaves_no_temporary_files(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import devices.printers.uris, tempfile; print(tempfile.gettempdir())"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == str(tmp_path)
    assert list(tmp_path.iterdir()) == []

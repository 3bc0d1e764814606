"""Where the UI benchmarks play: an offscreen display of a kiosk's size, and child processes that start as on a kiosk."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
WIDTH, HEIGHT = 1080, 1920


@dataclass(frozen=True, slots=True)
class Stage:
    """`env` is what a child gets: a display in memory, software drawing, and compiled Python kept between starts."""

    folder: Path
    env: dict[str, str]

    @property
    def socket(self) -> Path:
        return self.folder / "ui.sock"

    def start(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        """`python -m module arguments`, with pipes for what it reads and says."""
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @contextlib.contextmanager
    def engine(self, seconds: float, per_second: float) -> Iterator[None]:
        """The other side of the socket, listening: see benchmarks.replay."""
        self.socket.unlink(missing_ok=True)
        with self.start("benchmarks.replay", str(self.socket), str(seconds), str(per_second)) as process:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the replay did not start")
            yield
            assert process.stdin is not None
            process.stdin.close()


def stage(folder: Path) -> Stage:
    """Sets one up in an empty `folder`."""
    screen = {"name": "kiosk", "x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    config = folder / "screens.json"
    config.write_text(json.dumps({"screens": [screen]}))
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env |= {
        "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        "QT_QUICK_BACKEND": "software",
        "QML_DISK_CACHE_PATH": str(folder / "qmlcache"),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
    }
    return Stage(folder, env)

"""A real Wayland compositor without a screen: what the shipped face shows there can be photographed, and keys typed at it.

It is sway with wlroots' headless backend. It refuses to run as root, and is then run as nobody.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QImage

from tests.waiting import until

NEEDED = ("sway", "wtype", "grim", "setpriv")
NOBODY = 65534
SIZE = (1080, 1920)
CONFIG = f"output HEADLESS-1 resolution {SIZE[0]}x{SIZE[1]}\ndefault_border none\nxwayland disable\n"
HEADLESS = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}
PRESS_MS = 250
"""Between two keys: slower than a scanner, and than a screen that rests."""


def missing() -> str:
    """The first program that this needs and the machine has not; empty when it has all."""
    return next((program for program in NEEDED if shutil.which(program) is None), "")


class Compositor:
    """`environment` is what a program needs to open its windows there."""

    def __init__(self, folder: Path, display: str) -> None:
        self._folder = folder
        told = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "QT_QPA_PLATFORM")}
        self.environment = told | {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": display, "QT_QPA_PLATFORM": "wayland"}

    def presses(self, *keys: str) -> None:
        """Keys by their X11 names ("Down", "Return", "5", "numbersign"), one after the other."""
        typed = [part for key in keys for part in ("-s", str(PRESS_MS), "-k", key)]
        subprocess.run(["wtype", *typed, "-s", str(PRESS_MS)], check=True, env=self.environment, timeout=60)

    def photograph(self) -> QImage:
        """What is on the screen now."""
        told = subprocess.run(["grim", "-t", "png", "-"], check=True, env=self.environment, stdout=subprocess.PIPE, timeout=60)
        return QImage.fromData(told.stdout)


@contextlib.contextmanager
def compositor() -> Iterator[Compositor]:
    """Runs while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="lobbypay-wayland-") as name:  # nobody could not come into a test's own folder
        folder = Path(name)
        (folder / "config").write_text(CONFIG, encoding="utf-8")
        as_nobody = []
        if os.getuid() == 0:
            for path in (folder, folder / "config"):
                os.chown(path, NOBODY, NOBODY)
            as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        environment = {"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": name} | HEADLESS
        command = [*as_nobody, "sway", "-c", str(folder / "config")]
        with (folder / "log").open("w") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as sway:
            try:
                until(lambda: any(folder.glob("wayland-*[0-9]")))
                (socket,) = folder.glob("wayland-*[0-9]")
                yield Compositor(folder, socket.name)
            finally:
                sway.terminate()

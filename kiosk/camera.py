"""The engine's camera: the command of the process that has it (kiosk.camera_process), and the driver over that."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from devices.scanners.driver import CameraProcess
from devices.scanners.messages import SOURCE


def open_camera(source: str, preview: Path | None, mirrored: bool, symbologies: Iterable[str]) -> CameraProcess:
    """The camera at `source`, not yet opened; the rest as in devices.scanners.camera.Camera. What it sees is shown on a socket at
    `preview` (kiosk.preview_link) if there is to be one."""
    arguments = (str(preview or ""), "mirrored" if mirrored else "", ",".join(sorted(symbologies)))
    command = (sys.executable, "-m", "kiosk.camera_process", *arguments)
    return CameraProcess(command, told={SOURCE: source})

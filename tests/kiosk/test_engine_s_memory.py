"""What is not in the engine's memory: a camera's libraries and their pictures are another process's."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devices.scanners.driver import CameraProcess
from devices.scanners.messages import SOURCE
from kiosk.authorizing import NoHub
from kiosk.settings import read_settings
from kiosk.wiring import _hands
from tests.devices.simulator_process import ROOT
from tests.kiosk.installation import Installation, kiosk

FOREIGN = ("cv2", "numpy", "zxingcpp", "pandas", "PySide6", "sqlalchemy", "fastapi")


def test_an_engine_imports_no_camera_s_library() -> None:
    """All that it ever imports, the rest of its devices' drivers and the commands on top included."""
    code = f"import sys, main, kiosk.process, kiosk.engine_process; print(sorted(sys.modules.keys() & set({FOREIGN!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_sqlite_utils_is_imported_without_them_and_nobody_else_is_kept_from_them() -> None:
    code = "import offline_queue.sqlcipher, numpy; print(numpy.zeros(1)[0])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "0.0\n"


async def test_a_running_engine_has_its_camera_in_a_process_that_ends_with_it(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    await place.enrol()
    async with kiosk(place, "--part", "engine") as engine:
        await engine.ready()
        while (await engine.event("scanner.health"))["detail"] != "not-opened":
            pass  # by then its libraries are where they belong
        pid = engine.process.pid
        (camera,) = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
        held = os.pidfd_open(camera)
        mapped = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
        engine.process.kill()
        await ended(held)
        os.close(held)
    assert "cryptography" in mapped
    assert not re.findall("|".join(FOREIGN), mapped)


async def ended(process: int) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(process, over.set)
    async with asyncio.timeout(60):
        await over.wait()
    asyncio.get_running_loop().remove_reader(process)


@pytest.mark.parametrize("mirror", [False, True])
def test_the_camera_s_process_is_told_what_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    place = Installation(tmp_path)
    place.amend("[scanner]\n", f"[scanner]\nmirror = {str(mirror).lower()}\n")
    camera = _hands(read_settings(place.config), NoHub(), frozenset({"QRCode", "Code128"}))[0].scanner
    assert isinstance(camera, CameraProcess)
    module, *arguments = camera.command[2:]
    assert module == "kiosk.camera_process"
    assert camera.told == {SOURCE: str(tmp_path / "no-camera")}  # never an argument: it may hold a password
    assert arguments == ["data/preview.sock", "mirrored" if mirror else "", "Code128,QRCode"]

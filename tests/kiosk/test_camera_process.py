"""The camera's shipped process under its driver, on a simulated camera: what the engine hears of it, and how both of them end."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.health import Condition, Health
from devices.scanners.driver import CameraProcess
from devices.scanners.messages import SOURCE
from devices.scanners.port import Code, View
from domain.biller_profiles import SYMBOLOGIES
from kiosk.camera import open_camera
from kiosk.camera_process import NICENESS
from kiosk.visit.screens import NO_PREVIEW, Preview, preview_from_bytes, preview_size
from tests.devices.scanners.bills import LINK, NUMBERED, shown
from tests.devices.simulator_process import LIMIT_S, ROOT, SimulatorProcess, simulator, until


@asynccontextmanager
async def filming(
    preview: Path | None = None, symbologies: frozenset[str] = SYMBOLOGIES
) -> AsyncIterator[tuple[SimulatorProcess, CameraProcess]]:
    async with simulator("devices.scanners.simulator", "--size", "1280x720") as shelf:
        camera = open_camera(shelf.ready["url"], preview, False, symbologies)
        await camera.open()
        try:
            await until(lambda: camera.health().usable)
            yield shelf, camera
        finally:
            await camera.close()


def watching(camera: CameraProcess) -> asyncio.Queue[View]:
    seen = asyncio.Queue[View]()
    camera.watch(seen.put_nowait)
    return seen


async def agreed(seen: asyncio.Queue[View], code: Code) -> View:
    """The first view in which it counts."""
    async with asyncio.timeout(LIMIT_S):
        while code not in (view := await seen.get()).agreed:
            pass
    return view


def pid_of(camera: CameraProcess) -> int:
    assert camera._process is not None
    return camera._process.pid


async def test_a_bill_is_read_and_what_is_seen_is_shown_while_somebody_watches(tmp_path: Path) -> None:
    path = tmp_path / "preview.sock"
    async with filming(path) as (shelf, camera):
        assert camera.health() == Health(Condition.READY, "", "1280x720")
        assert os.getpriority(os.PRIO_PROCESS, pid_of(camera)) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
        reader, writer = await asyncio.open_unix_connection(path)
        await shelf.tell({"show": shown("qr")})
        view = await agreed(watching(camera), Code("QRCode", LINK))
        assert view.size == (1280, 720)
        while not (picture := await shown_by(reader)).found:
            pass
        assert (picture.width, picture.height) == (320, 180)
        camera.rest()
        while await shown_by(reader) != NO_PREVIEW:
            pass
        again = watching(camera)
        await shelf.tell({"show": shown("code128")})
        await agreed(again, Code("Code128", NUMBERED))
        await shelf.tell({"fault": "unplug"})
        await until(lambda: camera.health().fault == "camera-away")
        writer.close()


async def shown_by(reader: asyncio.StreamReader) -> Preview:
    async with asyncio.timeout(LIMIT_S):
        data = b""
        while (size := preview_size(data)) is None:
            data += await reader.readexactly(1)
        return preview_from_bytes(data + await reader.readexactly(size - len(data)))


async def test_one_that_is_killed_while_a_bill_is_shown_comes_back_and_reads_it(tmp_path: Path) -> None:
    async with filming(tmp_path / "preview.sock") as (shelf, camera):
        seen, fallen = watching(camera), pid_of(camera)
        os.kill(fallen, signal.SIGKILL)
        await shelf.tell({"show": shown("qr")})
        await agreed(seen, Code("QRCode", LINK))
        assert pid_of(camera) != fallen


async def test_it_looks_only_for_what_it_was_told_to() -> None:
    async with filming(symbologies=frozenset({"Code128"})) as (shelf, camera):
        await shelf.tell({"show": shown("both")})
        view = await agreed(watching(camera), Code("Code128", NUMBERED))
        assert {sighting.code.symbology for sighting in view.sightings} == {"Code128"}


def process(source: str = "99", preview: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kiosk.camera_process", preview, "", "QRCode"]
    told = os.environ | {SOURCE: source}
    return subprocess.Popen(command, cwd=ROOT, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_it_ends_with_its_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "preview.sock"
    with process(preview=str(path)) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b'{"condition":"away","fault":"camera-away"')
        assert path.exists()
        _, err = child.communicate(timeout=LIMIT_S)
    assert (child.returncode, err) == (0, b"")
    assert not path.exists()


def test_it_dies_with_the_engine_however_that_ends() -> None:
    """Its standard input stays open, and so only the kernel can tell it."""
    engine = (
        "import subprocess, sys;"
        "child = subprocess.Popen(sys.argv[2:], stdin=int(sys.argv[1]), stdout=subprocess.PIPE);"
        "child.stdout.readline();"
        "print(child.pid, flush=True);"
        "child.wait()"
    )
    silent, held = os.pipe()
    command = [sys.executable, "-c", engine, str(silent), sys.executable, "-m", "kiosk.camera_process", "", "", "QRCode"]
    told = os.environ | {SOURCE: "99"}
    with subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, pass_fds=(silent,)) as parent:
        assert parent.stdout is not None
        camera = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([camera], [], [], LIMIT_S)
    for descriptor in (camera, silent, held):
        os.close(descriptor)
    assert ended


@pytest.mark.parametrize("line", [b"hello\n", b'{"number":"one"}\n'])
def test_what_is_no_look_is_a_bug_and_told_by_its_place(line: bytes) -> None:
    with process() as child:
        out, _ = child.communicate(line, timeout=LIMIT_S)
    assert child.returncode == 1
    assert b'"fault":"camera-bug","detail":"NotOurs camera_process.py:' in out.splitlines()[-1]
    assert b"hello" not in out


def test_a_bug_in_one_of_its_threads_ends_it() -> None:
    bug = (
        "import sys; from devices.scanners import camera; from kiosk.camera_process import main;"
        "camera.open_capture = lambda source: {}[4471090288];"
        "main('0', '', '', 'QRCode')"
    )
    with subprocess.Popen([sys.executable, "-c", bug], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        last = child.stdout.readlines()[-1]
    assert child.returncode == 1
    assert b'"detail":"KeyError' in last
    assert b"4471090288" not in last

"""The engine's side of a scan that does not end: the shipped camera's process on a simulated 1080p camera with a bill in view,
the snapshots' socket to the face, a snapshot twice a second. The bill is not taken: each frame gets every look, which is more
than in a visit.

`python -m benchmarks.scanning SOCKET SETTLING_S` is a process of its own, as the engine is. It prints a line when it listens, and
one of JSON with its own loop's ticks, from SETTLING_S on, when stdin has closed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import json
import os
import sys
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from benchmarks.replay import RULES, SITE, statement
from benchmarks.ticks import PERIOD_MS, Ticks
from demo.page import first_page, png
from devices.scanners.port import Scanner
from domain.biller_profiles import SYMBOLOGIES
from domain.statement_codes import link_text, numbered_text
from hub.bills import Bill
from hub.paper.language import Language
from hub.paper.letterhead import DEMO, Letterhead
from kiosk.camera import open_camera
from kiosk.logs import log_nowhere
from kiosk.promptness import stay_prompt
from kiosk.ui_link import UiLink
from kiosk.visit import stages as st
from kiosk.visit.events import World
from kiosk.visit.present import present
from kiosk.visit.screens import PREVIEW_SOCKET, Snapshot
from kiosk.words import FluentWords

SIZE = "1920x1080"
PER_SECOND = 2
CAMERA_NICENESS = 10
"""A real camera is no process: drawing and encoding its pictures must not take the kiosk's time."""
NUMBER, LINK = "4471090288", link_text(b"k" * 16, "PAY.EXAMPLE", "A", "ABCDEFGHIJKLMNOP")


@contextlib.asynccontextmanager
async def camera() -> AsyncIterator[str]:
    """The address of a simulated one that sees a bill."""
    command = [sys.executable, "-m", "devices.scanners.simulator", "--size", SIZE]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, CAMERA_NICENESS)
        ready = json.loads(await process.stdout.readline())["ready"]
        process.stdin.write(json.dumps({"show": {"png": base64.b64encode(_page()).decode("ascii")}}).encode() + b"\n")
        if "done" not in json.loads(await process.stdout.readline()):
            raise RuntimeError("the simulated camera does not show the bill")
        yield ready["url"]
    finally:
        process.stdin.close()
        await process.wait()


def _page() -> bytes:
    bill = Bill(replace(statement(2), number=NUMBER), dt.date(1962, 3, 14), LINK, numbered_text(NUMBER), "384207")
    return png(first_page(bill, Letterhead.model_validate(tomllib.loads(DEMO)), Language.EN, "both"))


def screens() -> tuple[Snapshot, Snapshot]:
    """What a patient sees who holds a bill that is not taken: with a hint and without."""
    words = {language: FluentWords(language, dt.UTC) for language in RULES.languages}
    visit = st.at_rest(RULES, World(True, True, True, True))
    plain, hinted = (present(replace(visit, stage=stage), words, SITE, 0) for stage in (st.Scan(), st.Scan("too-far")))
    return plain, hinted


async def scan(socket: Path, settling_s: float) -> Ticks:
    """Until stdin closes."""
    link = UiLink(socket)
    async with camera() as source:
        scanner = open_camera(source, socket.with_name(PREVIEW_SOCKET), mirrored=False, symbologies=SYMBOLOGIES)
        await link.open(lambda _: None)
        await scanner.open()
        await _until_seen(scanner)
        stay_prompt()  # as the engine does (kiosk.engine_process)
        link.show(screens()[0])
        print("ready", flush=True)
        showing = asyncio.create_task(_show(link))
        try:
            return await _tick(settling_s)
        finally:
            showing.cancel()
            scanner.rest()
            await scanner.close()
            await link.close()


async def _until_seen(scanner: Scanner) -> None:
    """The camera works, and what it sees is read."""
    seen = asyncio.Event()
    scanner.watch(lambda view: seen.set() if view.agreed else None)
    await seen.wait()


async def _show(link: UiLink) -> None:
    both = screens()
    for serial in range(sys.maxsize):
        link.show(replace(both[serial % 2], serial=serial))
        await asyncio.sleep(1 / PER_SECOND)


async def _tick(settling_s: float) -> Ticks:
    told_to_end = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.sleep(settling_s)
    ticks = Ticks()
    while not told_to_end.done():
        await asyncio.sleep(PERIOD_MS / 1000)
        ticks.tick()
    return ticks


if __name__ == "__main__":
    log_nowhere()
    print(json.dumps(asyncio.run(scan(Path(sys.argv[1]), float(sys.argv[2]))).as_json()), flush=True)

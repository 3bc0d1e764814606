"""A camera's own process: python -m kiosk.camera_process SOURCE PREVIEW MIRRORED SYMBOLOGIES

SOURCE as behind `camera:` in the settings; PREVIEW the path of the previews' socket, MIRRORED "mirrored", each may be empty; the
SYMBOLOGIES have commas between them. Looks come on stdin, what is seen goes to stdout (devices.scanners.messages). It ends when
stdin does, and with its parent. No picture is kept, and nothing is written anywhere else.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path

from devices.health import Condition, Health
from devices.keeper import Keeper
from devices.own_process import Alive, State, leave_nothing
from devices.scanners.camera import Camera
from devices.scanners.messages import BUG, LONGEST_LINE, SOURCE, Report, Said, look_of, to_line
from devices.scanners.port import View
from kiosk.logs import log_nowhere
from kiosk.preview_link import PreviewLink

BEAT_S = 0.25
NICENESS = 5
"""How much more than the rest of the kiosk it gives way: it would keep both processors of a small machine busy while a bill is
scanned."""


async def serve(camera: Camera, preview: PreviewLink | None) -> None:
    """Until stdin ends."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    if preview is not None:
        await preview.open()
    await camera.open()
    beat = Keeper("the camera's process", partial(_beat, camera))
    beat.start()
    while line := await reader.readline():
        if number := look_of(line).number:
            camera.watch(partial(_report, number))
        else:
            camera.rest()
    await beat.stop()
    if preview is not None:
        await preview.close()


async def _beat(camera: Camera) -> None:
    """Says that all is well, and how the camera is when that has changed. Who is stuck says nothing, and is killed for it."""
    told: Health | None = None
    while True:
        if (health := camera.health()) != told:
            told = health
            say(State(health.condition, health.fault, health.detail))
        if not camera.stuck():
            say(Alive())
        await asyncio.sleep(BEAT_S)


def _report(number: int, view: View) -> None:
    say(Report(view, number))


def say(message: Said) -> None:
    """At once: the other side takes silence for hanging. By no buffer of Python's: what has left one stays there until something
    as long comes, and this may be a code (law 10)."""
    left = memoryview(to_line(message))
    while left:
        left = left[os.write(sys.stdout.fileno(), left) :]


def _end_by(bug: BaseException | None) -> None:
    """A bug anywhere ends all of it. It is told by its place and never by its words, which may be a code's; whoever listened may
    have gone, and then there is nobody to tell."""
    frames = traceback.extract_tb(bug.__traceback__) if bug is not None else []
    where = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-4:])
    with suppress(BrokenPipeError):
        say(State(Condition.AWAY, BUG, f"{type(bug).__name__} {where}"))
    os._exit(1)


def main(source: str, preview: str, mirrored: str, symbologies: str) -> None:
    """Ends the process. Its threads may stand in OpenCV, which need not come back: nobody waits for them."""
    leave_nothing()
    os.nice(NICENESS)
    log_nowhere()
    sys.excepthook = lambda _kind, bug, _trace: _end_by(bug)
    threading.excepthook = lambda fallen: _end_by(fallen.exc_value)
    link = PreviewLink(Path(preview)) if preview else None
    shown = None if link is None else link.show
    camera = Camera(source, glimpsed=shown, mirrored=mirrored != "", symbologies=frozenset(symbologies.split(",")))

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: _end_by(what.get("exception")))
        await serve(camera, link)

    asyncio.run(run())
    os._exit(0)


if __name__ == "__main__":
    main(os.environ.pop(SOURCE), *sys.argv[1:])

"""A camera as a scanner of the engine's: a process of its own reads and decodes its pictures (kiosk.camera_process).

OpenCV and its decoders stay out of the engine's memory, and what hangs or crashes in them is not the engine: that process is
started again. Faults beside those of devices.scanners.camera: "camera-fallen", whose detail says how, and "camera-bug".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from devices.health import Condition, Health
from devices.keeper import Keeper
from devices.own_process import NOTHING_TOLD, Alive, State, run_watched, say
from devices.scanners.handheld import NOTHING
from devices.scanners.messages import BUG, LONGEST_LINE, Look, Report, said_of, to_line
from devices.scanners.port import View

PATIENCE_S = 10.0
"""Silence, once it has spoken: it does so four times a second but while it imports OpenCV, which a cold disk makes long."""
AGAIN_S = (1.0, 2.0, 5.0, 10.0)
"""Before a process that fell is started again; the last one repeats. A start costs a second of a processor."""

log = structlog.get_logger()

_AWAY = Health(Condition.AWAY, "camera-away")


class CameraProcess:
    """A scanner (devices.scanners.port). `command` is the process, which says what devices.scanners.messages has on stdout and
    hears it on stdin; `told` is what it finds in its environment; `patience` in seconds."""

    def __init__(
        self,
        command: Sequence[str],
        patience: float = PATIENCE_S,
        again: Sequence[float] = AGAIN_S,
        told: Mapping[str, str] = NOTHING_TOLD,
    ) -> None:
        self.command = tuple(command)
        self.told = told
        self._patience = patience
        self._again = again
        self._health = _AWAY
        self._looks = 0
        self._look = Look(0)
        self._seen: Callable[[View], None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._keeper = Keeper("the camera", self._keep)

    async def open(self) -> None:
        self._keeper.start()

    async def close(self) -> None:
        self.rest()
        await self._keeper.stop()
        self._health = _AWAY

    def health(self) -> Health:
        return self._health

    def watch(self, seen: Callable[[View], None]) -> None:
        self._seen = seen
        self._looks += 1
        self._order(Look(self._looks))

    def rest(self) -> None:
        self._seen = None
        self._order(Look(0))

    def _order(self, look: Look) -> None:
        self._look = look
        say(self._process, to_line(look))

    async def _keep(self) -> None:
        falls = 0
        while True:
            end = await run_watched(
                self.command, self._talk_to, self._hear, patience=self._patience, longest=LONGEST_LINE, told=self.told
            )
            falls = 1 if self._health.usable else falls + 1
            if self._health.fault != BUG:
                self._tell(Health(Condition.AWAY, "camera-fallen", end.value))
            self._show(NOTHING)  # what it saw is in nobody's view any more
            await asyncio.sleep(self._again[min(falls, len(self._again)) - 1])

    def _talk_to(self, process: asyncio.subprocess.Process | None) -> None:
        self._process = process
        self._order(self._look)

    def _hear(self, line: bytes) -> None:
        """Raises NotOurs."""
        match said_of(line):
            case Alive():
                pass
            case State(condition, fault, detail):
                self._tell(Health(condition, fault, detail))
            case Report(view, number) if number == self._look.number:
                self._show(view)
            case Report():
                pass  # for somebody who has left

    def _show(self, view: View) -> None:
        if self._seen is not None:
            self._seen(view)

    def _tell(self, health: Health) -> None:
        if health != self._health:
            self._health = health
            log.info("scanner.health", condition=health.condition.value, fault=health.fault, detail=health.detail)

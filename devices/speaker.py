"""The kiosk's speaker: short sounds by a program of the system (aplay, paplay, pw-play), a child process for each.

A sound carries nothing alone (reference: look): a kiosk without a sound card works, and says so. Fault: "speaker-away".
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import structlog

from devices.health import Condition, Health

SOUNDS = Path(__file__).parent.parent / "assets" / "sounds"
LONGEST_S = 5.0
"""A player that has not ended by then hangs on its sound card; no sound is a tenth as long."""
READY = Health(Condition.READY)

log = structlog.get_logger()


class Speaker:
    """`player` is a command, to which the path of a WAV file is added. All of it belongs to one loop."""

    def __init__(self, player: Sequence[str]) -> None:
        self._player = tuple(player)
        self._health = READY
        self._playing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Looks for the program; whether there is a sound card, the first sound tells."""
        self._report(READY if shutil.which(self._player[0]) else _away("no-player"))

    async def close(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait({self._playing})

    def health(self) -> Health:
        return self._health

    def play(self, name: str) -> None:
        """Plays assets/sounds/NAME.wav and returns at once. While one plays, another is not begun: it would be late."""
        if self._playing is None or self._playing.done():
            self._playing = asyncio.get_running_loop().create_task(self._play(name))

    async def _play(self, name: str) -> None:
        quiet = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self._player, str(SOUNDS / f"{name}.wav"), stdin=quiet, stdout=quiet, stderr=quiet
            )
        except OSError:
            self._report(_away("no-player"))
            return
        try:
            async with asyncio.timeout(LONGEST_S):
                code = await process.wait()
            self._report(READY if code == 0 else _away(f"exit-{code}"))
        except TimeoutError:
            self._report(_away("hangs"))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _report(self, health: Health) -> None:
        """Says it once, and again when it has changed."""
        if health != self._health:
            self._health = health
            log.info("speaker.health", condition=health.condition, fault=health.fault, detail=health.detail)


def _away(why: str) -> Health:
    return Health(Condition.AWAY, "speaker-away", why)

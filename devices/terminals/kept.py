"""A terminal that is kept: connected by itself, asked how it is, let go of when it falls silent, and never shared."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import structlog

from devices.health import Condition, DeviceError, Health
from devices.keeper import Keeper
from devices.terminals.line import AnyLink
from devices.terminals.port import NotStarted

AWAY = Health(Condition.AWAY, "terminal-away")
_log = structlog.get_logger()


class Pace(Protocol):
    """Seconds: `idle` between keep-alives, `retry` the first wait before trying again, doubled up to `retry_most`."""

    @property
    def idle(self) -> float: ...

    @property
    def retry(self) -> float: ...

    @property
    def retry_most(self) -> float: ...


class KeptTerminal(ABC):
    """Every conversation holds `_turn`; only one that ended properly leaves the line open, so that no late word of one is taken
    for a word of the next. `_working` says what has been begun and not ended yet: a sale, a service, a cure. `_stop` is set when
    the running sale is asked to stop."""

    def __init__(self, link: AnyLink[Any], pace: Pace) -> None:
        self._link = link
        self._pace = pace
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._working = ""
        self._connected = False
        self._health = AWAY
        self._keeper = Keeper("the terminal", self._keep)

    @abstractmethod
    async def _tend(self) -> None:
        """One look after it: connects, sets `_connected` and the health, or asks one that is connected; drops one that fails.
        Raises nothing that the world may do."""

    async def open(self) -> None:
        self._set_health(AWAY)
        self._keeper.start()

    async def close(self) -> None:
        await self._keeper.stop()
        async with self._turn:
            await self._drop(AWAY)

    def health(self) -> Health:
        return self._health

    async def cancel(self) -> None:
        self._stop.set()

    # Whose turn it is

    def _free(self) -> None:
        if self._working:
            raise NotStarted("terminal-busy", self._working)

    @contextlib.contextmanager
    def _alone(self, work: str) -> Iterator[None]:
        """One thing at a time: a second is not started."""
        self._free()
        self._working = work
        try:
            yield
        finally:
            self._working = ""

    @contextlib.asynccontextmanager
    async def _line(self) -> AsyncIterator[None]:
        """A conversation that is cut off, by a cancelled task or a bug, leaves no line behind on which its end could arrive."""
        whole = False
        try:
            yield
            whole = True
        except (NotStarted, DeviceError):
            whole = True
            raise
        finally:
            if not whole:
                await self._drop(AWAY)

    # Looking after it

    async def _keep(self) -> None:
        """Connects, keeps alive, notices loss, connects again; waits longer each time in vain, up to `retry_most`."""
        wait = self._pace.retry
        while True:
            async with self._turn, self._line():
                await self._tend()
            if self._connected:
                wait = self._pace.retry
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.idle):
                        await self._link.down()
            else:
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._pace.retry_most)

    async def _drop(self, health: Health) -> None:
        self._connected = False
        self._set_health(health)
        await self._link.close()

    def _set_health(self, health: Health) -> None:
        """Whoever is latched stays so until a technician has started the kiosk anew."""
        if health == self._health:
            return
        if self._health.condition is Condition.LATCHED and self._keeper.running:
            return
        self._health = health
        _log.info("terminal.health", condition=health.condition.value, fault=health.fault, detail=health.detail)

"""What every day of a process plays on, made once because it takes longer to make than a day to live: the hub's application, its
clocks, SQL that was compiled for its database, and TLS for lines that have none."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from hub import store
from hub.hub import World as HubWorld
from hub.passwords import Cost
from offline_queue import tls
from offline_queue.simulation.front import Front

Now = Callable[[], dt.datetime]

MORNING = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
A_DAY_S = 86_400.0


class Stage:
    """One of a process, see `stage`. `clock` and `random` are those of the day that is lived now."""

    def __init__(self) -> None:
        self.clock: Now = lambda: MORNING
        self._elapsed: Callable[[], float] = lambda: 0.0
        self._before = 0.0
        self.random: Callable[[int], bytes] = Random(0).randbytes
        self.hub_world = HubWorld(clock=self._clock, monotonic=self._monotonic, random=self._random, cost=Cost(16, 1, 1))
        self.front = Front(self.hub_world)
        self._first: Engine | None = None
        self._no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def begin(self, elapsed: Callable[[], float]) -> None:
        """Another day begins, long after the one before: of that, the application has forgotten who had tried too often.
        `elapsed` counts the seconds of this one."""
        self._before = self._monotonic() + A_DAY_S
        self._elapsed = elapsed

    def _clock(self) -> dt.datetime:
        return self.clock()

    def _monotonic(self) -> float:
        return self._before + self._elapsed()

    def _random(self, count: int) -> bytes:
        return self.random(count)

    @contextmanager
    def set(self) -> Iterator[None]:
        """Within it every hub's engine is the shipped one, but that all of them compile for one dialect and remember what they
        compiled: a day opens its hub some three times. And no kiosk reads certificates for a line that shows them to nobody."""
        make_engine, make_context = store._engine, tls.context

        def engine(path: Path, key: str) -> Engine:
            made = make_engine(path, key)
            self._first = self._first or made
            made.dialect, made._compiled_cache = self._first.dialect, self._first._compiled_cache
            return made

        def context(ca_file: Path | None, key: Ed25519PrivateKey | None, certificate: str | None) -> ssl.SSLContext:
            return self._no_tls

        store._engine, tls.context = engine, context
        try:
            yield
        finally:
            store._engine, tls.context = make_engine, make_context


@cache
def stage() -> Stage:
    return Stage()

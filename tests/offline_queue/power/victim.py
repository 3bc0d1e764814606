"""A kiosk whose disk is watched or fails: `python -m tests.offline_queue.power.victim`, with the shim preloaded (shim.py).

Each line on stdin is a job (jobs.py); it runs in a fork, so that Python starts once for hundreds of them. For each there comes on
stdout {"status": how the fork ended (negative: the signal), "matched": calls that the fault could have been at, or null}.

What the kiosk promises it writes to the file `said` in its folder, in order with everything else that the shim logs. JSON lines:
{"asks": STEP, ..} before a call, {"did": STEP, ..} when it has returned, {"raised": the error, "to": STEP, ..} when it has not;
{"hub": [[pid, hash], ..]} when the hub has stored that. `hits` is how many calls have failed so far.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import datetime as dt
import json
import logging
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import httpx2
import structlog

from domain.money import Money
from domain.payment import Attempt, Outcome, Part, Result
from offline_queue import database
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.errors import DatabaseFault, QueueError
from offline_queue.journal import Journal
from offline_queue.sqlcipher import Connection
from offline_queue.sync import Sync
from offline_queue.wire.messages import Batch
from tests.offline_queue.power.jobs import Ending, Job, small_ballast
from tests.offline_queue.power.promises import by_statement
from tests.offline_queue.world import CODE, URL, FakeHub, World, approved, ended, lost

shim = ctypes.CDLL(None)


class Stopped(Exception):
    """The memory let the kiosk down where only a new start may go on."""


class Hub(FakeHub):
    """The fake hub, which says what it stores before it answers: from then on it knows."""

    def __init__(self, clock: Callable[[], dt.datetime], kiosk: Kiosk) -> None:
        super().__init__(clock)
        self._kiosk = kiosk

    def _take(self, batch: Batch) -> httpx2.Response:
        before = len(self.stored)
        answer = super()._take(batch)
        self._kiosk.say(hub=[(pid, hash_) for pid, hash_, _ in self.stored[before:]])
        return answer


class Kiosk:
    """One start of a kiosk, the `number`-th of this folder (from 1): what it pays is decided by its seed."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._world = World(job.seed * 1_000 + job.number)
        self._world.clock.now += dt.timedelta(days=8 * (job.number - 1))  # what was delivered before is forgotten now
        self._dice = random.Random(job.seed * 1_000 + job.number)
        root = Path(job.root)
        self._folder = root / "memory"
        self._said = os.open(root / "said", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lines = [json.loads(line) for line in (root / "said").read_text("ascii").splitlines()]

    def say(self, **words: object) -> None:
        os.write(self._said, (json.dumps({**words, "hits": shim.power_hits()}) + "\n").encode("ascii"))

    async def step(self, name: str, work: Callable[[], Awaitable[object]], **words: object) -> bool:
        """Asks for it, and says whether it was done. A bug ends this process with its traceback."""
        self.say(asks=name, **words)
        try:
            await work()
        except QueueError as error:
            self.say(raised=type(error).__name__, fault=isinstance(error, DatabaseFault), detail=error.detail, to=name, **words)
            return False
        self.say(did=name, **words)
        return True

    async def must(self, name: str, work: Callable[[], Awaitable[object]], **words: object) -> None:
        """The same, where the engine ends when it was not done."""
        if not await self.step(name, work, **words):
            raise Stopped

    async def live(self) -> None:
        """From start to end."""
        opened: list[Journal] = []

        async def start() -> None:
            opened.append(await self._world.journal(self._folder))

        if not await self.step("start", start):
            return
        journal = opened[0]
        with contextlib.suppress(Stopped):
            await self._work(journal)
        if self._job.ending is Ending.KILLED:
            report()
            os.kill(os.getpid(), signal.SIGKILL)
        await self.step("close", journal.close)

    async def _work(self, journal: Journal) -> None:
        hub = Hub(self._world.clock, self)
        hub.stored = [(pid, hash_, None) for line in self._lines for pid, hash_ in line.get("hub", [])]
        client = HubClient(URL, None, journal.identity(), clock=self._world.clock, transport=hub)
        if client.identity is None:
            await self.must("enrol", lambda: enrol(journal, client, CODE, "Lobby 1"))
        assert client.identity is not None
        hub.keys[client.identity.keyid] = client.identity.signing_key.public_key()
        sync = Sync(journal, client, on_reachability=lambda _: None)
        for number in range(1, self._job.payments + 1):
            attempt = self._attempt(number)
            opened = partial(journal.open_attempt, attempt, None)
            if not await self.step("open", opened, attempt=attempt.id, parts=by_statement(attempt)):
                continue
            await self._end(journal, attempt)
            if number % self._job.deliver_every == 0:
                await self._deliver(journal, sync, hub)

    def _attempt(self, number: int) -> Attempt:
        """Every third is for another bill besides."""
        attempt = self._world.attempt(100 + number, number=f"{self._job.number:04}{number:06}", account=f"A-{number}")
        if number % 3:
            return attempt
        first = Part(attempt.statement, attempt.account, "", Money(40, "USD"))
        other = Part(f"{self._job.number:04}9{number:05}", f"B-{number}", "V-1", attempt.amount - first.amount)
        return replace(attempt, parts=(first, other))

    async def _end(self, journal: Journal, attempt: Attempt) -> None:
        end = self._dice.choices(("approved", "declined", "captured", "unknown", "not-started", "open"), (60, 8, 10, 14, 4, 4))[0]
        if end == "not-started":
            closed = {"attempt": attempt.id, "outcome": end}
            await self.must("settle", lambda: journal.not_started(attempt.id, "no-paper"), **closed)
        elif end != "open":
            await self._settle(journal, attempt, Outcome(end))
        if end == "unknown" and self._dice.random() < 0.5:
            await self._settle(journal, attempt, self._dice.choice((Outcome.APPROVED, Outcome.DECLINED)))

    async def _settle(self, journal: Journal, attempt: Attempt, outcome: Outcome) -> None:
        result: Result = approved(attempt) if outcome is Outcome.APPROVED else ended(outcome)
        if outcome is Outcome.CAPTURED:
            result = Result(outcome, attempt.amount)
        await self.must("settle", lambda: journal.settle(attempt.id, result), attempt=attempt.id, outcome=outcome.value)

    async def _deliver(self, journal: Journal, sync: Sync, hub: Hub) -> None:
        if self._dice.random() < 0.25:
            hub.faults.append(lost)

        async def once() -> None:
            await sync.once()
            if await journal.undelivered(1) is None:
                self.say(did="deliver", head=len(hub.stored))

        await self.must("sync", once)


def careless(open_: Callable[[Path, bytes], Connection]) -> Callable[[Path, bytes], Connection]:
    """The mutation: a database that looks right when it is checked, and then commits without waiting for the disk."""

    def opened(folder: Path, key: bytes) -> Connection:
        connection = open_(folder, key)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    return opened


def run(job: Job) -> None:
    """A fork's whole life."""
    if job.careless:
        mock.patch.object(database, "_open", careless(database._open)).start()
    fault = job.fault
    shim.power_begin(
        job.root.encode(),
        job.log.encode(),
        ctypes.c_long(fault.call),
        fault.calls,
        fault.then,
        fault.error,
        fault.always,
        b"said",
    )
    with small_ballast():
        asyncio.run(Kiosk(job).live())
    report()


def report() -> None:
    """To the process that forked this one."""
    os.write(1, b"%d" % shim.power_matched())


def serve() -> None:
    for line in sys.stdin:
        job = Job.read(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writing, 1)
            run(job)
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as said:
            matched = said.read().decode().strip()
        answer = {"status": os.waitstatus_to_exitcode(status), "matched": int(matched) if matched else None}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    serve()

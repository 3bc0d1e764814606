"""Sync: brings queued records to the hub, for as long as it takes. It never gives up and never deletes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from offline_queue.client import HubAway, HubConfused
from offline_queue.errors import DiskFull, Forked
from offline_queue.journal import Journal
from offline_queue.wire.messages import MOST_RECORDS, Batch, BatchAnswer, Conflict, Head

HEARTBEAT = 300.0
FIRST_RETRY = 1.0
LONGEST_RETRY = 300.0
"""Seconds (reference: queue, protocol v1)."""

_log = structlog.get_logger()


class Hub(Protocol):
    """What sync asks of the hub's client."""

    async def head(self) -> Head: ...

    async def send(self, batch: Batch) -> BatchAnswer | Conflict: ...


class Sync:
    """Delivers what the journal has queued, one batch at a time. Its methods belong to one asyncio loop."""

    def __init__(
        self,
        journal: Journal,
        client: Hub,
        *,
        on_reachability: Callable[[bool], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`on_reachability` hears whether the hub can be reached and takes our records: at the first answer or failure, and at
        each change. After a fork it hears False and then nothing more: what is paid now stays here, so it is paid as offline,
        under limits. `sleep` waits that many seconds of a clock that never jumps, `random` is uniform in [0, 1)."""
        self._journal = journal
        self._client = client
        self._sleep = sleep
        self._random = random
        self._tell = on_reachability
        self._online: bool | None = None
        self._attention: Forked | None = None
        self._failures = 0
        self._error = ""
        self._unanswered: Batch | None = None
        self._one = asyncio.Lock()
        self._nudged = asyncio.Event()

    @property
    def attention(self) -> Forked | None:
        """Set when the hub's history and ours differ: nothing is sent, and the hub counts as away however well it answers, until
        a person has looked and the kiosk starts again."""
        return self._attention

    def nudge(self) -> None:
        """There is something new to send, or a reason to think that the hub is back: try now."""
        self._nudged.set()

    async def run(self) -> None:
        """Delivers for ever; cancel it to stop. A DatabaseFault passes to the caller: it is not the network's to mend."""
        while True:
            self._nudged.clear()
            pause = await self.once()
            await self._rest(pause)

    async def once(self) -> float:
        """Sends everything that waits, or asks for the hub's head when nothing does. Returns the seconds to rest before the next
        time: the heartbeat, or after a failure a random part of a time that doubles up to LONGEST_RETRY (full jitter)."""
        async with self._one:
            pause = await self._tried()
            await self._note(pause)
            return pause

    async def _tried(self) -> float:
        try:
            await self._exchange()
        except HubAway as error:
            return self._failed(error.code, 0)
        except HubConfused as error:
            return self._failed(error.code, error.status)
        except Forked as error:
            self._attention = error
            _log.error("queue.fork", head=error.head)
        self._failures, self._error = 0, ""
        self._report(self._attention is None)
        return HEARTBEAT

    async def _note(self, pause: float) -> None:
        """For whoever looks at the queue. On a full disk the note is what can wait: it takes no room from a payment's end."""
        try:
            await self._journal.tried_sync(pause, self._failures, self._error, self._attention.code if self._attention else "")
        except DiskFull as full:
            _log.warning("queue.unnoted", reason=full.code)

    async def _exchange(self) -> None:
        if self._attention is not None:
            await self._client.head()
            return
        batch = await self._next()
        if batch is None:
            await self._journal.heard(await self._client.head())
            batch = await self._next()
        while batch is not None:
            self._unanswered = batch
            answer = await self._client.send(batch)
            self._unanswered = None
            if isinstance(answer, Conflict):
                await self._rewind(batch, answer)
            else:
                await self._take(batch, answer)
            batch = await self._next()

    async def _next(self) -> Batch | None:
        """The batch whose answer never came, unchanged, before anything new."""
        return self._unanswered or await self._journal.undelivered(MOST_RECORDS)

    async def _rewind(self, batch: Batch, answer: Conflict) -> None:
        """After a gap, everything that the hub does not have is queued again."""
        if answer.kind == "fork":
            raise Forked(answer.head.seq)
        no_gap = answer.head.seq + 1 >= batch.records[0].seq
        if no_gap or not await self._journal.heard(answer):
            raise HubConfused("hub-no-progress", 409)

    async def _take(self, batch: Batch, answer: BatchAnswer) -> None:
        told = [(result.seq, result.pid) for result in answer.results]
        if told != [(record.seq, record.pid) for record in batch.records]:
            raise HubConfused("hub-no-progress", 200)
        delivered = await self._journal.mark_delivered(answer)
        if delivered.count == 0:
            raise HubConfused("hub-no-progress", 200)
        _log.info("queue.delivered", count=delivered.count, head=answer.head.seq)
        for pid, code in delivered.parked:
            _log.warning("queue.parked", pid=pid, code=code)

    def _failed(self, reason: str, status: int) -> float:
        most = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures, 16))
        self._failures, self._error = self._failures + 1, reason
        pause = most * self._random()
        self._report(False)
        _log.warning("queue.failed", reason=reason, status=status, retry_s=round(pause, 1))
        return pause

    def _report(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._tell(online)

    async def _rest(self, pause: float) -> None:
        """Waits for the pause to end or for a nudge, whichever comes first."""
        waits = {asyncio.ensure_future(self._sleep(pause)), asyncio.ensure_future(self._nudged.wait())}
        try:
            ended, waits = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in ended:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()

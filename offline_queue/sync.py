"""Sync: brings queued records to the hub, for as long as it takes. It never gives up and never deletes.

What the hub may answer, and what is done then, is the table of docs/sync-protocol.md, "What can go wrong".
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from domain.limits import Limits
from offline_queue.client import HubAway, HubConfused, HubRefused
from offline_queue.enrolment import Certifier, certify
from offline_queue.errors import DiskFull, Forked, KioskRefused, QueueError, RecordRefused
from offline_queue.journal import Journal
from offline_queue.outbox import Heard
from offline_queue.wire.messages import MOST_RECORDS, Batch, BatchAnswer, Conflict, Head, Outcomes

HEARTBEAT = 300.0
FIRST_RETRY = 1.0
LONGEST_RETRY = 300.0
LONGEST_WAIT = 900.0
"""Seconds. LONGEST_WAIT is the most that a hub's Retry-After is believed."""

CIRCUIT = 5
"""Failures in a row after which a batch is sent only once the head has answered."""

_NOT_THIS_BATCH = frozenset({400, 413, 415})
_NOT_THIS_KIOSK = frozenset({401, 403})
_MENDED_NEXT_TIME = frozenset({"signature-clock-skew", "certificate-expired"})
_NOT_NOW = frozenset({429, 503})

_log = structlog.get_logger()


class Hub(Certifier, Protocol):
    """What sync asks of the hub's client."""

    async def head(self) -> Head: ...

    async def send(self, batch: Batch) -> BatchAnswer | Conflict: ...

    async def outcomes(self, after: int) -> Outcomes: ...


class Sync:
    """Delivers what the journal has queued, one batch at a time. Its methods belong to one asyncio loop."""

    def __init__(
        self,
        journal: Journal,
        client: Hub,
        *,
        on_reachability: Callable[[bool], None],
        limits: Limits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`on_reachability` hears whether the hub can be reached and takes our records: at the first answer or failure, and at
        each change. While something needs a person it hears False: what is paid now stays here, so it is paid as offline, under
        limits. `limits` are the kiosk's own, kept with the hub's at every heartbeat. `sleep` waits that many seconds of `clock`,
        which never jumps; `random` is uniform in [0, 1)."""
        self._journal = journal
        self._client = client
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._tell = on_reachability
        self._online: bool | None = None
        self._attention: QueueError | None = None
        self._failures = 0
        self._error = ""
        self._most = MOST_RECORDS
        self._unanswered: Batch | None = None
        self._asked_at: float | None = None
        self._behind = False
        self._patient = False
        self._one = asyncio.Lock()
        self._nudged = asyncio.Event()

    @property
    def attention(self) -> QueueError | None:
        """What a person must see to. Forked and KioskRefused: nothing is sent until the kiosk was enrolled or started again.
        RecordRefused: it ends by itself when the hub takes the record."""
        return self._attention

    def nudge(self) -> None:
        """There is something new to send, or a reason to think that the hub is back: try now, unless it asked for a pause."""
        self._nudged.set()

    async def run(self) -> None:
        """Delivers for ever; cancel it to stop. A DatabaseFault passes to the caller: it is not the network's to mend."""
        while True:
            self._nudged.clear()
            pause = await self.once()
            await self._rest(pause)

    async def once(self) -> float:
        """Sends everything that waits, asks for the hub's head when nothing does or it is time, and for outcomes when there are
        any. Returns the seconds to rest before the next time: the heartbeat; after a failure a random part of a time that doubles
        up to LONGEST_RETRY (full jitter), or what the hub asked for."""
        async with self._one:
            self._patient = False
            pause = await self._tried()
            await self._note(pause)
            return pause

    async def _tried(self) -> float:
        try:
            await self._exchange()
        except HubAway as error:
            return self._failed(error.code, 0)
        except HubConfused as error:
            return self._turned_away(error)
        except RecordRefused as error:
            return self._one_record(error)
        except Forked as error:
            self._attention = error
            _log.error("queue.fork", head=error.head)
        self._failures, self._error = 0, ""
        self._report(self._attention is None)
        return HEARTBEAT

    async def _note(self, pause: float) -> None:
        """For whoever looks at the queue. On a full disk the note is what can wait: it takes no room from a payment's end."""
        next_in = None if self._stopped else pause
        attention = self._attention.code if self._attention else ""
        try:
            await self._journal.tried_sync(next_in, self._failures, self._error, attention)
        except DiskFull as full:
            _log.warning("queue.unnoted", reason=full.code)

    @property
    def _stopped(self) -> bool:
        return isinstance(self._attention, (Forked, KioskRefused))

    async def _exchange(self) -> None:
        if self._stopped:
            await self._client.head()
            return
        await certify(self._journal, self._client)
        if self._failures >= CIRCUIT:
            await self._ask()
        sent, refused = await self._drain()
        if not sent or self._asked_at is None or self._clock() - self._asked_at >= HEARTBEAT:
            await self._ask()
            if refused is None:
                _, refused = await self._drain()
        await self._catch_up()
        if refused is not None:
            raise refused

    async def _ask(self) -> None:
        head = await self._client.head()
        self._asked_at = self._clock()
        self._heard(await self._journal.heard(head, self._limits), head)

    def _heard(self, heard: Heard, word: Head | BatchAnswer | Conflict) -> None:
        if heard.believed and not isinstance(word, Conflict):
            self._behind = heard.behind
        if heard.again:
            _log.warning("queue.rewound", gen=word.gen, head=word.head.seq, count=heard.again)

    async def _drain(self) -> tuple[bool, RecordRefused | None]:
        """Sends until nothing waits: (whether anything did, the one record that the hub does not take)."""
        sent = False
        while (batch := await self._next()) is not None:
            sent, self._unanswered = True, batch
            try:
                answer = await self._client.send(batch)
            except HubConfused as error:
                if error.status not in _NOT_THIS_BATCH:
                    raise
                self._unanswered = None
                if len(batch.records) == 1:
                    return sent, RecordRefused(batch.records[0].seq, error.code, error.status)
                self._most = len(batch.records) // 2
                continue
            self._unanswered = None
            if isinstance(answer, Conflict):
                await self._rewind(batch, answer)
            else:
                await self._take(batch, answer)
        return sent, None

    async def _next(self) -> Batch | None:
        """The batch whose answer never came, unchanged, before anything new."""
        return self._unanswered or await self._journal.undelivered(self._most)

    async def _rewind(self, batch: Batch, answer: Conflict) -> None:
        """After a gap, everything that the hub does not have is queued again."""
        if answer.kind == "fork":
            raise Forked(answer.head.seq)
        if answer.head.seq + 1 >= batch.records[0].seq:
            raise HubConfused("hub-no-progress", 409)
        heard = await self._journal.heard(answer, None)
        if not heard.believed:
            raise HubConfused("hub-no-progress", 409)
        self._heard(heard, answer)

    async def _take(self, batch: Batch, answer: BatchAnswer) -> None:
        told = [(result.seq, result.pid) for result in answer.results]
        if told != [(record.seq, record.pid) for record in batch.records]:
            raise HubConfused("hub-no-progress", 200)
        delivered = await self._journal.mark_delivered(answer)
        self._heard(delivered.heard, answer)
        if delivered.count == 0:
            raise HubConfused("hub-no-progress", 200)
        self._most = min(MOST_RECORDS, 2 * self._most)
        if isinstance(self._attention, RecordRefused):
            self._attention = None
        _log.info("queue.delivered", count=delivered.count, head=answer.head.seq)
        for pid, code in delivered.parked:
            _log.warning("queue.parked", pid=pid, code=code)

    async def _catch_up(self) -> None:
        """Reads the outcomes that are new, as far as their records have been answered."""
        while self._behind:
            have = await self._journal.news()
            answer = await self._client.outcomes(have)
            if [outcome.number for outcome in answer.outcomes] != list(range(have + 1, have + 1 + len(answer.outcomes))):
                raise HubConfused("hub-no-progress", 200)
            taken = await self._journal.take_news(answer)
            for pid, code in taken.declined:
                _log.warning("queue.declined", pid=pid, code=code)
            self._behind = taken.count > 0 and have + taken.count < answer.news

    def _turned_away(self, error: HubConfused) -> float:
        if error.status in _NOT_THIS_KIOSK and isinstance(error, HubRefused) and error.code not in _MENDED_NEXT_TIME:
            return self._stop(error)
        if error.status in _NOT_NOW and error.retry_after is not None:
            self._patient = True
            return self._failed(error.code, error.status, min(LONGEST_WAIT, float(error.retry_after)))
        return self._failed(error.code, error.status)

    def _stop(self, error: HubRefused) -> float:
        if not self._stopped:
            self._attention = KioskRefused(error.code)
            _log.error("queue.stopped", reason=self._attention.code, detail=error.code)
        self._error = error.code
        self._report(False)
        return HEARTBEAT

    def _one_record(self, refused: RecordRefused) -> float:
        """It is tried at the slowest pace, however much is paid meanwhile: what came after it has to wait for it."""
        self._attention, self._patient = refused, True
        _log.error("queue.record_refused", seq=refused.seq, reason=refused.reason, status=refused.status)
        self._failures, self._error = self._failures + 1, refused.reason
        self._report(False)
        return LONGEST_RETRY

    def _failed(self, reason: str, status: int, pause: float | None = None) -> float:
        most = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures, 16))
        self._failures, self._error = self._failures + 1, reason
        pause = most * self._random() if pause is None else pause
        self._report(False)
        _log.warning("queue.failed", reason=reason, status=status, retry_s=round(pause, 1))
        return pause

    def _report(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._tell(online)

    async def _rest(self, pause: float) -> None:
        """Waits for the pause to end or for a nudge, whichever comes first; no nudge ends a pause that the hub asked for."""
        waits = {asyncio.ensure_future(self._sleep(pause))}
        if not self._patient:
            waits.add(asyncio.ensure_future(self._nudged.wait()))  # type: ignore[arg-type]
        try:
            ended, waits = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in ended:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()

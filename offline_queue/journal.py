"""The journal: what the engine asks of the memory. Every call hops to the one database thread and is durable when it returns."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt, Result
from offline_queue import allowance, attempts, folder, identity, keeping, news, outbox, sync_state
from offline_queue.attempts import Found
from offline_queue.database import Database
from offline_queue.errors import DatabaseFault, NotEnrolled, QueueError
from offline_queue.identity import Identity
from offline_queue.keeping import KeyKeeper
from offline_queue.news import News
from offline_queue.outbox import Delivered, Heard
from offline_queue.seals import Seals
from offline_queue.sqlcipher import Connection
from offline_queue.sync_state import SyncState
from offline_queue.wire.messages import Batch, BatchAnswer, Conflict, Enrolled, Head, Outcomes

_T = TypeVar("_T")


class Journal:
    """One kiosk's attempts and outbox. Made by `open`; its methods belong to one asyncio loop.

    A call whose caller was cancelled still runs to its end on the database thread. A DatabaseFault (disk full, damage) leaves
    the journal usable: the next call opens the file afresh.
    """

    def __init__(self, path: Path, clock: Callable[[], dt.datetime], random: Callable[[int], bytes], keeper: KeyKeeper) -> None:
        self._path = path
        self._keeper = keeper
        self._clock = clock
        self._random = random
        self._database = Database(path)
        self._seals = Seals()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._lock: int | None = None
        self._closed = False
        self._identity: Identity | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], dt.datetime],
        random: Callable[[int], bytes],
        keeper: KeyKeeper = keeping.IN_FILE,
    ) -> Journal:
        """Opens the memory in the folder `path`, making it (0700) and its key at the very first start.

        `clock` gives aware times, `random` that many random bytes (os.urandom), `keeper` keeps the key. Raises DatabaseInUse,
        DatabaseForeign, DatabaseNewer, KeyExposed, KeyRefused, KeyAway, DatabaseDamaged, DatabaseUnsafe, DiskFull or DiskFailing;
        nothing is left locked then.
        """
        journal = cls(path, clock, random, keeper)
        try:
            await journal._run(journal._open)
        except BaseException:
            await journal.close()
            raise
        return journal

    async def close(self) -> None:
        """Folds the log in and unlocks the folder. The journal cannot be used afterwards; closing it again does nothing."""
        if not self._closed:
            self._closed = True
            await self._run(self._close)
            self._thread.shutdown(wait=True)

    def identity(self) -> Identity | None:
        """Who this kiosk is to the hub, None before its enrolment."""
        return self._identity

    async def enrolment_key(self) -> Ed25519PrivateKey:
        """The signing key for an enrolment, made on this device and kept from the first call on."""
        return await self._transact(lambda connection: identity.unused_key(connection, self._random))

    async def enrolled(self, answer: Enrolled) -> Identity:
        """Keeps the hub's answer to an enrolment with `enrolment_key`. After an earlier one, its records that the hub may not
        have go along, and what a person was to see to is over. Raises AlreadyEnrolled, AnotherKiosk."""

        def keep(connection: Connection) -> Identity:
            kept = identity.keep(connection, answer)
            outbox.carry(connection, kept.epoch)
            sync_state.forget(connection)
            return kept

        self._identity = await self._record(keep)
        await self._run(self._settle_key)
        return self._identity

    async def renewed(self, certificate: str) -> Identity:
        """Keeps the next certificate (base64 of DER) of this enrolment. Raises NotEnrolled."""
        who = self._enrolled()
        self._identity = await self._record(lambda connection: identity.renew(connection, who, certificate))
        return self._identity

    async def open_attempt(self, attempt: Attempt, limits: Limits | None) -> None:
        """Keeps `attempt` before the terminal hears of it (law 2); `limits` exactly when it is offline (law 5: checked in the
        same transaction, this payment included). The same attempt again, still open, changes nothing.

        Raises NotEnrolled, AccountBlocked, LimitReached, AttemptClosed, or a DatabaseFault: in every case, do not charge. After
        a fault the attempt was not kept, or is closed as not started, unless the file cannot be opened afresh: then it may be
        found open, and the terminal is asked.
        """
        if attempt.offline != (limits is not None):
            raise ValueError("limits belong to an offline attempt, and only to it")
        who, now = self._enrolled(), self._clock()
        await self._run(self._open_attempt, who, attempt, limits, now)

    async def settle(self, attempt_id: str, result: Result) -> None:
        """Keeps the outcome and, in the same transaction, seals and queues what the hub must know: approved, captured,
        unknown, and how an unknown one ended. The same result again changes nothing.

        Raises ResultContradicted when another result stands, LookupError for no such attempt, or a DatabaseFault after the file
        was opened afresh and the result was not in it.
        """
        who, now = self._enrolled(), self._clock()
        await self._run(self._settle, who, attempt_id, result, now)

    async def not_started(self, attempt_id: str, fault: str) -> None:
        """Closes an attempt of which the terminal never heard; `fault` is the driver's. Raises ResultContradicted."""
        now = self._clock()
        await self._record(lambda connection: attempts.not_started(connection, attempt_id, fault, now))

    async def find(self, attempt_id: str) -> Found | None:
        """What is known of an attempt, None when it was never opened."""
        return await self._transact(lambda connection: attempts.find(connection, attempt_id))

    async def attempt(self, attempt_id: str) -> Attempt:
        """The attempt of this id, which was opened here. Raises LookupError when it was not."""
        found = await self.find(attempt_id)
        if found is None:
            raise LookupError("no such attempt")
        return found.attempt

    async def unresolved(self) -> tuple[Attempt, ...]:
        """Attempts whose end is not known (open or unknown), oldest first."""
        return await self._transact(attempts.unresolved)

    async def to_inquire(self) -> Found | None:
        """The attempt that the terminal must be asked about before anything else, and what was said of it so far; None when there
        is none."""
        return await self._transact(attempts.to_inquire)

    async def taken_under(self, terminal_id: str, receipts: tuple[int, int], currency: str) -> tuple[int, Money]:
        """How many of the terminal's newest approvals have such receipt numbers, first to last, and what they come to."""
        return await self._transact(lambda connection: attempts.taken_under(connection, terminal_id, receipts, currency))

    async def undelivered(self, limit: int) -> Batch | None:
        """The next at most `limit` records for the hub, None when it has everything. Raises NotEnrolled."""
        who = self._enrolled()
        return await self._transact(lambda connection: outbox.waiting(connection, who, limit))

    async def mark_delivered(self, answer: BatchAnswer) -> Delivered:
        """Takes the hub's answer to a batch. Raises Forked."""
        who, now = self._enrolled(), self._clock()
        delivered = await self._record(lambda connection: outbox.delivered(connection, who, answer, now))
        await self._run(self._database.hold_room)
        return delivered

    async def heard(self, word: Head | Conflict, limits: Limits | None) -> Heard:
        """Takes the hub's word on its position: what it has lost is queued again, and payloads that it has held durably for a
        week are forgotten. A head's keys are taken too: what is settled next is sealed to the first of them; and its limits: with
        the kiosk's own (`limits`) of now, they bind while it is away. A word from before a restore is ignored. Raises Forked."""
        who, now = self._enrolled(), self._clock()

        def take(connection: Connection) -> tuple[Heard, Identity]:
            ours = outbox.heard(connection, who, word, now)
            if not (ours.believed and isinstance(word, Head)):
                return ours, who
            allowance.keep(connection, who, limits, word.limits)
            return ours, identity.follow(connection, who, word.hub_keys)

        ours, self._identity = await self._record(take)
        await self._run(self._database.hold_room)
        return ours

    async def news(self) -> int:
        """The number of the newest outcome that was read, 0 before the first."""
        who = self._enrolled()
        return await self._transact(lambda connection: news.newest(connection, who))

    async def take_news(self, answer: Outcomes) -> News:
        """Takes what the hub says became of records. Another generation's word changes nothing: its head comes first."""
        who = self._enrolled()
        return await self._record(lambda connection: news.take(connection, who, answer))

    async def tried_sync(self, pause: float | None, failures: int, error: str, attention: str) -> None:
        """Keeps how sync's last try went and that the next is due in `pause` seconds, None when not before a person acted; see
        SyncState for the rest. It is a transaction of its own, written after the try and never between a card and its outcome."""
        now = self._clock()
        state = SyncState(now, None if pause is None else now + dt.timedelta(seconds=pause), failures, error, attention)
        await self._transact(lambda connection: sync_state.keep(connection, state))

    def _enrolled(self) -> Identity:
        if self._identity is None:
            raise NotEnrolled
        return self._identity

    async def _transact(self, work: Callable[[Connection], _T]) -> _T:
        return await self._run(self._database.transact, work)

    async def _record(self, work: Callable[[Connection], _T]) -> _T:
        """A transaction of what has already happened: it may have the ballast's room."""
        return await self._run(self._database.record, work)

    async def _run(self, work: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _open(self) -> None:
        self._lock = folder.lock(self._path)
        keeping.make_key(self._path, self._keeper, self._random)
        self._identity = self._database.transact(identity.load)
        self._settle_key()
        self._database.hold_room()

    def _settle_key(self) -> None:
        keeping.settle_key(self._path, self._keeper, self._database.key, self._identity)

    def _close(self) -> None:
        self._database.close()
        if self._lock is not None:
            os.close(self._lock)

    def _open_attempt(self, who: Identity, attempt: Attempt, limits: Limits | None, now: dt.datetime) -> None:
        written = False

        def keep(connection: Connection) -> None:
            nonlocal written
            if attempts.open_attempt(connection, attempt, limits, now):
                self._database.check_room(connection)
                outbox.expect(connection, who, self._seals, attempt.id)
                written = True

        try:
            self._database.transact(keep)
        except DatabaseFault as fault:
            # The commit may have been kept all the same: nobody will charge it, so it must not stay open and block its bill.
            try:
                if written:
                    self._close_if_kept(attempt.id, fault.code, now)
            except QueueError as again:
                raise fault from again
            raise

    def _close_if_kept(self, attempt_id: str, fault: str, now: dt.datetime) -> None:
        def close(connection: Connection) -> None:
            if attempts.find(connection, attempt_id) is not None:
                attempts.not_started(connection, attempt_id, fault, now)

        self._database.record(close)

    def _settle(self, who: Identity, attempt_id: str, result: Result, now: dt.datetime) -> None:
        try:
            self._database.record(lambda connection: attempts.settle(connection, who, self._seals, attempt_id, result, now))
        except DatabaseFault:
            # The commit may have been kept all the same: open afresh and look (reference: queue, requirement 2).
            found = self._database.transact(lambda connection: attempts.find(connection, attempt_id))
            if found is None or not attempts.agrees(found, result):
                raise

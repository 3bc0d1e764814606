"""`capture`: what it costs to keep a payment, against the least that SQLite can do, in the same run.

A capture is the outbox's part in a transaction of its own: it seals a record of 600 bytes, which is given, to the hub's key,
links it into the chain and commits it, encrypted and durable. What a patient waits for is more, and stands in the note:
`Journal.settle` finds the attempt, notes its outcome and makes the record in the same transaction. (The attempt was committed
before the terminal heard of it, and the key of its seal agreed upon: neither is in these figures.)
Against it: `BEGIN IMMEDIATE`, an insert of 600 bytes, given too, and `COMMIT` in the interpreter's own sqlite3, WAL and
synchronous=FULL, no encryption, no index, no chain. All take turns, sample by sample, so that a busy machine is busy for all; p50
of each. Who comes before matters: after one that does not sync (litequeue, diskcache) the next sync pays for both, so neither of
the two comes after such a one: ours after its attempt's commit, the bare insert after ours.
Every file begins empty. A sync takes longer while its log still grows, until it is written over from its beginning; the bare
insert's log grows for some 750 of its 2,000 samples, ours for 150, and no sample is left out for it.

The queues of benchmarks.peers take their turn too. `capture.syncs` is counted by the kernel. `capture.scale_ratio` takes turns
between two memories, of 1,000 and of 1,000,000 rows.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.office import bill_number, office
from benchmarks.payments import RECORD_BYTES, approved, now, open_memory, payment
from benchmarks.peers import install, open_peers
from benchmarks.retained import fill
from benchmarks.syncs import SyncCount, counting
from domain.payment import Result
from offline_queue import attempts, outbox
from offline_queue.seals import Seals
from offline_queue.sqlcipher import Connection

SAMPLES = 2_000
SYNCED = 200
SCALE_SAMPLES = 1_000
FEW, MANY = 1_000, 1_000_000
WARMING = 50
"""Samples that do not count: caches fill, files get their first pages."""


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields capture.p50_ratio, capture.syncs and capture.scale_ratio."""
    install(progress)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress("enrolling a kiosk")
        with office(folder, bills=0) as place:
            enrolled = place.kiosk_folder
        memories = {rows: folder / f"kiosk-{rows}" for rows in (0, 1, FEW, MANY)}
        for rows, memory in memories.items():
            shutil.copytree(enrolled, memory)
            fill(memory, rows, progress)
        yield _ratio(memories[0], memories[1], folder, progress)
        yield _syncs(memories[0], progress)
        yield _scale(memories[FEW], memories[MANY], progress)


class Settlings:
    """The memory in a folder, on this thread: `begin` commits an attempt, `end` captures its payment with the attempt's outcome.
    A call does both.

    `end` and a call give the milliseconds of that one transaction.
    """

    def __init__(self, folder: Path) -> None:
        self._database, self._who = open_memory(folder)
        self._seals = Seals()
        self._made = 0
        self._attempt = payment(bill_number(0))

    def __call__(self) -> float:
        self.begin()
        return self.end()

    def begin(self) -> None:
        self._made += 1
        self._attempt = payment(bill_number(self._made))
        self._database.transact(self._open)

    def _open(self, connection: Connection) -> None:
        attempts.open_attempt(connection, self._attempt, None, now())
        outbox.expect(connection, self._who, self._seals, self._attempt.id)

    def end(self) -> float:
        result = approved(self._attempt)
        return self._timed(partial(self._settle, result=result))

    def _settle(self, connection: Connection, result: Result) -> None:
        attempts.settle(connection, self._who, self._seals, self._attempt.id, result, now())

    def _timed(self, work: Callable[[Connection], None]) -> float:
        begun = time.perf_counter()
        self._database.transact(work)
        return (time.perf_counter() - begun) * 1000

    def close(self) -> None:
        self._database.close()


class Captures(Settlings):
    """The same, but of the attempt nothing is noted: a record that is given, of 600 bytes, is captured. The attempt ends before
    the next begins."""

    def _open(self, connection: Connection) -> None:
        connection.execute("UPDATE attempts SET state = 'approved', taken = minor, settled_at = opened_at WHERE state = 'open'")
        super()._open(connection)

    def end(self) -> float:
        record = outbox.record(self._attempt, approved(self._attempt), now())
        return self._timed(lambda connection: outbox.append(connection, self._who, self._seals, record))


class Bare:
    """The line to beat: one durable insert of 600 bytes, in milliseconds."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("CREATE TABLE record (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")

    def __call__(self) -> float:
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO record (data) VALUES (?)", (b"x" * RECORD_BYTES,))
        self._connection.execute("COMMIT")
        return (time.perf_counter() - begun) * 1000

    def close(self) -> None:
        self._connection.close()


def in_turns(samplers: dict[str, Callable[[], float]], samples: int, progress: Callable[[str], None]) -> dict[str, float]:
    """The p50 of each sampler, one sample of each after the other."""
    taken: dict[str, list[float]] = {name: [] for name in samplers}
    for number in range(-WARMING, samples):
        if number % 50 == 0:
            progress(f"{max(0, number)} of {samples} samples")
        for name, sample in samplers.items():
            one = sample()
            if number >= 0:
                taken[name].append(one)
    return {name: statistics.median(times) for name, times in taken.items()}


def _ratio(memory: Path, other: Path, folder: Path, progress: Callable[[str], None]) -> Figure:
    ours, settled, bare = Captures(memory), Settlings(other), Bare(folder / "bare.db")
    queues = folder / "peers"
    queues.mkdir()
    peers = open_peers(queues)
    samplers: dict[str, Callable[[], float]] = {"ours": ours, "bare": bare, "settled": settled}
    samplers |= {f"{peer.name} ({peer.durability})": _putting(peer.put) for peer in peers}
    p50 = in_turns(samplers, SAMPLES, progress)
    for samples in (ours, settled, bare):
        samples.close()
    others = "; ".join(f"{name} {p50[name]:.3f}" for name in samplers if name not in ("ours", "bare", "settled"))
    note = f"ms, p50 of {SAMPLES}: ours {p50['ours']:.3f} (SQLCipher, WAL FULL, sealed, chained), "
    note += f"with the attempt's outcome {p50['settled']:.3f}; bare sqlite3 {p50['bare']:.3f}; {others}"
    return Figure("capture.p50_ratio", round(p50["ours"] / p50["bare"], 3), 2.0, "lower", note)


def _putting(put: Callable[[str], object]) -> Callable[[], float]:
    def sample() -> float:
        begun = time.perf_counter()
        put("x" * RECORD_BYTES)
        return (time.perf_counter() - begun) * 1000

    return sample


def _syncs(memory: Path, progress: Callable[[str], None]) -> Figure:
    progress(f"syncs of {SYNCED} captures")
    counted = counting(lambda syncs: syncs_of(memory, SYNCED, syncs))
    most_often = statistics.mode(counted)
    if most_often < 1:
        raise RuntimeError("a capture was not synced: it is not durable")
    extra = sum(counted) - SYNCED * most_often
    note = f"fsync, fdatasync and their kin, of {SYNCED} captures one by one; {extra} more by checkpoints"
    return Figure("capture.syncs", most_often, 1, "lower", note)


def syncs_of(memory: Path, captures: int, syncs: SyncCount) -> list[int]:
    """How often each of that many captures synced; the commit of its attempt is not counted."""
    capture, each = Settlings(memory), list[int]()
    for _ in range(captures):
        capture.begin()
        before = syncs.count
        capture.end()
        each.append(syncs.count - before)
    capture.close()
    return each


def _scale(few: Path, many: Path, progress: Callable[[str], None]) -> Figure:
    small, large = Settlings(few), Settlings(many)
    p50 = in_turns({"few": small, "many": large}, SCALE_SAMPLES, progress)
    small.close()
    large.close()
    note = f"p50 of {SCALE_SAMPLES}: {p50['many']:.3f} ms with {MANY:,} rows retained, {p50['few']:.3f} ms with {FEW:,}"
    return Figure("capture.scale_ratio", round(p50["many"] / p50["few"], 3), 1.3, "lower", note)

"""`drain`: how fast 100,000 queued records reach the hub, and that neither side grows meanwhile.

The kiosk's shipped Journal, Sync and HubClient in this process; the shipped hub as `./lobbypay hub serve` in its own, on a fresh
folder, over loopback TLS, every request signed. A record counts when the hub has opened it, posted it to the ledger, synced it
and said so, and the kiosk has noted that durably. The rate is the median of ten equal parts of the way.

Against it the queues of benchmarks.peers, on the same disk before and after: each claims and acknowledges records one by one, as
their users do. Only a peer that keeps a record through a power cut and through its taker's death does what a drain does, so the
best of those is the one that counts; the others stand in the note.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.office import Office, bill_number, office
from benchmarks.payments import RECORD_BYTES, now, queue
from benchmarks.peers import install, open_peers
from offline_queue.client import HubClient
from offline_queue.identity import Identity
from offline_queue.sync import Sync
from offline_queue.wire.messages import Batch, BatchAnswer, Conflict, RecordStatus

RECORDS = 100_000
BILLS = 10_000
PARTS = 10
PEER_ROUNDS = 5
PEER_RECORDS = 200
RATIO = 10.0
MOST_GROWTH_MB = 20.0


@dataclass(slots=True)
class Way:
    """What was seen on the way: when each batch's answer came and how many records had come by then, by how much each process had
    grown (MB), and how many records were posted."""

    came: list[tuple[float, int]] = field(default_factory=list)
    grown: list[float] = field(default_factory=list)
    posted: int = 0

    def rate(self) -> float:
        """Records a second."""
        return part_rate(self.came, PARTS)


def figures(progress: Callable[[str], None]) -> Iterator[Figure]:
    """Yields drain.ratio_to_best_peer and drain.rss_growth_mb."""
    install(progress)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = peer_rates(folder / "before", progress)
        progress(f"a hub with {BILLS} bills")
        with office(folder, BILLS) as place:
            queue(place.kiosk_folder, map(bill_number, itertools.cycle(range(BILLS))), RECORDS, progress)
            way = asyncio.run(drain(place, progress))
        after = peer_rates(folder / "after", progress)
    if way.posted != RECORDS:
        raise RuntimeError(f"the hub posted {way.posted} of {RECORDS} records")
    rates = {peer: statistics.median([*before[peer], *after[peer]]) for peer in before}
    yield ratio(way.rate(), rates)
    note = f"the larger of kiosk and hub, from the first batch of {RECORDS} records to its peak"
    yield Figure("drain.rss_growth_mb", round(max(way.grown), 1), MOST_GROWTH_MB, "lower", note)


def ratio(ours: float, rates: dict[tuple[str, str, bool], float]) -> Figure:
    """Our rate over that of the best peer that keeps its records. `rates` by name, durability and whether it does."""
    best = max(rate for (_, _, keeps), rate in rates.items() if keeps)
    others = "; ".join(f"{name} ({durability}) {rate:.0f}" for (name, durability, _), rate in rates.items())
    note = f"records a second: ours {ours:.0f} of {RECORD_BYTES} bytes, posted and acknowledged; {others}"
    return Figure("drain.ratio_to_best_peer", round(ours / best, 2), RATIO, "higher", note)


def part_rate(came: list[tuple[float, int]], parts: int) -> float:
    """The median rate of `parts` equal parts of a way; `came` is at which time (seconds) how many records had come in all."""
    edges = [came[round(part * (len(came) - 1) / parts)] for part in range(parts + 1)]
    return statistics.median((count - before) / (end - start) for (start, before), (end, count) in itertools.pairwise(edges))


class Watched(HubClient):
    """The hub's client, and what came of each batch."""

    def __init__(self, place: Office, who: Identity | None, way: Way, progress: Callable[[str], None]) -> None:
        super().__init__(place.url, place.ca_file, who, clock=now)
        self._pids = (os.getpid(), place.pid)
        self._way = way
        self._progress = progress
        self._begun = [resident_mb(pid) for pid in self._pids]
        self._came = 0

    async def send(self, batch: Batch) -> BatchAnswer | Conflict:
        answer = await super().send(batch)
        if isinstance(answer, BatchAnswer):
            self._came += len(answer.results)
            self._way.came.append((time.perf_counter(), self._came))
            self._way.posted += sum(result.status is RecordStatus.POSTED for result in answer.results)
            self._way.grown += [resident_mb(pid) - was for pid, was in zip(self._pids, self._begun, strict=True)]
            self._progress(f"{bar(self._came, RECORDS)} {self._came} of {RECORDS} records at the hub")
        return answer


def bar(done: int, whole: int, width: int = 20) -> str:
    full = done * width // whole
    return "━" * full + "╌" * (width - full)


def resident_mb(pid: int) -> float:
    """Memory that a process holds now, shared pages included. man 5 proc: /proc/pid/statm, second word."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def drain(place: Office, progress: Callable[[str], None]) -> Way:
    """Brings everything that is queued to the hub. Raises RuntimeError when that does not end well."""
    way, journal = Way(), await place.journal()
    client = Watched(place, journal.identity(), way, progress)
    sync = Sync(journal, client, on_reachability=lambda _online: None)
    try:
        await sync.once()
        if await journal.undelivered(1) is not None:
            raise RuntimeError("the drain stopped before its end")
    finally:
        await client.close()
        await journal.close()
    return way


def peer_rates(folder: Path, progress: Callable[[str], None]) -> dict[tuple[str, str, bool], list[float]]:
    """Claims and acknowledgements a second of each peer, round by round, the peers in turn. Each round begins with empty queues:
    persist-queue reads past all that was ever acknowledged, until its user clears it away."""
    rates: dict[tuple[str, str, bool], list[float]] = {}
    for round_ in range(PEER_ROUNDS):
        progress(f"peers, round {round_ + 1} of {PEER_ROUNDS}")
        queues = folder / str(round_)
        queues.mkdir(parents=True)
        for peer in open_peers(queues):
            for _ in range(PEER_RECORDS):
                peer.put("x" * RECORD_BYTES)
            begun = time.perf_counter()
            for _ in range(PEER_RECORDS):
                peer.take()
            taken_s = time.perf_counter() - begun
            rates.setdefault((peer.name, peer.durability, peer.keeps), []).append(PEER_RECORDS / taken_s)
    return rates

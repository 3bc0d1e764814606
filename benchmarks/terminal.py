"""`terminal`: how fast the drivers read what terminals say, and what a driver adds to a sale.

Frames: what comes over a serial line in a sale (acknowledgements, short packets, a printed receipt; a card read, and the answers
to what a reader is asked every half minute), over and over, in reads of 4,096 bytes as the shipped link hands them on, to whole
frames whose check sum is right; a frame's content is not read further. The same bytes one at a time are no other protocol, and
may take five times as long. The two take turns, and the best round of each counts: a parser's own time is what is left when
nothing disturbs it.

The driver: the shipped one on a pty, its terminal another process (benchmarks.terminal_peer). For each of a sale's packets of
which the kiosk must hear, the time from just before the terminal wrote it to when the driver tells: progress shown, commit asked
for, result returned. A sale's figure is the three together. A sale during which the host took the processor away is made again;
see benchmarks.steal.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.figure import Figure
from benchmarks.steal import stolen
from benchmarks.terminal_peer import COMPLETION, IDENTITY, READY, WAITING, approval, receipt_text
from devices.health import Condition
from devices.terminals.neo2 import framing as neo2
from devices.terminals.port import Sale, Step, Terminal
from devices.terminals.uris import open_terminal
from devices.terminals.zvt import framing as zvt
from devices.terminals.zvt.packets import ACCEPTED, encode
from domain.money import Money
from domain.payment import Result

READ = 4096
TIMES = 200
"""How often the sale's bytes come in one round."""
ROUNDS, BYTE_ROUNDS = 30, 8
LEAST_MB_S, MOST_TIMES = 20.0, 5.0

SALES, MOST_SALES = 200, 400
"""Sales that count, and with those that are made again."""
LIMIT_MS = 5.0
PATIENCE_S = 30.0

Progress = Callable[[str], None]
Feed = Callable[[bytes], object]


def figures(progress: Progress) -> Iterator[Figure]:
    """Yields terminal.zvt_mb_s, zvt_byte_mb_s, neo2_mb_s, neo2_byte_mb_s and driver_p99_ms."""
    progress("frames")
    yield from speeds("zvt", lambda: zvt.FrameParser().feed, zvt_sale())
    yield from speeds("neo2", lambda: neo2.FrameParser().feed, neo2_sale())
    yield asyncio.run(_driver(progress))


def zvt_sale() -> bytes:
    """All that a till hears in one sale: 17 frames, each with the acknowledgement of what it says itself."""
    heard = (
        ACCEPTED, IDENTITY, ACCEPTED, READY, ACCEPTED, WAITING, WAITING, WAITING, WAITING, approval(2500, 7), receipt_text(),
        COMPLETION, ACCEPTED, READY, ACCEPTED, approval(2500, 7), COMPLETION,
    )  # fmt: skip
    return b"".join(b"\x06" + zvt.frame(encode(packet)) for packet in heard)


def neo2_sale() -> bytes:
    """All that a host hears in one sale with a contact card: cards as the simulated reader's are, some 400 bytes each."""
    card = bytes(byte % 251 for byte in range(400))
    heard = (
        neo2.response(0x18, 0), neo2.response(0x02, 0x0E), neo2.response(0x02, 0x00, card), neo2.response(0x60, 0x63),
        neo2.response(0x60, 0, b"\0\4" + card), neo2.response(0x60, 0x63), neo2.response(0x60, 0, b"\0\2" + card[:200]),
        neo2.response(0x2C, 0), neo2.response(0x18, 0),
    )  # fmt: skip
    return b"".join(neo2.encode(frame) for frame in heard)


def speeds(name: str, parser: Callable[[], Feed], sale: bytes) -> Iterator[Figure]:
    """The rate in reads of READ bytes, and byte by byte. `parser` makes a new one's feed."""
    data = sale * TIMES
    bulk = [data[at : at + READ] for at in range(0, len(data), READ)]
    single = [data[at : at + 1] for at in range(len(data) // 10)]
    best, best_single = float("inf"), float("inf")
    for number in range(ROUNDS):
        best = min(best, _seconds(parser(), bulk) / len(data))
        if number < BYTE_ROUNDS:
            best_single = min(best_single, _seconds(parser(), single) / len(single))
    rate, rate_single = 1e-6 / best, 1e-6 / best_single
    note = f"a sale's {len(sale)} bytes {TIMES} times, in reads of {READ}, to frames that are right; best of {ROUNDS} rounds"
    yield Figure(f"terminal.{name}_mb_s", round(rate, 1), LEAST_MB_S, "higher", note)
    note = f"one byte at a time, best of {BYTE_ROUNDS} rounds; in bulk it is {rate / rate_single:.1f} times as fast"
    yield Figure(f"terminal.{name}_byte_mb_s", round(rate_single, 2), LEAST_MB_S / MOST_TIMES, "higher", note)


def _seconds(feed: Feed, pieces: list[bytes]) -> float:
    begun = time.perf_counter()
    for piece in pieces:
        feed(piece)
    return time.perf_counter() - begun


# The driver


async def _driver(progress: Progress) -> Figure:
    ours: list[float] = []
    disturbed: list[float] = []
    with far_end() as (path, peer):
        terminal = open_terminal(f"zvt+serial://{path}", password="123456", currency="EUR")
        await terminal.open()
        try:
            await ready(terminal)
            while len(ours) < SALES and len(ours) + len(disturbed) < MOST_SALES:
                taken = stolen()
                told = await sell(terminal, 100 + len(ours))
                wrote = json.loads(await asyncio.to_thread(line_of, peer))
                late = sum(after - before for before, after in zip(wrote, told, strict=True)) / 1e6
                (ours if stolen() == taken else disturbed).append(late)
                progress(f"{len(ours)} of {SALES} sales")
        finally:
            await terminal.close()
    if len(ours) < SALES:
        raise RuntimeError(f"only {len(ours)} of {SALES} sales came through undisturbed, {MOST_SALES} in all")
    note = (
        f"{len(ours)} sales on a pty, p50 {statistics.median(ours):.2f} ms, most {max(ours):.2f} ms: three packets each, from "
        f"written to told; the host disturbed {len(disturbed)} more, the latest {max(disturbed, default=0):.1f} ms"
    )
    return Figure("terminal.driver_p99_ms", round(_p99(ours), 2), LIMIT_MS, "lower", note)


async def sell(terminal: Terminal, minor: int) -> list[int]:
    """One sale; when the driver told of each packet that it has something to tell of, in nanoseconds."""
    told: list[int] = []

    def shown(step: Step) -> None:
        if step is Step.WAIT:
            told.append(time.monotonic_ns())

    async def commit(result: Result) -> None:
        told.append(time.monotonic_ns())

    sale = Sale(f"bench-{minor}", Money(minor, "EUR"), await terminal.newest(), dt.datetime.now(dt.UTC), offline=False)
    async with asyncio.timeout(PATIENCE_S):
        result = await terminal.pay(sale, commit, shown)
    if result.amount != sale.amount:
        raise RuntimeError(f"a sale on the bench ended {result.outcome}, {result.reason}")
    return [*told, time.monotonic_ns()]


async def ready(terminal: Terminal) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while terminal.health().condition is not Condition.READY:  # noqa: ASYNC110 - the port tells no changes
            await asyncio.sleep(0.01)


@contextmanager
def far_end() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.terminal_peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:
        try:
            yield json.loads(line_of(peer))["path"], peer
        finally:
            assert peer.stdin is not None
            peer.stdin.close()


def line_of(peer: subprocess.Popen[str]) -> str:
    assert peer.stdout is not None
    return peer.stdout.readline()


def _p99(ms: list[float]) -> float:
    return statistics.quantiles(ms, n=100, method="inclusive")[98]

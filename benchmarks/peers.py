"""The queues that others would take: persist-queue, litequeue, huey and diskcache, each with what it promises of a record.

They, the parsers of benchmarks.tlv and a reader of benchmarks.scan_readers are in the dependency group `bench`, which nothing
that ships needs; the first benchmark that compares with them installs it.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Known

ROOT = Path(__file__).parent.parent
MODULES = ("ber_tlv", "diskcache", "emv", "huey", "litequeue", "persistqueue", "pyemv", "pyzbar")

_SYNC = ("uv", "sync", "--frozen", "--inexact", "--group", "bench")


@dataclass(frozen=True, slots=True)
class Peer:
    """`put` keeps a text; `take` claims the oldest one and acknowledges it. `durability` says what a power cut or a killed taker
    does to a record (reference: queue, measured there); `keeps` is whether both leave it where it was."""

    name: str
    durability: str
    keeps: bool
    put: Callable[[str], object]
    take: Callable[[], object]


def install(progress: Callable[[str], None]) -> None:
    """Installs the group where it is missing. Raises Known with what to run when that cannot be done from here."""
    if all(importlib.util.find_spec(module) for module in MODULES):
        return
    progress("installing what to compare with")
    command = [sys.executable, "-m", *_SYNC, "--quiet", "--project", str(ROOT)]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise Known(f"What to compare with could not be installed. Run this where it can: .venv/bin/{' '.join(_SYNC)}")
    importlib.invalidate_caches()


def open_peers(folder: Path) -> tuple[Peer, ...]:
    """Each with an empty queue in the empty `folder`, as durable as it can be had; for use on this thread."""
    import diskcache
    import litequeue
    import persistqueue
    from huey.storage import SqliteStorage

    acknowledging = persistqueue.SQLiteAckQueue(str(folder / "persist-queue"), auto_commit=True)
    lite = litequeue.LiteQueue(str(folder / "litequeue.db"))
    huey = SqliteStorage("bench", filename=str(folder / "huey.db"), fsync=True)
    deque = diskcache.Deque(directory=str(folder / "diskcache"))
    return (
        Peer(
            "persist-queue",
            "WAL FULL, redelivers",
            True,
            acknowledging.put,
            lambda: acknowledging.ack(acknowledging.get(block=False)),
        ),
        Peer("litequeue", "WAL NORMAL, a power cut loses", False, lite.put, lambda: lite.done(lite.pop().message_id)),
        Peer("huey", "WAL FULL, a kill loses what was taken", False, lambda text: huey.enqueue(text.encode()), huey.dequeue),
        Peer("diskcache", "WAL NORMAL, both lose", False, deque.append, deque.popleft),
    )

"""A kiosk in a process of its own, to be killed: `python -m tests.offline_queue.victim FOLDER HUB_URL FIRST_NUMBER`.

It pays bills without end. Each step is done when a line comes on stdin, and said on stdout when it is durable, one JSON line:
{"done": "start" | "open" | "settle" | "deliver", "attempt": its id or ""}.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from pathlib import Path

import structlog

from domain.money import Money
from domain.payment import Attempt, Tender, new_attempt_id
from domain.statement_codes import RefKind, StatementRef
from offline_queue.client import HubClient
from offline_queue.journal import Journal
from offline_queue.sync import Sync
from tests.offline_queue.world import approved


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def pay(folder: Path, url: str, number: int) -> None:
    journal = await Journal.open(folder, clock=now, random=os.urandom)
    client = HubClient(url, None, journal.identity(), clock=now)
    sync = Sync(journal, client, on_reachability=lambda _: None)
    say("start", "")
    while True:
        number += 1
        ref = StatementRef(RefKind.NUMBER, f"{number:010}")
        attempt = Attempt(
            new_attempt_id(now(), os.urandom(10)), ref, ref.value, "", Money(number, "USD"), Tender.CARD, False, None, now()
        )
        await journal.open_attempt(attempt, None)
        say("open", attempt.id)
        await journal.settle(attempt.id, approved(attempt))
        say("settle", attempt.id)
        await sync.once()
        say("deliver", attempt.id)


def say(done: str, attempt: str) -> None:
    """Says it, and waits to be told to go on."""
    sys.stdout.write(json.dumps({"done": done, "attempt": attempt}) + "\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        sys.exit(0)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(pay(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

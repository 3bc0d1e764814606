"""kill -9 between and in the middle of open, settle and deliver: what was said to be durable is there, and posted once."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from offline_queue.attempts import State
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.journal import Journal
from offline_queue.sync import HEARTBEAT, Sync
from tests.offline_queue.world import CODE, FakeHub, approved

ROOT = Path(__file__).parents[2]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Served:
    """The fake hub behind plain HTTP on loopback, so that it outlives its kiosks."""

    def __init__(self) -> None:
        self.hub = FakeHub(now)
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            length = int({name.lower(): value for name, value in headers.items()}.get("content-length", "0"))
            body = await reader.readexactly(length)
            request = httpx2.Request(method, f"{self.url}{path}", headers=headers, content=body)
            answer = await self.hub.handle_async_request(request)
            content = await answer.aread()
            writer.write(
                f"HTTP/1.1 {answer.status_code} OK\r\ncontent-length: {len(content)}\r\n".encode() + b"connection: close\r\n\r\n"
            )
            writer.write(content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the kiosk was killed while it spoke
        finally:
            writer.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    served = Served()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield served
    server.close()
    await server.wait_closed()


async def start(folder: Path, url: str, number: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.offline_queue.victim", str(folder), url, str(number), stdin=PIPE, stdout=PIPE, cwd=ROOT
    )


async def run_until(victim: Process, steps: int, *, inside: bool) -> list[tuple[str, str]]:
    """What the victim said before it was killed: right after that many steps, or in the middle of the next."""
    assert victim.stdin is not None
    assert victim.stdout is not None
    said = []
    for _ in range(steps):
        line = json.loads(await victim.stdout.readline())
        said.append((line["done"], line["attempt"]))
        if len(said) < steps or inside:
            victim.stdin.write(b"\n")
    victim.send_signal(signal.SIGKILL)
    rest = (await victim.communicate())[0]
    assert victim.returncode == -signal.SIGKILL
    return said + [(line["done"], line["attempt"]) for line in map(json.loads, rest.splitlines())]


async def test_kill_nine_between_and_inside_every_step(tmp_path: Path, served: Served) -> None:
    folder = tmp_path / "memory"
    journal = await Journal.open(folder, clock=now, random=os.urandom)
    client = HubClient(served.url, None, None, clock=now)
    await enrol(journal, client, CODE, "Lobby 1")
    await journal.close()
    ends = [(2, False), (3, False), (4, False), (2, True), (3, True), (6, True)]
    opened, settled = set(), set()
    for round_, (steps, inside) in enumerate(ends):
        said = await run_until(await start(folder, served.url, round_ * 1_000), steps, inside=inside)
        opened |= {attempt for done, attempt in said if done == "open"}
        settled |= {attempt for done, attempt in said if done == "settle"}
        delivered = {attempt for done, attempt in said if done == "deliver"}
        journal = await Journal.open(folder, clock=now, random=os.urandom)
        assert delivered <= {pid for pid, _, _ in served.hub.stored}
        for attempt_id in opened:
            found = await journal.find(attempt_id)
            assert found is not None
            assert attempt_id not in settled or found.state is State.APPROVED
        for attempt in await journal.unresolved():
            await journal.settle(attempt.id, approved(attempt))
            settled.add(attempt.id)
        await journal.close()
    journal = await Journal.open(folder, clock=now, random=os.urandom)
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    pids = [pid for pid, _, _ in served.hub.stored]
    assert len(pids) == len(set(pids)) >= 6
    assert settled <= set(pids)
    assert await journal.undelivered(1) is None
    await journal.close()
    await client.close()

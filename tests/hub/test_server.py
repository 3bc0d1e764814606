"""The hub as a process of its own: over real TLS, stopped gently, and killed in the middle of its work."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import func, select

from hub.audit import first_difference
from hub.folder import Folder
from hub.hub import Hub, open_hub, utc_now
from hub.schema import journal_entries
from hub.server import listening
from offline_queue.tls import context
from offline_queue.wire.messages import BatchAnswer
from tests.hub.kiosk import ScriptedKiosk, payment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def filled(hub: Hub, folder: Folder) -> Iterator[Hub]:
    """The usual hub on the real clock, as the child has."""
    real = open_hub(folder)
    yield real
    real.store.close()


@dataclass
class Child:
    process: asyncio.subprocess.Process
    url: str
    ca_file: str
    client: httpx2.AsyncClient
    lines: list[httpx2.AsyncClient]

    async def enrolled(self, hub: Hub) -> ScriptedKiosk:
        """A new kiosk, on a line of its own."""
        kiosk = await ScriptedKiosk.enrolled(hub, self.client, utc_now, "Lobby")
        kiosk.client = self.known(kiosk)
        return kiosk

    def known(self, kiosk: ScriptedKiosk) -> httpx2.AsyncClient:
        """A line that shows the kiosk's certificate."""
        line = httpx2.AsyncClient(base_url=self.url, verify=context(Path(self.ca_file), kiosk.key, kiosk.certificate), timeout=30)
        self.lines.append(line)
        return line


@asynccontextmanager
async def serving(folder: Path, *options: str) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from hub.commands import app; app()",
        "serve", "--data", str(folder), "--port", "0", "--json", *options,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = json.loads(await process.stdout.readline())["ready"]
        trust = ssl.create_default_context(cafile=ready["ca_file"])
        async with httpx2.AsyncClient(base_url=ready["url"], verify=trust, timeout=30) as client:
            child = Child(process, ready["url"], ready["ca_file"], client, [])
            yield child
            for line in child.lines:
                await line.aclose()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_over_tls_a_kiosk_enrols_pays_and_the_hub_stops_gently(folder: Folder, filled: Hub) -> None:
    async with serving(folder.path) as child:
        assert (child.url.startswith("https://127.0.0.1:"), child.ca_file) == (True, str(folder.ca_certificate))
        kiosk = await child.enrolled(filled)
        (answer,) = await kiosk.deliver(payment(kiosk.new_pid()))
        assert answer.posting == "P00000002"
        assert (await child.client.get("/sign-in")).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            await httpx2.AsyncClient().get(child.url)  # who does not know our CA does not talk to us
        child.process.terminate()
        out, err = await child.process.communicate()
    assert (child.process.returncode, out) == (0, b"")
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert (events[0], events[-1]) == ("hub.started", "hub.stopped")


async def test_the_demo_hub_is_full_of_patients_and_lets_its_user_in(tmp_path: Path) -> None:
    async with serving(tmp_path / "new", "--demo") as child:
        folder = Folder(tmp_path / "new")
        page = (await child.client.get("/sign-in")).text
        form = {
            "form": page.split('name="form" value="')[1].split('"')[0],
            "name": "demo",
            "password": folder.demo_password.read_text().strip(),
        }
        assert (await child.client.post("/sign-in", data=form)).status_code == 303
        assert (await child.client.get("/accounts")).text.count('href="/accounts/A') >= 40


async def test_killed_while_it_takes_batches_every_answer_given_stays_true(folder: Folder, filled: Hub) -> None:
    """kill -9 in the middle of a stream of batches; the kiosk then sends everything again, as it does after silence."""
    answered: dict[int, str] = {}
    async with serving(folder.path) as child:
        kiosk = await child.enrolled(filled)
        for _ in range(60):
            kiosk.queue(payment(kiosk.new_pid(), minor=10))
        enough = asyncio.Event()

        async def deliver() -> None:
            for first in range(1, 61, 3):
                answer = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch(first, first + 2))).content)
                answered.update({each.seq: each.posting for each in answer.results})
                if len(answered) >= 15:
                    enough.set()

        delivering = asyncio.create_task(deliver())
        await enough.wait()
        child.process.kill()
        with pytest.raises(httpx2.TransportError):
            await delivering
        await child.process.wait()  # a second kill before asyncio has noticed would reap the child behind its back
    async with serving(folder.path) as child:
        kiosk.client = child.known(kiosk)
        again = BatchAnswer.model_validate_json((await kiosk.send(kiosk.batch())).content)
    said = {each.seq: each.posting for each in again.results}
    assert len(said) == len(set(said.values())) == 60
    assert {seq: said[seq] for seq in answered} == answered
    with filled.store.reading() as connection:
        assert first_difference(connection) is None
        posted = select(func.count()).where(journal_entries.c.kind == "payment")
        assert connection.scalar(posted) == 60


async def test_an_answer_does_not_wait_for_the_clients_acknowledgement() -> None:
    """Headers and body go out in two writes: with Nagle's algorithm the second waits for the 40 ms of a delayed ACK."""
    accepted = asyncio.get_running_loop().create_future()
    with listening("127.0.0.1", 0) as bound:
        async with await asyncio.start_server(lambda _, writer: accepted.set_result(writer), sock=bound):
            _, mine = await asyncio.open_connection(*bound.getsockname())
            theirs = await accepted
            assert theirs.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for writer in (mine, theirs):
                writer.close()
                await writer.wait_closed()

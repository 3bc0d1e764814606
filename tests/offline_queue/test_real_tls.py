"""TLS for real: the shipped client and the shipped server over loopback. Whoever is not who they say is named, and nothing is
lost or taken twice."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from domain.billing import Account, Guarantor
from domain.statement_codes import RefKind, StatementRef
from hub.audit import counts, first_difference
from hub.authority import issue_server_certificate, new_authority
from hub.enrolment import add_kiosk, revoke
from hub.folder import Folder
from hub.hub import Hub, open_hub
from hub.hub import World as HubWorld
from hub.passwords import Cost
from hub.server import tls_server
from hub.statements import add_account, add_statement
from offline_queue import tls
from offline_queue.client import HubClient, HubConfused
from offline_queue.enrolment import certify, enrol
from offline_queue.errors import KioskRefused
from offline_queue.identity import Identity
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire.signatures import sign
from tests.log_watch import LogWatch
from tests.offline_queue.test_with_the_hub import BORN, NUMBER, bill
from tests.offline_queue.world import World, approved

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Time:
    """The machine's own clock, as far as TLS is concerned; `ahead` moves one side's idea of it."""

    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def __call__(self) -> dt.datetime:
        return utc_now() + self.ahead


Request = tuple[dict[str, str], bytes]


@dataclass
class Line:
    """A hub that serves, and a kiosk that is enrolled there."""

    hub: Hub
    folder: Folder
    url: str
    hub_time: Time
    kiosk_time: Time
    journal: Journal
    client: HubClient
    clients: contextlib.AsyncExitStack
    log: LogWatch

    @property
    def who(self) -> Identity:
        who = self.journal.identity()
        assert who is not None
        return who

    def as_one(self, who: Identity | None, ca_file: Path | None = None, url: str | None = None) -> HubClient:
        """Another client, closed at the end."""
        client = HubClient(url or self.url, ca_file or self.folder.ca_certificate, who, clock=self.kiosk_time)
        self.clients.push_async_callback(client.close)
        return client

    def sync(self, client: HubClient | None = None) -> Sync:
        return Sync(self.journal, client or self.client, on_reachability=lambda _: None)

    async def pays(self, world: World) -> None:
        attempt = world.attempt(1_000, number=NUMBER, account="A100001")
        await self.journal.open_attempt(attempt, None)
        await self.journal.settle(attempt.id, approved(attempt))

    async def refused_by(self, client: HubClient) -> str:
        """What sync says of a try through `client`; nothing has gone."""
        self.log.expect("queue.failed")
        await self.sync(client).once()
        assert await self.journal.undelivered(1) is not None
        (failed,) = [event for event in self.log.events if event["event"] == "queue.failed"]
        return str(failed["reason"])

    async def is_delivered_at_last(self) -> None:
        """The one payment, once, when all is well again."""
        assert await self.sync().once() == HEARTBEAT
        assert await self.journal.undelivered(1) is None
        assert self.held() == 1

    def held(self) -> int:
        """Records at the hub, whose books agree; all are posted."""
        with self.hub.store.reading() as connection:
            assert first_difference(connection) is None
            found = counts(connection)
        assert found["posted"] == sum(found.values())
        return found["posted"]

    async def signed(self, key: Ed25519PrivateKey | None = None) -> Request:
        """What waits, as a request that the kiosk's key signed, or `key`."""
        batch = await self.journal.undelivered(100)
        assert batch is not None
        body, headers = batch.model_dump_json().encode(), {"content-type": "application/json", "idempotency-key": "the-same"}
        who = self.who
        signed = sign("POST", self._batches, headers, body, key=key or who.signing_key, keyid=who.keyid, now=self.kiosk_time())
        return signed, body

    async def post(self, request: Request, shows: Identity | None = None) -> httpx2.Response:
        """Over a connection of its own, which shows the kiosk's certificate, or that of `shows`."""
        who = shows or self.who
        context = tls.context(self.folder.ca_certificate, who.signing_key, who.certificate)
        async with httpx2.AsyncClient(verify=context) as other:
            return await other.post(self._batches, headers=request[0], content=request[1])

    @property
    def _batches(self) -> str:
        return f"{self.url}/v1/kiosks/lobby/batches"


@contextlib.asynccontextmanager
async def serving(hub: Hub, folder: Folder) -> AsyncIterator[str]:
    """What `hub serve` runs, in this process, until the block ends; its address."""
    served = tls_server(hub, folder)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        running = asyncio.create_task(served.serve(sockets=[bound]))
        try:
            yield f"https://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            served.should_exit = True
            await running


@pytest.fixture
async def line(tmp_path: Path, folder: Path, world: World, log_watch: LogWatch) -> AsyncIterator[Line]:
    place, hub_time, kiosk_time = Folder(tmp_path / "hub"), Time(), Time()
    hub = open_hub(place, HubWorld(clock=hub_time, cost=Cost(16, 1, 1)))
    with hub.store.writing() as connection:
        add_account(connection, Account("A100001", Guarantor("Mária Álvarez", BORN), "USD"))
        add_statement(connection, bill(NUMBER, "A100001"), "A" * 16, hub_time())
    issue_server_certificate(place, hub.keys.hosts, hub_time())
    journal = await world.journal(folder)
    async with serving(hub, place) as url, contextlib.AsyncExitStack() as clients:
        client = HubClient(url, place.ca_certificate, None, clock=kiosk_time)
        clients.push_async_callback(client.close)
        _, code = add_kiosk(hub, "Lobby")
        await enrol(journal, client, code, "Lobby")
        yield Line(hub, place, url, hub_time, kiosk_time, journal, client, clients, log_watch)
    await journal.close()
    hub.store.close()


async def test_a_payment_is_delivered_over_both_certificates(line: Line, world: World) -> None:
    await line.pays(world)
    assert await line.sync().once() == HEARTBEAT
    assert line.held() == 1


async def test_a_hub_of_another_authority_is_not_spoken_to(line: Line, world: World, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(new_authority(utc_now()).certificate.public_bytes(Encoding.PEM))
    await line.pays(world)
    assert await line.refused_by(line.as_one(line.who, other)) == "hub-certificate"
    await line.is_delivered_at_last()


async def test_a_hub_whose_certificate_has_ended_is_not_spoken_to(line: Line, world: World) -> None:
    issue_server_certificate(line.folder, line.hub.keys.hosts, utc_now() - 500 * DAY)
    await line.pays(world)
    async with serving(line.hub, line.folder) as url:
        assert await line.refused_by(line.as_one(line.who, url=url)) == "hub-certificate"
    await line.is_delivered_at_last()


async def test_a_certificate_that_has_ended_is_refused_and_replaced(line: Line, world: World) -> None:
    """The kiosk's clock, far behind, does not see that it has ended."""
    who = line.who
    issued = utc_now() - 500 * DAY
    ended = line.hub.keys.authority.client_certificate("lobby", 1, who.signing_key.public_key(), issued)
    line.client.identity = await line.journal.renewed(ended)
    line.kiosk_time.ahead = -500 * DAY
    await line.pays(world)
    assert await line.refused_by(line.client) == "certificate-expired"
    await line.is_delivered_at_last()
    assert line.who.certificate != ended


async def test_without_a_certificate_only_the_next_one_is_given(line: Line, world: World) -> None:
    bare = line.as_one(replace(line.who, certificate=None))
    with pytest.raises(HubConfused, match="certificate-wrong 403"):
        await bare.head()
    await line.pays(world)
    await certify(line.journal, bare)
    assert await Sync(line.journal, bare, on_reachability=lambda _: None).once() == HEARTBEAT
    assert line.held() == 1


async def test_another_kiosks_certificate_opens_nothing(line: Line, world: World, tmp_path: Path) -> None:
    other = await world.journal(tmp_path / "other")
    _, code = add_kiosk(line.hub, "Other")
    stranger = await enrol(other, line.as_one(None), code, "Other")
    await line.pays(world)
    answer = await line.post(await line.signed(), shows=stranger)
    assert (answer.status_code, answer.json()["code"]) == (403, "certificate-wrong")
    assert line.held() == 0
    await line.is_delivered_at_last()
    await other.close()


async def test_a_revoked_kiosk_stops_keeps_what_it_has_and_comes_back_by_an_enrolment(
    line: Line, world: World, folder: Path, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.stopped")
    await line.pays(world)
    revoke(line.hub, "lobby")
    sync = line.sync()
    await sync.once()
    assert isinstance(sync.attention, KioskRefused)
    with JournalReader(folder) as reader:
        state = reader.sync()
        assert state is not None
        assert (state.error, reader.queue().depth) == ("kiosk-revoked", 1)
    _, code = add_kiosk(line.hub, "Lobby")
    await enrol(line.journal, line.client, code, "Lobby")
    await line.is_delivered_at_last()


async def test_a_replayed_batch_gets_its_first_answer_and_after_a_while_none(line: Line, world: World) -> None:
    await line.pays(world)
    request = await line.signed()
    first, again = [(await line.post(request)).json() for _ in range(2)]
    assert (first["results"], first["head"], line.held()) == (again["results"], again["head"], 1)
    line.hub_time.ahead = 6 * MINUTE
    late = await line.post(request)
    assert (late.status_code, late.json()["code"]) == (401, "signature-clock-skew")
    assert line.held() == 1
    await line.is_delivered_at_last()


async def test_an_altered_byte_and_a_strangers_signature_are_refused(line: Line, world: World) -> None:
    await line.pays(world)
    headers, body = await line.signed()
    altered = body.replace(b'"v":1', b'"v":2')
    for request in ((headers, altered), await line.signed(key=Ed25519PrivateKey.generate())):
        answer = await line.post(request)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature-wrong")
    assert line.held() == 0
    await line.is_delivered_at_last()


async def test_a_hub_s_address_is_signed_as_it_is_sent_however_the_settings_write_it(line: Line) -> None:
    """In capitals, or with a port that is written longer than need be, every question was refused as signed wrongly."""
    scheme, port = line.url.split("//")[0], line.url.rsplit(":", 1)[1]
    for url in (f"{scheme}//LocalHost:{port}", f"{scheme}//127.0.0.1:0{port}", f"{line.url}/"):
        await line.as_one(line.who, url=url).head()


async def test_a_hub_with_a_bug_says_that_it_cuts_the_line_and_is_there_for_the_next_question(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kiosk that took the hub to be away would have an amount typed, instead of showing what is due."""
    line.log.expect("hub.bug")

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("hub.lookups.look_up", broken)
    client, ref = line.as_one(line.who), StatementRef(RefKind.NUMBER, NUMBER)
    for _ in range(5):
        with pytest.raises(HubConfused, match="hub-status 500"):
            await client.look_up(ref, BORN)
        await client.head()


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_kiosk_whose_clock_is_a_day_off_is_told_the_time_once(line: Line, world: World, days: int) -> None:
    line.kiosk_time.ahead = days * DAY
    await line.pays(world)
    assert await line.sync().once() == HEARTBEAT
    await line.client.head()
    refused = [event["reason"] for event in line.log.events if event["event"] == "hub.refused"]
    assert (refused, line.held()) == (["signature-clock-skew"], 1)


async def test_a_hub_that_speaks_only_older_tls_is_named(line: Line, world: World) -> None:
    old = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    old.load_cert_chain(line.folder.server_certificate, line.folder.server_key)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    await line.pays(world)
    listening = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=old)
    async with listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        assert await line.refused_by(line.as_one(line.who, url=url)) == "hub-tls"
    await line.is_delivered_at_last()


async def test_a_client_that_speaks_only_older_tls_gets_no_word(line: Line) -> None:
    old = ssl.create_default_context(cafile=line.folder.ca_certificate)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with httpx2.AsyncClient(verify=old) as browser:
        with pytest.raises(httpx2.ConnectError):
            await browser.get(f"{line.url}/sign-in")


async def test_a_browser_needs_no_certificate(line: Line) -> None:
    async with httpx2.AsyncClient(verify=tls.context(line.folder.ca_certificate, None, None)) as browser:
        assert (await browser.get(f"{line.url}/sign-in")).status_code == 200


def test_the_key_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenSSL reads it from is a file of the kernel's memory, which is gone when it has been read."""
    key, opened = Ed25519PrivateKey.generate(), list[str]()
    certificate = new_authority(utc_now()).client_certificate("lobby", 1, key.public_key(), utc_now())
    load = ssl.SSLContext.load_cert_chain

    def watched(context: ssl.SSLContext, file: str) -> None:
        opened.append(str(Path(file).readlink()))
        load(context, file)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    tls.context(None, key, certificate)
    assert opened == ["/memfd:kiosk (deleted)"]

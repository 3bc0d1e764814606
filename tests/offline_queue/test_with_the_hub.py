"""The memory against the hub that we ship: enrolment, look-ups, an answer that was lost, and every payment posted once."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.billing import Account, Charge, Guarantor, Statement, VisitLines
from domain.money import Money
from domain.names import Proof
from domain.payment import Outcome
from domain.statement_codes import RefKind, StatementRef
from hub.app import make_app
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.hub import World as HubWorld
from hub.hub import open_hub
from hub.passwords import Cost
from hub.pins import statement_pin
from hub.statements import add_account, add_statement
from offline_queue.client import Blocked, EnrolmentRefused, HubClient, NoMatch
from offline_queue.enrolment import enrol
from offline_queue.reader import JournalReader
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire.messages import LookupAnswer
from tests.log_watch import LogWatch
from tests.offline_queue.world import URL, World, approved, ended
from tests.tls import Tls

BORN = dt.date(1984, 3, 17)
DAY = dt.date(2026, 10, 6)
NUMBER = "3342139474"
REF = StatementRef(RefKind.NUMBER, NUMBER)


def bill(number: str, account: str) -> Statement:
    visit = VisitLines("V1", DAY, "Riverside", "Mária Álvarez", (Charge(DAY, "A visit", Money(12_550, "USD")),), (), ())
    return Statement(number, account, "Mária Álvarez", DAY, Money(12_550, "USD"), (visit,))


class Wire(httpx2.AsyncBaseTransport):
    """The network to a hub in this process; `deaf` loses the next answer."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.deaf = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        if self.deaf:
            self.deaf = False
            raise httpx2.ReadTimeout("lost", request=request)
        return answer


async def test_every_payment_is_posted_once_by_the_hub_we_ship(
    tmp_path: Path, folder: Path, world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.failed")
    hub = open_hub(Folder(tmp_path / "hub"), HubWorld(clock=world.clock, monotonic=time.monotonic, cost=Cost(16, 1, 1)))
    with hub.store.writing() as connection:
        for number, account, opaque in ((NUMBER, "A100001", "A" * 16), ("3342139475", "A100002", "B" * 16)):
            add_account(connection, Account(account, Guarantor("Mária Álvarez", BORN), "USD"))
            add_statement(connection, bill(number, account), opaque, world.clock())
    _, code = add_kiosk(hub, "Lobby One")
    wire = Wire(Tls(make_app(hub), lambda: client.identity.certificate if client.identity else None))
    client = HubClient(URL, None, None, clock=world.clock, transport=wire)
    journal = await world.journal(folder)
    identity = await enrol(journal, client, code, "Lobby One")
    assert identity.keyid == "lobby-one:1"
    with pytest.raises(EnrolmentRefused):
        await client.enrol(code, "Thief", Ed25519PrivateKey.generate(), 0)
    assert await client.look_up(REF, DAY) == NoMatch()
    statement = await client.look_up(REF, BORN)
    assert isinstance(statement, LookupAnswer)
    assert (statement.statement.due, statement.statement.account) == (Money(12_550, "USD"), "A100001")
    pin = statement_pin(hub.keys.pins, NUMBER)
    assert await client.look_up_named(Proof.STATEMENT_PIN, "ALVAREZ MARIA", BORN, pin) == statement
    assert await client.look_up_named(Proof.APPOINTMENT, "ALVAREZ MARIA", BORN, pin) == NoMatch()

    sync = Sync(journal, client, on_reachability=lambda _: None)
    paid = world.attempt(2_550, number=NUMBER, account="A100001")
    await journal.open_attempt(paid, None)
    await journal.settle(paid.id, approved(paid))
    wire.deaf = True
    await sync.once()
    unknown = world.attempt(10_000, number="3342139475", account="A100002")
    await journal.open_attempt(unknown, None)
    await journal.settle(unknown.id, ended(Outcome.UNKNOWN, "no-answer"))
    assert await sync.once() == HEARTBEAT
    after = await client.look_up(REF, BORN)
    assert isinstance(after, LookupAnswer)
    assert after.statement.due == Money(10_000, "USD")
    other = StatementRef(RefKind.NUMBER, "3342139475")
    assert await client.look_up(other, BORN) == Blocked()
    await journal.settle(unknown.id, approved(unknown))
    assert await sync.once() == HEARTBEAT
    settled = await client.look_up(other, BORN)
    assert isinstance(settled, LookupAnswer)
    assert settled.statement.due == Money(2_550, "USD")
    with JournalReader(folder) as reader:
        assert reader.queue().depth == 0
        assert [(seen.delivery, bool(seen.posting)) for seen in reader.attempts()] == [("posted", True)] * 2
    await client.close()
    await journal.close()
    hub.store.close()

"""A kiosk's journal, client and authorizer against the hub that we ship and its sandbox gateway, over lines that fail."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from devices.terminals.authorizer import NotReached, Unanswered
from domain.billing import Account, Guarantor
from domain.limits import Limits
from domain.money import Money
from domain.payment import Attempt, CardData, Outcome, Result
from hub.app import make_app
from hub.enrolment import add_kiosk
from hub.folder import Folder
from hub.gateway.deferred import ask_all
from hub.hub import Hub, open_hub
from hub.hub import World as HubWorld
from hub.passwords import Cost
from hub.statements import add_account, add_statement
from kiosk.authorizing import HubAuthorizer
from offline_queue.client import Blocked, HubClient, HubConfused
from offline_queue.enrolment import enrol
from offline_queue.journal import Journal
from offline_queue.reader import JournalReader
from offline_queue.sync import Sync
from offline_queue.wire.messages import LookupAnswer
from tests.hub.gateway_card import card
from tests.log_watch import LogWatch
from tests.offline_queue.test_with_the_hub import BORN, NUMBER, REF, bill
from tests.offline_queue.world import URL, World
from tests.tls import Tls

LIMITS = Limits(Money(20_000, "USD"), Money(100_000, "USD"), 10, dt.timedelta(days=1))


class Wire(httpx2.AsyncBaseTransport):
    """The network to a hub in this process. `cut`: nothing comes through; `deaf`: the next answer is lost."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.cut = False
        self.deaf = False
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.cut:
            raise httpx2.ConnectError("no route", request=request)
        self.bodies.append(request.content)
        answer = await self._inner.handle_async_request(request)
        if self.deaf:
            self.deaf = False
            raise httpx2.ReadTimeout("lost", request=request)
        return answer


class Kiosk:
    """One kiosk's memory and its ways to the hub."""

    def __init__(self, world: World, hub: Hub, journal: Journal) -> None:
        self.world = world
        self.journal = journal
        self.wire = Wire(Tls(make_app(hub), lambda: self.client.identity.certificate if self.client.identity else None))
        self.client = HubClient(URL, None, None, clock=world.clock, transport=self.wire)
        self.sync = Sync(journal, self.client, on_reachability=lambda _: None)
        self.bank = HubAuthorizer(self.client, self.find)

    @classmethod
    async def enrolled(cls, world: World, hub: Hub, name: str, folder: Path) -> Kiosk:
        kiosk = cls(world, hub, await world.journal(folder))
        _, code = add_kiosk(hub, name)
        await enrol(kiosk.journal, kiosk.client, code, name)
        return kiosk

    async def find(self, attempt: str) -> Attempt:
        found = await self.journal.find(attempt)
        assert found is not None
        return found.attempt

    async def opened(self, minor: int = 2550, *, offline: bool = False) -> Attempt:
        attempt = self.world.attempt(minor, number=NUMBER, account="A100001", offline=offline)
        await self.journal.open_attempt(attempt, LIMITS if offline else None)
        return attempt

    async def look_up(self) -> Money | Blocked:
        found = await self.client.look_up(REF, BORN)
        if isinstance(found, Blocked):
            return found
        assert isinstance(found, LookupAnswer)
        return found.statement.due

    async def close(self) -> None:
        await self.client.close()
        await self.journal.close()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def hub(tmp_path: Path, world: World) -> AsyncIterator[Hub]:
    clocks = HubWorld(clock=world.clock, monotonic=time.monotonic, cost=Cost(16, 1, 1))
    hub = open_hub(Folder(tmp_path / "hub"), clocks, sandbox=True)
    with hub.store.writing() as connection:
        add_account(connection, Account("A100001", Guarantor("Mária Álvarez", BORN), "USD"))
        add_statement(connection, bill(NUMBER, "A100001"), "A" * 16, world.clock())
    yield hub
    hub.store.close()


@pytest.fixture
async def kiosk(tmp_path: Path, world: World, hub: Hub) -> AsyncIterator[Kiosk]:
    kiosk = await Kiosk.enrolled(world, hub, "Lobby", tmp_path / "lobby")
    yield kiosk
    await kiosk.close()


@pytest.fixture
async def other(tmp_path: Path, world: World, hub: Hub) -> AsyncIterator[Kiosk]:
    kiosk = await Kiosk.enrolled(world, hub, "Hall", tmp_path / "hall")
    yield kiosk
    await kiosk.close()


def approved(attempt: Attempt, code: str) -> Result:
    return Result(Outcome.APPROVED, attempt.amount, authorization=code, hub_authorised=True)


def captured(attempt: Attempt) -> Result:
    return Result(Outcome.CAPTURED, attempt.amount, card_data=card())


async def test_an_approval_is_recorded_and_posted(kiosk: Kiosk) -> None:
    attempt = await kiosk.opened()
    told = await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    assert (told.approved, len(told.authorization), told.response[:2]) == (True, 6, b"\x8a\x02")
    assert await kiosk.bank.inquire(attempt.id) == told
    await kiosk.journal.settle(attempt.id, approved(attempt, told.authorization))
    await kiosk.sync.once()
    assert await kiosk.look_up() == Money(10_000, "USD")


async def test_a_decline_and_a_void(kiosk: Kiosk) -> None:
    declined, voided = await kiosk.opened(2551), None
    told = await kiosk.bank.authorize(declined.id, declined.amount, card())
    assert (told.approved, told.reason) == (False, "gateway-51")
    await kiosk.journal.settle(declined.id, Result(Outcome.DECLINED, Money(0, "USD")))
    voided = await kiosk.opened()
    await kiosk.bank.authorize(voided.id, voided.amount, card())
    await kiosk.bank.void(voided.id)
    assert await kiosk.bank.inquire(voided.id) is None


async def test_nothing_that_passes_by_shows_the_cards_own_ciphertext(kiosk: Kiosk) -> None:
    """Whoever ends TLS in between sees what is sealed to the hub, and not what a key of the readers would open."""
    attempt, away = await kiosk.opened(), None
    await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    await kiosk.journal.settle(attempt.id, approved(attempt, "A"))
    away = await kiosk.opened(offline=True)
    await kiosk.journal.settle(away.id, captured(away))
    await kiosk.sync.once()
    sent = b"".join(kiosk.wire.bodies)
    assert base64.b64encode(card().data)[:40] not in sent
    assert base64.b64encode(card().ksn)[:12] not in sent


async def test_a_hub_that_cannot_be_reached_has_not_heard(kiosk: Kiosk) -> None:
    attempt = await kiosk.opened()
    kiosk.wire.cut = True
    with pytest.raises(NotReached, match="hub-away"):
        await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    kiosk.wire.cut = False
    assert await kiosk.bank.inquire(attempt.id) is None
    told = await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    assert (told.approved, told.reason) == (False, "authorization-closed"), "what was closed never charges"


async def test_an_answer_that_was_lost_is_found_by_the_inquiry_and_charged_once(hub: Hub, kiosk: Kiosk) -> None:
    attempt = await kiosk.opened()
    kiosk.wire.deaf = True
    with pytest.raises(Unanswered, match="hub-timeout"):
        await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    kiosk.wire.cut = True
    with pytest.raises(Unanswered):
        await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    kiosk.wire.cut = False
    told = await kiosk.bank.inquire(attempt.id)
    assert told is not None
    assert told.approved
    assert await kiosk.bank.authorize(attempt.id, attempt.amount, card()) == told


async def test_an_answer_about_another_payment_is_not_understood(kiosk: Kiosk) -> None:
    attempt, another = await kiosk.opened(), kiosk.world.attempt()
    inner = kiosk.wire._inner

    class Swapped(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            answer = await inner.handle_async_request(request)
            await answer.aread()
            return httpx2.Response(
                answer.status_code, stream=httpx2.ByteStream(answer.content.replace(attempt.id.encode(), another.id.encode()))
            )

    kiosk.wire._inner = Swapped()
    with pytest.raises(HubConfused, match="hub-not-understood"):
        await kiosk.client.authorize(attempt, attempt.amount, card())


# the account, at every kiosk


async def test_what_the_hub_does_not_know_holds_the_account_at_every_kiosk(kiosk: Kiosk, other: Kiosk) -> None:
    attempt = await kiosk.opened(2568)
    with pytest.raises(Unanswered, match="gateway-68"):
        await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    assert isinstance(await other.look_up(), Blocked)
    theirs = await other.opened()
    with pytest.raises(NotReached, match="payment-unknown"):
        await other.bank.authorize(theirs.id, theirs.amount, card())
    told = await kiosk.bank.inquire(attempt.id)
    assert told is not None
    await kiosk.journal.settle(attempt.id, approved(attempt, told.authorization))
    await kiosk.sync.once()
    assert await other.look_up() == Money(12_550 - 2_568, "USD")


async def test_an_unknown_payment_holds_the_account_at_every_kiosk_until_a_restart_finds_its_end(
    tmp_path: Path, world: World, hub: Hub, kiosk: Kiosk, other: Kiosk
) -> None:
    attempt = await kiosk.opened()
    kiosk.wire.deaf = True
    with pytest.raises(Unanswered):
        await kiosk.bank.authorize(attempt.id, attempt.amount, card())
    await kiosk.journal.settle(attempt.id, Result(Outcome.UNKNOWN, Money(0, "USD"), reason="hub-timeout"))
    await kiosk.sync.once()
    for each in (kiosk, other):
        assert isinstance(await each.look_up(), Blocked)
    await kiosk.journal.close()
    kiosk.journal = await world.journal(tmp_path / "lobby")
    left = await kiosk.journal.to_inquire()
    assert left is not None
    told = await kiosk.bank.inquire(left.attempt.id)
    assert told is not None
    assert told.approved
    await kiosk.journal.settle(left.attempt.id, approved(attempt, told.authorization))
    await Sync(kiosk.journal, kiosk.client, on_reachability=lambda _: None).once()
    assert await other.look_up() == Money(10_000, "USD")


# captured


async def test_a_captured_payment_is_drained_and_authorised_on_forward(hub: Hub, folder: Path, kiosk: Kiosk) -> None:
    attempt = await kiosk.opened(offline=True)
    await kiosk.journal.settle(attempt.id, captured(attempt))
    await kiosk.sync.once()
    assert await kiosk.look_up() == Money(10_000, "USD")
    ask_all(hub)
    await kiosk.sync.once()
    assert await kiosk.look_up() == Money(10_000, "USD")
    with JournalReader(folder) as reader:
        assert [(seen.delivery, bool(seen.posting)) for seen in reader.attempts()] == [("posted", True)]


async def test_a_captured_payment_that_is_declined_on_forward_is_owed_again_and_the_kiosk_hears(
    hub: Hub, folder: Path, kiosk: Kiosk, log_watch: LogWatch
) -> None:
    log_watch.expect("hub.declined")
    log_watch.expect("queue.declined")
    attempt = await kiosk.opened(2551, offline=True)
    await kiosk.journal.settle(attempt.id, captured(attempt))
    await kiosk.sync.once()
    ask_all(hub)
    await kiosk.sync.once()
    assert await kiosk.look_up() == Money(12_550, "USD")
    with JournalReader(folder) as reader:
        assert [seen.delivery for seen in reader.attempts()] == ["declined"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lobby"


async def test_card_data_lies_in_the_sealed_record_and_nowhere_else_at_the_kiosk(folder: Path, kiosk: Kiosk) -> None:
    attempt = await kiosk.opened(offline=True)
    await kiosk.journal.settle(attempt.id, captured(attempt))
    kept = await kiosk.journal._transact(
        lambda connection: [
            connection.execute(f"SELECT * FROM {name}").fetchall()  # every table, all of it
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        ]
    )
    told = repr(kept)
    for secret in (card().data, card().ksn, base64.b64encode(card().data), base64.b64encode(card().ksn)):
        assert repr(secret)[2:-1] not in told
        assert secret.hex() not in told
    assert attempt.id in told


@pytest.mark.parametrize("data", [b"x", b"x" * 2048])
async def test_card_data_of_every_length_fits_into_a_record(hub: Hub, kiosk: Kiosk, data: bytes, log_watch: LogWatch) -> None:
    log_watch.expect("hub.declined")
    attempt = await kiosk.opened(offline=True)
    taken = replace(captured(attempt), card_data=CardData(bytes(12), data))
    await kiosk.journal.settle(attempt.id, taken)
    await kiosk.sync.once()
    ask_all(hub)
    assert await kiosk.look_up() == Money(12_550, "USD"), "it was declined: that was no card"

"""The kiosk's certificate: fetched where the first release left none, renewed in time, and never in the way of a payment."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from offline_queue.client import HubAway, HubClient, HubConfused
from offline_queue.enrolment import certify, enrol
from offline_queue.errors import NotEnrolled
from offline_queue.identity import Identity
from offline_queue.journal import Journal
from offline_queue.sync import HEARTBEAT, Sync
from offline_queue.wire import certificates
from offline_queue.wire.certificates import NotCertified
from offline_queue.wire.messages import Enrolled
from tests.log_watch import LogWatch
from tests.offline_queue.world import AUTHORITY, CODE, ENROLLED, URL, FakeHub, World, away, changed, status

DAY = dt.timedelta(days=1)


def known(journal: Journal) -> Identity:
    who = journal.identity()
    assert who is not None
    return who


def asked(hub: FakeHub) -> list[str]:
    return [request.url.path.rsplit("/", 1)[1] for request in hub.requests]


async def test_a_kiosk_of_the_first_release_fetches_its_certificate_at_first_contact(world: World, folder: Path) -> None:
    journal = await world.journal(folder)
    key = await journal.enrolment_key()
    await journal.enrolled(Enrolled.model_validate(ENROLLED))
    assert known(journal).certificate is None
    hub = FakeHub(world.clock)
    hub.keys[known(journal).keyid] = key.public_key()
    client = HubClient(URL, None, journal.identity(), clock=world.clock, transport=hub)
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    assert await Sync(journal, client, on_reachability=lambda _: None).once() == HEARTBEAT
    assert asked(hub) == ["certificates", "head", "head"]
    assert known(journal).certificate is not None
    assert client.identity == known(journal)
    await client.close()
    await journal.close()
    again = await world.journal(folder)
    assert known(again).certificate == client.identity.certificate
    await again.close()


async def test_the_next_certificate_is_fetched_sixty_days_before_the_end(
    journal: Journal, client: HubClient, hub: FakeHub, world: World
) -> None:
    first = known(journal).certificate
    world.clock.now += 340 * DAY - dt.timedelta(minutes=1)
    await certify(journal, client)
    assert (asked(hub), known(journal).certificate) == ([], first)
    world.clock.now += dt.timedelta(minutes=1)
    await certify(journal, client)
    await certify(journal, client)
    assert (asked(hub), known(journal).certificate == first) == (["certificates"], False)
    world.clock.now += 500 * DAY
    await certify(journal, client)
    assert asked(hub) == ["certificates"] * 2
    assert 399 * DAY < client.certificate_left() < 400 * DAY


async def test_a_certificate_that_is_late_keeps_no_payment_back_until_there_is_none(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, log_watch: LogWatch
) -> None:
    log_watch.expect("queue.uncertified")
    world.clock.now += 370 * DAY
    await world.paid(journal, 2)
    hub.faults = [status(500, "oops")]
    sync = Sync(journal, client, on_reachability=lambda _: None)
    assert await sync.once() == HEARTBEAT
    assert (asked(hub), len(hub.stored)) == (["certificates", "batches", "head"], 2)
    world.clock.now += 40 * DAY
    hub.faults = [status(500, "oops"), away]
    with pytest.raises(HubConfused, match="hub-status 500"):
        await certify(journal, client)
    with pytest.raises(HubAway, match="hub-away"):
        await certify(journal, client)
    await certify(journal, client)
    assert client.certificate_left() > 399 * DAY


def strange(kiosk: str, epoch: int, key: Ed25519PrivateKey) -> str:
    return AUTHORITY.client_certificate(kiosk, epoch, key.public_key(), dt.datetime(2026, 11, 21, tzinfo=dt.UTC))


async def test_a_certificate_that_is_not_ours_is_not_kept(
    journal: Journal, client: HubClient, hub: FakeHub, world: World, tmp_path: Path
) -> None:
    who = known(journal)
    wrong = [
        strange("lobby-1", 1, Ed25519PrivateKey.generate()),
        strange("lobby-1", 2, who.signing_key),
        strange("lobby-2", 1, who.signing_key),
        "AAAA",
    ]
    for certificate in wrong:
        hub.faults = [changed(certificate=certificate)]
        with pytest.raises(HubConfused, match="hub-not-understood 200"):
            await client.certify()
    other = await world.journal(tmp_path / "other")
    for absent_or_wrong in (None, *wrong):
        hub.faults = [changed(certificate=absent_or_wrong)]
        with pytest.raises(HubConfused, match="hub-not-understood 201"):
            await enrol(other, client, CODE, "Lobby 1")
    assert other.identity() is None
    assert known(journal) == who
    await other.close()


async def test_without_an_enrolment_there_is_nothing_to_certify(world: World, folder: Path) -> None:
    client = HubClient(URL, None, None, clock=world.clock, transport=FakeHub(world.clock))
    journal = await world.journal(folder)
    with pytest.raises(NotEnrolled):
        client.certificate_left()
    with pytest.raises(NotEnrolled):
        await client.certify()
    with pytest.raises(NotEnrolled):
        await journal.renewed("AAAA")
    await client.close()
    await journal.close()


def test_a_request_is_for_the_key_that_signed_it() -> None:
    key = Ed25519PrivateKey.generate()
    assert certificates.requested(certificates.request(key)) == key.public_key()
    for wrong in ("", "AAAA", "not base64"):
        with pytest.raises(NotCertified):
            certificates.requested(wrong)
        with pytest.raises(NotCertified):
            certificates.read(wrong)


def test_a_certificate_of_no_kiosk_is_not_read() -> None:
    """The authority's own: of another kind of key. And one of nobody."""
    der = AUTHORITY.certificate.public_bytes(Encoding.DER)
    key, now = Ed25519PrivateKey.generate(), dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lobby-1")])
    nobody = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + DAY).sign(key, None)
    for wrong in (der, nobody.public_bytes(Encoding.DER)):
        with pytest.raises(NotCertified):
            certificates.read(base64.b64encode(wrong).decode())

"""What the memory's tests share: a clock, payments, a hub that lives in a transport, and journals enrolled with it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random as random_module
from collections.abc import Callable
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from domain.limits import Standing
from domain.money import Money
from domain.payment import Attempt, Card, Mark, Outcome, Result, Tender, new_attempt_id
from domain.statement_codes import RefKind, StatementRef
from hub.authority import new_authority
from offline_queue import attempts
from offline_queue.client import HubClient
from offline_queue.enrolment import enrol
from offline_queue.journal import Journal
from offline_queue.wire import certificates, chain, sealing
from offline_queue.wire.messages import Batch, CertificateRequest, Enrolment, PaymentRecord
from offline_queue.wire.signatures import SignatureRefused, key_id, verify

CODE = "ABCDEFGHIJKLMNOPQRST"
HUB_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
NEXT_KEY = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HUB_KEYS = {"k1": HUB_KEY, "k2": NEXT_KEY}
AUTHORITY = new_authority(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
URL = "https://hub.example:8443"


class Clock:
    """A clock that moves when told to, and a millisecond each time it is read."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(milliseconds=1)
        return self.now


class Chance:
    """Random bytes of a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._source = random_module.Random(seed)

    def __call__(self, count: int) -> bytes:
        return self._source.randbytes(count)


class World:
    """A clock, randomness, and the payments made with them."""

    def __init__(self, seed: int = 0) -> None:
        self.clock = Clock()
        self.chance = Chance(seed)
        self._number = 0

    async def journal(self, folder: Path) -> Journal:
        return await Journal.open(folder, clock=self.clock, random=self.chance)

    def attempt(self, minor: int = 12_550, *, offline: bool = False, number: str | None = None, account: str = "") -> Attempt:
        """A payment of a bill whose number was typed: a new bill unless `number` says which."""
        self._number += 1
        number = number or f"{self._number:010}"
        return Attempt(
            id=new_attempt_id(self.clock(), self.chance(10)),
            ref=StatementRef(RefKind.NUMBER, number),
            statement=number,
            account=account,
            amount=Money(minor, "USD"),
            tender=Tender.CARD,
            offline=offline,
            newest=Mark(receipt=16, trace=17),
            opened_at=self.clock(),
        )

    async def paid(self, journal: Journal, count: int = 1, result: Result | None = None) -> list[Attempt]:
        """That many payments, each opened and settled, approved unless told otherwise."""
        paid = [self.attempt() for _ in range(count)]
        for attempt in paid:
            await journal.open_attempt(attempt, None)
            await journal.settle(attempt.id, result or approved(attempt))
        return paid


async def standing(journal: Journal, currency: str = "USD") -> Standing:
    """What the limits are checked against."""
    return await journal._transact(lambda connection: attempts.standing(connection, currency))


def approved(attempt: Attempt) -> Result:
    return Result(Outcome.APPROVED, attempt.amount, Card("VISA", "1234"), 17, 18, terminal_id="52523535", authorization="123456")


def ended(outcome: Outcome, reason: str = "") -> Result:
    """An outcome that took no money."""
    return Result(outcome, Money(0, "USD"), reason=reason)


class FakeHub(httpx2.AsyncBaseTransport):
    """A hub of a few lines, written from the protocol's page: it checks every signature and hash, and opens what it stores.

    `faults` are spent one a request: a function of the request and the true answer, giving or raising what the kiosk gets.
    """

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self.clock = clock
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.stored: list[tuple[str, str, PaymentRecord | None]] = []
        """(pid, hash, what it says), in order; None for what was stored before this hub was made."""
        self.before: list[tuple[str, str, PaymentRecord | None]] = []
        """What was stored in earlier enrolments."""
        self.gen = 1
        self.epoch = 1
        self.durable: int | None = None
        self.park: set[str] = set()
        self.hub_keys: object = ENROLLED["hub_keys"]
        self.limits: dict[str, object] | None = None
        self.news: list[dict[str, object]] = []
        """Outcomes, but for their numbers."""
        self.faults: list[Callable[[httpx2.Request, httpx2.Response], httpx2.Response]] = []
        self.requests: list[httpx2.Request] = []
        self.lookup = httpx2.Response(404, json=self.refused("no-match"))

    def refused(self, code: str) -> dict[str, str]:
        return {"code": code, "hub_time": self.clock().isoformat()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        answer = self._answer(request)
        answer = self.faults.pop(0)(request, answer) if self.faults else answer
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=httpx2.ByteStream(answer.content))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/v1/enrolments":
            asked = Enrolment.model_validate_json(request.content)
            if asked.code != CODE:
                return httpx2.Response(401, json=self.refused("enrolment-refused"))
            self.epoch = asked.after + 1
            self.before, self.stored = [*self.before, *self.stored], []
            key = self.keys[key_id("lobby-1", self.epoch)] = certificates.requested(asked.csr)
            return httpx2.Response(201, json={**ENROLLED, "epoch": self.epoch, "certificate": self._certificate(key)})
        url, now = str(request.url), self.clock()
        try:
            verify(request.method, url, request.headers, request.content, find_key=self.keys.get, now=now)
        except SignatureRefused as error:
            return httpx2.Response(401, json=self.refused(error.code))
        if path.endswith("/certificates"):
            key = certificates.requested(CertificateRequest.model_validate_json(request.content).csr)
            return httpx2.Response(200, json={"certificate": self._certificate(key)})
        if path.endswith("/head"):
            return httpx2.Response(200, json=self.head())
        if path.endswith("/outcomes"):
            after = int(request.url.params["after"])
            told = [{"number": number, **outcome} for number, outcome in enumerate(self.news, 1)][after : after + 100]
            return httpx2.Response(200, json={"gen": self.gen, "news": len(self.news), "outcomes": told})
        if path.endswith(("/statement-lookups", "/named-lookups")):
            return self.lookup
        if path.endswith(("/receipts", "/calls")):
            return httpx2.Response(404, json=self.refused("not-offered"))
        if path.endswith("/authorizations"):
            return httpx2.Response(503, json=self.refused("no-gateway"))
        return self._take(Batch.model_validate_json(request.content))

    def _certificate(self, key: Ed25519PublicKey) -> str:
        return AUTHORITY.client_certificate("lobby-1", self.epoch, key, self.clock())

    def head(self) -> dict[str, object]:
        last = self.stored[-1][1] if self.stored else chain.FIRST_HASH
        return {
            "gen": self.gen,
            "epoch": self.epoch,
            "head": {"seq": len(self.stored), "hash": last},
            "durable_seq": len(self.stored) if self.durable is None else self.durable,
            "hub_time": self.clock().isoformat(),
            "news": len(self.news),
            "limits": self.limits,
            "hub_keys": self.hub_keys,
        }

    def _take(self, batch: Batch) -> httpx2.Response:
        head = self.head()
        first = batch.records[0].seq
        conflict = {"gen": self.gen, "head": head["head"]}
        if first > len(self.stored) + 1:
            return httpx2.Response(409, json={"kind": "gap", **conflict})
        previous = batch.prev_hash
        results = []
        for number, record in enumerate(batch.records, start=first):
            raw = base64.b64decode(record.sealed)
            assert record.seq == number
            assert chain.link(previous, batch.epoch, record.seq, record.pid, raw) == record.hash
            previous = record.hash
            if number <= len(self.stored):
                if self.stored[number - 1][1] != record.hash:
                    return httpx2.Response(409, json={"kind": "fork", **conflict})
            else:
                place = (record.origin.epoch, record.origin.seq) if record.origin else (batch.epoch, record.seq)
                info = sealing.context(batch.kiosk, *place, record.pid, record.kid)
                plain = PaymentRecord.model_validate_json(sealing.unseal(raw, HUB_KEYS[record.kid], info))
                assert plain.pid == record.pid
                self.stored.append((record.pid, record.hash, plain))
            parked = record.pid in self.park
            results.append(
                {
                    "seq": record.seq,
                    "pid": record.pid,
                    "status": "parked" if parked else "posted",
                    "posting": "" if parked else f"p-{record.seq}",
                    "code": "no-account" if parked else "",
                }
            )
        standing = {name: value for name, value in self.head().items() if name not in ("hub_keys", "limits")}
        return httpx2.Response(200, json={**standing, "results": results})


def hub_key(kid: str) -> dict[str, str]:
    """The public half, as a hub tells it."""
    return {"kid": kid, "pub": base64.b64encode(HUB_KEYS[kid].public_key().public_bytes_raw()).decode()}


ENROLLED = {
    "kiosk": "lobby-1",
    "epoch": 1,
    "hub_keys": [hub_key("k1")],
    "link_hosts": ["pay.example"],
    "link_keys": [
        {"kid": "A", "key": base64.b64encode(b"link key of the demo").decode()},
        {"kid": "B", "key": base64.b64encode(b"an older link key").decode(), "until": "2027-03-31"},
    ],
}


def status(code: int, body: str) -> Callable[[httpx2.Request, httpx2.Response], httpx2.Response]:
    """A hub that says this instead."""
    return lambda _request, _answer: httpx2.Response(code, text=body)


def half(_request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
    """Half of the answer."""
    return httpx2.Response(answer.status_code, content=answer.content[: len(answer.content) // 2])


def changed(**fields: object) -> Callable[[httpx2.Request, httpx2.Response], httpx2.Response]:
    """The true answer with some fields changed."""

    def change(_request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        return httpx2.Response(answer.status_code, json={**json.loads(answer.content), **fields})

    return change


def lost(request: httpx2.Request, _answer: httpx2.Response) -> httpx2.Response:
    """The hub has done its work, and its answer never comes."""
    raise httpx2.ReadTimeout("lost", request=request)


def away(request: httpx2.Request, _answer: httpx2.Response) -> httpx2.Response:
    raise httpx2.ConnectError("no route", request=request)


async def enrolled(world: World, folder: Path) -> tuple[Journal, HubClient, FakeHub]:
    """A journal in `folder`, enrolled at a new hub."""
    hub = FakeHub(world.clock)
    client = HubClient(URL, None, None, clock=world.clock, transport=hub)
    journal = await world.journal(folder)
    await enrol(journal, client, CODE, "Lobby 1")
    hub.requests.clear()
    return journal, client, hub
